/**
 * Middleman without a settler: carries a sealed reply towards the sender, and the thank you back towards the replier, with an
 * invoice of its own. From there on its part is a `Leg` like any other. Sweet-Gossip: "Reply", "Thank you".
 *
 *   towards the sender                Middleman                  towards the replier
 *       |<-- ThankYouReplyFrame --------|<------ ThankYouReplyFrame --|
 *       | ThankYouHashFrame, invoice -->|                             |   Issuing
 *       |                               | ThankYouHashFrame, ours --->|   Offered
 *       |<................ pays onward .|<....................... pays|   Paying
 *       | ..................... secret >| settle .....................>|   Settling -> Ended
 */
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { AskId, PartyKey, PayloadId, PaymentHash, PeerKey, ReplyDigest } from '../ids.ts';
import type { VerifiedBroadcast } from '../job/broadcast.ts';
import { nextInvoice } from '../job/payment-chain.ts';
import { replyDigestOf, verifyThankYouHash } from '../job/thank-you.ts';
import { limits } from '../limits.ts';
import type { Context } from '../machine.ts';
import { isFault } from '../wire/codec.ts';
import type { LegTerms } from './leg.ts';
import type { Carrying } from './middleman.ts';

/** A reply on its way to the sender: plain traffic, in memory only. */
export interface CarriedReply {
  readonly digest: ReplyDigest;
  readonly payloadId: PayloadId;
  readonly askId: AskId;
  /** Who may answer it. */
  readonly senderKey: PartyKey;
  /** Towards the sender: who asked us to broadcast. */
  readonly originator: PeerKey;
  /** Towards the replier: who brought it, and will pay us. */
  readonly bringer: PeerKey;
  /** What we add for bringing it, as quoted with the conditions. */
  readonly feeMsat: bigint;
  /** The chain it is to be thanked with, once the sender asked for one. */
  readonly paymentHash: PaymentHash | null;
}

/** A reply for a passage, from a peer the payload was broadcast to. Faults: REPLY_LIMIT, REPLY_REPEATED, THANK_YOU_UNWANTED. */
export function carryThankYouReply(
  passage: Carrying,
  frame: FrameOf<'thankYouReply'>,
  bringer: PeerKey,
  { payload, sender }: Pick<VerifiedBroadcast, 'payload' | 'sender'>,
):
  | {
      readonly passage: Carrying;
      readonly reply: CarriedReply;
      readonly frame: FrameOf<'thankYouReply'>;
    }
  | Fault {
  const { askId, payloadId, originator, feeMsat } = passage;
  if (!payload.acceptsThankYou) return fault('THANK_YOU_UNWANTED', payloadId);
  if (passage.replies.length >= limits.repliesPerAsk) return fault('REPLY_LIMIT', askId);
  const digest = replyDigestOf(frame.encryptedPayload);
  if (passage.replies.includes(digest)) return fault('REPLY_REPEATED', digest);
  const senderKey = sender.leaf.publicKey;
  return {
    passage: { ...passage, replies: [...passage.replies, digest] },
    reply: { digest, payloadId, askId, senderKey, originator, bringer, feeMsat, paymentHash: null },
    frame: { ...frame, forwardOnion: passage.rest },
  };
}

/** A thank you for a carried reply: the leg that carries it on, or null where it is passed through as it came. */
export function carryThankYou(
  reply: CarriedReply,
  frame: FrameOf<'thankYouHash'>,
  ctx: Context,
):
  | {
      readonly reply: CarriedReply & { readonly paymentHash: PaymentHash };
      readonly leg: LegTerms | null;
    }
  | Fault {
  const { digest, payloadId, senderKey, feeMsat } = reply;
  const { network, nowMs, height } = ctx;
  const maxAmountMsat = limits.maxPriceMsat;
  const want = { digest, payloadId, senderKey, network, nowMs, height, maxAmountMsat };
  const verified = verifyThankYouHash(frame, want);
  if (isFault(verified)) return verified;
  const { thankYou, invoice } = verified;
  const { paymentHash } = thankYou;
  if (reply.paymentHash !== null && reply.paymentHash !== paymentHash) {
    return fault('THANK_YOU_UNKNOWN', 'one reply is thanked for once');
  }
  const answered = { ...reply, paymentHash };
  const { lossCapMsat } = ctx.policy;
  const { shadowBlocks, canRelay } = ctx;
  const next = canRelay ? nextInvoice(invoice, { feeMsat, lossCapMsat, shadowBlocks }) : null;
  if (next === null) return { reply: answered, leg: null };
  const leg: LegTerms = {
    paymentHash,
    payloadId,
    settler: null,
    upstream: reply.bringer,
    outgoingInvoice: frame.thankYouInvoice,
    outgoingMsat: invoice.amountMsat,
    outgoingFinalCltv: invoice.minFinalCltv,
    incomingMsat: next.amountMsat,
    incomingFinalCltv: next.minFinalCltv,
    unlockBy: thankYou.fundBy,
    expiryMs: thankYou.validTillMs,
    atMs: nowMs,
  };
  return { reply: answered, leg };
}
