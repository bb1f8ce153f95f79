import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  coarseArea,
  coarseAreaLength,
  expiryOf,
  kindOfNumber,
  numberOfKind,
  placesOf,
  planOf,
  topicProblem,
  verifyTopic,
} from '../../src/lib/protocol/job/topic.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { Topic, topicKinds, type TopicOf } from '../../src/lib/protocol/wire/messages.ts';
import type { PayloadId } from '../../src/lib/protocol/ids.ts';
import { idOf, nowMs, topic } from './cast.ts';
import { all, delivery, freelance, microTask, stay } from './topics.ts';

const day = limits.dayMs;
const { checkInDay, checkOutDay } = stay;
const today = checkInDay - 60;

const before = { pickupAfterMs: nowMs - 1 };
const week = { openUntilMs: nowMs + 6 * day };
const later = (ms: number) => ({
  pickupAfterMs: nowMs + ms,
  dropoffBeforeMs: nowMs + ms + 3_600_000,
});

const longest = { pickupAfterMs: nowMs + day, dropoffBeforeMs: nowMs + 2 * day };
const firstPart = idOf<PayloadId>('part 1');

const good: [string, Topic][] = [
  ['a window that has begun', { ...topic, pickupAfterMs: nowMs - 3_600_000 }],
  ['the last millisecond of a window', { ...topic, ...before, dropoffBeforeMs: nowMs + 1 }],
  ['a window of a whole day', { ...topic, dropoffBeforeMs: topic.pickupAfterMs + day }],
  ['a window that begins in a day', { ...topic, ...later(day) }],
  ['cells of 7 and of 8 characters', { ...topic, pickupGeohash: 'u2yhvdpq' }],
  ['the same cell twice', { ...topic, dropoffGeohash: topic.pickupGeohash }],
  ['a ride that begins by then', { ...topic, pickupBeforeMs: topic.dropoffBeforeMs }],
  ['a parcel for tomorrow', { ...delivery, ...later(day) }],
  ['work without a place', { ...freelance, area: '' }],
  ['work at a place', { ...freelance, remote: false }],
  ['no skills at all', { ...freelance, skills: [] }],
  ['work due in 8 weeks', { ...freelance, deadlineMs: nowMs + 56 * day }],
  ['an area of 6 characters', { ...stay, area: 'u2yhvd' }],
  [
    'a stay that begins in 180 days',
    { ...stay, checkInDay: today + 180, checkOutDay: today + 270 },
  ],
  ['a stay from today', { ...stay, checkInDay: today, openUntilMs: nowMs + 3_600_000 }],
  ['offers taken for six days', { ...stay, openUntilMs: nowMs + 6 * day }],
  ['10,000 pieces', { ...microTask, unitCount: 10_000, unitMinutes: 240 }],
];

test.each(good)('recv topic -- %s', (_name, changed) => {
  expect(verifyTopic(changed, nowMs)).toBeNull();
});

test.each<[string, Topic, string]>([
  ['its end is now', { ...topic, dropoffBeforeMs: nowMs }, 'TOPIC_EXPIRED'],
  ['its end is long past', { ...topic, dropoffBeforeMs: 0 }, 'TOPIC_EXPIRED'],
  ['its pick-up is over', { ...topic, ...before, pickupBeforeMs: nowMs }, 'TOPIC_EXPIRED'],
  ['a parcel of yesterday', { ...delivery, dropoffBeforeMs: nowMs - day }, 'TOPIC_EXPIRED'],
  ['no more offers for work', { ...freelance, openUntilMs: nowMs }, 'TOPIC_EXPIRED'],
  ['no more offers for a stay', { ...stay, openUntilMs: nowMs }, 'TOPIC_EXPIRED'],
  ['no more offers for tasks', { ...microTask, openUntilMs: nowMs - 1 }, 'TOPIC_EXPIRED'],
])('recv topic -- %s -- %s [TOP-10]', (_name, changed, code) => {
  expect(verifyTopic(changed, nowMs)?.code).toBe(code);
});

test.each<[string, Topic, string]>([
  ['ends as it begins', { ...topic, pickupAfterMs: topic.dropoffBeforeMs }, 'TOPIC_INVALID'],
  ['ends before', { ...topic, pickupAfterMs: topic.dropoffBeforeMs + 1 }, 'TOPIC_INVALID'],
  ['over a day', { ...topic, dropoffBeforeMs: topic.pickupAfterMs + day + 1 }, 'TOPIC_INVALID'],
  ['begins in more than a day', { ...topic, ...later(day + 1) }, 'TOPIC_INVALID'],
  ['begun late', { ...topic, pickupBeforeMs: topic.dropoffBeforeMs + 1 }, 'TOPIC_INVALID'],
  ['begun before', { ...topic, ...later(9), pickupBeforeMs: nowMs + 9 }, 'TOPIC_INVALID'],
  ['a parcel window backwards', { ...delivery, pickupAfterMs: nowMs + day }, 'TOPIC_INVALID'],
  ['work due after 8 weeks', { ...freelance, deadlineMs: nowMs + 56 * day + 1 }, 'TOPIC_INVALID'],
  ['offers after the deadline', { ...freelance, deadlineMs: nowMs + day }, 'TOPIC_INVALID'],
  ['offers for over six days', { ...freelance, openUntilMs: nowMs + 6 * day + 1 }, 'TOPIC_INVALID'],
  ['a skill twice', { ...freelance, skills: ['web', 'web'] }, 'TOPIC_INVALID'],
  ['out before in', { ...stay, checkOutDay: checkInDay }, 'TOPIC_INVALID'],
  ['91 nights', { ...stay, checkOutDay: checkInDay + 91 }, 'TOPIC_INVALID'],
  [
    'in after 180 days',
    { ...stay, checkInDay: today + 181, checkOutDay: today + 182 },
    'TOPIC_INVALID',
  ],
  ['offers after check-in', { ...stay, checkInDay: today + 1, ...week }, 'TOPIC_INVALID'],
  ['nobody', { ...stay, guests: 0 }, 'TOPIC_INVALID'],
  ['17 guests', { ...stay, guests: 17 }, 'TOPIC_INVALID'],
  ['17 beds', { ...stay, beds: 17 }, 'TOPIC_INVALID'],
  ['no pieces', { ...microTask, unitCount: 0 }, 'TOPIC_INVALID'],
  ['10,001 pieces', { ...microTask, unitCount: 10_001 }, 'TOPIC_INVALID'],
  ['pieces of 241 minutes', { ...microTask, unitMinutes: 241 }, 'TOPIC_INVALID'],
  ['tasks due after 2 weeks', { ...microTask, deadlineMs: nowMs + 14 * day + 1 }, 'TOPIC_INVALID'],
])('recv topic -- %s -- %s', (_name, changed, code) => {
  expect(verifyTopic(changed, nowMs)?.code).toBe(code);
});

test.each<[string, Topic, string]>([
  ['pick-up of 6 characters', { ...topic, pickupGeohash: 'u2yhvd' }, 'GEOHASH_TOO_COARSE'],
  ['drop-off of 6 characters', { ...topic, dropoffGeohash: 'u2yj2b' }, 'GEOHASH_TOO_COARSE'],
  ['pick-up of 9 characters', { ...topic, pickupGeohash: 'u2yhvdpq0' }, 'GEOHASH_TOO_EXACT'],
  ['drop-off of 9 characters', { ...topic, dropoffGeohash: 'u2yj2b3q0' }, 'GEOHASH_TOO_EXACT'],
  ['a parcel from 9 characters', { ...delivery, pickupGeohash: 'u2yhvdpq0' }, 'GEOHASH_TOO_EXACT'],
  ['a stay in 4 characters', { ...stay, area: 'u2yh' }, 'GEOHASH_TOO_COARSE'],
  ['a stay in 7 characters', { ...stay, area: 'u2yhvdp' }, 'GEOHASH_TOO_EXACT'],
  ['work in 5 characters', { ...freelance, area: 'u2yhv' }, 'GEOHASH_TOO_EXACT'],
  ['tasks in 3 characters', { ...microTask, area: 'u2y' }, 'GEOHASH_TOO_COARSE'],
])('recv topic -- %s -- %s [TOP-04, TOP-05, TOP-06]', (_name, changed, code) => {
  expect(verifyTopic(changed, nowMs)?.code).toBe(code);
});

test.each<[string, Topic]>([
  ['pick-up nowhere', { ...topic, pickupGeohash: '' }],
  ['drop-off in capitals', { ...topic, dropoffGeohash: 'U2YJ2B3' }],
  ['work on the spot without a place', { ...freelance, remote: false, area: '' }],
  ['tasks on the spot without a place', { ...microTask, remote: false }],
  ['a stay nowhere', { ...stay, area: '' }],
])('recv topic -- %s -- GEOHASH_MALFORMED', (_name, changed) => {
  expect(verifyTopic(changed, nowMs)?.code).toBe('GEOHASH_MALFORMED');
});

describe('the registry [TOP-01, TOP-12]', () => {
  test.each(all)('$kind has a number, a rule, an end and a plan', (each) => {
    const { kind } = each;
    expect(kindOfNumber(numberOfKind(kind))).toBe(kind);
    expect(topicProblem(each, nowMs)).toBeNull();
    expect(verifyTopic(each, expiryOf(each) - 1)).toBeNull();
    expect(verifyTopic(each, expiryOf(each))?.code).toBe('TOPIC_EXPIRED');
    expect(isFault(Topic.decode(Topic.encode(each)))).toBe(false);
    expect(Topic.decode(Topic.encode(each))).toEqual(each);
  });

  test('has no kind 0 and no kind beyond its last [TOP-11]', () => {
    expect(kindOfNumber(0)).toBeNull();
    expect(kindOfNumber(topicKinds.length + 1)).toBeNull();
  });

  test('numbers kinds as the schema does', () => {
    const proto = readFileSync('src/lib/protocol/wire/gig-gossip.proto', 'utf8');
    const [body = ''] = /^message Topic \{[^]*?^\}/m.exec(proto) ?? [];
    const members = [...body.matchAll(/(\w+) = (\d+);/g)].map(([, name, n]) => [name, Number(n)]);
    const snake = (kind: string) => kind.replace(/[A-Z]/, (letter) => `_${letter.toLowerCase()}`);
    expect(members).toEqual(topicKinds.map((kind, i) => [snake(kind), i + 1]));
  });
});

test('no kind has a field for words of the customer [TOP-09, NET-05]', () => {
  const proto = readFileSync('src/lib/protocol/wire/gig-gossip.proto', 'utf8');
  for (const kind of ['Taxi', 'Delivery', 'Freelance', 'Stay', 'MicroTask']) {
    const [body = ''] = new RegExp(`^message ${kind}Topic \\{[^]*?^\\}`, 'm').exec(proto) ?? [];
    const texts = [...body.matchAll(/(?:string|bytes) (\w+) = /g)].map(([, name]) => name);
    expect(texts.length).toBeGreaterThan(0);
    for (const name of texts)
      expect(name).toMatch(/^(pickup_geohash|dropoff_geohash|area|first_part)$/);
  }
});

test('what a cell may say is checked for every kind, so no words hide there [TOP-09]', () => {
  const words = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => /[^0-9a-z]/.test(text));
  fc.assert(
    fc.property(fc.constantFrom(...all), words, (each, text) => {
      const first = 'area' in each ? { area: text } : { pickupGeohash: text };
      expect(verifyTopic({ ...each, ...first } as Topic, nowMs)?.code).toBe('GEOHASH_MALFORMED');
    }),
  );
});

test('a word of no list is no topic [TOP-09]', () => {
  const unknown = { ...freelance, category: 'poetry' } as unknown as TopicOf<'freelance'>;
  expect(Topic.decode(Topic.encode(unknown))).toMatchObject({ code: 'FRAME_MALFORMED' });
  expect(Topic.decode(new Uint8Array(0))).toMatchObject({ code: 'FRAME_MALFORMED' });
});

test('an ask tells the first four characters of where it begins and nothing else', () => {
  expect(coarseArea(topic)).toBe(topic.pickupGeohash.slice(0, 4));
  expect(coarseArea(stay)).toBe('u2yh');
  expect(coarseArea(microTask)).toBe('');
  expect(placesOf(microTask)).toEqual([]);
  expect(coarseAreaLength).toBe(4);
});

test('a ride may say by when it begins, as in Sweet-Gossip, and is open until then [TOP-03]', () => {
  const by = nowMs + 600_000;
  expect(verifyTopic({ ...topic, pickupBeforeMs: by }, nowMs)).toBeNull();
  expect(expiryOf({ ...topic, pickupBeforeMs: by })).toBe(by);
  expect(expiryOf(topic)).toBe(topic.dropoffBeforeMs);
});

describe('how long money is held', () => {
  test.each<[string, Topic, number, boolean]>([
    ['a ride of two hours', topic, 12 + 6, true],
    ['a ride that ends soon', { ...topic, dropoffBeforeMs: nowMs + 1 }, 1 + 6, true],
    ['a ride of a day', { ...topic, dropoffBeforeMs: nowMs + day }, 144 + 6, true],
    ['a ride tomorrow', { ...topic, ...later(day) }, 150 + 6, true],
    ['the longest parcel', { ...delivery, ...longest }, limits.routeBlocks, true],
    ['a parcel', delivery, 18 + 6, true],
    ['work of two weeks in five parts', freelance, 404 + 6, true],
    ['work of two weeks in one', { ...freelance, parts: 1 }, limits.maxJobBlocks, false],
    ['its last part', { ...freelance, part: 5, firstPart }, limits.maxJobBlocks, false],
    ['a stay in two months', stay, limits.maxJobBlocks, false],
    ['tasks due in two days', microTask, 288 + 6, true],
    ['tasks due in three days', { ...microTask, deadlineMs: nowMs + 3 * day }, 432, true],
  ])('%s', (_name, each, blocks, whole) => {
    expect(planOf(each, nowMs)).toEqual({ blocks, whole });
  });

  test('is never more than a chain of timelocks leaves, nor less than an hour', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...all),
        fc.integer({ min: -day, max: 365 * day }),
        (each, ms) => {
          const { blocks } = planOf(each, nowMs + ms);
          expect(blocks).toBeGreaterThanOrEqual(limits.minJobBlocks);
          expect(blocks).toBeLessThanOrEqual(limits.maxJobBlocks);
        },
      ),
    );
  });
});

test('a stay ends with its last day', () => {
  const whole = { ...stay, parts: 1 };
  expect(planOf(whole, (checkOutDay + 1) * day - 3_600_000)).toEqual({ blocks: 12, whole: true });
});
