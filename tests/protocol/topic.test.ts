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
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { Topic, topicKinds, type TopicOf } from '../../src/lib/protocol/wire/messages.ts';
import type { PayloadId } from '../../src/lib/protocol/ids.ts';
import { jsonOf, type Json } from '../vectors/json.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import { idOf, nowMs, topic } from './cast.ts';
import * as cases from './topic-cases.ts';
import { all, delivery, freelance, microTask, stay } from './topics.ts';

const day = limits.dayMs;
const { checkOutDay } = stay;

const later = (ms: number) => ({
  pickupAfterMs: nowMs + ms,
  dropoffBeforeMs: nowMs + ms + 3_600_000,
});

const longest = { pickupAfterMs: nowMs + day, dropoffBeforeMs: nowMs + 2 * day };
const firstPart = idOf<PayloadId>('part 1');

// ---------------------------------------------------------------------------------------- vectors

/** What the bytes say and, of a topic that may be carried, what follows from it at that time. */
interface Said {
  readonly nowMs: number;
  readonly topic?: Json;
  readonly topicKind?: number;
  readonly coarseArea?: string;
  readonly openUntilMs?: number;
  readonly jobBlocks?: number;
}

function buildVectors() {
  const valid: Vector<Said>[] = cases.good.map(([name, each]) => ({
    name,
    hex: hexOf(Topic.encode(each)),
    json: {
      nowMs,
      topic: jsonOf(each),
      topicKind: numberOfKind(each.kind),
      coarseArea: coarseArea(each),
      openUntilMs: expiryOf(each),
      jobBlocks: planOf(each, nowMs).blocks,
    },
  }));
  const bad: InvalidVector<Said>[] = cases.bad.map(([name, each, code]) => ({
    name,
    hex: hexOf(Topic.encode(each)),
    json: { nowMs, topic: jsonOf(each) },
    code,
  }));
  const malformed: InvalidVector<Said>[] = cases.malformed.map(([name, bytes]) => ({
    name,
    hex: hexOf(bytes),
    json: { nowMs },
    code: 'FRAME_MALFORMED',
  }));
  const about =
    'Topics, and whether they may be carried at a time: src/lib/protocol/job/topic.ts. topicKind and ' +
    'coarseArea are what an ask tells of it, jobBlocks what a worker asks its settler for.';
  return { about, valid, invalid: [...bad, ...malformed] };
}

describe('vectors', () => {
  const { valid, invalid } = keepVectors('topics', buildVectors());

  test.each(valid)('recv topic -- $name', ({ hex, json }) => {
    const decoded = Topic.decode(bytesOf(hex));
    if (isFault(decoded)) throw new Error(decoded.detail);
    expect(jsonOf(decoded)).toEqual(json.topic);
    expect(verifyTopic(decoded, json.nowMs)).toBeNull();
    expect(verifyTopic(decoded, json.openUntilMs!)?.code).toBe('TOPIC_EXPIRED');
  });

  test.each(invalid)(
    'recv topic -- $name -- $code [TOP-04, TOP-05, TOP-06, TOP-10]',
    ({ hex, json, code }) => {
      const decoded = Topic.decode(bytesOf(hex));
      const found = isFault(decoded) ? decoded : verifyTopic(decoded, json.nowMs);
      expect(found?.code).toBe(code);
    },
  );
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
