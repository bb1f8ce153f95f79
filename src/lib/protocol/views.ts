/**
 * What a node tells its app. A notice carries a whole view, a
 * snapshot that replaces the former one of the same id, so a screen needs no history. Amounts are msat as bigint, times
 * ms since the epoch, places geohashes, deadlines block heights.
 */
import type { Command, RejectionCode, TopicView } from './commands.ts';
import type { Policy } from './policy.ts';
import type { FraudKind } from './job/fraud-proof.ts';
import type { FaultCode, WalletFaultCode } from './faults.ts';
import type { OfferId, PartyKey, PayloadId, PaymentHash, PeerKey, PromiseId } from './ids.ts';
import type { Miners } from './job/difficulty.ts';
import type { Standing } from './job/standing.ts';
import type { MembershipView, OwnMembershipView } from './membership-views.ts';
import type { ThankYouNotice } from './thank-you-views.ts';
import type { CertificateView, ChatLine, PaymentView } from './view-parts.ts';

export type { MembershipView, OwnMembershipView };

export interface HeightsView {
  readonly unlockBy: number;
  readonly startBy: number;
  readonly earliestClaim: number;
  readonly claimBy: number;
  readonly decideBy: number;
}

/** An offer as the customer compares it: everything in it was verified. */
export interface OfferView {
  readonly promiseId: PromiseId;
  readonly offerId: OfferId;
  readonly priceMsat: bigint;
  /** Settler's fee and every carrier's, together. */
  readonly networkFeeMsat: bigint;
  readonly replier: CertificateView;
  readonly settler: CertificateView;
  /** What both certificates are worth now: only `good` ones may be paid on. */
  readonly standing: Standing;
  readonly heights: HeightsView;
  /** When the network's carriers are paid: after the job, or soon after the contact opened. */
  readonly settleOn: 'service' | 'contact';
  /** `preimage`: the contact opens with the network's payment, and the price is locked after that. */
  readonly unlock: 'both-accepted' | 'preimage';
  /** Latest block at which both payments come back if nothing happens. */
  readonly heldUntilHeight: number;
  readonly receivedAtMs: number;
}

export interface AskView {
  readonly peer: PeerKey;
  readonly state: 'asked' | 'working' | 'paying' | 'broadcast' | 'declined' | 'lapsed';
  readonly expectedHashes: number;
  readonly hashes: number;
  readonly hashesPerSecond: number;
  /** What is or was paid for it in place of work; 0 if it is done with work. */
  readonly paysMsat: bigint;
  readonly reason: string;
}

/** Where a job is, the same seven words on both sides. */
export type JobStage =
  | 'asking'
  | 'offers'
  | 'locking'
  | 'matched'
  | 'confirmed'
  | 'settled'
  | 'refunded'
  | 'cancelled'
  | 'expired'
  | 'thanked';

/** What is claimed, disputed and offered between Unlock and the outcome. Heights are the settler's receipts. */
export interface CaseView {
  readonly claimedAt: number | null;
  readonly noContactAt: number | null;
  readonly senderDisputedAt: number | null;
  readonly replierDisputedAt: number | null;
  /** What we said, whether or not the settler has it yet. */
  readonly said: {
    readonly claims: boolean;
    readonly disputes: boolean;
    readonly noContact: boolean;
    readonly concedes: boolean;
    readonly cancels: boolean;
  };
  /** The other side would call it off. */
  readonly otherCancels: boolean;
  /** Block at which silence decides, and how; with a dispute open, by which the settler must rule. */
  readonly decidedAt: number;
  readonly then: 'paid' | 'refunded' | 'ruled';
}

/** What a settler remembers of somebody it settled for. */
export interface RecordView {
  readonly jobs: number;
  readonly claims: number;
  readonly disputes: number;
  readonly noContacts: number;
  readonly rulings: number;
}

/** Customer: one posted job through its whole life. */
export interface JobView {
  readonly payloadId: PayloadId;
  readonly topic: TopicView;
  readonly postedAtMs: number;
  readonly stage: JobStage;
  /** The machine's own state, for details. */
  readonly state: string;
  /** The latest of each neighbour. */
  readonly asks: readonly AskView[];
  readonly offers: readonly OfferView[];
  readonly chosen: PromiseId | null;
  readonly payments: readonly PaymentView[];
  /** Text of the worker, null until both payments are held and the settler unlocked it. */
  readonly contactText: string | null;
  readonly contactPeer: PeerKey | null;
  readonly workerSaysDone: boolean;
  readonly heights: HeightsView | null;
  /** Null before the contact opened and after the outcome. */
  readonly case: CaseView | null;
  readonly chat: readonly ChatLine[];
  /** Why it ended, when it ended badly. */
  readonly reason: string;
}

/** Gig worker: a job heard from a neighbour and still open. */
export interface HeardView {
  readonly payloadId: PayloadId;
  readonly topic: TopicView;
  readonly sender: CertificateView;
  readonly heardAtMs: number;
  readonly validTillMs: number;
  /** False if the job ends later than money can be held: an offer then covers a booking or a first part. */
  readonly heldToEnd: boolean;
  /** An offer of ours for it exists. */
  readonly offered: boolean;
  /** It takes replies without a settler. */
  readonly acceptsThankYou: boolean;
}

/** Why a heard job is gone: its window closed, its customer wants nobody any more, or chose somebody. */
export type HeardEnd = 'over' | 'withdrawn' | 'taken';

/** Gig worker: one offer made. */
export interface OfferMadeView {
  readonly offerId: OfferId;
  readonly payloadId: PayloadId;
  readonly promiseId: PromiseId | null;
  readonly topic: TopicView;
  readonly priceMsat: bigint;
  readonly stage:
    | 'preparing'
    | 'sent'
    | 'held'
    | 'matched'
    | 'confirmed'
    | 'paid'
    | 'refunded'
    | 'withdrawn'
    | 'calledOff'
    | 'lost'
    | 'failed';
  readonly state: string;
  readonly settlerName: string;
  readonly heights: HeightsView | null;
  readonly payments: readonly PaymentView[];
  readonly chat: readonly ChatLine[];
  readonly saidDone: boolean;
  /** Null before the contact opened and after the outcome. */
  readonly case: CaseView | null;
  readonly reason: string;
}

/** Settler: one promise and the payments behind it. */
export interface SettlementView {
  readonly promiseId: PromiseId;
  readonly offerId: OfferId;
  readonly payloadId: PayloadId;
  readonly state: string;
  readonly stage:
    | 'promised'
    | 'held'
    | 'unlocked'
    | 'claimed'
    | 'disputed'
    | 'confirmed'
    | 'settled'
    | 'refunded'
    | 'aborted'
    | 'expired';
  readonly settleOn: 'service' | 'contact';
  readonly claimedAt: number | null;
  readonly noContactAt: number | null;
  /** What each side wrote to us; null from who does not dispute. */
  readonly senderEvidence: string | null;
  readonly replierEvidence: string | null;
  /** Block at which silence decides, or by which we must rule; 0 when nothing waits. */
  readonly decidedAt: number;
  readonly sender: RecordView;
  readonly replier: RecordView;
  readonly networkFeeMsat: bigint;
  readonly gigAmountMsat: bigint;
  readonly heights: HeightsView;
  readonly payments: readonly PaymentView[];
  readonly createdAtMs: number;
  readonly reason: string;
}

/** Middleman: one reply carried for others and what it earns. */
export interface CarriedView {
  readonly paymentHash: PaymentHash;
  readonly payloadId: PayloadId;
  readonly feeMsat: bigint;
  readonly state: string;
  readonly payments: readonly PaymentView[];
  readonly atMs: number;
}

/** A lie of a settler, proven or, if it is silence, only known to us. */
export interface FraudView {
  readonly id: string;
  readonly kind: FraudKind | 'silent';
  readonly promiseId: PromiseId | null;
  readonly atMs: number;
  /** In a deal of ours; else a neighbour told us. */
  readonly own: boolean;
  /** A frame in hex that anybody can check; null for silence. */
  readonly proof: string | null;
}

/** A settler whose root this node trusts. */
export interface SettlerView {
  readonly root: PartyKey;
  readonly peer: PeerKey;
  readonly name: string;
  /** Its signing certificate was received and verified. */
  readonly known: boolean;
  readonly feeMsat: bigint;
  /** It lied and was not forgiven: no new promise is made with it. */
  readonly distrusted: boolean;
  readonly frauds: readonly FraudView[];
  /** What we asked it for, and hold of it. */
  readonly memberships: readonly OwnMembershipView[];
}

export interface PeerView {
  readonly peer: PeerKey;
  readonly connected: boolean;
  readonly direct: boolean;
  readonly dialled: boolean;
  /** Frames this peer sent that earned a fault. */
  readonly faults: number;
  readonly lastFault: FaultCode | null;
}

export interface RelayView {
  readonly connected: boolean;
  /** Why it is not connected; '' until that is known. */
  readonly reason: string;
  /** From a peer, not from the owner. */
  readonly learned: boolean;
}

export interface NodeView {
  readonly peer: PeerKey;
  readonly network: 'mainnet' | 'testnet' | 'regtest';
  readonly party: PartyKey;
  readonly addresses: readonly string[];
  readonly relays: readonly (RelayView & { readonly address: string })[];
  /** Peers may teach it more relays. */
  readonly learnsRelays: boolean;
  readonly policy: Policy;
  readonly isSettler: boolean;
  readonly settlerRoot: PartyKey | null;
  readonly settlerName: string;
  /** Topics passed on for others since the start. */
  readonly carriedTopics: number;
  /** What it was paid, and paid, in place of work since it began. */
  readonly favours: { readonly soldMsat: bigint; readonly boughtMsat: bigint };
  /** Payments held for others now, and how many may be. */
  readonly openHolds: number;
  readonly mostHolds: number;
  /** Blocks by which our payments may outlast what their invoices ask for, as reckoned with. */
  readonly shadowBlocks: number;
  /** What does the work on this device, and how fast; remembered from the last time until it told. */
  readonly miners: Miners;
}

export interface WalletView {
  readonly state: 'none' | 'connecting' | 'ready' | 'failed';
  readonly alias: string;
  readonly network: string;
  readonly canHold: boolean;
  /** Can it pay a hash that it holds a payment for? Learned by the replies that are carried for a fee. */
  readonly relays: 'untried' | 'yes' | 'no';
  /** Blocks it says its payments may last longer than asked; null if it does not say. */
  readonly shadowBlocks: number | null;
  readonly balanceMsat: bigint;
  readonly height: number;
  readonly code: WalletFaultCode | null;
}

export type Notice =
  | ThankYouNotice
  | { readonly view: 'node'; readonly node: NodeView }
  | { readonly view: 'wallet'; readonly wallet: WalletView }
  | { readonly view: 'peer'; readonly peer: PeerView }
  | { readonly view: 'settler'; readonly settler: SettlerView }
  | { readonly view: 'settlerRemoved'; readonly root: PartyKey }
  | { readonly view: 'job'; readonly job: JobView }
  | { readonly view: 'heard'; readonly heard: HeardView }
  /** A heard job is no longer open: its time is over, or its customer said so. */
  | {
      readonly view: 'heardGone';
      readonly payloadId: PayloadId;
      readonly reason: HeardEnd;
    }
  | { readonly view: 'offerMade'; readonly offer: OfferMadeView }
  | { readonly view: 'carried'; readonly carried: CarriedView }
  | { readonly view: 'membership'; readonly membership: MembershipView }
  | { readonly view: 'settlement'; readonly settlement: SettlementView }
  | {
      readonly view: 'fault';
      readonly code: FaultCode;
      readonly peer: PeerKey;
      readonly detail: string;
    }
  /** The node has stopped and does nothing more: its memory failed, or one of its own invariants did. */
  | { readonly view: 'stopped'; readonly reason: string }
  | {
      readonly view: 'rejected';
      readonly command: Command['command'];
      readonly code: RejectionCode;
      readonly detail: string;
    };

/** What a notice replaces: two of one name tell of the same thing, and the later one counts. */
export function viewName(notice: Notice): string {
  switch (notice.view) {
    case 'job':
      return `job/${notice.job.payloadId}`;
    case 'heard':
      return `heard/${notice.heard.payloadId}`;
    case 'offerMade':
      return `offer/${notice.offer.offerId}`;
    case 'thankYou':
      return `thankYou/${notice.thankYou.digest}`;
    case 'unsettledOffer':
      return `unsettledOffer/${notice.offer.offerId}`;
    case 'carried':
      return `carried/${notice.carried.paymentHash}`;
    case 'membership':
      return `membership/${notice.membership.applicationId}`;
    case 'settlement':
      return `settlement/${notice.settlement.promiseId}`;
    case 'peer':
      return `peer/${notice.peer.peer}`;
    case 'settler':
      return `settler/${notice.settler.root}`;
    default:
      return notice.view;
  }
}
