/** Fields that many messages have, and the words that stand for numbers on the wire. */
import type {
  ApplicationId,
  AskId,
  OfferId,
  PartyKey,
  PayloadId,
  PaymentHash,
  PeerKey,
  PromiseId,
  ReplyDigest,
} from '../ids.ts';
import { limits } from '../limits.ts';
import { bytes, hex, list, text } from './codec.ts';

export const askId = hex<AskId>(16);
export const payloadId = hex<PayloadId>(32);
export const promiseId = hex<PromiseId>(32);
export const offerId = hex<OfferId>(16);
export const draftId = hex<string>(16);
export const applicationId = hex<ApplicationId>(16);
export const paymentHash = hex<PaymentHash>(32);
export const partyKey = hex<PartyKey>(32);
export const peerKey = hex<PeerKey>(33);
export const replyDigest = hex<ReplyDigest>(32);
export const hash = hex<string>(32);
/** A line of a revocation list. */
export const revoked = hex<string>(16);
export const onion = bytes(832);
export const invoice = text(limits.invoiceBytes);
export const addresses = list(text(limits.addressBytes), limits.addresses);
export const scheme = text(16);

export const networks = ['mainnet', 'testnet', 'regtest'] as const;
export const standings = ['active', 'refused', 'revoked'] as const;
export const declineReasons = ['seen', 'kind', 'busy', 'not-now', 'withdrawn'] as const;
export const cancelReasons = ['withdrawn', 'taken'] as const;
export const unlockRules = ['both-accepted', 'preimage'] as const;
export const settleRules = ['service', 'contact'] as const;
export const results = ['paid', 'refunded'] as const;
export const abortReasons = ['sender', 'replier', 'too-late', 'other-route', 'settler'] as const;
export const outcomeReasons = [
  'confirmed',
  'nobody-claimed',
  'ruled',
  'claimed',
  'cancelled',
  'no-contact',
  'conceded',
  'no-ruling',
] as const;
export const receiptKinds = ['claim', 'senderDispute', 'replierDispute', 'noContact'] as const;
