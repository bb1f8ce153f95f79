/**
 * Middleman: is asked to broadcast a topic, sets conditions, carries the topic on, and carries its reply back. One `Passage`
 * per ask. Whitepaper: "Asking For Broadcast", "Broadcast with POW", "Replying".
 *
 *   Originator                           Middleman                            its own peers
 *       | AskForBroadcastFrame ------------->|
 *       |                                    |     (AwaitingInvoice: who would pay gets an invoice of ours with the conditions)
 *       |<------ POWBroadcastConditionsFrame |     AwaitingBroadcast
 *       | POWBroadcastFrame ---------------->|     AwaitingBroadcast -> Carrying ------ asks ----->|
 *       |<----------------------- ReplyFrame |     a Leg per reply    <------- ReplyFrame ---------|
 *
 * An ask closes on its first broadcast, good or bad. The onion is peeled at once: what its first slot and its rest are is kept,
 * so that a reply that comes back is recognised by the slot and sent on with the rest, whatever it brought itself.
 *
 * The fee quoted with the conditions binds: it is the most that this middleman and everybody behind it add, together, to the
 * amount the settler signed in its promise, which every hop sees. Differs from the paper, where a middleman quotes its own
 * charge: what one hop adds alone nobody can check, since it could pretend that it paid the rest to others behind it.
 */
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { AskId, PayloadId, PaymentHash, PeerKey, ReplyDigest } from '../ids.ts';
import { requestSize } from '../job/ask-for-broadcast.ts';
import { verifyBroadcast, type Conditions, type VerifiedBroadcast } from '../job/broadcast.ts';
import type { Trust } from '../job/certificate.ts';
import { patienceFor, targetForMs } from '../job/difficulty.ts';
import { nextInvoice } from '../job/payment-chain.ts';
import type { PaymentRequest } from '../wire/messages.ts';
import { verifyReplyFrame, verifyRouteFee, type VerifiedReply } from '../job/reply.ts';
import { coarseArea, expiryOf, numberOfKind } from '../job/topic.ts';
import { limits } from '../limits.ts';
import type { Context, Step } from '../machine.ts';
import { isFault } from '../wire/codec.ts';
import type { CarryRule } from '../policy.ts';
import type { LegTerms } from './leg.ts';

interface Asked {
  readonly askId: AskId;
  readonly payloadId: PayloadId;
  readonly originator: PeerKey;
}

/** What was quoted with the conditions, and binds. */
interface Quoted {
  /** What we add to a reply. */
  readonly feeMsat: bigint;
  /** Most that we and everybody behind us add to the settler's own amount. */
  readonly routeFeeMsat: bigint;
}

/** What the ask said of the topic: conditions were quoted on it. */
type Told = Pick<FrameOf<'askForBroadcast'>, 'topicKind' | 'coarseArea' | 'size'>;

/** The owner's rule, as dear as it is now; in a crowd nobody is waited for. */
export type RuleNow = CarryRule & { readonly crowded?: boolean };

export type Passage =
  | ({
      readonly state: 'AwaitingInvoice';
      readonly told: Told;
      readonly rule: RuleNow;
      /** Of the invoice that our wallet makes. */
      readonly paymentHash: PaymentHash;
      /** The conditions go without it then, ms. */
      readonly untilMs: number;
    } & Asked)
  | ({
      readonly state: 'AwaitingBroadcast';
      readonly told: Told;
      readonly conditions: Conditions;
      readonly untilMs: number;
    } & Asked &
      Quoted)
  | ({
      readonly state: 'Carrying';
      /** First slot of the onion we got, hex: a reply must begin with it. */
      readonly slot: string;
      /** The peeled onion a reply goes on with. */
      readonly rest: Uint8Array;
      readonly expiryMs: number;
      /** What the replies carried are called: network payment hash, or digest where there is no settler. */
      readonly replies: readonly (PaymentHash | ReplyDigest)[];
      /** Frames that brought one: who, and hex of the frame's hash. An exact copy is no news and no fault. */
      readonly brought?: readonly string[];
    } & Asked &
      Quoted);

export type Carrying = Extract<Passage, { state: 'Carrying' }>;
type Waiting = Extract<Passage, { state: 'AwaitingBroadcast' }>;

export const passageKey = (askId: AskId) => `passage/${askId}`;

/** Would be paid in place of work: our wallet makes an invoice for this ask first. */
export function awaitInvoice(
  asked: Asked,
  told: Told,
  { rule, paymentHash }: { readonly rule: RuleNow; readonly paymentHash: PaymentHash },
  ctx: Context,
): Step<Passage> {
  const untilMs = ctx.nowMs + limits.favourInvoiceMs;
  return [
    { ...asked, state: 'AwaitingInvoice', told, rule, paymentHash, untilMs },
    [{ do: 'wake', atMs: untilMs, key: passageKey(asked.askId) }],
  ];
}

/** The invoice is there, or there will be none in time: the conditions go out. */
export function quote(
  { askId, payloadId, originator, told, rule }: Extract<Passage, { state: 'AwaitingInvoice' }>,
  request: PaymentRequest | null,
  ctx: Context,
): Step<Passage> {
  return agreeToBroadcast({ askId, payloadId, originator }, told, rule, ctx, request);
}

/** The ask's invoice was paid: work is no longer wanted, and there is as much time again for the broadcast. */
export function onPaid(waiting: Waiting, ctx: Context): Step<Passage> {
  const { conditions } = waiting;
  if (conditions.payment === null || conditions.payment.paid) return [waiting, []];
  const untilMs = Math.max(waiting.untilMs, ctx.nowMs + limits.askValidForMs);
  const payment = { ...conditions.payment, paid: true };
  return [
    { ...waiting, conditions: { ...conditions, payment }, untilMs },
    [{ do: 'wake', atMs: untilMs, key: passageKey(waiting.askId) }],
  ];
}

/** Is this ask's broadcast paid for with money? */
export function isPaid(passage: Passage): boolean {
  return passage.state === 'AwaitingBroadcast' && passage.conditions.payment?.paid === true;
}

/** Agrees to carry: conditions with a fresh challenge, for as long as a slow device needs; less long in a crowd. */
export function agreeToBroadcast(
  asked: Asked,
  told: Told,
  rule: RuleNow,
  ctx: Context,
  request: PaymentRequest | null = null,
): Step<Passage> {
  const { feeMsat, routeFeeMsat, workScheme: powScheme, workMs } = rule;
  const { validForMs, timestampToleranceMs } = patienceFor(workMs, rule.crowded ?? false);
  const conditions: Conditions = {
    workRequest: {
      powScheme,
      powTarget: targetForMs(powScheme, workMs),
      challenge: ctx.random(16),
    },
    payment: request === null ? null : { request, paid: false },
    timestampToleranceMs,
  };
  const untilMs = ctx.nowMs + validForMs;
  const frame: FrameOf<'conditions'> = {
    kind: 'conditions',
    askId: asked.askId,
    validForMs,
    routingFeeMsat: routeFeeMsat,
    workRequest: conditions.workRequest,
    paymentRequest: request,
    timestampToleranceMs: conditions.timestampToleranceMs,
  };
  return [
    { ...asked, state: 'AwaitingBroadcast', told, conditions, feeMsat, routeFeeMsat, untilMs },
    [
      { do: 'send', to: asked.originator, frame },
      { do: 'wake', atMs: untilMs, key: passageKey(asked.askId) },
    ],
  ];
}

/** The broadcast for an open ask: carried, or a fault; the ask is over either way. */
export function onBroadcast(
  waiting: Waiting,
  frame: FrameOf<'broadcast'>,
  own: { readonly onionSecret: Uint8Array; readonly clockOffsetMs: number; readonly trust: Trust },
  ctx: Context,
): { readonly passage: Carrying; readonly broadcast: VerifiedBroadcast } | Fault {
  const { askId, payloadId, originator, told, conditions, untilMs } = waiting;
  const { feeMsat, routeFeeMsat } = waiting;
  if (ctx.nowMs > untilMs) return fault('ASK_UNKNOWN', 'the ask is over');
  const { network, nowMs, random, self } = ctx;
  const broadcast = verifyBroadcast(frame, {
    askId,
    payloadId,
    conditions,
    asker: originator,
    self,
    network,
    nowMs,
    random,
    ...own,
  });
  if (isFault(broadcast)) return broadcast;
  const { topic } = broadcast.payload;
  const area = coarseArea(topic);
  const size = requestSize(broadcast.request);
  const asTold = numberOfKind(topic.kind) === told.topicKind && area === told.coarseArea;
  if (!asTold || size !== told.size) {
    return fault('ASK_MISMATCH', `${topic.kind}, ${area}, ${size} bytes`);
  }
  const { slot, rest } = broadcast.peeled;
  const expiryMs = expiryOf(topic);
  const asked = { askId, payloadId, originator, feeMsat, routeFeeMsat };
  return { broadcast, passage: { ...asked, state: 'Carrying', slot, rest, expiryMs, replies: [] } };
}

/** How a reply goes on: through a paid leg, or passed through as it came. */
export interface Carriage {
  readonly passage: Carrying;
  readonly verified: VerifiedReply;
  /** What goes to the originator, but for our own invoice. */
  readonly frame: FrameOf<'reply'>;
  readonly leg: LegTerms | null;
}

/**
 * A reply for a passage, from a peer the payload was broadcast to and that quoted `quoteMsat` for it. Null for a reply that
 * costs more than we quoted ourselves: it goes no further, and nobody is to blame.
 */
export function onReply(
  passage: Carrying,
  frame: FrameOf<'reply'>,
  own: { readonly trust: Trust; readonly quoteMsat: bigint },
  ctx: Context,
): Carriage | Fault | null {
  if (passage.replies.length >= limits.repliesPerAsk) return fault('REPLY_LIMIT', passage.askId);
  const { payloadId } = passage;
  const { network, nowMs, height } = ctx;
  const verified = verifyReplyFrame(frame, { payloadId, trust: own.trust, network, nowMs, height });
  if (isFault(verified)) return verified;
  const { networkPaymentHash } = verified.promise;
  if (passage.replies.includes(networkPaymentHash)) {
    return fault('REPLY_REPEATED', networkPaymentHash);
  }
  const { settlerAmountMsat } = verified.promise;
  const dear = verifyRouteFee(verified, own.quoteMsat);
  if (dear) return dear;
  if (verified.invoice.amountMsat > settlerAmountMsat + passage.routeFeeMsat) return null;
  return {
    passage: { ...passage, replies: [...passage.replies, networkPaymentHash] },
    verified,
    frame: { ...frame, forwardOnion: passage.rest },
    leg: ctx.canRelay ? legTerms(passage, frame, verified, ctx) : null,
  };
}

function legTerms(
  passage: Carrying,
  frame: FrameOf<'reply'>,
  { promise, settler, settlerKey, settlerPeer, invoice, head }: VerifiedReply,
  ctx: Context,
): LegTerms | null {
  const { lossCapMsat } = ctx.policy;
  const { shadowBlocks } = ctx;
  const next = nextInvoice(invoice, { feeMsat: passage.feeMsat, lossCapMsat, shadowBlocks });
  const mostMsat = promise.settlerAmountMsat + passage.routeFeeMsat;
  if (next === null || next.amountMsat > mostMsat) return null;
  return {
    paymentHash: promise.networkPaymentHash,
    payloadId: passage.payloadId,
    settler: {
      promiseId: promise.promiseId,
      key: settlerKey,
      peer: settlerPeer,
      addresses: settler.leaf.addresses,
    },
    upstream: passage.originator,
    outgoingInvoice: frame.networkInvoice,
    outgoingMsat: invoice.amountMsat,
    outgoingFinalCltv: invoice.minFinalCltv,
    incomingMsat: next.amountMsat,
    incomingFinalCltv: next.minFinalCltv,
    unlockBy: promise.heights.unlockBy,
    // Without a fresh revocation head nothing is paid onward.
    expiryMs: Math.min(promise.expiryMs, head.nextMs),
    atMs: ctx.nowMs,
  };
}
