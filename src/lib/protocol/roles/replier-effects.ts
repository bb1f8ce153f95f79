/** What a replier asks of its wallet, says to its settler, and says again. Whitepaper: "Replying". */
import { hexOf } from '../bytes.ts';
import { hash } from '../crypto.ts';
import { type Fault } from '../faults.ts';
import { undelivered, type Channel } from '../job/contact.ts';
import { replierFinalCltv } from '../job/payment-chain.ts';
import { signStatement, statementsFrame } from '../job/settlement.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step } from '../machine.ts';
import { store } from '../stored.ts';
import { DraftRequest } from '../wire/messages.ts';
import {
  type OfferTerms,
  type Sent,
  type Held,
  type OfferMade,
  type OfferContext,
  type State,
  offerKey,
} from './replier-states.ts';
import { words } from './replier-case.ts';

export function sealedReply({ offer, draft, sealedPayload }: Sent): Effect {
  const encryptedPayloadHash = hexOf(hash(sealedPayload));
  const { promiseId } = draft;
  return toSettler(offer, { kind: 'sealedReply', promiseId, encryptedPayloadHash });
}
export function callOther(channel: Channel): Effect[] {
  const { peer: to, addresses } = channel;
  if (to === null) return [];
  return undelivered(channel).map((frame) => ({ do: 'send', to, frame, addresses }));
}

export function askForDraft(offer: OfferTerms, ctx: OfferContext): Effect {
  const { draftId, payloadId, offerId, senderKey, sealedMessage, jobBlocks } = offer;
  const body: DraftRequest = {
    draftId,
    payloadId,
    offerId,
    replierCertificate: offer.chain,
    senderKey,
    amountMsat: offer.priceMsat,
    sealedReplyMessage: sealedMessage,
    jobBlocks,
    unlock: offer.unlock,
    settleOn: offer.settleOn,
  };
  const request = signBody(DraftRequest, body, { type: 'draft-request', ...signer(ctx) });
  return toSettler(offer, { kind: 'draftRequest', request });
}

export function issue(made: State<'Invoicing'>): Effect {
  const { heights } = made.draft;
  return {
    do: 'issueInvoice',
    paymentHash: made.terms.replyPaymentHash,
    amountMsat: made.terms.amountMsat,
    minFinalCltv: replierFinalCltv(heights, heights.unlockBy - limits.unlockBlocks),
    expirySeconds: limits.holdInvoiceSeconds,
    description: 'Gig-Gossip: a gig',
  };
}

export function follow(made: Sent): Effect {
  const { replyPaymentHash: paymentHash } = made.terms;
  return { do: 'followInvoice', paymentHash, invoice: made.replyInvoice };
}

export function watch(made: Sent, ctx: Context, waitMs: number): Effect[] {
  const { promiseId } = made.draft;
  const nextMs = ctx.nowMs + Math.min(waitMs, limits.repeatMs * 6);
  return [toSettler(made.offer, { kind: 'watch', promiseId }), wakeAt(made.offer, nextMs)];
}

/** Says again what the settler or the customer may not have heard. */
export function repeat(made: State<'Held' | 'Matched'>, ctx: OfferContext): Effect[] {
  const { promiseId } = made.draft;
  const talk = callOther(made.channel);
  if (made.state === 'Matched') return [...talk, ...speak(made, ctx)];
  const { settleDeadline } = made;
  const replyAccepted = signStatement('replyAccepted', { promiseId, settleDeadline }, signer(ctx));
  const frame = statementsFrame(promiseId, { replyAccepted });
  return [...talk, toSettler(made.offer, frame), ...watch(made, ctx, limits.repeatMs)];
}

/** What is to be said to the settler now, and the watch for its answer. */
export function speak(made: State<'Matched'>, ctx: OfferContext): Effect[] {
  const said = words(made, ctx);
  const watching = watch(made, ctx, Infinity);
  if (Object.keys(said).length === 0) return watching;
  return [toSettler(made.offer, statementsFrame(made.draft.promiseId, said)), ...watching];
}

export function withdrawal(
  made: Held | State<'Invoicing' | 'Sealed' | 'Sent'>,
  ctx: OfferContext,
): Effect[] {
  const { promiseId } = made.draft;
  const signed = signStatement('withdrawal', { promiseId }, signer(ctx));
  return [toSettler(made.offer, statementsFrame(promiseId, { withdrawal: signed }))];
}

export function report(made: State<'Paid'>, ctx: OfferContext): Effect[] {
  if (made.reported) return [];
  const { promiseId } = made.draft;
  const settledReport = signStatement('settledReport', { promiseId }, signer(ctx));
  const frame = statementsFrame(promiseId, { settledReport });
  return [toSettler(made.offer, frame), ...watch(made, ctx, limits.repeatMs)];
}

export function settleEffects(made: State<'Settling'>, ctx: Context): Effect[] {
  const { replyPaymentHash: paymentHash } = made.terms;
  const { preimage, offer } = made;
  return [
    { do: 'settleInvoice', paymentHash, preimage },
    wakeAt(offer, ctx.nowMs + limits.repeatMs),
  ];
}

export function cancelEffects(made: Sent, ctx: Context): Effect[] {
  const { replyPaymentHash: paymentHash } = made.terms;
  return [{ do: 'cancelInvoice', paymentHash }, wakeAt(made.offer, ctx.nowMs + limits.repeatMs)];
}

export function toSettler(
  offer: OfferTerms,
  frame: Extract<Effect, { do: 'send' }>['frame'],
): Effect {
  return { do: 'send', to: offer.settlerPeer, frame, addresses: offer.settlerAddresses };
}

export function wakeAt(offer: OfferTerms, atMs: number): Effect {
  return { do: 'wake', atMs, key: offerKey(offer.draftId) };
}

export function signer(ctx: OfferContext) {
  const { secret, network, random } = ctx;
  return { secret, network, random };
}

export function blame(found: Fault, offer: OfferTerms): Effect {
  return { do: 'fault', code: found.code, detail: found.detail, peer: offer.settlerPeer };
}

export function saved(made: OfferMade, effects: readonly Effect[]): Step<OfferMade> {
  return [made, [store(offerKey(made.offer.draftId), made), ...effects]];
}

/** The offer is off and its invoice is to be cancelled. */
export function refund(
  made: State<'Sealed' | 'Sent' | 'Held' | 'Matched'>,
  reason: string,
  ctx: OfferContext,
): Step<OfferMade> {
  const { offer, draft, terms, replyInvoice, sealedPayload } = made;
  const channel = 'channel' in made ? made.channel : null;
  const kept = { offer, draft, terms, replyInvoice, sealedPayload, channel, reason };
  const refunding: State<'Refunding'> = { ...kept, state: 'Refunding', lost: reason === 'lost' };
  return saved(refunding, cancelEffects(refunding, ctx));
}

/** Nobody has paid, and nobody is to: the settler need not keep its promise open until it lapses. */
export function takeBack(
  made: State<'Invoicing' | 'Sealed' | 'Sent'>,
  reason: string,
  ctx: OfferContext,
): Step<OfferMade> {
  const [over, effects] =
    made.state === 'Invoicing' ? fail(made, reason) : refund(made, reason, ctx);
  return [over, [...effects, ...withdrawal(made, ctx)]];
}

/** It never came to an invoice. */
export function fail(made: State<'Drafting' | 'Invoicing'>, reason: string): Step<OfferMade> {
  return saved({ state: 'Failed', offer: made.offer, reason }, []);
}
