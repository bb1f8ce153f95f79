/**
 * Is my money safe? One answer for every state of a job, an offer, a reply without a settler, a carried reply and a promise, in
 * plain words: where the sats are and when they come back, and what is to be done now. From the view alone; nothing is remembered.
 */
import { later } from '../i18n/later.ts';
import type {
  CarriedView,
  CaseView,
  JobView,
  OfferMadeView,
  PaymentView,
  SettlementView,
  UnsettledOfferView,
} from '../types.ts';

export interface Safety {
  readonly words: string;
  /** What to do now; '' if there is nothing. */
  readonly now: string;
  /** Sats of ours are held, or on their way: the answer matters. */
  readonly held: boolean;
}

/** A height in words: "block 843,210, about 14:30". */
export type When = (height: number) => string;

const isHeld = ({ state }: PaymentView) => state === 'accepted' || state === 'pending';

/** The block by which the last held sat is paid or back, 0 without any. */
export function lastBack(payments: readonly PaymentView[]): number {
  return Math.max(0, ...payments.filter(isHeld).map(({ backByHeight }) => backByHeight));
}

/** Nothing was told of the block yet: the words must still be a sentence. */
function told(height: number, when: When): string {
  return height === 0 ? later.purse.unknownBlock : when(height);
}

const calm = (words: string, now = ''): Safety => ({ words, now, held: false });
const watch = (words: string, now = ''): Safety => ({ words, now, held: true });

export function safetyOfJob(job: JobView, when: When): Safety {
  const say = later.safety.customer;
  const back = told(lastBack(job.payments), when);
  switch (job.stage) {
    case 'asking':
      return calm(say.nothing);
    case 'offers':
      return calm(say.choose);
    case 'locking':
      return watch(say.locking(back), say.lockingNow);
    case 'matched':
      return matched(job, back, when);
    case 'confirmed':
      return watch(say.confirmed);
    case 'settled':
      return calm(say.settled);
    case 'thanked':
      return calm(say.thanked);
    case 'refunded':
    case 'cancelled':
    case 'expired':
      return ended(job, back);
  }
}

function matched(job: JobView, back: string, when: When): Safety {
  const say = later.safety.customer;
  if (job.contactText === null) return watch(say.broken(back), say.brokenNow);
  const at = job.case;
  if (at !== null && isDisputed(at)) {
    return watch(say.disputed(told(at.decidedAt, when)), say.disputedNow);
  }
  if (at !== null && saysAbsent(at)) return watch(say.absent(told(at.decidedAt, when)));
  if (at !== null && at.claimedAt !== null) {
    return watch(say.claimed(told(at.decidedAt, when)), say.claimedNow);
  }
  return watch(say.held(back), say.heldNow);
}

function isDisputed({ then, said, senderDisputedAt, replierDisputedAt }: CaseView): boolean {
  return (
    then === 'ruled' || said.disputes || senderDisputedAt !== null || replierDisputedAt !== null
  );
}

function saysAbsent({ noContactAt, said }: CaseView): boolean {
  return noContactAt !== null || said.noContact;
}

/** A job that did not take place: the gig may be back long before the network's fee is decided. */
function ended({ payments }: JobView, back: string): Safety {
  const say = later.safety.customer;
  const moved = payments.filter(({ state }) => state !== 'planned');
  if (moved.length === 0) return calm(say.never);
  const fee = payments.find(({ purpose }) => purpose === 'network');
  if (moved.some((payment) => payment.purpose === 'gig' && isHeld(payment))) {
    return watch(say.onItsWay(back));
  }
  if (fee?.state === 'settled') return calm(say.feePaid);
  if (fee === undefined || !isHeld(fee)) return calm(say.back);
  const gigMoved = moved.some(({ purpose }) => purpose === 'gig');
  return watch(gigMoved ? say.feeHeld(back) : say.onItsWay(back));
}

export function safetyOfOffer(offer: OfferMadeView, when: When): Safety {
  const say = later.safety.worker;
  const back = told(lastBack(offer.payments), when);
  switch (offer.stage) {
    case 'preparing':
      return calm(say.nothing);
    case 'sent':
      return calm(say.waiting, say.waitingNow);
    case 'held':
      return watch(say.held(back), say.heldNow);
    case 'matched':
      return hired(offer, back, when);
    case 'confirmed':
      return watch(say.confirmed(back));
    case 'paid':
      return calm(say.paid);
    case 'refunded':
    case 'withdrawn':
    case 'calledOff':
    case 'lost':
    case 'failed':
      return calm(say.over);
  }
}

function hired({ case: at, heights }: OfferMadeView, back: string, when: When): Safety {
  const say = later.safety.worker;
  if (at !== null && isDisputed(at)) {
    return watch(say.disputed(told(at.decidedAt, when)), say.disputedNow);
  }
  if (at !== null && at.noContactAt !== null) {
    return watch(say.accused(told(at.decidedAt, when)), say.accusedNow);
  }
  if (at !== null && (at.claimedAt !== null || at.said.claims)) {
    return watch(say.claimed(told(at.decidedAt, when)), say.claimedNow);
  }
  return watch(say.matched(back), say.matchedNow(told(heights?.claimBy ?? 0, when)));
}

export function safetyOfReply({ stage, payments }: UnsettledOfferView, when: When): Safety {
  const say = later.safety.unsettled;
  switch (stage) {
    case 'sent':
      return calm(say.sent);
    case 'paying':
      return watch(say.paying(told(lastBack(payments), when)));
    case 'paid':
    case 'met':
      return calm(say.paid);
    case 'unmet':
      return calm(say.unmet);
    case 'ended':
      return calm(say.over);
  }
}

export function safetyOfCarried({ payments }: CarriedView, when: When): Safety {
  const say = later.safety.carrier;
  const into = payments.find(({ direction }) => direction === 'in');
  const onward = payments.find(({ direction }) => direction === 'out');
  const inBy = told(into?.backByHeight ?? 0, when);
  if (into?.state === 'settled') return calm(say.paid);
  if (into?.state === 'cancelled') return calm(say.over);
  if (into?.state !== 'accepted') return calm(say.waiting);
  if (onward?.state === 'pending' || onward?.state === 'settled') {
    return watch(say.paying(told(onward.backByHeight, when), inBy), say.payingNow(inBy));
  }
  return watch(say.held(inBy));
}

export function safetyOfSettlement(one: SettlementView, when: When): Safety {
  const say = later.safety.settler;
  const fee = one.payments.filter(({ purpose }) => purpose === 'network');
  const back = told(lastBack(fee), when);
  switch (one.stage) {
    case 'promised':
      return calm(say.promised);
    case 'held':
      return watch(say.held(back));
    case 'unlocked':
    case 'claimed':
    case 'disputed':
    case 'confirmed':
      return watch(say.open(back), say.openNow(told(one.decidedAt, when)));
    case 'settled':
      return fee.some(isHeld) ? watch(say.paying) : calm(say.paid);
    case 'refunded':
    case 'aborted':
    case 'expired':
      return calm(say.over);
  }
}
