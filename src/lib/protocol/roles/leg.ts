/**
 * Leg: one middleman's part of a payment chain. It is paid by one neighbour and pays the other: with a settler, by the peer
 * that asked it to broadcast; in a thank-you chain, by the peer that brought the reply. One `Leg` per payment hash.
 * Whitepaper: "Cryptographic Payment Chains", "Replying"; Sweet-Gossip: "Thank you".
 *
 *   upstream (pays us)              Middleman                    downstream (we pay)
 *       |<------ frame, our invoice --|  Issuing -> Offered
 *       | pays ...................... >|  Offered -> Paying ........ pays >|
 *       |                              |  Paying -> Settling  <.. preimage |
 *       |<..................... settle |  Settling -> Ended
 *
 * The rules that keep it from losing a sat: it pays only when its own invoice is Accepted, with enough blocks left, before
 * unlock_by; it settles the moment it knows the preimage; it never cancels while its outgoing payment may still settle. What a
 * wallet calls failed may: only an Abort, a refusal before anything left, or the height at which no HTLC is left makes sure.
 */
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PayloadId, PaymentHash, PeerKey, PromiseId } from '../ids.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { backByHeight, mayPayOnward } from '../job/payment-chain.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step, WalletEvent } from '../machine.ts';
import { store } from '../stored.ts';

/** Who publishes what became of a chain. */
export interface LegSettler {
  readonly promiseId: PromiseId;
  readonly key: PartyKey;
  readonly peer: PeerKey;
  readonly addresses: readonly string[];
}

/** What stays the same through a leg's life. */
export interface LegTerms {
  readonly paymentHash: PaymentHash;
  readonly payloadId: PayloadId;
  /** Null in a chain without a settler: there is nobody to ask what is published. */
  readonly settler: LegSettler | null;
  /** Who pays us. */
  readonly upstream: PeerKey;
  readonly outgoingInvoice: string;
  readonly outgoingMsat: bigint;
  readonly outgoingFinalCltv: number;
  readonly incomingMsat: bigint;
  readonly incomingFinalCltv: number;
  /** No payment onward after this height. */
  readonly unlockBy: number;
  readonly expiryMs: number;
  readonly atMs: number;
}

/** What goes to who pays us, for our own invoice to be put into. */
export type LegFrame = FrameOf<'reply'> | FrameOf<'thankYouHash'>;

export type LegEnd = 'settled' | 'cancelled' | 'expired';

export type Leg =
  | { readonly state: 'Issuing'; readonly terms: LegTerms; readonly frame: LegFrame }
  | { readonly state: 'Offered'; readonly terms: LegTerms; readonly invoice: string }
  | {
      readonly state: 'Paying';
      readonly terms: LegTerms;
      readonly invoice: string;
      readonly settleDeadline: number;
      /** Latest block at which the outgoing payment is back, whatever the wallet says. */
      readonly backBy: number;
      /** Our own invoice is cancelled: no payment may begin any more. */
      readonly unpaid?: true;
    }
  /**
   * The wallet says that the outgoing payment failed. One that was shut down in mid-payment may say so of what is in the air:
   * before it cancels, the leg asks the settler what is published, until there is an answer or no HTLC can be left.
   */
  | {
      readonly state: 'Consulting';
      readonly terms: LegTerms;
      readonly invoice: string;
      readonly backBy: number;
      readonly untilMs: number;
    }
  | {
      readonly state: 'Settling';
      readonly terms: LegTerms;
      readonly invoice: string;
      readonly preimage: Uint8Array;
      /** The outgoing payment is known to have settled, so we owe ourselves the incoming one. */
      readonly paidOut: boolean;
    }
  | {
      readonly state: 'Cancelling';
      readonly terms: LegTerms;
      readonly invoice: string;
      /** It was paid; an invoice that nobody paid only takes until it expires. */
      readonly held: boolean;
    }
  | { readonly state: 'Ended'; readonly terms: LegTerms; readonly end: LegEnd };

export type LegEvent =
  | Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>
  | { readonly on: 'published'; readonly preimage: Uint8Array | null; readonly aborted: boolean }
  /** It was paid, but too many payments are held already. */
  | { readonly on: 'crowded' }
  | { readonly on: 'wake' }
  | { readonly on: 'resume' };

export const legKey = (hash: PaymentHash) => `leg/${hash}`;

/** Begins: our own invoice first, then the frame goes on with it. */
export function startLeg(terms: LegTerms, frame: LegFrame): Step<Leg> {
  const leg: Leg = { state: 'Issuing', terms, frame };
  return [leg, [store(legKey(terms.paymentHash), leg), issue(terms)]];
}

export function stepLeg(leg: Leg, event: LegEvent, ctx: Context): Step<Leg> {
  switch (leg.state) {
    case 'Issuing':
      if (isOver(leg.terms, ctx)) return end(leg, 'expired');
      if (event.on === 'invoiceIssued') return onIssued(leg, event.invoice);
      if (event.on === 'resume') return [leg, [issue(leg.terms)]];
      if (event.on === 'walletFailed') return passOn(leg);
      return [leg, []];
    case 'Offered':
      if (event.on === 'invoiceAccepted') return onAccepted(leg, event.settleDeadline, ctx);
      if (event.on === 'crowded') return cancel(leg, true, ctx);
      if (event.on === 'invoiceCancelled') return end(leg, 'expired');
      if (event.on === 'wake' && isOver(leg.terms, ctx)) return cancel(leg, false, ctx);
      if (event.on === 'resume') return [leg, [follow(leg), expiryWake(leg.terms)]];
      return [leg, []];
    case 'Paying':
      if (event.on === 'paymentSettled') return settle(leg, event.preimage, true, ctx);
      if (event.on === 'paymentFailed') return onFailed(leg, event.nothingLeft === true, ctx);
      if (event.on === 'invoiceCancelled') return onUnpaid(leg);
      if (event.on === 'resume') return goOn(leg, ctx);
      return [leg, []];
    case 'Consulting':
      if (event.on === 'paymentSettled') return settle(leg, event.preimage, true, ctx);
      if (event.on === 'published') return onPublished(leg, event, ctx);
      if (event.on === 'wake') return onSilence(leg, ctx);
      if (event.on === 'resume') return [leg, [follow(leg), ...watch(leg.terms, leg.untilMs)]];
      return [leg, []];
    case 'Settling':
      if (event.on === 'paymentSettled') return [{ ...leg, paidOut: true }, []];
      if (event.on === 'invoiceSettled') return end(leg, 'settled');
      if (event.on === 'wake' || event.on === 'resume') return [leg, settleEffects(leg, ctx)];
      if (event.on === 'invoiceCancelled' && !leg.paidOut) return end(leg, 'cancelled');
      return [leg, []];
    case 'Cancelling':
      if (event.on === 'invoiceCancelled') return end(leg, leg.held ? 'cancelled' : 'expired');
      if (event.on === 'wake' || event.on === 'resume') return [leg, cancelEffects(leg, ctx)];
      return [leg, []];
    case 'Ended':
      return [leg, []];
  }
}

/** Does this leg have money held, or may it come to have? */
export function isOpen(leg: Leg): boolean {
  return leg.state !== 'Ended';
}

/** Money of others is locked in it now. */
export function isHeld(leg: Leg): boolean {
  if (leg.state === 'Cancelling') return leg.held;
  return !['Issuing', 'Offered', 'Ended'].includes(leg.state);
}

type With<State extends Leg['state']> = Extract<Leg, { state: State }>;

function onIssued(leg: With<'Issuing'>, invoice: string): Step<Leg> {
  const offered: Leg = { state: 'Offered', terms: leg.terms, invoice };
  const { frame: bare } = leg;
  const frame: LegFrame =
    bare.kind === 'reply'
      ? { ...bare, networkInvoice: invoice }
      : { ...bare, thankYouInvoice: invoice };
  return [
    offered,
    [
      store(legKey(leg.terms.paymentHash), offered),
      toUpstream(leg.terms, frame),
      expiryWake(leg.terms),
    ],
  ];
}

/** Our wallet made no invoice: the reply goes on as it came, and earns us nothing. */
function passOn(leg: With<'Issuing'>): Step<Leg> {
  const [ended, effects] = end(leg, 'expired');
  return [ended, [...effects, toUpstream(leg.terms, leg.frame)]];
}

function toUpstream(terms: LegTerms, frame: LegFrame): Effect {
  const { upstream: to, expiryMs: untilMs, paymentHash } = terms;
  return { do: 'send', to, frame, untilMs, owner: legKey(paymentHash), owed: true };
}

function onAccepted(leg: With<'Offered'>, settleDeadline: number, ctx: Context): Step<Leg> {
  const { terms, invoice } = leg;
  if (!isInTime({ terms, settleDeadline }, ctx)) return cancel(leg, true, ctx);
  if (terms.outgoingMsat > ctx.policy.lossCapMsat) return cancel(leg, true, ctx);
  const backBy = backByHeight(ctx.height, terms.outgoingFinalCltv, ctx.shadowBlocks);
  const paying: Leg = { state: 'Paying', terms, invoice, settleDeadline, backBy };
  return [paying, [store(legKey(terms.paymentHash), paying), pay(terms, true)]];
}

function goOn(leg: With<'Paying'>, ctx: Context): Step<Leg> {
  const mayBegin = leg.unpaid !== true && isInTime(leg, ctx);
  return [leg, [follow(leg), { ...pay(leg.terms, mayBegin), again: true }]];
}

/** Nobody pays us any more. What we paid may still come back: until it has, the leg is open. */
function onUnpaid(leg: With<'Paying'>): Step<Leg> {
  if (leg.unpaid) return [leg, []];
  const unpaid: Leg = { ...leg, unpaid: true };
  return [unpaid, [store(legKey(leg.terms.paymentHash), unpaid)]];
}

/** Only a wallet that refused at once is believed; of any other what it calls failed may be in the air. */
function onFailed(leg: With<'Paying'>, nothingLeft: boolean, ctx: Context): Step<Leg> {
  const { terms, invoice, backBy } = leg;
  if (nothingLeft) return cancel(leg, true, ctx);
  const untilMs = ctx.nowMs + limits.settlerMs;
  const consulting: Leg = { state: 'Consulting', terms, invoice, backBy, untilMs };
  const effects = [store(legKey(terms.paymentHash), consulting), ...watch(terms, untilMs)];
  return [consulting, effects];
}

/** Asks settler and wallet again, until one of them knows, or nothing can be in the air. */
function onSilence(leg: With<'Consulting'>, ctx: Context): Step<Leg> {
  if (ctx.height > leg.backBy) return cancel(leg, true, ctx);
  if (ctx.nowMs < leg.untilMs) return [leg, []];
  const untilMs = ctx.nowMs + limits.settlerMs;
  const waiting: Leg = { ...leg, untilMs };
  return [waiting, [store(legKey(leg.terms.paymentHash), waiting), ...watch(leg.terms, untilMs)]];
}

function onPublished(
  leg: With<'Consulting'>,
  event: Extract<LegEvent, { on: 'published' }>,
  ctx: Context,
): Step<Leg> {
  const { preimage } = event;
  if (preimage !== null && isPreimageOf(preimage, leg.terms.paymentHash)) {
    return settle(leg, preimage, false, ctx);
  }
  return event.aborted ? cancel(leg, true, ctx) : [leg, []];
}

function settle(
  leg: With<'Paying' | 'Consulting'>,
  preimage: Uint8Array,
  paidOut: boolean,
  ctx: Context,
): Step<Leg> {
  const { terms, invoice } = leg;
  if (!isPreimageOf(preimage, terms.paymentHash)) return [leg, []];
  const settling: With<'Settling'> = { state: 'Settling', terms, invoice, preimage, paidOut };
  return [settling, [store(legKey(terms.paymentHash), settling), ...settleEffects(settling, ctx)]];
}

function cancel(
  leg: With<'Offered' | 'Paying' | 'Consulting'>,
  held: boolean,
  ctx: Context,
): Step<Leg> {
  const { terms, invoice } = leg;
  const cancelling: With<'Cancelling'> = { state: 'Cancelling', terms, invoice, held };
  const key = legKey(terms.paymentHash);
  return [cancelling, [store(key, cancelling), ...cancelEffects(cancelling, ctx)]];
}

function end(leg: Leg, how: LegEnd): Step<Leg> {
  const ended: Leg = { state: 'Ended', terms: leg.terms, end: how };
  return [ended, [store(legKey(leg.terms.paymentHash), ended)]];
}

/** Is there time to pay onward and still collect? */
function isInTime(
  { terms, settleDeadline }: { readonly terms: LegTerms; readonly settleDeadline: number },
  { height, shadowBlocks }: Context,
): boolean {
  const { outgoingFinalCltv, unlockBy } = terms;
  return mayPayOnward({ settleDeadline, height, outgoingFinalCltv, unlockBy, shadowBlocks });
}

function isOver(terms: LegTerms, ctx: Context): boolean {
  return ctx.nowMs >= terms.expiryMs || ctx.height > terms.unlockBy;
}

function issue(terms: LegTerms): Effect {
  return {
    do: 'issueInvoice',
    paymentHash: terms.paymentHash,
    amountMsat: terms.incomingMsat,
    minFinalCltv: terms.incomingFinalCltv,
    expirySeconds: limits.holdInvoiceSeconds,
    description: 'Gig-Gossip: bringing back a reply',
  };
}

function pay(terms: LegTerms, mayBegin: boolean): Extract<Effect, { do: 'payInvoice' }> {
  const { paymentHash, outgoingInvoice: invoice, outgoingMsat: amountMsat } = terms;
  return { do: 'payInvoice', paymentHash, invoice, amountMsat, mayBegin };
}

function follow(leg: With<'Offered' | 'Paying' | 'Consulting'>): Effect {
  return { do: 'followInvoice', paymentHash: leg.terms.paymentHash, invoice: leg.invoice };
}

/** Asks what is published, and looks the payment up, which begins nothing. */
function watch(terms: LegTerms, untilMs: number): Effect[] {
  const { settler, paymentHash } = terms;
  const look: Effect[] = [
    pay(terms, false),
    { do: 'wake', atMs: untilMs, key: legKey(paymentHash) },
  ];
  if (settler === null) return look;
  const { promiseId, peer: to, addresses } = settler;
  return [{ do: 'send', to, frame: { kind: 'watch', promiseId }, addresses }, ...look];
}

function expiryWake(terms: LegTerms): Effect {
  return { do: 'wake', atMs: terms.expiryMs, key: legKey(terms.paymentHash) };
}

function settleEffects(leg: With<'Settling'>, ctx: Context): Effect[] {
  const { preimage, terms } = leg;
  return [{ do: 'settleInvoice', paymentHash: terms.paymentHash, preimage }, again(leg, ctx)];
}

function cancelEffects(leg: With<'Cancelling'>, ctx: Context): Effect[] {
  return [{ do: 'cancelInvoice', paymentHash: leg.terms.paymentHash }, again(leg, ctx)];
}

function again(leg: Leg, ctx: Context): Effect {
  const key = legKey(leg.terms.paymentHash);
  return { do: 'wake', atMs: ctx.nowMs + limits.repeatMs, key };
}
