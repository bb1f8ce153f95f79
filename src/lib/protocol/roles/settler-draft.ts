/** A settler's first half: the secrets and terms of one reply, and the promise. Whitepaper: "Replying", "Ask for artifacts". */
import { hexOf } from '../bytes.ts';
import { hash, lock } from '../crypto.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PeerKey, PromiseId } from '../ids.ts';
import { paymentHashOf } from '../job/hodl-invoice.ts';
import { planHeights, settlerFinalCltv } from '../job/payment-chain.ts';
import { protocolVersion, termsHashOf } from '../job/reply.ts';
import { signBody } from '../job/signed.ts';
import { limits } from '../limits.ts';
import type { Effect, Step } from '../machine.ts';
import { SettlementPromise, Terms, type DraftRequest } from '../wire/messages.ts';
import {
  emptyFile,
  type SettlementTerms,
  type Settlement,
  type SettlerContext,
  type State,
  settlementKey,
} from './settler-states.ts';
import { issue, signer, saved } from './settler-effects.ts';

/** Makes secrets and terms for a replier's request that was checked, and asks the wallet for the settler's invoice. */
export function startSettlement(
  request: DraftRequest,
  from: { readonly peer: PeerKey; readonly key: PartyKey },
  ctx: SettlerContext,
): Step<Settlement> {
  const ownKey = ctx.random(32);
  const networkPreimage = ctx.random(32);
  const unlockingKey = request.unlock === 'preimage' ? networkPreimage : ownKey;
  const replyPreimage = ctx.random(32);
  const lockedMessage = lock(unlockingKey, request.sealedReplyMessage);
  const heights = planHeights(ctx.height, request.jobBlocks);
  const { policy } = ctx;
  const settleOn = policy.settleOn === 'asked' ? request.settleOn : 'service';
  const terms = Terms.encode({
    replyPaymentHash: paymentHashOf(replyPreimage),
    amountMsat: request.amountMsat,
    unlockingKeyHash: hexOf(hash(unlockingKey)),
    lockedMessageHash: hexOf(hash(lockedMessage)),
    sealedMessageHash: hexOf(hash(request.sealedReplyMessage)),
    offerId: request.offerId,
    unlock: request.unlock,
    disputeBlocks: limits.disputeBlocks,
  });
  const deal: SettlementTerms = {
    promiseId: hexOf(ctx.random(32)) as PromiseId,
    draftId: request.draftId,
    offerId: request.offerId,
    payloadId: request.payloadId,
    replierKey: from.key,
    replierPeer: from.peer,
    senderKey: request.senderKey,
    epoch: ctx.epoch,
    amountMsat: request.amountMsat,
    feeMsat: policy.settlerFeeMsat,
    unlock: request.unlock,
    settleOn,
    unlockingKey,
    networkPreimage,
    replyPreimage,
    networkPaymentHash: paymentHashOf(networkPreimage),
    terms,
    salt: ctx.random(32),
    lockedMessage,
    heights,
    finalCltv: settlerFinalCltv(heights, settleOn, ctx.height),
    createdAtMs: ctx.nowMs,
    expiryMs: ctx.nowMs + limits.promiseMs,
  };
  const made: State<'Invoicing'> = { state: 'Invoicing', deal, published: {}, file: emptyFile };
  return saved(made, [issue(deal)]);
}
export function onIssued(made: State<'Invoicing'>, invoice: string): Step<Settlement> {
  const { deal } = made;
  const drafted: State<'Drafted'> = { ...made, state: 'Drafted', invoice };
  return saved(drafted, [
    draftFrame(drafted),
    { do: 'wake', atMs: deal.expiryMs, key: settlementKey(deal.promiseId) },
  ]);
}

export function draftFrame({ deal, invoice }: State<'Drafted'>): Effect {
  const frame = {
    kind: 'draft',
    draftId: deal.draftId,
    promiseId: deal.promiseId,
    networkPaymentHash: deal.networkPaymentHash,
    lockedReplyMessage: deal.lockedMessage,
    terms: deal.terms,
    salt: deal.salt,
    networkInvoice: invoice,
    heights: deal.heights,
  } as const;
  return { do: 'send', to: deal.replierPeer, frame };
}

export function onSealed(
  made: State<'Drafted'>,
  frame: FrameOf<'sealedReply'>,
  ctx: SettlerContext,
): Step<Settlement> {
  const { deal, invoice } = made;
  const body: SettlementPromise = {
    version: protocolVersion,
    network: ctx.network,
    promiseId: deal.promiseId,
    payloadId: deal.payloadId,
    settlerCertificate: ctx.chain,
    networkPaymentHash: deal.networkPaymentHash,
    settlerAmountMsat: deal.feeMsat,
    settlerFinalCltv: deal.finalCltv,
    encryptedPayloadHash: frame.encryptedPayloadHash,
    termsHash: termsHashOf(deal.terms, deal.salt),
    heights: deal.heights,
    settleOn: deal.settleOn,
    defaultOutcome: 'refunded',
    publicationAddress: '',
    expiryMs: deal.expiryMs,
  };
  const promise = signBody(SettlementPromise, body, { type: 'promise', ...signer(ctx) });
  const promised: State<'Promised'> = { ...made, state: 'Promised', invoice, promise };
  return saved(promised, [promiseFrame(promised, ctx)]);
}

export function promiseFrame(made: State<'Promised'>, ctx: SettlerContext): Effect {
  const frame = { kind: 'promise', promise: made.promise, revocationHead: ctx.head } as const;
  return { do: 'send', to: made.deal.replierPeer, frame };
}
