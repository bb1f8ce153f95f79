/** What an `OfferMade` can be, and what can happen to it. Whitepaper: "Replying". `replier.ts` is its machine. */
import type { FrameOf } from '../frame.ts';
import type { KeyName, OfferId, PartyKey, PayloadId, PaymentHash, PeerKey } from '../ids.ts';
import { type Channel } from '../job/contact.ts';
import type { Trust } from '../job/certificate.ts';
import type { Context, WalletEvent } from '../machine.ts';
import type { SettlementPromise, Terms } from '../wire/messages.ts';
import type { Receipts } from '../job/settlement.ts';
import {
  type CertificateChain,
  type DraftFrame,
  type Signed,
  type Topic,
} from '../wire/messages.ts';

export interface OfferTerms {
  readonly offerId: OfferId;
  /** One for every route the offer goes home on. */
  readonly draftId: string;
  readonly payloadId: PayloadId;
  readonly request: Signed;
  readonly topic: Topic;
  readonly senderKey: PartyKey;
  readonly priceMsat: bigint;
  readonly contactText: string;
  readonly channelKey: Uint8Array;
  readonly sealedMessage: Uint8Array;
  /** Names our certified key. */
  readonly certificate: KeyName;
  readonly chain: CertificateChain;
  readonly revocationHead: Signed;
  readonly settlerPeer: PeerKey;
  readonly settlerAddresses: readonly string[];
  readonly settlerName: string;
  readonly settlerKey: PartyKey;
  /** Who broadcast to us, and the peeled onion the reply goes back with. */
  readonly upstream: PeerKey;
  readonly rest: Uint8Array;
  readonly jobBlocks: number;
  /** What opens the contact, and what the network should be paid on; the settler decides the latter. */
  readonly unlock: Terms['unlock'];
  readonly settleOn: SettlementPromise['settleOn'];
  readonly madeAtMs: number;
}

export interface Drafted {
  readonly offer: OfferTerms;
  readonly draft: DraftFrame;
  readonly terms: Terms;
  readonly reason: string;
}
export interface Sent extends Drafted {
  readonly replyInvoice: string;
  readonly sealedPayload: Uint8Array;
}
export interface Held extends Sent {
  readonly settleDeadline: number;
  readonly channel: Channel;
}

/** What the owner said to the settler once the contact was open. */
export interface ReplierWords {
  /** The job is done; said to the settler as soon as its window opens. */
  readonly claims: boolean;
  /** A dispute: what happened, sealed to the settler. */
  readonly evidence: Uint8Array | null;
  readonly concedes: boolean;
  readonly cancels: boolean;
}
export interface Matched extends Held {
  readonly said: ReplierWords;
  readonly receipts: Receipts;
  /** The customer would call it off. */
  readonly otherCancels: boolean;
}

export type OfferMade =
  | { readonly state: 'Drafting'; readonly offer: OfferTerms; readonly untilMs: number }
  | ({ readonly state: 'Invoicing' } & Drafted)
  | ({ readonly state: 'Sealed'; readonly untilMs: number } & Sent)
  | ({ readonly state: 'Sent'; readonly expiryMs: number } & Sent)
  | ({ readonly state: 'Held' } & Held)
  | ({ readonly state: 'Matched' } & Matched)
  | ({ readonly state: 'Settling'; readonly preimage: Uint8Array } & Held)
  /** The preimage is the receipt; absent on older disks. */
  | ({ readonly state: 'Paid'; readonly reported: boolean; readonly preimage?: Uint8Array } & Held)
  /** The reply invoice is to be cancelled; `channel` only if a contact was opened. */
  | ({
      readonly state: 'Refunding';
      readonly channel: Channel | null;
      readonly lost: boolean;
    } & Sent)
  | ({ readonly state: 'Lost'; readonly channel: Channel | null; readonly lost: boolean } & Sent)
  | { readonly state: 'Failed'; readonly offer: OfferTerms; readonly reason: string };

export type OfferEvent =
  | { readonly on: 'draft'; readonly frame: FrameOf<'draft'> }
  | { readonly on: 'refused'; readonly reason: string }
  | { readonly on: 'promise'; readonly frame: FrameOf<'promise'> }
  | { readonly on: 'statements'; readonly frame: FrameOf<'statements'> }
  | { readonly on: 'contact'; readonly frame: FrameOf<'contact'>; readonly from: PeerKey }
  | { readonly on: 'withdraw' }
  /**
   * The customer took the request back: nobody is wanted, or somebody else was chosen; or the offer won on another route; or our
   * settler lied to somebody.
   */
  | {
      readonly on: 'calledOff';
      readonly reason: 'called-off' | 'lost' | 'other-route' | 'settler-lied';
    }
  /** It is proven that the customer cannot have got the contact. */
  | { readonly on: 'exposed' }
  | { readonly on: 'claim' }
  | { readonly on: 'dispute'; readonly text: string }
  | { readonly on: 'concede' }
  | { readonly on: 'cancel' }
  | { readonly on: 'say'; readonly text: string; readonly done: boolean }
  | Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>
  | { readonly on: 'wake' }
  | { readonly on: 'resume' };

export interface OfferContext extends Context {
  readonly secret: Uint8Array;
  readonly trust: Trust;
}

export type State<S extends OfferMade['state']> = Extract<OfferMade, { state: S }>;

/** An offer has a key for every route it goes home on. */
export const offerKey = (draftId: string) => `offer/${draftId}`;
