/** Views as a node would send them, with the fields a test cares about. */
import type {
  CertificateView,
  JobView,
  OfferMadeView,
  OfferView,
  OwnMembershipView,
  PaymentView,
  SettlementView,
  TopicViewOf,
} from '../../src/lib/app/types.ts';

/** A hex id of `bytes` bytes that begins with `start`. */
export function id<Id extends string>(start: string, bytes = 32): Id {
  return start.padEnd(bytes * 2, '0') as Id;
}

export const topic: TopicViewOf<'taxi'> = {
  kind: 'taxi',
  pickupGeohash: 'u2yhvw5',
  dropoffGeohash: 'u2yht3k',
  pickupAfterMs: 1_800_000_000_000,
  dropoffBeforeMs: 1_800_007_200_000,
  pickupBeforeMs: null,
};

export const heights = {
  unlockBy: 112,
  startBy: 118,
  earliestClaim: 118,
  claimBy: 130,
  decideBy: 166,
};

const record = { jobs: 0, claims: 0, disputes: 0, noContacts: 0, rulings: 0 };

export function certificate(over: Partial<CertificateView> = {}): CertificateView {
  return {
    publicKey: id('aa'),
    name: 'worker',
    properties: [],
    notValidBeforeMs: 0,
    notValidAfterMs: 2_000_000_000_000,
    certAuthName: 'Couriers',
    root: id('bb'),
    ...over,
  };
}

export function membership(over: Partial<OwnMembershipView> = {}): OwnMembershipView {
  return {
    applicationId: id('ab', 16),
    name: 'worker',
    state: 'active',
    reason: '',
    properties: [],
    left: 32,
    notValidBeforeMs: 0,
    notValidAfterMs: 2_000_000_000_000,
    ...over,
  };
}

export function offer(over: Partial<OfferView> = {}): OfferView {
  return {
    promiseId: id('01'),
    offerId: id('0f', 16),
    priceMsat: 12_000_000n,
    networkFeeMsat: 400_000n,
    replier: certificate(),
    settler: certificate(),
    standing: 'good',
    heights,
    settleOn: 'service',
    unlock: 'both-accepted',
    heldUntilHeight: 202,
    receivedAtMs: 1_800_000_003_000,
    ...over,
  };
}

export function payment(over: Partial<PaymentView> = {}): PaymentView {
  return {
    paymentHash: id('cc'),
    direction: 'out',
    purpose: 'gig',
    amountMsat: 12_000_000n,
    state: 'planned',
    backByHeight: 0,
    ...over,
  };
}

export function job(over: Partial<JobView> = {}): JobView {
  return {
    payloadId: id('10'),
    topic,
    postedAtMs: 1_800_000_000_000,
    stage: 'asking',
    state: 'Asking',
    asks: [],
    offers: [],
    chosen: null,
    payments: [],
    contactText: null,
    contactPeer: null,
    heights: null,
    case: null,
    workerSaysDone: false,
    chat: [],
    reason: '',
    ...over,
  };
}

export function offerMade(over: Partial<OfferMadeView> = {}): OfferMadeView {
  return {
    offerId: id('0f', 16),
    payloadId: id('10'),
    promiseId: null,
    topic,
    priceMsat: 12_000_000n,
    stage: 'preparing',
    state: 'AwaitingPromise',
    settlerName: 'Couriers',
    heights: null,
    payments: [],
    chat: [],
    saidDone: false,
    case: null,
    reason: '',
    ...over,
  };
}

export function settlement(over: Partial<SettlementView> = {}): SettlementView {
  return {
    promiseId: id('01'),
    offerId: id('0f', 16),
    payloadId: id('10'),
    state: 'Promised',
    stage: 'promised',
    networkFeeMsat: 100_000n,
    gigAmountMsat: 12_000_000n,
    heights,
    settleOn: 'service',
    claimedAt: null,
    noContactAt: null,
    senderEvidence: null,
    replierEvidence: null,
    decidedAt: 0,
    sender: record,
    replier: record,
    payments: [],
    createdAtMs: 1_800_000_000_000,
    reason: '',
    ...over,
  };
}
