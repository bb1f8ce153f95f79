/** What a `Settlement` can be, and what can happen to it. Whitepaper: "Payment settler". `settler.ts` is its machine. */
import type { FrameOf } from '../frame.ts';
import type { OfferId, PartyKey, PayloadId, PaymentHash, PeerKey, PromiseId } from '../ids.ts';
import type { Context, WalletEvent } from '../machine.ts';
import {
  type CertificateChain,
  type Heights,
  type Outcome,
  type SettlementPromise,
  type Signed,
  type StatementsFrame,
  type Terms,
} from '../wire/messages.ts';

/** What stays the same through a settlement's life; the three secrets are in here. */
export interface SettlementTerms {
  readonly promiseId: PromiseId;
  readonly draftId: string;
  readonly offerId: OfferId;
  readonly payloadId: PayloadId;
  readonly replierKey: PartyKey;
  readonly replierPeer: PeerKey;
  readonly senderKey: PartyKey;
  /** Which of its signing keys the settler promised with, and signs every later statement with. */
  readonly epoch: number;
  readonly amountMsat: bigint;
  readonly feeMsat: bigint;
  /** `preimage`: the unlocking key is the network's preimage. */
  readonly unlock: Terms['unlock'];
  readonly settleOn: SettlementPromise['settleOn'];
  readonly unlockingKey: Uint8Array;
  readonly networkPreimage: Uint8Array;
  readonly replyPreimage: Uint8Array;
  readonly networkPaymentHash: PaymentHash;
  readonly terms: Uint8Array;
  readonly salt: Uint8Array;
  readonly lockedMessage: Uint8Array;
  readonly heights: Heights;
  readonly finalCltv: number;
  readonly createdAtMs: number;
  readonly expiryMs: number;
}

/** What anybody may be told. Preimages are added when they may leave. */
export type Published = Partial<Omit<StatementsFrame, 'promiseId'>>;

/** What the parties said since Unlock, with the settler's height when it heard it. */
export interface CaseFile {
  /** By the sender: the job is done. */
  readonly confirmed: boolean;
  /** By the replier: the gig is not owed. */
  readonly conceded: boolean;
  readonly claimedAt: number | null;
  readonly noContactAt: number | null;
  /** The settler came back at this height, after claim_by, and hears what it missed; null if it was there. */
  readonly backAt: number | null;
  /** Their sides of the story; null from who does not dispute. */
  readonly senderEvidence: string | null;
  readonly replierEvidence: string | null;
  readonly senderCancels: boolean;
  readonly replierCancels: boolean;
}

export const emptyFile: CaseFile = {
  confirmed: false,
  conceded: false,
  claimedAt: null,
  noContactAt: null,
  backAt: null,
  senderEvidence: null,
  replierEvidence: null,
  senderCancels: false,
  replierCancels: false,
};

export interface Known {
  readonly deal: SettlementTerms;
  readonly published: Published;
  readonly file: CaseFile;
}
export interface Accepted extends Known {
  readonly settleDeadline: number;
}

export type SettlementEnd = 'settled' | 'refunded' | 'aborted' | 'expired';

export type Settlement =
  | ({ readonly state: 'Invoicing' } & Known)
  | ({ readonly state: 'Drafted'; readonly invoice: string } & Known)
  | ({ readonly state: 'Promised'; readonly invoice: string; readonly promise: Signed } & Known)
  | ({
      readonly state: 'NetworkHeld';
      readonly invoice: string;
      /** The replier's settle deadline once it signed ReplyAccepted. */
      readonly replierDeadline: number | null;
      readonly keyRequested: boolean;
    } & Accepted)
  | ({
      readonly state: 'Unlocked';
      readonly invoice: string;
      readonly unlockedAt: number;
      /** The network's own payment: `settle_on: contact` and `unlock: preimage` settle it before the gig. */
      readonly network: 'held' | 'settling' | 'settled';
    } & Accepted)
  /** The gig goes back; the network is still to be paid at decide_by. */
  | ({ readonly state: 'Refunded'; readonly invoice: string; readonly outcome: Outcome } & Accepted)
  | ({ readonly state: 'Settling'; readonly invoice: string; readonly outcome: Outcome } & Accepted)
  /** Both payments go back. */
  | ({
      readonly state: 'Returning';
      readonly invoice: string;
      readonly outcome: Outcome;
    } & Accepted)
  | ({ readonly state: 'Aborting'; readonly invoice: string; readonly reason: string } & Known)
  | ({ readonly state: 'Ended'; readonly end: SettlementEnd; readonly reason: string } & Known);

export type SettlementEvent =
  | { readonly on: 'sealed'; readonly frame: FrameOf<'sealedReply'> }
  | {
      readonly on: 'statements';
      readonly frame: FrameOf<'statements'>;
      /** Who sent them, whoever made them. */
      readonly from: PeerKey;
    }
  /** Its draft request came once more. */
  | { readonly on: 'askedAgain' }
  /** Another route of the same offer was paid first. */
  | { readonly on: 'lostToSibling' }
  | { readonly on: 'settle' }
  /** The owner's ruling in a dispute. */
  | {
      readonly on: 'rule';
      readonly gig: Outcome['gig'];
      readonly network: Outcome['network'];
    }
  /** It is proven that what the replier sealed to the sender is no contact. */
  | { readonly on: 'sealProven' }
  | { readonly on: 'abort' }
  | { readonly on: 'height' }
  | { readonly on: 'wake' }
  | { readonly on: 'resume' }
  | Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>;

/** Who the settler is while it signs. */
export interface SettlerContext extends Context {
  /** The signing key of `epoch`, certified by `chain`. */
  readonly secret: Uint8Array;
  readonly epoch: number;
  readonly chain: CertificateChain;
  readonly head: Signed;
}

export type State<S extends Settlement['state']> = Extract<Settlement, { state: S }>;

export type StatementsEvent = Extract<SettlementEvent, { on: 'statements' }>;

export const settlementKey = (promiseId: PromiseId) => `settlement/${promiseId}`;
