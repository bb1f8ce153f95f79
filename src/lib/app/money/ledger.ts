/**
 * The money view: every payment this node has a part in, by job and by what it is in it, and what they come to. The gig's price
 * that passes before a settler's eyes is no money of ours and is left out.
 */
import { hashOf } from '../route.ts';
import type {
  CarriedView,
  JobView,
  OfferMadeView,
  PaymentView,
  SettlementView,
  TopicView,
  UnsettledOfferView,
} from '../types.ts';
import {
  lastBack,
  safetyOfCarried,
  safetyOfJob,
  safetyOfOffer,
  safetyOfReply,
  safetyOfSettlement,
  type Safety,
  type When,
} from './safety.ts';

/** What the model knows; `NodeModel` is one. */
export interface Books {
  readonly jobs: ReadonlyMap<string, JobView>;
  readonly offers: ReadonlyMap<string, OfferMadeView>;
  readonly replies: ReadonlyMap<string, UnsettledOfferView>;
  readonly carried: ReadonlyMap<string, CarriedView>;
  readonly settlements: ReadonlyMap<string, SettlementView>;
}

/** One job as our money sees it. */
export interface Account {
  /** Its view's name: no two are equal. */
  readonly id: string;
  readonly role: 'customer' | 'worker' | 'carrier' | 'settler';
  readonly topic: TopicView | null;
  /** The screen with all of it; null where there is none. */
  readonly href: string | null;
  /** Ours: planned ones are left out. */
  readonly payments: readonly PaymentView[];
  readonly safety: Safety;
}

export interface Totals {
  /** Of ours, held: paid or back. */
  readonly heldOutMsat: bigint;
  /** Of others, held for us: received or not. */
  readonly heldInMsat: bigint;
  readonly paidMsat: bigint;
  readonly receivedMsat: bigint;
  readonly returnedMsat: bigint;
  /** Blocks by which the first and the last of what is held is paid or back; 0 if none is, or none was told. */
  readonly firstBack: number;
  readonly lastBack: number;
}

/** What is held first, the soonest block first; of the rest, in the order of the books. */
export function accountsOf(books: Books, when: When): readonly Account[] {
  const accounts: Account[] = [
    ...[...books.jobs.values()].map((job): Account => {
      const { payloadId, topic, payments } = job;
      const href = hashOf({ screen: 'job', payloadId });
      const safety = safetyOfJob(job, when);
      return { id: `job/${payloadId}`, role: 'customer', topic, href, payments, safety };
    }),
    ...[...books.offers.values()].map((offer): Account => {
      const { offerId, topic, payments } = offer;
      const href = hashOf({ screen: 'offer', offerId });
      const safety = safetyOfOffer(offer, when);
      return { id: `offer/${offerId}`, role: 'worker', topic, href, payments, safety };
    }),
    ...[...books.replies.values()].map((reply): Account => {
      const { offerId, topic, payments } = reply;
      const href = hashOf({ screen: 'offer', offerId });
      const safety = safetyOfReply(reply, when);
      return { id: `reply/${offerId}`, role: 'worker', topic, href, payments, safety };
    }),
    ...[...books.carried.values()].map((carried): Account => {
      const { paymentHash, payments } = carried;
      const safety = safetyOfCarried(carried, when);
      const id = `carried/${paymentHash}`;
      return { id, role: 'carrier', topic: null, href: null, payments, safety };
    }),
    ...[...books.settlements.values()].map((one): Account => {
      const { promiseId } = one;
      const payments = one.payments.filter(({ purpose }) => purpose === 'network');
      const href = hashOf({ screen: 'settle', at: promiseId });
      const safety = safetyOfSettlement(one, when);
      const id = `settlement/${promiseId}`;
      return { id, role: 'settler', topic: null, href, payments, safety };
    }),
  ];
  return accounts
    .map((account) => ({ ...account, payments: account.payments.filter(hasMoved) }))
    .filter(({ payments }) => payments.length > 0)
    .sort((a, b) => rank(a) - rank(b));
}

/** An invoice that nobody paid yet is no sat of anybody's. */
function hasMoved({ state }: PaymentView): boolean {
  return state !== 'planned' && state !== 'issued';
}

export function isHeld({ state }: PaymentView): boolean {
  return state === 'accepted' || state === 'pending';
}

export function isOpen({ payments }: Account): boolean {
  return payments.some(isHeld);
}

function rank(account: Account): number {
  if (!isOpen(account)) return Number.MAX_VALUE;
  const back = lastBack(account.payments);
  // Not told yet: it has only begun.
  return back === 0 ? Number.MAX_SAFE_INTEGER : back;
}

export function totalsOf(accounts: readonly Account[]): Totals {
  const all = accounts.flatMap(({ payments }) => payments);
  const sum = (which: (payment: PaymentView) => boolean) =>
    all.filter(which).reduce((total, { amountMsat }) => total + amountMsat, 0n);
  const out = ({ direction }: PaymentView) => direction === 'out';
  const blocks = all
    .filter((payment) => isHeld(payment) && payment.backByHeight > 0)
    .map(({ backByHeight }) => backByHeight);
  return {
    heldOutMsat: sum((payment) => out(payment) && isHeld(payment)),
    heldInMsat: sum((payment) => !out(payment) && isHeld(payment)),
    paidMsat: sum((payment) => out(payment) && payment.state === 'settled'),
    receivedMsat: sum((payment) => !out(payment) && payment.state === 'settled'),
    returnedMsat: sum((payment) => out(payment) && payment.state === 'cancelled'),
    firstBack: blocks.length === 0 ? 0 : Math.min(...blocks),
    lastBack: Math.max(0, ...blocks),
  };
}
