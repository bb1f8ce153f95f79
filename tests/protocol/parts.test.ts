/** Work paid in parts, and when the network is paid for which kind of job: what a node refuses, step by step. */
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PayloadId } from '../../src/lib/protocol/ids.ts';
import {
  firstPartOf,
  maySettleOn,
  nextPart,
  planOf,
  verifyTopic,
} from '../../src/lib/protocol/job/topic.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { stepNode } from '../../src/lib/protocol/node.ts';
import type { Topic, TopicOf } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { delivery, freelance, microTask, stay } from './topics.ts';
import { ride, type Seat } from './town.ts';

const { nowMs } = cast;
const day = limits.dayMs;
const firstPart = cast.idOf<PayloadId>('part 1');
const second = nextPart(freelance, firstPart, nowMs) as TopicOf<'freelance'>;

const faults = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));

describe('a topic in parts [TOP-01]', () => {
  test.each<[string, object]>([
    ['no parts', { parts: 0, part: 0 }],
    ['part 0', { part: 0 }],
    ['more parts than there may be', { parts: limits.parts + 1 }],
    ['a part after the last', { part: 6, firstPart }],
    ['a first part of another', { firstPart }],
    ['a second part of none', { part: 2 }],
    ['half a part', { part: 1.5, firstPart }],
  ])('%s -- TOPIC_INVALID', (_name, change) => {
    for (const topic of [freelance, microTask, stay]) {
      expect(verifyTopic({ ...topic, ...change } as Topic, nowMs)?.code).toBe('TOPIC_INVALID');
    }
  });

  test('the next part differs in what makes it the next, and is good now', () => {
    const { openUntilMs } = second;
    expect(second).toEqual({
      ...freelance,
      part: 2,
      firstPart,
      openUntilMs,
      deadlineMs: second.deadlineMs,
    });
    expect(openUntilMs).toBe(nowMs + limits.partOpenMs);
    expect(verifyTopic(second, nowMs)).toBeNull();
    expect(planOf(second, nowMs).whole).toBe(true);
    expect(firstPartOf(second)).toBe(firstPart);
    expect(firstPartOf(freelance)).toBeNull();
    expect(nextPart({ ...freelance, part: 5, firstPart }, firstPart, nowMs)).toBeNull();
    expect(nextPart(microTask, firstPart, nowMs)).toBeNull();
  });

  test('the third part is of the first, and what is late is due in a day', () => {
    const id = cast.idOf<PayloadId>('part 2');
    const late = freelance.deadlineMs + day;
    const third = nextPart(second, id, late)!;
    expect(third).toMatchObject({ part: 3, firstPart, deadlineMs: late + limits.partLateMs });
    expect(verifyTopic(third, late)).toBeNull();
  });

  test.each([1, 2, 3, 4])('after part %i the next can be held, whenever it is asked', (part) => {
    const done = { ...freelance, part, firstPart: part === 1 ? null : firstPart };
    for (let at = nowMs; at < nowMs + 20 * day; at += day) {
      const next = nextPart(done, firstPart, at)!;
      expect(verifyTopic(next, at)).toBeNull();
      expect(planOf(next, at).whole).toBe(true);
    }
  });
});

describe('a stay in parts [TOP-12]', () => {
  const inAt = stay.checkInDay * day;
  const outAt = (stay.checkOutDay + 1) * day;
  const of = (part: number) => ({ ...stay, part, firstPart: part === 1 ? null : firstPart });

  test('has no more of them than nights', () => {
    const nights = stay.checkOutDay - stay.checkInDay;
    expect(verifyTopic({ ...stay, parts: nights }, nowMs)).toBeNull();
    expect(verifyTopic({ ...stay, parts: nights + 1 }, nowMs)?.code).toBe('TOPIC_INVALID');
  });

  test('is asked for the next while it lasts, and a day after it', () => {
    for (const at of [nowMs, inAt, inAt + 3 * day, outAt, outAt + day - limits.partOpenMs]) {
      const next = nextPart(of(1), firstPart, at)!;
      expect(next).toEqual({ ...of(2), openUntilMs: at + limits.partOpenMs });
      expect(verifyTopic(next, at)).toBeNull();
    }
    const late = outAt + day;
    expect(verifyTopic(nextPart(of(1), firstPart, late)!, late)?.code).toBe('TOPIC_INVALID');
    expect(nextPart(of(3), firstPart, inAt)).toBeNull();
  });

  test('the first is asked for before it begins; each ends with its share of the nights', () => {
    expect(verifyTopic({ ...stay, openUntilMs: inAt + 2 * day }, inAt)?.code).toBe('TOPIC_INVALID');
    // 7 nights in 3 parts: after the third, the fifth and the last.
    const blocks = (part: number) => planOf(of(part), inAt + 4 * day).blocks;
    expect([blocks(1), blocks(2), blocks(3)]).toEqual([
      limits.minJobBlocks,
      2 * limits.blocksPerDay + 6,
      4 * limits.blocksPerDay + 6 > limits.maxJobBlocks ? limits.maxJobBlocks : 0,
    ]);
  });
});

describe('recv POWBroadcastFrame of a later part', () => {
  test('from somebody this node never worked for -- TOPIC_INVALID, shown and carried to nobody [TOP-11]', () => {
    const node = someNode();
    const [asker, other] = [new Neighbour(node, 'asker'), new Neighbour(node, 'other')];
    for (const one of [asker, other]) one.work();
    const request = cast.makeRequest({ topic: second });
    const effects = asker.broadcast(request, asker.ask(request));
    expect(faults(effects)).toEqual(['TOPIC_INVALID']);
    expect(effects.filter((effect) => effect.do === 'send' || effect.do === 'mine')).toEqual([]);
    expect(node.heard.size + node.passages.size).toBe(0);
  });
});

describe('when the network is paid [PAY-14]', () => {
  test.each<[Topic, boolean]>([
    [cast.topic, false],
    [delivery, false],
    [freelance, true],
    [stay, true],
    [microTask, true],
  ])('$kind: for the contact: %s', (topic, contact) => {
    expect(maySettleOn(topic, 'contact')).toBe(contact);
    expect(maySettleOn(topic, 'service')).toBe(true);
  });

  const payloadOf = (seat: Seat) => [...seat.node.heard.keys()][0]!;
  const wish = { priceMsat: 12_000_000n, contactText: 'Ola' } as const;
  const rejections = ({ life }: Seat) =>
    life.flatMap(({ effects }) =>
      effects.flatMap((effect) =>
        effect.do === 'notify' && effect.notice.view === 'rejected' ? [effect.notice.code] : [],
      ),
    );

  test('a ride is not offered for the contact', () => {
    const { town, customer, worker } = ride();
    town.command(customer, { command: 'postJob', topic: { ...cast.topic } });
    const payloadId = payloadOf(worker);
    town.command(worker, { command: 'makeOffer', payloadId, ...wish, settleOn: 'contact' });
    expect(rejections(worker)).toEqual(['SETTLE_TOO_EARLY']);
    expect(worker.node.offers.size).toBe(0);
  });

  test('a customer refuses a promise that pays the network of a short job too early', () => {
    const { town, customer, m1, worker } = ride();
    town.command(customer, { command: 'postJob', topic: microTask });
    const before = structuredClone(customer.node);
    town.command(worker, { command: 'makeOffer', payloadId: payloadOf(worker), ...wish });
    const [job] = customer.node.jobs.values();
    expect(job!.offers[0]!.settleOn).toBe('contact');

    const reply = customer.life.flatMap(({ event }) => {
      const frame = event.on === 'received' ? decodeFrame(event.bytes) : null;
      return frame && 'kind' in frame && frame.kind === 'reply' ? [frame as FrameOf<'reply'>] : [];
    })[0]!;
    const posted = before.jobs.get(job!.job.payloadId)!;
    const short = { ...posted, job: { ...posted.job, topic: cast.topic } };
    before.jobs.set(job!.job.payloadId, short);
    const event = { on: 'received', peer: m1.node.self, bytes: encodeFrame(reply) } as const;
    const effects = stepNode(before, event, town.nowMs, cast.seedOf('a step'));
    expect(faults(effects)).toEqual(['PROMISE_MISMATCH']);
    expect(before.jobs.get(job!.job.payloadId)!.offers).toEqual([]);
  });
});
