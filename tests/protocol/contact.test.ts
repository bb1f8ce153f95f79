import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '../../src/lib/protocol/bytes.ts';
import { box } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import {
  openChannel,
  receive,
  say,
  undelivered,
  type Channel,
} from '../../src/lib/protocol/job/contact.ts';
import { openContact } from '../../src/lib/protocol/job/reply.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { ContactBody } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { number } from './protobuf.ts';

const { devices, nowMs } = cast;
const { promiseId, channelKey, makeReply } = deal;

// ------------------------------------------------------------------------ the contact, opened with K

const own = { secret: cast.customer.secret, payloadId: cast.payloadId, network: cast.network };

function open(change: deal.Change, key = deal.unlockingKey, by: Partial<typeof own> = {}) {
  const { terms, lockedMessage } = makeReply(change);
  const offer = { terms, lockedMessage, replierKey: cast.worker.key };
  return openContact(offer, key, { ...own, ...by });
}

describe('open ReplyMessage', () => {
  test('with K and the key of the sender', () => {
    expect(open({})).toEqual(deal.honest.message);
  });

  test.each<[string, () => ReturnType<typeof open>, string]>([
    ['another key than promised', () => open({}, cast.seedOf('other')), 'LOCK_FRAUD'],
    ['a key that does not open', () => open({ lockedWith: cast.seedOf('x') }), 'LOCK_FRAUD'],
    [
      'it opens to something else than promised',
      () => open({ terms: { sealedMessageHash: cast.idOf('other') } }),
      'LOCK_FRAUD',
    ],
    ['sealed to somebody else', () => open({ sealedTo: cast.mallory }), 'REPLY_UNREADABLE'],
    ['sealed noise', () => open({ sealed: utf8('noise') }), 'REPLY_UNREADABLE'],
    [
      'another payload',
      () => open({}, undefined, { payloadId: cast.idOf('x') }),
      'REPLY_UNREADABLE',
    ],
    ['signed by another', () => open({ messageBy: cast.mallory }), 'REPLY_SIGNATURE_INVALID'],
    [
      'about another payload',
      () => open({ message: { payloadId: cast.idOf('other') } }),
      'REPLY_SIGNATURE_INVALID',
    ],
    [
      'about another offer',
      () => open({ message: { offerId: cast.idOf('other', 16) } }),
      'REPLY_SIGNATURE_INVALID',
    ],
  ])('$0 -- $2', (...[, opened, code]) => {
    const found = opened();
    expect(isFault(found) && found.code).toBe(code);
  });
});

// --------------------------------------------------------------------------------------- the channel

const side = { promiseId, addresses: [], key: channelKey } as const;
const sender = openChannel({ ...side, side: 'sender', peer: devices.worker.peer });
const replier = openChannel({ ...side, side: 'replier', peer: null });

/** What arrives, and what goes back; a fault throws. */
function take(channel: Channel, frame: FrameOf<'contact'>, from = devices.customer.peer) {
  const met = receive(channel, frame, from, nowMs);
  if (isFault(met)) throw new Error(`${met.code}: ${met.detail}`);
  return met;
}

function boxed(seq: number, body: Uint8Array, direction = 'sender'): FrameOf<'contact'> {
  const sealed = box({ channelKey, direction, sequence: seq }, body);
  return { kind: 'contact', promiseId, seq: BigInt(seq), box: sealed };
}
const line = (text: string, done = false) => ContactBody.encode({ text, done, ack: 0n });

describe('recv ContactFrame', () => {
  test("the sender's hello tells the replier where to answer, and is acked [RPL-13]", () => {
    const [hello] = undelivered(sender);
    expect(undelivered(sender)).toHaveLength(1);
    const met = take(replier, hello!);
    expect(met.channel).toEqual({ ...replier, peer: devices.customer.peer, validated: true });
    const greeted = take(sender, met.answer!, devices.worker.peer);
    expect(greeted.channel.validated).toBe(true);
    expect(greeted.answer).toBeNull();
    expect(undelivered(greeted.channel)).toEqual([]);
  });

  test('a line is repeated until it is acked, and kept once however often it comes [RPL-14]', () => {
    const told = say(sender, { text: 'At the corner', done: false }, nowMs)!;
    const [, first] = undelivered(told);
    const once = take(replier, first!);
    const twice = take(once.channel, first!);
    expect(once.channel.lines).toEqual([
      { seq: 1, mine: false, text: 'At the corner', done: false, atMs: nowMs, delivered: true },
    ]);
    expect(twice.channel).toEqual(once.channel);
    expect(twice.answer).toEqual(once.answer);
    const acked = take(told, once.answer!, devices.worker.peer).channel;
    expect(acked.lines[0]!.delivered).toBe(true);
    expect(undelivered(acked)).toEqual([]);
  });

  test('both directions and acks have numbers of their own, so no nonce is used twice', () => {
    const both = [
      ...undelivered(say(sender, { text: 'a', done: false }, nowMs)!),
      take(sender, boxed(1, line('b'), 'replier')).answer!,
      take(replier, boxed(1, line('a'))).answer!,
    ];
    expect(both.map(({ seq }) => seq)).toEqual([0n, 1n, 2n ** 40n + 1n, 2n ** 40n + 1n]);
    expect(new Set(both.map((frame) => frame.box.join())).size).toBe(both.length);
  });

  test('"done" is a line without words', () => {
    const { channel, answer } = take(replier, boxed(3, line('', true)));
    expect(channel.lines[0]).toMatchObject({ seq: 3, text: '', done: true });
    expect(answer).not.toBeNull();
  });

  test('an ack of what was never said changes nothing', () => {
    const ack = ContactBody.encode({ text: '', done: false, ack: 99n });
    const { channel, answer } = take(replier, boxed(2 ** 40 + 99, ack));
    expect(channel.lines).toEqual([]);
    expect(answer).toBeNull();
  });

  test('a full channel takes no more lines, ours or theirs', () => {
    let full = replier;
    for (let i = 0; i < limits.chatLines; i++) {
      full = say(full, { text: `${i}`, done: false }, nowMs)!;
    }
    expect(say(full, { text: 'one more', done: false }, nowMs)).toBeNull();
    expect(take(full, boxed(1, line('one more'))).channel.lines).toHaveLength(limits.chatLines);
  });

  test.each<[string, FrameOf<'contact'>, string]>([
    ['noise', { ...boxed(1, line('a')), box: utf8('noise of some length') }, 'CONTACT_UNREADABLE'],
    ['another number than boxed', { ...boxed(1, line('a')), seq: 2n }, 'CONTACT_UNREADABLE'],
    ['our own frame, sent back', boxed(1, line('a'), 'replier'), 'CONTACT_UNREADABLE'],
    ['a number beyond 2^53', { ...boxed(1, line('a')), seq: 2n ** 63n }, 'CONTACT_UNREADABLE'],
    ['a body of noise', boxed(1, utf8('noise')), 'FRAME_MALFORMED'],
    ['2,001 bytes', boxed(1, line('x'.repeat(2_001))), 'FRAME_MALFORMED'],
    ['not canonical', boxed(1, concat(line('a'), number(9, 1))), 'FRAME_NOT_CANONICAL'],
  ])('$0 -- $2', (...[, frame, code]) => {
    const met = receive(replier, frame, devices.mallory.peer, nowMs);
    expect(isFault(met) && met.code).toBe(code);
  });
});
