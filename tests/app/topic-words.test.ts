import { describe, expect, test } from 'vitest';
import { areaFrom } from '../../src/lib/app/geohash.ts';
import { t } from '../../src/lib/app/i18n/index.ts';
import {
  kindsOfJob,
  languageNames,
  topicDetails,
  topicPlaces,
  topicTitle,
} from '../../src/lib/app/topic-words.ts';
import {
  freelanceCategories,
  hourClasses,
  languages,
  lodgings,
  microTaskCategories,
  parcelSizes,
  skills,
  topicKinds,
} from '../../src/lib/protocol/wire/messages.ts';
import { nowMs } from '../protocol/cast.ts';
import { all, delivery, freelance, microTask, stay, topics } from '../protocol/topics.ts';

const plain = (text: string) => text.replace(/[\u00a0\u202f]/g, ' ');
const said = (topic: (typeof all)[number]) =>
  plain([topicTitle(topic), ...topicDetails(topic, nowMs)].join(' · '));

describe('a job in words', () => {
  test.each(all)('a $kind says what it is, and nothing is undefined', (topic) => {
    expect(topicTitle(topic)).not.toBe('');
    expect(said(topic)).not.toMatch(/undefined|NaN|null|Invalid/);
  });

  test('a parcel: size, weight and care', () => {
    expect(said(delivery)).toMatch(/^Parcel L, up to 15 kg/);
    expect(said(delivery)).toContain('nothing to pay at the door · keep cold');
    expect(said(delivery)).not.toContain('fragile');
  });

  test('work: how much, which skills, in which language, from where', () => {
    expect(said(freelance)).toMatch(
      /^Software · up to 20 hours · Web pages · Security · in Polish/,
    );
    expect(said(freelance)).toContain('from anywhere · around u2yh');
  });

  test('a stay: what, for how many, from which day to which, whatever the time zone', () => {
    const from = new Date(stay.checkInDay * 86_400_000);
    const day = from.toLocaleDateString(t.locale, {
      day: 'numeric',
      month: 'short',
      timeZone: 'UTC',
    });
    expect(said(stay)).toMatch(/^Flat, 3 guests/);
    expect(said(stay)).toContain(`${day} \u2013 `);
    expect(said(stay)).toContain(
      '7 nights · 2 beds · in 3 parts, each paid on its own · around u2yhv',
    );
  });

  test('tasks: how many and how long each', () => {
    expect(said(microTask)).toMatch(/^Labelling pictures · 200 pieces of about 2 min/);
  });

  test('a ride that must begin by then says so', () => {
    expect(said({ ...topics.taxi, pickupBeforeMs: nowMs + 60_000 })).toContain('pick-up by');
  });
});

test('maps are for jobs that have places', () => {
  expect(all.map((topic) => [topic.kind, topicPlaces(topic).length])).toEqual([
    ['taxi', 2],
    ['delivery', 2],
    ['freelance', 1],
    ['stay', 1],
    ['microTask', 0],
  ]);
});

test('an area never says more than it should, whatever was typed', () => {
  expect(areaFrom('u2yhvdpq0', 4)).toBe('u2yh');
  expect(areaFrom('50.0614, 19.9366', 5)).toHaveLength(5);
});

test('the forms offer exactly the words that can be sent', () => {
  const words = (table: object) => Object.keys(table).sort();
  expect(kindsOfJob).toEqual(topicKinds);
  expect(words(t.topic.size)).toEqual([...parcelSizes].sort());
  expect(words(t.topic.hours)).toEqual([...hourClasses].sort());
  expect(words(t.topic.lodging)).toEqual([...lodgings].sort());
  expect(words(t.topic.work)).toEqual([...freelanceCategories].sort());
  expect(words(t.topic.skill)).toEqual([...skills].sort());
  expect(words(t.topic.task)).toEqual([...microTaskCategories].sort());
  expect(words(languageNames())).toEqual([...languages].sort());
});
