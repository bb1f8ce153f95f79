/** What the app may ask about replies without a settler. Sweet-Gossip: "Reply", "Thank you". */
import type { OfferId, PayloadId, ReplyDigest } from './ids.ts';

export type ThankYouCommand =
  /** Reply to a heard job without a settler, and say what bringing the reply may cost. */
  | {
      readonly command: 'offerUnsettled';
      readonly payloadId: PayloadId;
      readonly priceMsat: bigint;
      readonly replyLimitMsat: bigint;
      /** Told to the customer once it said thank you. At most 500 bytes. */
      readonly contactText: string;
    }
  | { readonly command: 'withdrawUnsettled'; readonly offerId: OfferId }
  /** Take a reply without a settler: the worker pays for bringing it, the customer says thank you. */
  | { readonly command: 'thank'; readonly digest: ReplyDigest }
  | { readonly command: 'stopThanking'; readonly digest: ReplyDigest };
