/** One topic of every kind, all good now. */
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Topic, TopicKind, TopicOf } from '../../src/lib/protocol/wire/messages.ts';
import { nowMs, topic as taxi } from './cast.ts';

const today = Math.floor(nowMs / limits.dayMs);

export const delivery: TopicOf<'delivery'> = {
  kind: 'delivery',
  pickupGeohash: 'u2yhvdp',
  dropoffGeohash: 'u2yj2b3q',
  pickupAfterMs: nowMs,
  dropoffBeforeMs: nowMs + 3 * 3_600_000,
  size: 'L',
  weight: '15',
  cashFree: true,
  fragile: false,
  cold: true,
};
export const freelance: TopicOf<'freelance'> = {
  kind: 'freelance',
  category: 'software',
  skills: ['web', 'security'],
  hours: '20',
  deadlineMs: nowMs + 14 * limits.dayMs,
  remote: true,
  area: 'u2yh',
  language: 'pl',
  openUntilMs: nowMs + 2 * limits.dayMs,
  parts: 5,
  part: 1,
  firstPart: null,
};
export const stay: TopicOf<'stay'> = {
  kind: 'stay',
  area: 'u2yhv',
  checkInDay: today + 60,
  checkOutDay: today + 67,
  guests: 3,
  beds: 2,
  lodging: 'flat',
  openUntilMs: nowMs + 3 * limits.dayMs,
  parts: 3,
  part: 1,
  firstPart: null,
};
export const microTask: TopicOf<'microTask'> = {
  kind: 'microTask',
  category: 'labelling',
  unitCount: 200,
  unitMinutes: 2,
  deadlineMs: nowMs + 2 * limits.dayMs,
  remote: true,
  area: '',
  openUntilMs: nowMs + limits.dayMs,
  parts: 1,
  part: 1,
  firstPart: null,
};

export const topics: { readonly [K in TopicKind]: TopicOf<K> } = {
  taxi,
  delivery,
  freelance,
  stay,
  microTask,
};
export const all: readonly Topic[] = Object.values(topics);
