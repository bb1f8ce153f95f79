/** Everything one node knows. Only `node.ts` and its neighbours in this folder change it; the machines they call are pure. */
import { utf8 } from '../bytes.ts';
import {
  derive,
  peerKeyOf,
  publicKeyOf,
  randomStream,
  secretFrom,
  type Network,
} from '../crypto.ts';
import type { FrameOf } from '../frame.ts';
import type {
  ApplicationId,
  AskId,
  KeyName,
  OfferId,
  PartyKey,
  PayloadId,
  PaymentHash,
  PeerKey,
  PromiseId,
  ReplyDigest,
} from '../ids.ts';
import { noLoad, referenceRates, type Load, type Miners } from '../job/difficulty.ts';
import type { VerifiedBroadcast } from '../job/broadcast.ts';
import type { Trust } from '../job/certificate.ts';
import type { Applicant } from '../job/properties.ts';
import type { RevokedKeys } from '../job/revocation.ts';
import { limits } from '../limits.ts';
import type { Context, Effect } from '../machine.ts';
import type { Session } from '../overlay/session.ts';
import type { FavourBought } from '../roles/favour-bought.ts';
import type { FavourSold } from '../roles/favour-sold.ts';
import type { Leg } from '../roles/leg.ts';
import type { Passage } from '../roles/middleman.ts';
import { miningOf, type Ask, type AskTerms } from '../roles/originator.ts';
import type { OfferMade } from '../roles/replier.ts';
import type { Job } from '../roles/sender.ts';
import type { Settlement } from '../roles/settler.ts';
import { defaultPolicyOn, type Policy } from '../policy.ts';
import type { Evidence, KnownFraud } from './fraud-states.ts';
import type { CarriedReply } from '../roles/thank-you-middleman.ts';
import type { UnsettledOffer } from '../roles/thank-you-replier.ts';
import type { ThankYou } from '../roles/thank-you-sender.ts';
import type { Thankless } from '../job/thank-you.ts';
import type { FavourSums } from './favour-states.ts';
import type { HeldFrame, PeerRecord, UnsureAsk } from './peer-states.ts';
import { mayRelay, type Refusals } from './refusals.ts';
import type { Notice, RecordView, RelayView, WalletView } from '../views.ts';
import type { CertificateChain, Property, RevocationHead, Signed } from '../wire/messages.ts';

export interface NodeOptions {
  /** 32 bytes from which every key of the node is derived. */
  readonly secret: Uint8Array;
  readonly network: Network;
  readonly policy?: Partial<Policy>;
}

/** A settler whose root the owner trusts. */
export interface TrustedSettler {
  readonly root: PartyKey;
  readonly peer: PeerKey;
  readonly addresses: readonly string[];
  readonly name: string;
  readonly chain: CertificateChain | null;
  readonly head: Signed | null;
  readonly feeMsat: bigint;
}

/** A membership of ours with a settler: asked for, held, or over; and the job certificates it gave us. */
export interface OwnMembership {
  readonly applicationId: ApplicationId;
  readonly root: PartyKey;
  readonly name: Applicant;
  readonly statement: string;
  readonly state: 'open' | 'active' | 'refused' | 'revoked';
  readonly reason: string;
  /** What the settler checked. */
  readonly properties: readonly Property[];
  /** Number of the batch we hold, 0 for none. */
  readonly batch: number;
  /** The batch, in the order of its keys; each serves one job or offer. */
  readonly certificates: readonly Signed[];
  readonly issuers: CertificateChain;
  /** Index of the next one that no job or offer had yet. */
  readonly next: number;
}

export interface AuditLine {
  readonly atMs: number;
  readonly did: 'applied' | 'approved' | 'refused' | 'revoked' | 'issued';
  readonly detail: string;
}

/** Settler: its record of a person, from the application on. */
export interface Membership {
  readonly applicationId: ApplicationId;
  /** The person's long-lived key, which nobody but this settler knows. */
  readonly publicKey: PartyKey;
  readonly peer: PeerKey;
  readonly name: Applicant;
  readonly statement: string;
  readonly receivedAtMs: number;
  readonly state: 'open' | 'active' | 'refused' | 'revoked';
  readonly properties: readonly Property[];
  readonly reason: string;
  /** Batches issued on `day` (days since the epoch), and in all. */
  readonly issued: { readonly day: number; readonly ofDay: number; readonly inAll: number };
  readonly audit: readonly AuditLine[];
}

/** The settler role: its name, and what it signs with today. */
export interface SettlerRole {
  readonly name: string;
  chain: CertificateChain | null;
  head: Signed | null;
  /** When chain and head were made, ms; they are made anew when they grow old or addresses change. */
  madeAtMs: number;
  epoch: number;
}

/** Settler: its revocation list, on disk before any head of it is seen. */
export interface OwnList {
  /** Of the last head that was signed. */
  readonly seq: bigint;
  /** Keys taken back, and when the last certificate for each runs out. */
  readonly listed: readonly { readonly entry: string; readonly untilMs: number }[];
}

/** A job heard from a neighbour. */
export interface Heard {
  readonly broadcast: VerifiedBroadcast;
  readonly payloadId: PayloadId;
  readonly from: PeerKey;
  readonly atMs: number;
}

export interface Node {
  readonly secret: Uint8Array;
  readonly network: Network;
  readonly self: PeerKey;
  readonly party: PartyKey;
  policy: Policy;
  /** New at every start. */
  onionSecret: Uint8Array;
  height: number;
  wallet: WalletView;
  walletUri: string | null;
  addresses: readonly string[];
  relays: Map<string, RelayView>;
  learnsRelays: boolean;
  readonly sessions: Map<PeerKey, Session>;
  readonly peers: Map<PeerKey, PeerRecord>;
  readonly outbox: Map<PeerKey, readonly HeldFrame[]>;
  readonly asks: Map<AskId, Ask>;
  readonly unsureAsks: Map<AskId, UnsureAsk>;
  /** Asks that wait until the session work is done. */
  readonly waitingAsks: Map<PeerKey, AskTerms[]>;
  readonly passages: Map<AskId, Passage>;
  /** Onion slot of what a reply comes back for: others' topics, and our own jobs. */
  readonly passageSlots: Map<string, AskId>;
  readonly jobSlots: Map<string, PayloadId>;
  /** Payloads met: how many times each was carried (our own: always often enough), or known as bad. */
  readonly payloads: Map<PayloadId, number | 'bad'>;
  /** Who was told of a payload, and the most that a route behind each may add, msat. */
  readonly broadcastTo: Map<PayloadId, Map<PeerKey, bigint>>;
  readonly heard: Map<PayloadId, Heard>;
  /** Others' requests that were taken back: what to tell who asks for them, until their window is over. */
  readonly cancelled: Map<
    PayloadId,
    { readonly frame: FrameOf<'cancelBroadcast'>; readonly untilMs: number }
  >;
  readonly jobs: Map<PayloadId, Job>;
  /** How much this node is asked to carry, by everybody and by each peer. */
  asked: Load;
  readonly askedBy: Map<PeerKey, Load>;
  /** What works on this device; until it told, as good as the reference phone. */
  miners: Miners;
  /** Jobs still told to one neighbour only. */
  readonly quiet: Set<PayloadId>;
  /** Own offers, by draft id: one for every route an offer goes home on. */
  readonly offers: Map<string, OfferMade>;
  readonly legs: Map<PaymentHash, Leg>;
  /** Payments in place of work: ours to neighbours, theirs to us (and hashes of those that are over), what both came to. */
  readonly favoursBought: Map<PaymentHash, FavourBought>;
  readonly favoursSold: Map<PaymentHash, FavourSold>;
  readonly favoursOver: Map<PaymentHash, true>;
  favourSums: FavourSums;
  /** Without a settler: replies to our own jobs, and our own replies. */
  readonly thankYous: Map<ReplyDigest, ThankYou>;
  readonly unsettledOffers: Map<OfferId, UnsettledOffer>;
  /** Replies without a settler that we carried, and which peers' topics nobody thanked for. */
  readonly carriedReplies: Map<ReplyDigest, CarriedReply>;
  readonly thankless: Map<PeerKey, Thankless>;
  /** What is known of a wallet that may not pay what it holds, and since when our payments of legs are under way (ms). */
  refusals: Refusals | null;
  readonly payingSinceMs: Map<PaymentHash, number>;
  readonly settlements: Map<PromiseId, Settlement>;
  readonly watchers: Map<PromiseId, Set<PeerKey>>;
  /** Settler: what is remembered of people. */
  readonly records: Map<PartyKey, RecordView>;
  /** Lies that are proven, by fraud id; digests of the proofs met; and who was told of which. */
  readonly frauds: Map<string, KnownFraud>;
  readonly fraudsMet: Map<string, true>;
  readonly fraudsTold: Map<string, Set<PeerKey>>;
  /** What settlers signed about the deals this node has a part in, and the promises and heads that it only met. */
  readonly evidence: Map<PromiseId, Evidence>;
  readonly promisesMet: Map<PaymentHash, Signed>;
  readonly headsMet: Map<PartyKey, Signed>;
  readonly settlers: Map<PartyKey, TrustedSettler>;
  /** Newest revocation head of each authority, and what stands on its list. */
  readonly heads: Map<PartyKey, RevocationHead>;
  readonly revoked: Map<PartyKey, RevokedKeys>;
  readonly ownMemberships: Map<ApplicationId, OwnMembership>;
  /** Settler: the people it keeps a record of, and whose job keys are whose. */
  readonly memberships: Map<ApplicationId, Membership>;
  readonly issued: Map<
    PartyKey,
    { readonly applicationId: ApplicationId; readonly untilMs: number }
  >;
  settlerRole: SettlerRole | null;
  ownList: OwnList;
  carriedTopics: number;
  /** Until then (ms) replies may come for what was carried before this start: nobody is to blame for those. */
  forgotUntilMs: number;
}

/** One step's scratch: the context machines see, and what has been asked for so far. */
export interface Turn {
  readonly node: Node;
  readonly ctx: Context;
  readonly effects: Effect[];
  /** Views to send when the step is over, by name. */
  readonly views: Map<string, () => Notice | null>;
}

const noWallet: WalletView = {
  state: 'none',
  alias: '',
  network: '',
  canHold: false,
  relays: 'untried',
  shadowBlocks: null,
  balanceMsat: 0n,
  height: 0,
  code: null,
};

export function createNode({ secret, network, policy }: NodeOptions): Node {
  return {
    secret,
    network,
    self: peerKeyOf(nodeSecret(secret)),
    party: publicKeyOf(subSecret(secret, 'party')),
    policy: { ...defaultPolicyOn(network), ...policy },
    onionSecret: new Uint8Array(32),
    height: 0,
    wallet: noWallet,
    walletUri: null,
    addresses: [],
    relays: new Map(),
    learnsRelays: true,
    sessions: new Map(),
    peers: new Map(),
    outbox: new Map(),
    asks: new Map(),
    unsureAsks: new Map(),
    waitingAsks: new Map(),
    passages: new Map(),
    passageSlots: new Map(),
    jobSlots: new Map(),
    payloads: new Map(),
    broadcastTo: new Map(),
    heard: new Map(),
    cancelled: new Map(),
    jobs: new Map(),
    asked: noLoad,
    askedBy: new Map(),
    miners: { kernel: null, workers: 0, hashRates: referenceRates },
    quiet: new Set(),
    offers: new Map(),
    legs: new Map(),
    favoursBought: new Map(),
    favoursSold: new Map(),
    favoursOver: new Map(),
    favourSums: { soldMsat: 0n, boughtMsat: 0n },
    thankYous: new Map(),
    unsettledOffers: new Map(),
    carriedReplies: new Map(),
    thankless: new Map(),
    refusals: null,
    payingSinceMs: new Map(),
    settlements: new Map(),
    watchers: new Map(),
    records: new Map(),
    frauds: new Map(),
    fraudsMet: new Map(),
    fraudsTold: new Map(),
    evidence: new Map(),
    promisesMet: new Map(),
    headsMet: new Map(),
    settlers: new Map(),
    heads: new Map(),
    revoked: new Map(),
    ownMemberships: new Map(),
    memberships: new Map(),
    issued: new Map(),
    settlerRole: null,
    ownList: { seq: 0n, listed: [] },
    carriedTopics: 0,
    forgotUntilMs: 0,
  };
}

export function beginTurn(node: Node, nowMs: number, seed: Uint8Array): Turn {
  const ctx: Context = {
    nowMs,
    random: randomStream(seed),
    network: node.network,
    self: node.self,
    hashRates: node.miners.hashRates,
    // Read when asked: an event may change them within its step.
    get height() {
      return node.height;
    },
    get addresses() {
      return node.addresses;
    },
    get policy() {
      return node.policy;
    },
    get canHold() {
      return node.wallet.state === 'ready' && node.wallet.canHold;
    },
    get canRelay() {
      return this.canHold && mayRelay(node, nowMs);
    },
    get shadowBlocks() {
      return shadowBlocksOf(node);
    },
    get mining() {
      return miningOf(node.asks.values());
    },
  };
  return { node, ctx, effects: [], views: new Map() };
}

/** What the owner knows of the wallet counts, then what the wallet says of itself, then the worst that was measured. */
export function shadowBlocksOf({ policy, wallet }: Node): number {
  return policy.shadowBlocks ?? wallet.shadowBlocks ?? limits.shadowBlocks;
}

/** The libp2p key, 32 bytes. */
export function nodeSecret(secret: Uint8Array): Uint8Array {
  return subSecret(secret, 'node');
}

/** The key of a membership, or of one of its jobs. */
export function partySecret(node: Pick<Node, 'secret'>, name: ApplicationId | KeyName): Uint8Array {
  return subSecret(node.secret, `party/${name}`);
}

/** Who vouches for one of our job keys; null for a membership that was given up. */
export function rootOf(node: Node, key: KeyName): PartyKey | null {
  const [applicationId] = key.split('/');
  return node.ownMemberships.get(applicationId as ApplicationId)?.root ?? null;
}

export function subSecret(secret: Uint8Array, name: string): Uint8Array {
  return secretFrom(derive(secret, 'gig-gossip/1/node', utf8(name), 32));
}

export function trustOf(node: Node): Trust {
  const roots = new Set(node.settlers.keys());
  if (node.settlerRole !== null) roots.add(settlerRoot(node));
  const { network, heads, revoked } = node;
  return { network, roots, heads, revoked };
}

export function settlerRoot(node: Node): PartyKey {
  return publicKeyOf(subSecret(node.secret, 'settler-root'));
}

/** May this peer take part in our gossip? */
export function isAllowed({ node }: Turn, peer: PeerKey): boolean {
  const { allowPeers } = node.policy;
  return allowPeers === null || allowPeers.includes(peer);
}

/** Sets a value, and forgets the oldest one if there are more than `max`. */
export function remember<K, V>(map: Map<K, V>, key: K, value: V, max: number): void {
  map.set(key, value);
  if (map.size > max) map.delete(map.keys().next().value as K);
}
