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
  if (made.state === 'Matched') return [...talk, ...watch(made, ctx, Infinity)];
  const { settleDeadline } = made;
  const replyAccepted = signStatement('replyAccepted', { promiseId, settleDeadline }, signer(ctx));
  const frame = statementsFrame(promiseId, { replyAccepted });
  return [...talk, toSettler(made.offer, frame), ...watch(made, ctx, limits.repeatMs)];
}

export function withdrawal(made: Held, ctx: OfferContext): Effect[] {
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
  return { do: 'wake', atMs, key: offerKey(offer.offerId) };
}

export function signer(ctx: OfferContext) {
  const { secret, network, random } = ctx;
  return { secret, network, random };
}

export function blame(found: Fault, offer: OfferTerms): Effect {
  return { do: 'fault', code: found.code, detail: found.detail, peer: offer.settlerPeer };
}

export function saved(made: OfferMade, effects: readonly Effect[]): Step<OfferMade> {
  return [made, [store(offerKey(made.offer.offerId), made), ...effects]];
}
