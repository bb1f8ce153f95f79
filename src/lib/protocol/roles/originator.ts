/**
 * Originator: asks one peer to broadcast one topic, and pays for it with work, or with sats where its owner allows it. One `Ask`
 * per topic and peer; the sender and every middleman that carries the topic on are originators alike. Whitepaper: "Asking For
 * Broadcast", "Broadcast with POW"; Sweet-Gossip: "Favour-Conditions".
 *
 *   Originator                           Middleman
 *       | AskForBroadcastFrame ------------->|
 *       |<------ POWBroadcastConditionsFrame |     AwaitingConditions -> Mining, or AwaitingPayment
 *       | POWBroadcastFrame ---------------->|     Mining or AwaitingPayment -> Broadcast
 *
 * The payment itself is a `FavourBought`, which outlives the ask: whatever becomes of it, it is made once.
 */
import { hash } from '../crypto.ts';
import { isFault } from '../wire/codec.ts';
import type { FrameOf } from '../frame.ts';
import type { AskId, PayloadId, PeerKey } from '../ids.ts';
import { askForBroadcast } from '../job/ask-for-broadcast.ts';
import { broadcastPayload } from '../job/broadcast.ts';
import { expectedMs } from '../job/difficulty.ts';
import { growOnion } from '../job/onion-route.ts';
import { powSchemes, workInner, type WorkRequest } from '../job/proof-of-work.ts';
import { verifyPaymentRequest } from '../job/proof-of-payment.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step } from '../machine.ts';
import type { PaymentRequest, Signed } from '../wire/messages.ts';

/** What stays the same through an ask's life. */
export interface AskTerms {
  readonly askId: AskId;
  readonly payloadId: PayloadId;
  readonly peer: PeerKey;
  readonly request: Signed;
  /** The onion as we have it; it is grown by our layer when the broadcast is made. */
  readonly onion: Uint8Array;
  /** When the topic is worthless, ms; the onion layer expires with it. */
  readonly expiryMs: number;
  /** The topic is our own job's: work for it goes before what is carried for others. */
  readonly own: boolean;
  /** Our wallet may pay in place of work, so the conditions may name a price. */
  readonly wouldPay: boolean;
}

interface Agreed {
  readonly ask: AskTerms;
  readonly workRequest: WorkRequest;
  /** Most that a route behind the middleman may add to the settler's own amount. */
  readonly routingFeeMsat: bigint;
  readonly toleranceMs: number;
  /** ms on our clock by which the middleman must have the broadcast. */
  readonly untilMs: number;
}

export type Ask =
  | { readonly state: 'AwaitingConditions'; readonly ask: AskTerms; readonly untilMs: number }
  | ({
      readonly state: 'Mining';
      readonly payload: Uint8Array;
      readonly timestampMs: number;
      readonly hashes: number;
      readonly hashesPerSecond: number;
    } & Agreed)
  | ({
      readonly state: 'AwaitingPayment';
      readonly payment: PaymentRequest;
      /** The payment is of no use after this, ms. */
      readonly payByMs: number;
    } & Agreed)
  | ({ readonly state: 'Broadcast'; readonly hashes: number; readonly paidMsat: bigint } & Agreed)
  | { readonly state: 'Declined'; readonly ask: AskTerms; readonly reason: string }
  | { readonly state: 'Lapsed'; readonly ask: AskTerms; readonly reason: string };

export type AskEvent =
  | {
      readonly on: 'conditions';
      readonly frame: FrameOf<'conditions'>;
      /** The peer's onion key, of its hello. */
      readonly onionKey: Uint8Array;
      /** Most that the owner's rules and wallet let us pay for this ask now, msat. */
      readonly mayPayMsat: bigint;
    }
  | { readonly on: 'decline'; readonly frame: FrameOf<'decline'> }
  | { readonly on: 'mined'; readonly nonce: Uint8Array; readonly onionKey: Uint8Array }
  | { readonly on: 'miningProgress'; readonly hashes: number; readonly hashesPerSecond: number }
  | { readonly on: 'miningFailed'; readonly reason: string }
  | { readonly on: 'paid'; readonly preimage: Uint8Array; readonly onionKey: Uint8Array }
  /** Nothing was paid, as far as we know. */
  | { readonly on: 'notPaid'; readonly onionKey: Uint8Array }
  | { readonly on: 'gone' }
  /** The topic is carried no more. */
  | { readonly on: 'over' }
  | { readonly on: 'wake' };

type State<S extends Ask['state']> = Extract<Ask, { state: S }>;

export const askKey = (askId: AskId) => `ask/${askId}`;

export function startAsk(ask: AskTerms, ctx: Context): Step<Ask> {
  const untilMs = ctx.nowMs + limits.conditionsMs;
  return [
    { state: 'AwaitingConditions', ask, untilMs },
    [
      { do: 'send', to: ask.peer, frame: askForBroadcast(ask.askId, ask.request, ask.wouldPay) },
      { do: 'wake', atMs: untilMs, key: askKey(ask.askId) },
    ],
  ];
}

export function stepAsk(ask: Ask, event: AskEvent, ctx: Context): Step<Ask> {
  switch (ask.state) {
    case 'AwaitingConditions':
      if (event.on === 'conditions') return onConditions(ask, event, ctx);
      if (event.on === 'decline') return decline(ask.ask, event.frame.reason);
      if (event.on === 'gone' || event.on === 'over') return lapse(ask.ask, event.on);
      if (event.on === 'wake' && ctx.nowMs >= ask.untilMs) return lapse(ask.ask, 'silent');
      return [ask, []];
    case 'Mining':
      if (event.on === 'mined') return onMined(ask, event.nonce, event.onionKey, ctx);
      if (event.on === 'miningProgress') {
        const { hashes, hashesPerSecond } = event;
        return [{ ...ask, hashes, hashesPerSecond }, []];
      }
      if (event.on === 'miningFailed') return lapse(ask.ask, event.reason);
      if (event.on === 'gone' || event.on === 'over') return stop(ask, event.on);
      if (event.on === 'wake' && ctx.nowMs >= ask.untilMs) return stop(ask, 'too-slow');
      return [ask, []];
    case 'AwaitingPayment':
      if (event.on === 'paid') return onPaid(ask, event.preimage, event.onionKey, ctx);
      if (event.on === 'notPaid') return workInstead(ask, event.onionKey, ctx);
      if (event.on === 'gone' || event.on === 'over') return lapse(ask.ask, event.on);
      if (event.on === 'wake' && ctx.nowMs >= ask.payByMs) return lapse(ask.ask, 'too-slow');
      return [ask, []];
    case 'Broadcast':
    case 'Declined':
    case 'Lapsed':
      return [ask, []];
  }
}

/** Is there still something to come of it? */
export function isAlive(ask: Ask): boolean {
  return ['AwaitingConditions', 'Mining', 'AwaitingPayment'].includes(ask.state);
}

function onConditions(
  { ask }: State<'AwaitingConditions'>,
  { frame, onionKey, mayPayMsat }: Extract<AskEvent, { on: 'conditions' }>,
  ctx: Context,
): Step<Ask> {
  if (ctx.nowMs >= ask.expiryMs) return lapse(ask, 'over');
  const { powScheme: scheme, powTarget, challenge } = frame.workRequest;
  const powScheme = powSchemes.find((known) => known === scheme);
  if (powScheme === undefined) return decline(ask, 'scheme');
  const validForMs = Math.min(frame.validForMs, limits.longestAskMs);
  const { routingFeeMsat, timestampToleranceMs: toleranceMs } = frame;
  if (routingFeeMsat > ctx.policy.maxRouteFeeMsat) return decline(ask, 'fee-too-high');
  const workRequest = { powScheme, powTarget, challenge };
  const untilMs = ctx.nowMs + validForMs;
  const agreed = { ask, workRequest, routingFeeMsat, toleranceMs, untilMs };
  const needsMs = expectedMs(powTarget, powScheme, ctx.hashRates);
  const isTooMuch =
    needsMs > ctx.policy.maxWorkMs || needsMs * sharing(ask.own, ctx.mining) > validForMs;
  // The owner would rather pay than have this device work for so long.
  const isDear = isTooMuch || needsMs > ctx.policy.payAboveMs;
  const payment = isDear ? affordable(agreed, frame, mayPayMsat, ctx) : null;
  const unpaid = isTooMuch ? decline(ask, 'too-dear') : mine(agreed, onionKey, ctx);
  return payment === null ? unpaid : pay(agreed, payment, unpaid, ctx);
}

/** The puzzles under way, for the context. */
export function miningOf(asks: Iterable<Ask>): Context['mining'] {
  const mining = [...asks].filter(({ state }) => state === 'Mining');
  const own = mining.filter(({ ask }) => ask.own).length;
  return { own, carried: mining.length - own };
}

/** Into how many the workers are shared with this one: own puzzles have four turns for each that others' have. */
function sharing(own: boolean, mining: Context['mining']): number {
  const share = 4;
  return own ? 1 + mining.own + mining.carried / share : 1 + mining.carried + mining.own * share;
}

/** What may be paid in place of the work: null if nothing was asked for or offered, it is too dear, or there is no time. */
function affordable(
  { ask, untilMs }: Agreed,
  { paymentRequest: payment }: FrameOf<'conditions'>,
  mayPayMsat: bigint,
  ctx: Context,
): PaymentRequest | null {
  const inTime = untilMs - ctx.nowMs >= limits.favourPayMs;
  if (payment === null || !ask.wouldPay || !inTime) return null;
  const isSum = payment.priceMsat >= limits.minPriceMsat && payment.priceMsat <= mayPayMsat;
  return isSum ? payment : null;
}

/**
 * An invoice for another sum than the price, or on another hash, is a lie: nothing is paid, and nothing is asked of that peer. One
 * that has expired may be a slow clock's: it is as if there were none.
 */
function pay(agreed: Agreed, payment: PaymentRequest, unpaid: Step<Ask>, ctx: Context): Step<Ask> {
  const { ask } = agreed;
  const invoice = verifyPaymentRequest(payment, ctx.network);
  if (isFault(invoice)) {
    const { code, detail } = invoice;
    const [declined] = decline(ask, 'invoice');
    return [declined, [{ do: 'fault', code, detail, peer: ask.peer }]];
  }
  const expiresAtMs = invoice.timestampMs + invoice.expirySeconds * 1_000;
  if (expiresAtMs + limits.clockSkewMs <= ctx.nowMs) return unpaid;
  // Who was paid in time waits as long again for the broadcast.
  const payByMs = ctx.nowMs + 2 * limits.askValidForMs;
  return [
    { ...agreed, state: 'AwaitingPayment', payment, payByMs },
    [{ do: 'wake', atMs: payByMs, key: askKey(ask.askId) }],
  ];
}

function onPaid(
  paying: State<'AwaitingPayment'>,
  preimage: Uint8Array,
  onionKey: Uint8Array,
  ctx: Context,
): Step<Ask> {
  const { ask, workRequest, routingFeeMsat, toleranceMs, untilMs, payment } = paying;
  if (ctx.nowMs >= ask.expiryMs) return lapse(ask, 'over');
  const agreed = { ask, workRequest, routingFeeMsat, toleranceMs, untilMs };
  const frame: FrameOf<'broadcast'> = {
    kind: 'broadcast',
    askId: ask.askId,
    broadcastPayload: ourPayload(ask, onionKey, ctx),
    proof: { kind: 'proofOfPayment', preimage },
  };
  const { priceMsat: paidMsat } = payment;
  const broadcast: Ask = { ...agreed, state: 'Broadcast', hashes: 0, paidMsat };
  return [broadcast, [{ do: 'send', to: ask.peer, frame }]];
}

/** The payment came to nothing; the work still counts, while there is time. */
function workInstead(
  paying: State<'AwaitingPayment'>,
  onionKey: Uint8Array,
  ctx: Context,
): Step<Ask> {
  const { ask, workRequest, routingFeeMsat, toleranceMs, untilMs } = paying;
  const { powTarget, powScheme } = workRequest;
  if (ctx.nowMs >= Math.min(untilMs, ask.expiryMs)) return lapse(ask, 'not-paid');
  const needsMs = expectedMs(powTarget, powScheme, ctx.hashRates);
  if (needsMs > ctx.policy.maxWorkMs) return decline(ask, 'too-dear');
  return mine({ ask, workRequest, routingFeeMsat, toleranceMs, untilMs }, onionKey, ctx);
}

/** The request with the onion grown by our layer, of now. */
function ourPayload(ask: AskTerms, onionKey: Uint8Array, ctx: Context): Uint8Array {
  const { askId, payloadId } = ask;
  const expirySeconds = Math.ceil(ask.expiryMs / 1_000);
  const head = { kind: 'forward', peer: ctx.self, askId, expirySeconds } as const;
  const { random, nowMs: timestampMs } = ctx;
  const onion = growOnion(ask.onion, { head, to: onionKey, payloadId, random });
  return broadcastPayload(ask.request, onion, timestampMs);
}

/** Work is over payload, onion and timestamp, so a broadcast that grew stale while mining is made anew. */
function mine(agreed: Agreed, onionKey: Uint8Array, ctx: Context): Step<Ask> {
  const { ask, workRequest, untilMs } = agreed;
  const { askId } = ask;
  const payload = ourPayload(ask, onionKey, ctx);
  const inner = workInner({
    request: workRequest,
    payloadHash: hash(payload),
    askId,
    asker: ctx.self,
    receiver: ask.peer,
  });
  const mining: Ask = {
    ...agreed,
    state: 'Mining',
    payload,
    timestampMs: ctx.nowMs,
    hashes: 0,
    hashesPerSecond: Math.round(
      ctx.hashRates[workRequest.powScheme] / sharing(ask.own, ctx.mining),
    ),
  };
  const id = askKey(askId);
  const { powScheme: scheme, powTarget: target } = workRequest;
  return [
    mining,
    [
      { do: 'mine', id, scheme, inner, target, validTillMs: untilMs, own: ask.own },
      { do: 'wake', atMs: untilMs, key: id },
    ],
  ];
}

function onMined(
  mining: State<'Mining'>,
  nonce: Uint8Array,
  onionKey: Uint8Array,
  ctx: Context,
): Step<Ask> {
  const { ask, workRequest, routingFeeMsat, toleranceMs, untilMs, payload, hashes } = mining;
  if (ctx.nowMs >= ask.expiryMs) return lapse(ask, 'over');
  if (ctx.nowMs >= untilMs) return lapse(ask, 'too-slow');
  const agreed = { ask, workRequest, routingFeeMsat, toleranceMs, untilMs };
  if (ctx.nowMs - mining.timestampMs > toleranceMs / 2) return mine(agreed, onionKey, ctx);
  const { powScheme, powTarget } = workRequest;
  const frame: FrameOf<'broadcast'> = {
    kind: 'broadcast',
    askId: ask.askId,
    broadcastPayload: payload,
    proof: { kind: 'proofOfWork', powScheme, powTarget, nonce },
  };
  const broadcast: Ask = { ...agreed, state: 'Broadcast', hashes, paidMsat: 0n };
  return [broadcast, [{ do: 'send', to: ask.peer, frame }]];
}

function stop(mining: State<'Mining'>, reason: string): Step<Ask> {
  const effect: Effect = { do: 'cancelMining', id: askKey(mining.ask.askId) };
  return [{ state: 'Lapsed', ask: mining.ask, reason }, [effect]];
}

function decline(ask: AskTerms, reason: string): Step<Ask> {
  return [{ state: 'Declined', ask, reason }, []];
}

function lapse(ask: AskTerms, reason: string): Step<Ask> {
  return [{ state: 'Lapsed', ask, reason }, []];
}
