/** From the machines' states to what the app is shown. Nothing here changes anything. */
import { hexOf } from '../bytes.ts';
import { backByHeight } from '../job/payment-chain.ts';
import { expiryOf, planOf } from '../job/topic.ts';
import { standingOf } from '../job/standing.ts';
import { expectedHashes } from '../job/proof-of-work.ts';
import type { Channel } from '../job/contact.ts';
import type { OfferId } from '../ids.ts';
import { limits } from '../limits.ts';
import { isHeld } from '../roles/leg.ts';
import type { Ask } from '../roles/originator.ts';
import type { OfferMade } from '../roles/replier.ts';
import { jobCase, offerCase } from './case-views.ts';
import { fraudViews, isDistrusted } from './fraud-states.ts';
import { isUnsettledLive } from '../roles/thank-you-replier.ts';
import type { Job, Money, Offer, PaymentState } from '../roles/sender.ts';
import type { PayloadId } from '../ids.ts';
import type { CertificateView, ChatLine, PaymentView } from '../view-parts.ts';
import type {
  AskView,
  HeardView,
  JobStage,
  JobView,
  MembershipView,
  NodeView,
  OfferMadeView,
  OfferView,
  OwnMembershipView,
  PeerView,
  SettlerView,
} from '../views.ts';
import { Certificate } from '../wire/messages.ts';
import { isFault } from '../wire/codec.ts';
import {
  settlerRoot,
  shadowBlocksOf,
  trustOf,
  type Heard,
  type Membership,
  type Node,
  type OwnMembership,
  type TrustedSettler,
} from './state.ts';
import type { PeerRecord } from './peer-states.ts';

export function nodeView(node: Node): NodeView {
  const { self: peer, network, party, addresses, policy, settlerRole, carriedTopics } = node;
  return {
    peer,
    network,
    party,
    addresses,
    policy,
    carriedTopics,
    favours: node.favourSums,
    openHolds: [...node.legs.values()].filter(isHeld).length,
    mostHolds: limits.openHolds,
    shadowBlocks: shadowBlocksOf(node),
    miners: node.miners,
    relays: [...node.relays].map(([address, relay]) => ({ address, ...relay })),
    learnsRelays: node.learnsRelays,
    isSettler: settlerRole !== null,
    settlerRoot: settlerRole === null ? null : settlerRoot(node),
    settlerName: settlerRole?.name ?? '',
  };
}

export function peerView({ addresses: _known, ...peer }: PeerRecord): PeerView {
  return peer;
}

export function certificateView(
  certificate: Certificate,
  root: Offer['settlerRoot'],
): CertificateView {
  const { publicKey, certificateName: name, certificateValue: properties } = certificate;
  const { notValidBeforeMs, notValidAfterMs, certAuthName } = certificate;
  return { publicKey, name, properties, notValidBeforeMs, notValidAfterMs, certAuthName, root };
}

export function settlerView(node: Node, settler: TrustedSettler): SettlerView {
  const own = [...node.ownMemberships.values()].filter(({ root }) => root === settler.root);
  return {
    root: settler.root,
    peer: settler.peer,
    name: settler.name,
    known: settler.chain !== null,
    feeMsat: settler.feeMsat,
    distrusted: isDistrusted(node.frauds, settler.root),
    frauds: fraudViews(node.frauds, settler.root),
    memberships: own.map(ownMembershipView),
  };
}

function ownMembershipView(own: OwnMembership): OwnMembershipView {
  const { applicationId, name, state, reason, properties, certificates, next } = own;
  const body = certificates[0] && Certificate.decodeCanonical(certificates[0].body);
  const held = body === undefined || isFault(body) ? null : body;
  return {
    applicationId,
    name,
    state,
    reason,
    properties,
    left: certificates.length - next,
    notValidBeforeMs: held?.notValidBeforeMs ?? 0,
    notValidAfterMs: held?.notValidAfterMs ?? 0,
  };
}

export function membershipView(membership: Membership): MembershipView {
  const { issued, ...view } = membership;
  return { ...view, batches: issued.inAll };
}

export function heardView(node: Node, heard: Heard): HeardView {
  const { broadcast, payloadId, atMs } = heard;
  const { sender, payload } = broadcast;
  return {
    payloadId,
    topic: payload.topic,
    sender: certificateView(sender.leaf, sender.root),
    heardAtMs: atMs,
    validTillMs: expiryOf(payload.topic),
    heldToEnd: planOf(payload.topic, atMs).whole,
    offered: isOffered(node, payloadId),
    acceptsThankYou: payload.acceptsThankYou,
  };
}

/** An offer of ours for this job still may come to something, with a settler or without. */
export function isOffered(node: Node, payloadId: PayloadId): boolean {
  const settled = [...node.offers.values()].filter(isLive);
  const unsettled = [...node.unsettledOffers.values()].filter(isUnsettledLive);
  return [...settled, ...unsettled].some(({ offer }) => offer.payloadId === payloadId);
}

/** An offer that still may come to something. */
export function isLive(made: OfferMade): boolean {
  return made.state !== 'Failed' && made.state !== 'Lost' && made.state !== 'Refunding';
}

// ------------------------------------------------------------------------------------------ sender

export function jobView(node: Node, job: Job, nowMs: number): JobView {
  const { payloadId, topic, postedAtMs } = job.job;
  const asks = [...node.asks.values()].filter(({ ask }) => ask.payloadId === payloadId);
  const lastAsks = new Map(asks.map((ask) => [ask.ask.peer, ask]));
  const taken = 'chosen' in job ? job : null;
  return {
    payloadId,
    topic,
    postedAtMs,
    stage: jobStage(job),
    state: job.state,
    asks: [...lastAsks.values()].map(askView),
    offers: job.offers.map((offer) => offerView(offer, node, nowMs)),
    chosen: taken?.chosen.promiseId ?? null,
    payments: taken ? jobPayments(taken.chosen, taken.money, job) : [],
    contactText: taken?.contactText ?? null,
    contactPeer: taken?.channel?.peer ?? null,
    heights: taken?.chosen.heights ?? null,
    case: jobCase(job),
    workerSaysDone: taken?.channel?.lines.some((line) => !line.mine && line.done) ?? false,
    chat: chatView(taken?.channel ?? null),
    reason: job.reason,
  };
}

function jobStage(job: Job): JobStage {
  switch (job.state) {
    case 'Broadcasting':
      return job.offers.length > 0 ? 'offers' : 'asking';
    case 'PayingNetwork':
    case 'PayingReply':
    case 'Cancelling':
      return 'locking';
    case 'Matched':
      return 'matched';
    case 'Confirmed':
      return 'confirmed';
    case 'Closing':
      return job.outcome?.gig === 'paid' ? 'confirmed' : 'refunded';
    case 'Ended':
      if (job.money.reply === 'settled') return 'settled';
      return job.money.network === 'planned' ? 'cancelled' : 'refunded';
    case 'Withdrawn':
      if (job.reason === 'thanked') return 'thanked';
      return job.reason === 'expired' ? 'expired' : 'cancelled';
  }
}

function askView(ask: Ask): AskView {
  const mining = ask.state === 'Mining' ? ask : null;
  const states = {
    AwaitingConditions: 'asked',
    Mining: 'working',
    AwaitingPayment: 'paying',
    Broadcast: 'broadcast',
    Declined: 'declined',
    Lapsed: 'lapsed',
  } as const;
  const agreed = 'workRequest' in ask ? ask.workRequest : null;
  return {
    peer: ask.ask.peer,
    state: states[ask.state],
    expectedHashes:
      agreed === null ? 0 : Math.round(expectedHashes(agreed.powTarget, agreed.powScheme)),
    hashes: 'hashes' in ask ? ask.hashes : 0,
    hashesPerSecond: mining?.hashesPerSecond ?? 0,
    paysMsat: pricePaid(ask),
    reason: 'reason' in ask ? ask.reason : '',
  };
}

function pricePaid(ask: Ask): bigint {
  if (ask.state === 'AwaitingPayment') return ask.payment.priceMsat;
  return ask.state === 'Broadcast' ? ask.paidMsat : 0n;
}

function offerView(offer: Offer, node: Node, nowMs: number): OfferView {
  const { promiseId, terms, heights, receivedAtMs } = offer;
  const cltv = Math.max(offer.networkFinalCltv, offer.replyFinalCltv);
  return {
    promiseId,
    offerId: terms.offerId,
    priceMsat: terms.amountMsat,
    networkFeeMsat: offer.networkMsat,
    replier: certificateView(offer.replier, offer.replierRoot),
    settler: certificateView(offer.settler, offer.settlerRoot),
    standing: standingOf(offer.vouched, trustOf(node), nowMs),
    heights,
    settleOn: offer.settleOn,
    unlock: terms.unlock,
    heldUntilHeight: backByHeight(heights.unlockBy, cltv, shadowBlocksOf(node)),
    receivedAtMs,
  };
}

/** A wallet only says "pending"; what is held at the other end the settler's statements told. */
function paymentState(state: PaymentState, held: boolean): PaymentView['state'] {
  if (state === 'pending') return held ? 'accepted' : 'pending';
  return state === 'failed' ? 'cancelled' : state;
}

function jobPayments(offer: Offer, money: Money, job: Job): PaymentView[] {
  const networkHeld = job.state !== 'PayingNetwork';
  const gigHeld = 'channel' in job && (job.channel !== null || job.state === 'Matched');
  return [
    {
      paymentHash: offer.networkPaymentHash,
      direction: 'out',
      purpose: 'network',
      amountMsat: offer.networkMsat,
      state: paymentState(money.network, networkHeld),
      backByHeight: money.network === 'pending' ? money.networkBackBy : 0,
      ...proof('networkPreimage' in job ? job.networkPreimage : null),
    },
    {
      paymentHash: offer.terms.replyPaymentHash,
      direction: 'out',
      purpose: 'gig',
      amountMsat: offer.terms.amountMsat,
      state: paymentState(money.reply, gigHeld),
      backByHeight: money.reply === 'pending' ? money.replyBackBy : 0,
      ...proof('replyPreimage' in job ? job.replyPreimage : null),
    },
  ];
}

function proof(preimage: Uint8Array | null | undefined): Pick<PaymentView, 'proof'> {
  return preimage ? { proof: hexOf(preimage) } : {};
}

export function chatView(channel: Channel | null): ChatLine[] {
  const lines = channel?.lines.filter((line) => line.text !== '') ?? [];
  return lines.map(({ seq, mine, text, atMs, delivered }) => ({
    seq,
    mine,
    text,
    atMs,
    delivered,
  }));
}

// ----------------------------------------------------------------------------------------- replier

const offerStages = {
  Drafting: 'preparing',
  Invoicing: 'preparing',
  Sealed: 'preparing',
  Sent: 'sent',
  Held: 'held',
  Matched: 'matched',
  Settling: 'confirmed',
  Paid: 'paid',
  Refunding: 'refunded',
  Lost: 'refunded',
  Failed: 'failed',
} as const;

/** How far each state of an offer is, for the choice of the way that is shown. */
const progress: readonly OfferMade['state'][] = [
  'Failed',
  'Lost',
  'Refunding',
  'Drafting',
  'Invoicing',
  'Sealed',
  'Sent',
  'Held',
  'Matched',
  'Settling',
  'Paid',
];

/** Of the ways an offer went home, the one that came furthest; of those that are over, the one where money was held. */
export function leadOf(node: Node, offerId: OfferId): OfferMade | null {
  // What is being given back and what is given back are equally over.
  const far = ({ state }: OfferMade) => progress.indexOf(state === 'Lost' ? 'Refunding' : state);
  const rank = (made: OfferMade) =>
    3 * far(made) +
    ('channel' in made && made.channel !== null ? 2 : 0) -
    ('reason' in made && made.reason === 'other-route' ? 1 : 0);
  let lead: OfferMade | null = null;
  for (const made of node.offers.values()) {
    if (made.offer.offerId !== offerId) continue;
    if (lead === null || rank(made) > rank(lead)) lead = made;
  }
  return lead;
}

/** Offers that came to nothing before they were sent, through nobody's failure. */
const failures: Readonly<Record<string, OfferMadeView['stage']>> = {
  withdrawn: 'withdrawn',
  'called-off': 'calledOff',
  lost: 'lost',
};

export function offerMadeView(made: OfferMade): OfferMadeView {
  const { offerId, payloadId, topic, priceMsat, settlerName } = made.offer;
  const channel = 'channel' in made ? made.channel : null;
  return {
    offerId,
    payloadId,
    promiseId: 'draft' in made ? made.draft.promiseId : null,
    topic,
    priceMsat,
    stage: offerStage(made),
    state: made.state,
    settlerName,
    heights: 'draft' in made ? made.draft.heights : null,
    payments: offerPayments(made),
    chat: chatView(channel),
    case: offerCase(made),
    saidDone: channel?.lines.some((line) => line.mine && line.done) ?? false,
    reason: 'reason' in made ? made.reason : '',
  };
}

function offerStage(made: OfferMade): OfferMadeView['stage'] {
  if (made.state === 'Lost' || made.state === 'Refunding') {
    if (made.reason === 'withdrawn') return 'withdrawn';
    if (made.reason === 'called-off') return 'calledOff';
    return made.lost ? 'lost' : 'refunded';
  }
  if (made.state === 'Failed') return failures[made.reason] ?? 'failed';
  return offerStages[made.state];
}

function offerPayments(made: OfferMade): PaymentView[] {
  if (!('replyInvoice' in made)) return [];
  const held = 'settleDeadline' in made;
  const state =
    made.state === 'Paid'
      ? 'settled'
      : made.state === 'Lost'
        ? 'cancelled'
        : held
          ? 'accepted'
          : 'issued';
  return [
    {
      paymentHash: made.terms.replyPaymentHash,
      direction: 'in',
      purpose: 'gig',
      amountMsat: made.terms.amountMsat,
      state,
      backByHeight: state === 'accepted' && held ? made.settleDeadline : 0,
      ...proof(made.state === 'Paid' ? made.preimage : null),
    },
  ];
}
