/**
 * Which payment hashes mean something to this node already. A wallet takes a hash once, and what it tells of a payment is told by
 * its hash alone: so a hash that somebody else chose is used for one thing only.
 */
import type { PaymentHash } from '../ids.ts';
import type { Node } from './state.ts';

/** Is this the hash of a payment in place of work, or was it? Then no chain may be built on it. */
export function isOfFavour(node: Node, hash: PaymentHash): boolean {
  const { favoursBought, favoursSold, favoursOver } = node;
  return favoursBought.has(hash) || favoursSold.has(hash) || favoursOver.has(hash);
}

/** Is any payment, made or to come, on this hash? */
export function isTaken(node: Node, hash: PaymentHash): boolean {
  const hashes = [
    ...[...node.settlements.values()].map(({ deal }) => deal.networkPaymentHash),
    ...[...node.offers.values()].flatMap((made) => [
      'draft' in made && made.draft.networkPaymentHash,
      'terms' in made && made.terms.replyPaymentHash,
    ]),
    ...[...node.unsettledOffers.values()].map((made) => 'price' in made && made.price?.paymentHash),
    ...[...node.thankYous.values()].map((made) => 'thanks' in made && made.thanks?.paymentHash),
    ...[...node.jobs.values()].flatMap(({ offers }) =>
      offers.flatMap(({ networkPaymentHash, terms }) => [
        networkPaymentHash,
        terms.replyPaymentHash,
      ]),
    ),
    ...[...node.jobs.values()].flatMap((job) =>
      'chosen' in job ? [job.chosen.networkPaymentHash, job.chosen.terms.replyPaymentHash] : [],
    ),
  ];
  const met = node.legs.has(hash) || node.promisesMet.has(hash);
  return met || isOfFavour(node, hash) || hashes.includes(hash);
}
