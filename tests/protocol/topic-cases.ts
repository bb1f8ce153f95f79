/** Topics that a node may carry, and that it may not, of every kind and at every bound: what `topics.json` is made of. */
import { concat } from '../../src/lib/protocol/bytes.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { PayloadId } from '../../src/lib/protocol/ids.ts';
import { Topic } from '../../src/lib/protocol/wire/messages.ts';
import { idOf, nowMs, topic } from './cast.ts';
import { fieldsOf, number, part, withField, withoutField } from './protobuf.ts';
import { delivery, freelance, microTask, stay } from './topics.ts';

const day = limits.dayMs;
const { checkInDay, checkOutDay } = stay;
const today = checkInDay - 60;

const before = { pickupAfterMs: nowMs - 1 };
const week = { openUntilMs: nowMs + 6 * day };
const later = (ms: number) => ({
  pickupAfterMs: nowMs + ms,
  dropoffBeforeMs: nowMs + ms + 3_600_000,
});
const firstPart = idOf<PayloadId>('part 1');
const nights = checkOutDay - checkInDay;

export const good: readonly [string, Topic][] = [
  ['a ride', topic],
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
  ['a parcel', delivery],
  ['work in five parts', freelance],
  ['its last part', { ...freelance, part: 5, firstPart }],
  ['a stay', stay],
  ['as many parts as nights', { ...stay, parts: nights }],
  [
    'a later part while it lasts',
    { ...stay, part: 2, firstPart, checkInDay: today - 2, checkOutDay: today + 5 },
  ],
  ['tasks from anywhere', microTask],
];

/** In the order of the checks of its kind. */
export const bad: readonly [string, Topic, string][] = [
  ['its end is now', { ...topic, dropoffBeforeMs: nowMs }, 'TOPIC_EXPIRED'],
  ['its end is long past', { ...topic, dropoffBeforeMs: 0 }, 'TOPIC_EXPIRED'],
  ['its pick-up is over', { ...topic, ...before, pickupBeforeMs: nowMs }, 'TOPIC_EXPIRED'],
  ['a parcel of yesterday', { ...delivery, dropoffBeforeMs: nowMs - day }, 'TOPIC_EXPIRED'],
  ['no more offers for work', { ...freelance, openUntilMs: nowMs }, 'TOPIC_EXPIRED'],
  ['no more offers for a stay', { ...stay, openUntilMs: nowMs }, 'TOPIC_EXPIRED'],
  ['no more offers for tasks', { ...microTask, openUntilMs: nowMs - 1 }, 'TOPIC_EXPIRED'],
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
  ['no parts', { ...microTask, parts: 0, part: 0 }, 'TOPIC_INVALID'],
  ['part 0', { ...freelance, part: 0 }, 'TOPIC_INVALID'],
  ['25 parts', { ...freelance, parts: 25 }, 'TOPIC_INVALID'],
  ['a part after the last', { ...freelance, part: 6, firstPart }, 'TOPIC_INVALID'],
  ['a first part of another', { ...microTask, firstPart }, 'TOPIC_INVALID'],
  ['a second part of none', { ...freelance, part: 2 }, 'TOPIC_INVALID'],
  ['more parts than nights', { ...stay, parts: nights + 1 }, 'TOPIC_INVALID'],
  ['no beds', { ...stay, beds: 0 }, 'TOPIC_INVALID'],
  ['pieces of no minutes', { ...microTask, unitMinutes: 0 }, 'TOPIC_INVALID'],
  ['pick-up of 6 characters', { ...topic, pickupGeohash: 'u2yhvd' }, 'GEOHASH_TOO_COARSE'],
  ['drop-off of 6 characters', { ...topic, dropoffGeohash: 'u2yj2b' }, 'GEOHASH_TOO_COARSE'],
  ['pick-up of 9 characters', { ...topic, pickupGeohash: 'u2yhvdpq0' }, 'GEOHASH_TOO_EXACT'],
  ['drop-off of 9 characters', { ...topic, dropoffGeohash: 'u2yj2b3q0' }, 'GEOHASH_TOO_EXACT'],
  ['a parcel from 9 characters', { ...delivery, pickupGeohash: 'u2yhvdpq0' }, 'GEOHASH_TOO_EXACT'],
  ['a stay in 4 characters', { ...stay, area: 'u2yh' }, 'GEOHASH_TOO_COARSE'],
  ['a stay in 7 characters', { ...stay, area: 'u2yhvdp' }, 'GEOHASH_TOO_EXACT'],
  ['work in 5 characters', { ...freelance, area: 'u2yhv' }, 'GEOHASH_TOO_EXACT'],
  ['tasks in 3 characters', { ...microTask, area: 'u2y' }, 'GEOHASH_TOO_COARSE'],
  ['pick-up nowhere', { ...topic, pickupGeohash: '' }, 'GEOHASH_MALFORMED'],
  ['drop-off in capitals', { ...topic, dropoffGeohash: 'U2YJ2B3' }, 'GEOHASH_MALFORMED'],
  [
    'work on the spot without a place',
    { ...freelance, remote: false, area: '' },
    'GEOHASH_MALFORMED',
  ],
  ['tasks on the spot without a place', { ...microTask, remote: false }, 'GEOHASH_MALFORMED'],
  ['a stay nowhere', { ...stay, area: '' }, 'GEOHASH_MALFORMED'],
];

const changed = (of: Topic, change: (message: Uint8Array) => Uint8Array) => {
  const [field] = fieldsOf(Topic.encode(of));
  return part(field!.number, change(field!.value));
};
const word = (of: Topic, field: number, value: number) =>
  changed(of, (message) => concat(withoutField(message, field), number(field, value)));

/** Bytes that are no topic, whatever the time. */
export const malformed: readonly [string, Uint8Array][] = [
  ['of no kind', new Uint8Array()],
  ['of kind 6', part(6, new Uint8Array())],
  ['a size of no list', word(delivery, 5, 5)],
  ['no weight', word(delivery, 6, 0)],
  ['a category of no list', word(freelance, 1, 19)],
  ['a language of no list', word(freelance, 7, 31)],
  [
    'six skills',
    changed(freelance, (message) => withField(message, 2, () => Uint8Array.of(1, 2, 3, 4, 5, 6))),
  ],
  [
    'a skill of no list',
    changed(freelance, (message) => withField(message, 2, () => Uint8Array.of(35))),
  ],
  ['a lodging of no list', word(stay, 6, 7)],
  [
    'a first part of 31 bytes',
    changed(stay, (message) => concat(message, part(10, new Uint8Array(31)))),
  ],
  [
    'a cell of 13 characters',
    changed(topic, (message) => withField(message, 1, () => new Uint8Array(13).fill(0x30))),
  ],
];
