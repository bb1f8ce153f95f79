/** What the app is shown of replies without a settler. Sweet-Gossip: "Reply", "Thank you". */
import type { TopicView } from './commands.ts';
import type { OfferId, PayloadId, PromiseId, ReplyDigest } from './ids.ts';
import type { CertificateView, ChatLine, PaymentView } from './view-parts.ts';

/** Customer: one reply without a settler to one of its jobs. Nobody holds the price and nobody rules. */
export interface ThankYouView {
  readonly digest: ReplyDigest;
  readonly payloadId: PayloadId;
  /** Names the contact, for `say`. */
  readonly promiseId: PromiseId;
  readonly priceMsat: bigint;
  readonly replier: CertificateView;
  readonly stage: 'offered' | 'asking' | 'thanked' | 'met' | 'ended';
  readonly state: string;
  readonly receivedAtMs: number;
  readonly expiryMs: number;
  /** A thank you that was asked for is no longer paid for after this; 0 when none was. */
  readonly validTillMs: number;
  readonly contactText: string | null;
  readonly validated: boolean;
  readonly chat: readonly ChatLine[];
  readonly reason: string;
}

/** Gig worker: one reply it made without a settler. */
export interface UnsettledOfferView {
  readonly offerId: OfferId;
  readonly digest: ReplyDigest;
  readonly payloadId: PayloadId;
  /** Names the contact, for `say`. */
  readonly promiseId: PromiseId;
  readonly topic: TopicView;
  readonly priceMsat: bigint;
  /** The most bringing the reply may cost, and what it does cost. */
  readonly replyLimitMsat: bigint;
  readonly stage: 'sent' | 'paying' | 'paid' | 'met' | 'unmet' | 'ended';
  readonly state: string;
  readonly expiryMs: number;
  readonly payments: readonly PaymentView[];
  readonly chat: readonly ChatLine[];
  readonly reason: string;
}

export type ThankYouNotice =
  | { readonly view: 'thankYou'; readonly thankYou: ThankYouView }
  | { readonly view: 'unsettledOffer'; readonly offer: UnsettledOfferView };
