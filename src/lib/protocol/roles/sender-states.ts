/** What a `Job` can be, and what can happen to it. Whitepaper: "The protocol", 1-5. `sender.ts` is its machine. */
import type { FrameOf } from '../frame.ts';
import type { KeyName, PartyKey, PayloadId, PaymentHash, PeerKey, PromiseId } from '../ids.ts';
import { type Channel } from '../job/contact.ts';
import type { Vouched } from '../job/standing.ts';
import type { Receipts } from '../job/settlement.ts';
import type { Context, WalletEvent } from '../machine.ts';
import type {
  Certificate,
  CertificateChain,
  Heights,
  Outcome,
  SettlementPromise,
  Signed,
  Terms,
  Topic,
} from '../wire/messages.ts';

/** The signed parts of an offer, as they came: with these a lie can be shown to others. */
export interface Papers {
  readonly promise: Signed;
  /** A `Terms` and its salt, whose hash is promised. */
  readonly terms: Uint8Array;
  readonly salt: Uint8Array;
  readonly replierCertificate: CertificateChain;
  /** The replier's word for these terms. */
  readonly statement: Signed;
}

/** An offer that passed every check, with what is needed to take it. */
export interface Offer {
  readonly promiseId: PromiseId;
  readonly settlerKey: PartyKey;
  readonly settlerPeer: PeerKey;
  readonly settlerAddresses: readonly string[];
  readonly settler: Certificate;
  readonly settlerRoot: PartyKey;
  readonly replier: Certificate;
  readonly replierRoot: PartyKey;
  /** What is looked up once more before it is paid. */
  readonly vouched: Vouched;
  readonly heights: Heights;
  readonly terms: Terms;
  readonly lockedMessage: Uint8Array;
  readonly papers: Papers;
  readonly networkPaymentHash: PaymentHash;
  readonly networkInvoice: string;
  readonly networkMsat: bigint;
  readonly networkFinalCltv: number;
  readonly replyInvoice: string;
  readonly replyFinalCltv: number;
  /** When the network is paid. */
  readonly settleOn: SettlementPromise['settleOn'];
  readonly expiryMs: number;
  readonly receivedAtMs: number;
}

export type PaymentState = 'planned' | 'pending' | 'settled' | 'failed';
export interface Money {
  readonly network: PaymentState;
  readonly reply: PaymentState;
  /** Heights at which what is held comes back at the latest; 0 before it is paid. */
  readonly networkBackBy: number;
  readonly replyBackBy: number;
}

/** What stays the same through a job's life. */
export interface JobTerms {
  readonly payloadId: PayloadId;
  readonly request: Signed;
  readonly topic: Topic;
  /** Replies without a settler are welcome too. */
  readonly acceptsThankYou: boolean;
  /** Names the certified key that signed the request. */
  readonly certificate: KeyName;
  /** The sender's own onion, and its end slot by which replies are recognised. */
  readonly onion: Uint8Array;
  readonly slot: string;
  readonly postedAtMs: number;
  /** A later part of a job is for the worker of the first only; null asks everybody. */
  readonly only: { readonly peer: PeerKey; readonly addresses: readonly string[] } | null;
}

export interface Posted {
  readonly job: JobTerms;
  /** Peers it was broadcast to: only they may bring replies, and a route may add no more than each quoted, msat. */
  readonly told: readonly { readonly peer: PeerKey; readonly routingFeeMsat: bigint }[];
  readonly offers: readonly Offer[];
  readonly reason: string;
}

/** What the owner said to the settler once the contact was open. */
export interface SenderWords {
  /** A dispute: what happened, sealed to the settler. */
  readonly evidence: Uint8Array | null;
  readonly noContact: boolean;
  readonly cancels: boolean;
}

interface Taken extends Posted {
  readonly chosen: Offer;
  /** ms since the epoch; absent on older disks. */
  readonly chosenAtMs?: number;
  readonly money: Money;
  /** Known once the network is paid: the receipt, and the right to the key. */
  readonly networkPreimage: Uint8Array | null;
  /** The gig's receipt, once it is paid. */
  readonly replyPreimage?: Uint8Array;
  readonly said: SenderWords;
  readonly receipts: Receipts;
  /** The worker would call it off. */
  readonly otherCancels: boolean;
  readonly channel: Channel | null;
  readonly contactText: string | null;
}

export type Job =
  | ({ readonly state: 'Broadcasting' } & Posted)
  | ({ readonly state: 'PayingNetwork' } & Taken)
  | ({ readonly state: 'PayingReply' } & Taken)
  | ({ readonly state: 'Cancelling' } & Taken)
  | ({ readonly state: 'Matched' } & Taken)
  | ({ readonly state: 'Confirmed' } & Taken)
  /** Decided; waits until every payment is final. */
  | ({ readonly state: 'Closing'; readonly outcome: Outcome | null } & Taken)
  | ({ readonly state: 'Ended'; readonly outcome: Outcome | null } & Taken)
  | ({ readonly state: 'Withdrawn' } & Posted);

export type TakenJob = Extract<Job, { chosen: Offer }>;

export type JobEvent =
  | { readonly on: 'told'; readonly peer: PeerKey; readonly routingFeeMsat: bigint }
  | { readonly on: 'offer'; readonly offer: Offer }
  | { readonly on: 'choose'; readonly promiseId: PromiseId }
  | { readonly on: 'cancel' }
  /** Contact was made without a settler. */
  | { readonly on: 'thanked' }
  | { readonly on: 'confirm' }
  | { readonly on: 'dispute'; readonly text: string }
  | { readonly on: 'noContact' }
  | { readonly on: 'say'; readonly text: string }
  | { readonly on: 'statements'; readonly frame: FrameOf<'statements'> }
  | { readonly on: 'contact'; readonly frame: FrameOf<'contact'>; readonly from: PeerKey }
  | Extract<WalletEvent, { on: 'paymentSettled' | 'paymentFailed' | 'walletFailed' }>
  | { readonly on: 'wake' }
  | { readonly on: 'resume' };

/** The job's own key, which only the node knows how to find. */
export interface JobContext extends Context {
  readonly secret: Uint8Array;
}

/** May this job still be done: it is open, under way, or it was paid for? */
export function isExpecting(job: Job): boolean {
  if (job.state === 'Withdrawn') return false;
  return job.state !== 'Ended' || job.money.reply === 'settled';
}

export const jobKey = (payloadId: PayloadId) => `job/${payloadId}`;
