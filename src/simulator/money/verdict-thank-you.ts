/**
 * What became of jobs without a settler. Decision 13 states one risk and one only: a worker may have paid for a thank you that
 * its customer said and that brought nobody. So a worker may be short of the price of such a reply, never more than the limit
 * it set for it and what forwarders charge on top, once a reply, and to an honest customer only for its contact. Nobody else may
 * be short of anything.
 */
import type { PaymentHash } from '../../lib/protocol/index.ts';
import type { Seat } from './seat.ts';
import type { Town } from './town.ts';
import { thankYousOn, unsettledOn } from './watch-thank-you.ts';

export interface Thanked {
  /** Paid for thank-yous, forwarders included: what the mode lets a worker be short of. */
  readonly paidMsat: bigint;
  /** Received for saying thank you. */
  readonly gotMsat: bigint;
  /** What is not as it was agreed. */
  readonly wrong: readonly string[];
}

export function thankedOf(town: Town, seat: Seat): Thanked {
  const { ledger } = town.world;
  const { incoming, outgoing } = ledger.account(seat.name);
  const wrong: string[] = [];
  let [paidMsat, gotMsat] = [0n, 0n];
  for (const { offer, price } of unsettledOn(seat.watch.disk)) {
    const payment = price ? outgoing.get(price.paymentHash) : undefined;
    if (!price || payment?.state !== 'settled') continue;
    paidMsat += payment.amountMsat + payment.feeMsat;
    if (payment.amountMsat > offer.replyLimitMsat) wrong.push('paid more for a reply than it said');
    wrong.push(...unsaid(town, price.paymentHash));
  }
  for (const { thanks } of thankYousOn(seat.watch.disk)) {
    const invoice = thanks ? incoming.get(thanks.paymentHash) : undefined;
    if (invoice?.state === 'settled') gotMsat += invoice.fields.amountMsat;
  }
  return { paidMsat, gotMsat, wrong };
}

/** A thank you that was paid for was said by its customer, and an honest customer has met its worker. */
function unsaid({ world, seats }: Town, hash: PaymentHash): string[] {
  for (const seat of seats.values()) {
    const said = thankYousOn(seat.watch.disk).find(({ thanks }) => thanks?.paymentHash === hash);
    if (!said) continue;
    if (!seat.options.honest) return [];
    const invoice = world.ledger.account(seat.name).incoming.get(hash);
    if (invoice?.state !== 'settled') return [`paid for a thank you that ${seat.name} never said`];
    return said.state === 'Met' ? [] : [`is thanked by ${seat.name}, who has not its contact`];
  }
  const customers = [...seats.values()].filter(
    ({ options }) => options.planned.role === 'customer',
  );
  const isForged = customers.every(({ options }) => options.honest);
  return isForged ? ['paid for a thank you that nobody said'] : [];
}

/** Whose end is not reached though it is called so: a customer that met its worker has its money yet to come. */
export function unpaidThanks(seat: Seat): string[] {
  return thankYousOn(seat.watch.disk).flatMap(({ state, settled }) =>
    state === 'Met' && !settled ? [`${seat.name}'s thank-you is not settled`] : [],
  );
}

/** Thank-yous that were said in a town. */
export function saidThanks({ world, seats }: Town): number {
  let said = 0;
  for (const { name, watch } of seats.values()) {
    const { incoming } = world.ledger.account(name);
    for (const { thanks } of thankYousOn(watch.disk)) {
      if (thanks && incoming.get(thanks.paymentHash)?.state === 'settled') said++;
    }
  }
  return said;
}
