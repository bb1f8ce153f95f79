import { expect, test } from 'vitest';
import { coarseArea, coarseAreaLength, verifyTopic } from '../../src/lib/protocol/job/topic.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { TaxiTopic } from '../../src/lib/protocol/wire/messages.ts';
import { nowMs, topic } from './cast.ts';

const day = limits.topicWindowMs;

test.each<[string, Partial<TaxiTopic>]>([
  ['a window that has begun', { pickupAfterMs: nowMs - 3_600_000 }],
  ['the last millisecond of a window', { dropoffBeforeMs: nowMs + 1, pickupAfterMs: nowMs }],
  ['a window of a whole day', { dropoffBeforeMs: topic.pickupAfterMs + day }],
  ['a window that begins in a day', later(day)],
  ['geohashes of 7 and of 8 characters', { pickupGeohash: 'u2yhvdpq', dropoffGeohash: 'u2yj2b3' }],
  ['the same cell twice', { dropoffGeohash: topic.pickupGeohash }],
])('recv topic -- %s', (_name, change) => {
  expect(verifyTopic({ ...topic, ...change }, nowMs)).toBeNull();
});

test.each<[string, Partial<TaxiTopic>, string]>([
  ['its end is now', { dropoffBeforeMs: nowMs }, 'TOPIC_EXPIRED'],
  ['its end is long past', { dropoffBeforeMs: 0 }, 'TOPIC_EXPIRED'],
  ['ends as it begins', { pickupAfterMs: topic.dropoffBeforeMs }, 'TOPIC_INVALID'],
  ['ends before it begins', { pickupAfterMs: topic.dropoffBeforeMs + 1 }, 'TOPIC_INVALID'],
  ['longer than a day', { dropoffBeforeMs: topic.pickupAfterMs + day + 1 }, 'TOPIC_INVALID'],
  ['begins in more than a day', later(day + 1), 'TOPIC_INVALID'],
  ['pick-up of 6 characters', { pickupGeohash: 'u2yhvd' }, 'GEOHASH_TOO_COARSE'],
  ['drop-off of 6 characters', { dropoffGeohash: 'u2yj2b' }, 'GEOHASH_TOO_COARSE'],
  ['pick-up of 9 characters', { pickupGeohash: 'u2yhvdpq0' }, 'GEOHASH_TOO_EXACT'],
  ['drop-off of 9 characters', { dropoffGeohash: 'u2yj2b3q0' }, 'GEOHASH_TOO_EXACT'],
  ['pick-up nowhere', { pickupGeohash: '' }, 'GEOHASH_MALFORMED'],
  ['drop-off in capitals', { dropoffGeohash: 'U2YJ2B3' }, 'GEOHASH_MALFORMED'],
])('recv topic -- %s -- %s', (_name, change, code = '') => {
  expect(verifyTopic({ ...topic, ...change }, nowMs)?.code).toBe(code);
});

test('an ask tells the first four characters of the pick-up and nothing else', () => {
  expect(coarseArea(topic)).toBe(topic.pickupGeohash.slice(0, 4));
  expect(coarseAreaLength).toBe(4);
});

function later(ms: number): Partial<TaxiTopic> {
  return { pickupAfterMs: nowMs + ms, dropoffBeforeMs: nowMs + ms + 3_600_000 };
}
