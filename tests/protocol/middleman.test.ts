import { describe, expect, test } from 'vitest';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PaymentHash } from '../../src/lib/protocol/ids.ts';
import { holdFeeMsat, hopBlocks } from '../../src/lib/protocol/job/payment-chain.ts';
import { mineSlice, targetForBits, workInner } from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context } from '../../src/lib/protocol/machine.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import {
  agreeToBroadcast,
  onBroadcast,
  onReply,
  type Carriage,
  type Carrying,
  type Passage,
} from '../../src/lib/protocol/roles/middleman.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent, the } from './play.ts';
import { askId, frames, payload } from './samples.ts';

const { devices, nowMs, payloadId, context, trust } = cast;

const asked = { askId, payloadId, originator: devices.customer.peer };
const told = frames['askForBroadcast'] as FrameOf<'askForBroadcast'>;
const policy = { ...defaultPolicy, workMs: 2 ** -8 };
const [waiting, agreed] = agreeToBroadcast(asked, told, policy, context()) as [
  Extract<Passage, { state: 'AwaitingBroadcast' }>,
  ReturnType<typeof agreeToBroadcast>[1],
];
const { workRequest } = waiting.conditions;
const own = { onionSecret: devices.m1.onionSecret, clockOffsetMs: 0, trust };

const inner = workInner({
  request: workRequest,
  payloadHash: hash(payload),
  askId,
  asker: devices.customer.peer,
  receiver: devices.m1.peer,
});
const broadcast: FrameOf<'broadcast'> = {
  ...(frames['broadcast'] as FrameOf<'broadcast'>),
  proof: {
    kind: 'proofOfWork',
    powScheme: 'sha256',
    powTarget: workRequest.powTarget,
    nonce: mineSlice(inner, workRequest.powTarget, { high: 0, low: 0 }, 2 ** 14)!,
  },
};

function carry(frame = broadcast, change: Partial<Context> = {}) {
  return onBroadcast(waiting, frame, own, context(change));
}
const carried = carry();
if (isFault(carried)) throw new Error(carried.code);
const { passage } = carried;

describe('agreeing', () => {
  test('sends conditions with a challenge of its own, and waits half a minute [WRK-01, WRK-04, WRK-05, WRK-06]', () => {
    const { frame, to } = sent(agreed, 'conditions');
    expect(to).toBe(asked.originator);
    expect(frame).toEqual({
      kind: 'conditions',
      askId,
      validForMs: limits.askValidForMs,
      workRequest: { ...workRequest, powTarget: targetForBits(4) },
      paymentRequest: null,
      timestampToleranceMs: limits.timestampToleranceMs,
      routingFeeMsat: defaultPolicy.routeFeeMsat,
    });
    expect(the(agreed, 'wake').atMs).toBe(nowMs + limits.askValidForMs);
    expect(agreed.some((effect) => effect.do === 'store')).toBe(false);
  });

  test('no two asks get one challenge', () => {
    const [other] = agreeToBroadcast(
      asked,
      told,
      policy,
      context({ random: cast.dice('another step') }),
    );
    const challenge = (made: Passage) =>
      made.state === 'AwaitingBroadcast' && made.conditions.workRequest.challenge;
    expect(challenge(other)).not.toEqual(challenge(waiting));
  });
});

describe('recv POWBroadcastFrame', () => {
  test('carried: the slot is kept, and the rest that a reply goes on with', () => {
    expect(passage).toEqual({
      ...asked,
      state: 'Carrying',
      slot: carried.broadcast.peeled.slot,
      rest: carried.broadcast.peeled.rest,
      expiryMs: cast.topic.dropoffBeforeMs,
      replies: [],
      feeMsat: policy.feeMsat,
      routeFeeMsat: policy.routeFeeMsat,
    });
    play(passage, (same) => [same, []]);
  });

  test.each<[string, FrameOf<'broadcast'>, Partial<Context>, string]>([
    ['late [WRK-05]', broadcast, { nowMs: waiting.untilMs + 1 }, 'ASK_UNKNOWN'],
    ['work of another peer', broadcast, { self: devices.m2.peer }, 'POW_ABOVE_TARGET'],
    ['an old one', broadcast, { nowMs: nowMs + 10_001 }, 'TIMESTAMP_OUT_OF_TOLERANCE'],
  ])('$0 -- $3', (...[, frame, change, code]) => {
    const found = carry(frame, change);
    expect(isFault(found) && found.code).toBe(code);
  });
});

describe('recv ReplyFrame', () => {
  const { frame } = deal.honest;
  const quoteMsat = 100_000n;
  const reply = (from: Carrying, received = frame, change: Partial<Context> = {}) =>
    onReply(from, received, { trust, quoteMsat }, context(change));
  function forwarded(change: Partial<Context> = {}, received = frame): Carriage {
    const carriage = reply(passage, received, change);
    if (carriage === null || isFault(carriage)) throw new Error(carriage?.code ?? 'too dear');
    return carriage;
  }

  test('goes on with the rest that was kept, not with the one it brought [ONI-04]', () => {
    const carriage = forwarded();
    expect(carriage.frame).toEqual({ ...frame, forwardOnion: passage.rest });
    expect(carriage.passage.replies).toEqual([deal.networkHash]);
  });

  test('through a leg that asks for a fee and for blocks of its own [RPL-09]', () => {
    expect(forwarded().leg).toMatchObject({
      paymentHash: deal.networkHash,
      upstream: asked.originator,
      outgoingInvoice: deal.networkInvoice,
      outgoingMsat: deal.feeMsat,
      outgoingFinalCltv: deal.finalCltv + 3,
      incomingMsat: deal.feeMsat + defaultPolicy.feeMsat + holdFeeMsat(deal.finalCltv + 3, 0),
      incomingFinalCltv: deal.finalCltv + 3 + hopBlocks(0),
      unlockBy: deal.heights.unlockBy,
    });
  });

  const far = deal.invoice({ minFinalCltv: limits.maxFinalCltv - hopBlocks(0) + 1 });
  test.each<[string, Partial<Context>, FrameOf<'reply'>]>([
    ['a wallet that cannot hold and pay one hash', { canRelay: false }, frame],
    ['more than it may lose', { policy: { ...policy, lossCapMsat: 9_999n } }, frame],
    ['a chain beyond 600 blocks', {}, { ...frame, networkInvoice: far }],
  ])('passed through as it came: %s', (_name, change, received) => {
    const { leg, frame: onward } = forwarded(change, received);
    expect(leg).toBeNull();
    expect(onward.networkInvoice).toBe(received.networkInvoice);
  });

  describe('the routing fee that was quoted binds [WRK-04, RPL-15]', () => {
    /** What we add here: our fee, and what holding that long costs. */
    const ownMsat = policy.feeMsat + holdFeeMsat(deal.finalCltv + 3, 0);
    const added = (msat: bigint) => ({
      ...frame,
      networkInvoice: deal.invoice({ amountMsat: deal.feeMsat + msat }),
    });
    const quoted = (routeFeeMsat: bigint) => ({ ...passage, routeFeeMsat });
    const leg = (from: Carrying, received: FrameOf<'reply'>) => {
      const carriage = reply(from, received);
      if (carriage === null || isFault(carriage)) return carriage;
      return carriage.leg === null ? 'passed through' : carriage.leg.incomingMsat;
    };

    test('a route behind us that adds all that was quoted is carried', () => {
      const incoming = deal.feeMsat + quoteMsat + ownMsat;
      expect(leg(quoted(200_000n), added(quoteMsat))).toBe(incoming);
    });

    test('one msat more -- ROUTING_FEE_ABOVE_QUOTE', () => {
      const found = leg(quoted(200_000n), added(quoteMsat + 1n));
      expect(found).toMatchObject({ code: 'ROUTING_FEE_ABOVE_QUOTE' });
    });

    test('we add no more than we quoted ourselves: the last msat of it, or nothing', () => {
      const most = 30_000n;
      expect(leg(quoted(most), added(most - ownMsat))).toBe(deal.feeMsat + most);
      expect(leg(quoted(most), added(most - ownMsat + 1n))).toBe('passed through');
      expect(leg(quoted(most), added(most))).toBe('passed through');
    });

    test('a reply that is dearer than we quoted goes no further, and nobody is to blame', () => {
      expect(leg(quoted(30_000n), added(30_001n))).toBeNull();
    });

    test('the fee is the quoted one, whatever the owner asks for by now', () => {
      const change = { policy: { ...policy, feeMsat: 90_000n } };
      expect(forwarded(change).leg).toMatchObject({ incomingMsat: deal.feeMsat + ownMsat });
    });
  });

  const forgedFrame = {
    ...frame,
    signedSettlementPromise: cast.forged(frame.signedSettlementPromise),
  };
  const crowded = Array.from({ length: limits.repliesPerAsk }, (_, i) =>
    cast.idOf<PaymentHash>(`reply ${i}`),
  );
  test.each<[string, Carrying, FrameOf<'reply'>, string]>([
    ['forged promise [RPL-08]', passage, forgedFrame, 'PROMISE_SIGNATURE_INVALID'],
    [
      'of another payload [RPL-08]',
      { ...passage, payloadId: cast.idOf('x') },
      frame,
      'PROMISE_MISMATCH',
    ],
    ['the same payment hash again', forwarded().passage, frame, 'REPLY_REPEATED'],
    ['one more than an ask may earn', { ...passage, replies: crowded }, frame, 'REPLY_LIMIT'],
  ])('$0 -- $3', (...[, from, received, code]) => {
    const found = reply(from, received);
    expect(isFault(found) && found.code).toBe(code);
  });
});
