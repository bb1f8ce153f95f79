/**
 * A job's life as both sides see it: seven steps with the same words, and for each moment one line on what happens now.
 * The node's stages and payments decide; nothing is remembered here.
 */
import { t } from './i18n/index.ts';
import type { JobView, OfferMadeView, OfferView, PaymentView } from './types.ts';

export interface Journey {
  /** 1 to 7; where it stopped if it ended early. */
  readonly step: number;
  readonly ending: 'none' | 'good' | 'bad';
  readonly title: string;
  /** What happens now, and who does it. */
  readonly now: string;
}

export const steps = 7;

export function journeyOfJob(job: JobView): Journey {
  const say = t.journey.job;
  const heard = job.asks.filter((ask) => ask.state === 'broadcast').length;
  const going = { ending: 'none' } as const;
  switch (job.stage) {
    case 'asking':
      return heard === 0
        ? { ...going, step: 1, title: t.journey.steps[0], now: say.asking(job.asks.length) }
        : { ...going, step: 2, title: t.journey.steps[1], now: say.heard(heard) };
    case 'offers':
      return {
        ...going,
        step: 3,
        title: t.journey.steps[2],
        now: say.offers(bestRoutes(job.offers).length),
      };
    case 'locking':
      return { ...going, step: 4, title: t.journey.steps[3], now: say.locking };
    case 'matched':
      return job.workerSaysDone
        ? { ...going, step: 6, title: t.journey.steps[5], now: say.saidDone }
        : { ...going, step: 5, title: t.journey.steps[4], now: say.matched };
    case 'confirmed':
      return { ...going, step: 6, title: t.journey.steps[5], now: say.confirmed };
    case 'settled':
      return { step: 7, ending: 'good', title: t.journey.steps[6], now: say.settled };
    case 'refunded':
      return {
        step: endedAt(job.payments),
        ending: 'bad',
        title: t.journey.refunded,
        now: refundedNow(job),
      };
    case 'thanked':
      return { ...going, step: 5, title: t.journey.steps[4], now: say.thanked };
    case 'cancelled':
      return {
        step: endedAt(job.payments),
        ending: 'bad',
        title: t.journey.cancelled,
        now: say.cancelled,
      };
    case 'expired':
      return {
        step: endedAt(job.payments),
        ending: 'bad',
        title: t.journey.expired,
        now: say.expired,
      };
  }
}

/** The gig may come back long before the network's fee is decided, or that fee may be paid all the same. */
function refundedNow({ payments }: JobView): string {
  const say = t.journey.job;
  const fee = payments.find(({ purpose }) => purpose === 'network')?.state;
  if (fee === 'settled') return say.feePaid;
  return fee === 'accepted' || fee === 'pending' ? say.feeHeld : say.refunded;
}

export function journeyOfOffer(offer: OfferMadeView): Journey {
  const say = t.journey.offer;
  const going = { ending: 'none' } as const;
  switch (offer.stage) {
    case 'preparing':
      return { ...going, step: 3, title: t.journey.steps[2], now: say.preparing };
    case 'sent':
      return { ...going, step: 3, title: t.journey.steps[2], now: say.sent };
    case 'held':
      return { ...going, step: 4, title: t.journey.steps[3], now: say.held };
    case 'matched':
      return offer.saidDone
        ? { ...going, step: 6, title: t.journey.steps[5], now: say.saidDone }
        : { ...going, step: 5, title: t.journey.steps[4], now: say.matched };
    case 'confirmed':
      return { ...going, step: 6, title: t.journey.steps[5], now: say.confirmed };
    case 'paid':
      return { step: 7, ending: 'good', title: t.journey.steps[6], now: say.paid };
    case 'refunded':
      return { step: 4, ending: 'bad', title: t.journey.refunded, now: say.refunded };
    case 'withdrawn':
      return { step: 3, ending: 'bad', title: t.journey.withdrawn, now: say.withdrawn };
    case 'calledOff':
      return { step: 3, ending: 'bad', title: t.journey.calledOff, now: say.calledOff };
    case 'lost':
      return { step: 3, ending: 'bad', title: t.journey.lost, now: say.lost };
    case 'failed':
      return { step: 3, ending: 'bad', title: t.journey.failed, now: say.failed };
  }
}

/** One offer may come home on several routes, each with its own promise and fee: the cheapest of each, cheapest first. */
export function bestRoutes(offers: readonly OfferView[]): readonly OfferView[] {
  const best = new Map<string, OfferView>();
  for (const offer of offers) {
    const known = best.get(offer.offerId);
    if (!known || totalOf(offer) < totalOf(known)) best.set(offer.offerId, offer);
  }
  return [...best.values()].sort((a, b) => compare(totalOf(a), totalOf(b)));
}

/** What choosing an offer locks. */
export function totalOf(offer: OfferView): bigint {
  return offer.priceMsat + offer.networkFeeMsat;
}

export function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Where a payment's sats are, in the words of the money strip. */
export type Whereabouts =
  'wallet' | 'leaving' | 'held' | 'paid' | 'returned' | 'expected' | 'received' | 'notReceived';

export function whereabouts({ direction, state }: PaymentView): Whereabouts {
  const out = direction === 'out';
  switch (state) {
    case 'planned':
    case 'issued':
      return out ? 'wallet' : 'expected';
    case 'pending':
      return out ? 'leaving' : 'expected';
    case 'accepted':
      return 'held';
    case 'settled':
      return out ? 'paid' : 'received';
    case 'cancelled':
      return out ? 'returned' : 'notReceived';
  }
}

/** How much is where, without what was only planned. */
export function sumsByWhereabouts(
  payments: readonly PaymentView[],
): readonly (readonly [Whereabouts, bigint])[] {
  const sums = new Map<Whereabouts, bigint>();
  for (const payment of payments) {
    if (payment.state === 'planned') continue;
    const where = whereabouts(payment);
    sums.set(where, (sums.get(where) ?? 0n) + payment.amountMsat);
  }
  return [...sums];
}

function endedAt(payments: readonly PaymentView[]): number {
  return payments.some((payment) => payment.state !== 'planned') ? 4 : 3;
}
