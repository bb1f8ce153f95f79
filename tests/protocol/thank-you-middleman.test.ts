import { describe, expect, test } from 'vitest';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PaymentHash } from '../../src/lib/protocol/ids.ts';
import { replyDigestOf, senderFinalCltv } from '../../src/lib/protocol/job/thank-you.ts';
import { hopBlocks } from '../../src/lib/protocol/job/payment-chain.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context } from '../../src/lib/protocol/machine.ts';
import { startLeg, stepLeg } from '../../src/lib/protocol/roles/leg.ts';
import type { Carrying } from '../../src/lib/protocol/roles/middleman.ts';
import {
  carryThankYou,
  carryThankYouReply,
  type CarriedReply,
} from '../../src/lib/protocol/roles/thank-you-middleman.ts';
import { verifyChain } from '../../src/lib/protocol/job/certificate.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { RequestPayload } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { sent } from './play.ts';
import { askId, read } from './samples.ts';
import * as thanks from './thanks.ts';

const { devices, context, nowMs } = cast;
const { payloadId } = thanks;
const sender = verifyChain(cast.customerChain, 'customer', cast.trust, nowMs);
if (isFault(sender)) throw new Error(sender.code);
const broadcast = { payload: read(RequestPayload, thanks.request.body), sender };
const passage: Carrying = {
  state: 'Carrying',
  askId,
  payloadId,
  originator: devices.customer.peer,
  slot: 'of our onion',
  rest: cast.dice('rest')(832),
  expiryMs: nowMs + 3_600_000,
  replies: [],
  feeMsat: 11_000n,
  routeFeeMsat: 100_000n,
};
const bringer = devices.m2.peer;
const carry = (at = passage, frame = thanks.honest.frame, heard: typeof broadcast = broadcast) =>
  carryThankYouReply(at, frame, bringer, heard);

const carried = carry();
if (isFault(carried)) throw new Error(carried.code);
const { reply } = carried;

describe('a reply without a settler on its way', () => {
  test('goes on sealed as it came, with what was peeled', () => {
    expect(carried.frame).toEqual({ ...thanks.honest.frame, forwardOnion: passage.rest });
    expect(reply).toEqual({
      digest: thanks.digest,
      payloadId,
      askId,
      senderKey: cast.customer.key,
      originator: passage.originator,
      bringer,
      feeMsat: passage.feeMsat,
      paymentHash: null,
    });
    expect(carried.passage.replies).toEqual([thanks.digest]);
  });

  const wanted = { ...broadcast, payload: { ...broadcast.payload, acceptsThankYou: false } };
  const many = Array.from({ length: limits.repliesPerAsk }, (_, i) => cast.idOf(`${i}`));
  test.each([
    ['to a request that takes none', passage, wanted, 'THANK_YOU_UNWANTED'],
    ['twice', carried.passage, broadcast, 'REPLY_REPEATED'],
    ['one too many', { ...passage, replies: many as PaymentHash[] }, broadcast, 'REPLY_LIMIT'],
  ])('%s -- %s', (_name, at, heard, code) => {
    expect(carry(at as Carrying, thanks.honest.frame, heard as typeof broadcast)).toMatchObject({
      code,
    });
  });

  test('another sealing of the same reply is another reply', () => {
    const other = thanks.makeThankYouReply({ statement: { amountMsat: 1_000n } });
    expect(other.digest).toBe(replyDigestOf(other.frame.encryptedPayload));
    expect(isFault(carry(carried.passage, other.frame))).toBe(false);
  });
});

describe('its thank you', () => {
  const thank = (
    frame: FrameOf<'thankYouHash'> = thanks.hashFrame(),
    change: Partial<Context> = {},
    of: CarriedReply = reply,
  ) => carryThankYou(of, frame, context(change));

  test('goes on with an invoice of our own on the same hash, our fee and our blocks on top [THX-02]', () => {
    const answered = thank();
    if (isFault(answered)) throw new Error(answered.code);
    const { leg } = answered;
    const outgoingFinalCltv = senderFinalCltv + limits.finalCltvSlack;
    expect(leg).toMatchObject({
      paymentHash: thanks.paymentHash,
      settler: null,
      upstream: bringer,
      outgoingMsat: limits.thankYouMsat,
      outgoingFinalCltv,
      incomingFinalCltv: outgoingFinalCltv + hopBlocks(context().shadowBlocks),
      unlockBy: thanks.thankYou.fundBy,
      expiryMs: thanks.thankYou.validTillMs,
    });
    expect(leg!.incomingMsat).toBeGreaterThan(leg!.outgoingMsat);
    expect(answered.reply).toEqual({ ...reply, paymentHash: thanks.paymentHash });
    const [issuing] = startLeg(leg!, thanks.hashFrame());
    const invoice = thanks.invoice({ amountMsat: leg!.incomingMsat });
    const issued = { on: 'invoiceIssued', paymentHash: thanks.paymentHash, invoice } as const;
    const [, effects] = stepLeg(issuing, issued, context());
    const { to, frame } = sent(effects, 'thankYouHash');
    expect(to).toBe(bringer);
    expect(frame).toEqual({ ...thanks.hashFrame(), thankYouInvoice: invoice });
  });

  test.each<[string, Partial<Context>, string]>([
    ['a wallet that cannot hold', { canRelay: false }, thanks.invoice()],
    ['more than it may lose', {}, thanks.invoice({ amountMsat: 9_000_000n })],
    ['a chain as long as it may be', {}, thanks.invoice({ minFinalCltv: limits.maxFinalCltv })],
  ])('%s: passed through as it came, for nothing', (_name, change, invoice) => {
    expect(thank(thanks.hashFrame({}, invoice), change)).toMatchObject({ leg: null });
  });

  test.each([
    [
      'forged',
      thanks.hashFrame({}, thanks.invoice(), cast.mallory),
      reply,
      'THANK_YOU_SIGNATURE_INVALID',
    ],
    [
      'for another reply',
      thanks.hashFrame({ replyDigest: cast.idOf('x') }),
      reply,
      'THANK_YOU_UNKNOWN',
    ],
    ['late', thanks.hashFrame({ validTillMs: nowMs }), reply, 'THANK_YOU_EXPIRED'],
    [
      'a second time, on another hash',
      thanks.hashFrame(),
      { ...reply, paymentHash: cast.idOf<PaymentHash>('an earlier hash') },
      'THANK_YOU_UNKNOWN',
    ],
  ])('%s -- %s', (_name, frame, of, code) => {
    expect(thank(frame, {}, of)).toMatchObject({ code });
  });
});
