/** A replier's first half: the settler's draft, the reply invoice, the sealed payload, the promise. Whitepaper: "Replying". */
import { hexOf } from '../bytes.ts';
import { hash } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import { heightsHold } from '../job/payment-chain.ts';
import { sealToSender, termsHashOf, verifyNetworkInvoice, verifyPromise } from '../job/reply.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import type { Step } from '../machine.ts';
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
  blame,
  fail,
  issue,
  refund,
  saved,
  sealedReply,
  signer,
  wakeAt,
  watch,
} from './replier-effects.ts';
import {
  offerKey,
  type OfferContext,
  type OfferMade,
  type OfferTerms,
  type State,
} from './replier-states.ts';

export function onDraft(
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
    terms.unlock === offer.unlock &&
    terms.sealedMessageHash === hexOf(hash(offer.sealedMessage)) &&
    terms.lockedMessageHash === hexOf(hash(draft.lockedReplyMessage));
  if (!ours) return fault('TERMS_MISMATCH', 'not what was asked for');
  if (!heightsHold(draft.heights, ctx.height, terms.disputeBlocks)) {
    return fault('PROMISE_HEIGHTS_INVALID', JSON.stringify(draft.heights));
  }
  return terms;
}

export function onInvoice(
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

export function onPromise(
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
  const { expiryMs: untilMs } = promise;
  const owner = offerKey(offer.draftId);
  return saved(sent, [
    { do: 'send', to: offer.upstream, frame: reply, untilMs, owner, owed: true },
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
  const isTooEarly = promise.settleOn === 'contact' && offer.settleOn === 'service';
  const matches =
    !isTooEarly &&
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
