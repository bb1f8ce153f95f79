/**
 * Replier: the gig worker who answers a topic. Gets a promise from a settler, sends the reply back through the onion, and is
 * paid when the job is done. One `OfferMade` per offer id. Whitepaper: "Replying".
 *
 *   Settler                 Replier                                  the peer that broadcast to us
 *     |<-- DraftRequest ------|  Drafting
 *     |--- Draft ------------>|  Drafting -> Invoicing   (makes the reply invoice)
 *     |<-- SealedReply -------|  Invoicing -> Sealed
 *     |--- Promise ---------->|  Sealed -> Sent  ------ ReplyFrame ------>|
 *     |<-- ReplyAccepted -----|  Sent -> Held    (the gig's price is locked)
 *     |--- Unlock ----------->|  Held -> Matched
 *     |--- Outcome, preimage >|  Matched -> Settling -> Paid, or Refunding -> Lost
 */
import { hexOf } from '../bytes.ts';
import { hash } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import { openChannel, receive, say } from '../job/contact.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { heightsHold } from '../job/payment-chain.ts';
import { sealToSender, termsHashOf, verifyNetworkInvoice, verifyPromise } from '../job/reply.ts';
import { readStatement } from '../job/settlement.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import type { Effect, Step } from '../machine.ts';
import { isFault } from '../wire/codec.ts';
import {
  ReplyPayload,
  ReplyStatement,
  Terms,
  type DraftFrame,
  type SettlementPromise,
  type Signed,
} from '../wire/messages.ts';
import {
  type OfferTerms,
  type OfferMade,
  type OfferEvent,
  type OfferContext,
  type State,
} from './replier-states.ts';
import {
  sealedReply,
  callOther,
  askForDraft,
  issue,
  follow,
  watch,
  repeat,
  withdrawal,
  report,
  settleEffects,
  cancelEffects,
  wakeAt,
  signer,
  blame,
  saved,
} from './replier-effects.ts';

export * from './replier-states.ts';

export function startOffer(offer: OfferTerms, ctx: OfferContext): Step<OfferMade> {
  const untilMs = ctx.nowMs + limits.settlerMs;
  const drafting: OfferMade = { state: 'Drafting', offer, untilMs };
  return [drafting, [askForDraft(offer, ctx), wakeAt(offer, untilMs)]];
}

export function stepOffer(made: OfferMade, event: OfferEvent, ctx: OfferContext): Step<OfferMade> {
  switch (made.state) {
    case 'Drafting':
      if (event.on === 'draft') return onDraft(made, event.frame, ctx);
      if (event.on === 'refused') return fail(made, event.reason);
      if (event.on === 'withdraw') return fail(made, 'withdrawn');
      if (event.on === 'calledOff') return fail(made, event.reason);
      if (event.on === 'wake' && ctx.nowMs >= made.untilMs) return fail(made, 'settler-silent');
      return [made, []];
    case 'Invoicing':
      if (event.on === 'invoiceIssued') return onInvoice(made, event.invoice, ctx);
      if (event.on === 'walletFailed') return fail(made, event.code);
      if (event.on === 'calledOff') return fail(made, event.reason);
      if (event.on === 'resume') return [made, [issue(made)]];
      return [made, []];
    case 'Sealed':
      if (event.on === 'promise') return onPromise(made, event.frame, ctx);
      if (event.on === 'withdraw') return refund(made, 'withdrawn', ctx);
      if (event.on === 'calledOff') return refund(made, event.reason, ctx);
      if (event.on === 'wake' && ctx.nowMs >= made.untilMs)
        return refund(made, 'settler-silent', ctx);
      if (event.on === 'resume')
        return [made, [sealedReply(made), wakeAt(made.offer, made.untilMs)]];
      return [made, []];
    case 'Sent':
      return onSent(made, event, ctx);
    case 'Held':
    case 'Matched':
      return onHeld(made, event, ctx);
    case 'Settling':
      if (event.on === 'invoiceSettled') return onPaid(made, ctx);
      if (event.on === 'wake' || event.on === 'resume') return [made, settleEffects(made, ctx)];
      return onTalk(made, event, ctx);
    case 'Refunding':
      if (event.on === 'invoiceCancelled') return saved({ ...made, state: 'Lost' }, []);
      if (event.on === 'wake' || event.on === 'resume') return [made, cancelEffects(made, ctx)];
      return [made, []];
    case 'Paid':
      if (event.on === 'wake' || event.on === 'resume') return [made, report(made, ctx)];
      if (event.on === 'statements') return onReported(made, event.frame);
      return onTalk(made, event, ctx);
    case 'Lost':
    case 'Failed':
      return [made, []];
  }
}

// ----------------------------------------------------------------------------- towards the promise

function onDraft(
  made: State<'Drafting'>,
  frame: FrameOf<'draft'>,
  ctx: OfferContext,
): Step<OfferMade> {
  const { offer } = made;
  const terms = checkDraft(offer, frame, ctx);
  if (isFault(terms)) {
    const [failed, effects] = fail(made, terms.code);
    return [failed, [...effects, blame(terms, offer)]];
  }
  const invoicing: State<'Invoicing'> = {
    state: 'Invoicing',
    offer,
    draft: frame,
    terms,
    reason: '',
  };
  return saved(invoicing, [issue(invoicing)]);
}

/** The settler's terms must be ours: price, message, offer, and time enough. */
function checkDraft(offer: OfferTerms, draft: DraftFrame, ctx: OfferContext): Terms | Fault {
  const terms = Terms.decodeCanonical(draft.terms);
  if (isFault(terms)) return terms;
  const ours =
    terms.amountMsat === offer.priceMsat &&
    terms.offerId === offer.offerId &&
    terms.unlock === 'both-accepted' &&
    terms.sealedMessageHash === hexOf(hash(offer.sealedMessage)) &&
    terms.lockedMessageHash === hexOf(hash(draft.lockedReplyMessage));
  if (!ours) return fault('TERMS_MISMATCH', 'not what was asked for');
  if (!heightsHold(draft.heights, ctx.height, terms.disputeBlocks)) {
    return fault('PROMISE_HEIGHTS_INVALID', JSON.stringify(draft.heights));
  }
  return terms;
}

function onInvoice(
  made: State<'Invoicing'>,
  replyInvoice: string,
  ctx: OfferContext,
): Step<OfferMade> {
  const { offer, draft } = made;
  const termsHash = termsHashOf(draft.terms, draft.salt);
  const { payloadId, senderKey } = offer;
  const statement = signBody(
    ReplyStatement,
    { payloadId, promiseId: draft.promiseId, senderKey, termsHash, replyInvoice },
    { type: 'reply-statement', ...signer(ctx) },
  );
  const payload = ReplyPayload.encode({
    replierCertificate: offer.chain,
    revocationHead: offer.revocationHead,
    signedRequestPayload: offer.request,
    lockedReplyMessage: draft.lockedReplyMessage,
    terms: draft.terms,
    salt: draft.salt,
    statement,
  });
  const sealedPayload = sealToSender('reply', payload, offer, ctx.random);
  const untilMs = ctx.nowMs + limits.settlerMs;
  const sealed: State<'Sealed'> = {
    ...made,
    state: 'Sealed',
    replyInvoice,
    sealedPayload,
    untilMs,
  };
  return saved(sealed, [sealedReply(sealed), wakeAt(offer, untilMs)]);
}

function onPromise(
  made: State<'Sealed'>,
  frame: FrameOf<'promise'>,
  ctx: OfferContext,
): Step<OfferMade> {
  const { offer, draft, sealedPayload } = made;
  const promise = checkPromise(made, frame.promise, ctx);
  if (isFault(promise)) {
    const [next, effects] = refund(made, promise.code, ctx);
    return [next, [...effects, blame(promise, offer)]];
  }
  const { untilMs: _over, ...rest } = made;
  const sent: State<'Sent'> = { ...rest, state: 'Sent', expiryMs: promise.expiryMs };
  const reply = {
    kind: 'reply',
    encryptedReplyPayload: sealedPayload,
    signedSettlementPromise: frame.promise,
    forwardOnion: offer.rest,
    networkInvoice: draft.networkInvoice,
    settlerHead: frame.revocationHead,
  } as const;
  return saved(sent, [
    { do: 'send', to: offer.upstream, frame: reply },
    ...watch(sent, ctx, promise.expiryMs - ctx.nowMs),
  ]);
}

function checkPromise(
  made: State<'Sealed'>,
  signed: Signed,
  ctx: OfferContext,
): SettlementPromise | Fault {
  const { offer, draft, sealedPayload } = made;
  const { payloadId } = offer;
  const { trust, network, nowMs, height } = ctx;
  const verified = verifyPromise(signed, { payloadId, trust, network, nowMs, height });
  if (isFault(verified)) return verified;
  const { promise } = verified;
  const matches =
    promise.promiseId === draft.promiseId &&
    promise.networkPaymentHash === draft.networkPaymentHash &&
    promise.encryptedPayloadHash === hexOf(hash(sealedPayload)) &&
    promise.termsHash === termsHashOf(draft.terms, draft.salt) &&
    promise.heights.decideBy === draft.heights.decideBy &&
    promise.heights.unlockBy === draft.heights.unlockBy;
  if (!matches) return fault('PROMISE_MISMATCH', 'not what was drafted');
  const invoice = verifyNetworkInvoice(draft.networkInvoice, promise);
  return isFault(invoice) ? invoice : promise;
}

// ------------------------------------------------------------------------------ towards the money

function onSent(made: State<'Sent'>, event: OfferEvent, ctx: OfferContext): Step<OfferMade> {
  switch (event.on) {
    case 'invoiceAccepted':
      return onAccepted(made, event.settleDeadline, ctx);
    case 'invoiceCancelled':
      return saved({ ...made, state: 'Lost', channel: null, lost: true }, []);
    case 'statements':
      return onAbort(made, event.frame, ctx) ?? [made, []];
    case 'withdraw':
      return refund(made, 'withdrawn', ctx);
    case 'calledOff':
      return refund(made, event.reason, ctx);
    case 'wake':
      if (ctx.nowMs >= made.expiryMs) return refund(made, 'lost', ctx);
      return [made, watch(made, ctx, made.expiryMs - ctx.nowMs)];
    case 'resume':
      return [made, [follow(made), ...watch(made, ctx, made.expiryMs - ctx.nowMs)]];
    default:
      return [made, []];
  }
}

/** The price is locked. It counts only if we could still collect after the last ruling. */
function onAccepted(
  made: State<'Sent'>,
  settleDeadline: number,
  ctx: OfferContext,
): Step<OfferMade> {
  const { heights, promiseId } = made.draft;
  const late = ctx.height > heights.unlockBy;
  if (late || heights.decideBy > settleDeadline - limits.replierMarginBlocks) {
    return refund(made, 'too-late', ctx);
  }
  const { channelKey: key } = made.offer;
  const side = { promiseId, side: 'replier', peer: null, addresses: [], key } as const;
  const { expiryMs: _over, ...rest } = made;
  const held: State<'Held'> = {
    ...rest,
    state: 'Held',
    settleDeadline,
    channel: openChannel(side),
  };
  return saved(held, repeat(held, ctx));
}

function onHeld(
  made: State<'Held' | 'Matched'>,
  event: OfferEvent,
  ctx: OfferContext,
): Step<OfferMade> {
  switch (event.on) {
    case 'statements':
      return onHeldStatements(made, event.frame, ctx);
    case 'withdraw':
      if (made.state === 'Matched') return [made, []];
      return [made, [...withdrawal(made, ctx)]];
    case 'invoiceCancelled':
      return saved({ ...made, state: 'Lost', lost: true, reason: 'expired' }, []);
    case 'wake':
      return [made, repeat(made, ctx)];
    case 'resume':
      return [made, [follow(made), ...repeat(made, ctx)]];
    default:
      return onTalk(made, event, ctx);
  }
}

function onHeldStatements(
  made: State<'Held' | 'Matched'>,
  frame: FrameOf<'statements'>,
  ctx: OfferContext,
): Step<OfferMade> {
  const by = { key: made.offer.settlerKey, network: ctx.network };
  const outcome = readStatement('outcome', frame, by);
  if (isFault(outcome)) return [made, [blame(outcome, made.offer)]];
  if (outcome?.gig === 'paid') return onPreimage(made, frame.replyPreimage, ctx);
  if (outcome?.gig === 'refunded') return refund(made, outcome.reason, ctx);
  const aborted = onAbort(made, frame, ctx);
  if (aborted) return aborted;
  const unlock = readStatement('unlock', frame, by);
  if (isFault(unlock)) return [made, [blame(unlock, made.offer)]];
  if (unlock === null || made.state === 'Matched') return [made, []];
  const matched: State<'Matched'> = { ...made, state: 'Matched' };
  return saved(matched, repeat(matched, ctx));
}

function onAbort(
  made: State<'Sent' | 'Held' | 'Matched'>,
  frame: FrameOf<'statements'>,
  ctx: OfferContext,
): Step<OfferMade> | null {
  const abort = readStatement('abort', frame, { key: made.offer.settlerKey, network: ctx.network });
  if (abort === null) return null;
  if (isFault(abort)) return [made, [blame(abort, made.offer)]];
  return refund(made, abort.reason, ctx);
}

function onPreimage(
  made: State<'Held' | 'Matched'>,
  preimage: Uint8Array | null,
  ctx: OfferContext,
): Step<OfferMade> {
  if (preimage === null) return [made, []];
  if (!isPreimageOf(preimage, made.terms.replyPaymentHash)) {
    return [made, [blame(fault('PREIMAGE_MISMATCH', made.terms.replyPaymentHash), made.offer)]];
  }
  const settling: State<'Settling'> = { ...made, state: 'Settling', preimage };
  return saved(settling, settleEffects(settling, ctx));
}

function onPaid(made: State<'Settling'>, ctx: OfferContext): Step<OfferMade> {
  const { preimage: _spent, ...rest } = made;
  const paid: State<'Paid'> = { ...rest, state: 'Paid', reported: false };
  return saved(paid, report(paid, ctx));
}

function onReported(made: State<'Paid'>, frame: FrameOf<'statements'>): Step<OfferMade> {
  if (made.reported || frame.settledReport === null) return [made, []];
  return saved({ ...made, reported: true }, []);
}

function refund(
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

function fail(made: State<'Drafting' | 'Invoicing'>, reason: string): Step<OfferMade> {
  return saved({ state: 'Failed', offer: made.offer, reason }, []);
}

// ----------------------------------------------------------------------------------- the contact

function onTalk(
  made: State<'Held' | 'Matched' | 'Settling' | 'Paid'>,
  event: OfferEvent,
  ctx: OfferContext,
): Step<OfferMade> {
  if (event.on === 'contact') {
    const met = receive(made.channel, event.frame, event.from, ctx.nowMs);
    if (isFault(met)) return [made, [{ do: 'fault', ...met, peer: event.from }]];
    const { channel, answer } = met;
    const effects: Effect[] = answer ? [{ do: 'send', to: event.from, frame: answer }] : [];
    return saved({ ...made, channel }, effects);
  }
  if (event.on !== 'say') return [made, []];
  const channel = say(made.channel, event, ctx.nowMs);
  if (channel === null) return [made, []];
  return saved({ ...made, channel }, callOther(channel));
}

// --------------------------------------------------------------------------------------- effects
