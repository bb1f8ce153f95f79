/**
 * What this node carries for a fee: which replies it holds money for, how much of that at once, and whether its wallet can.
 * Whitepaper: "Cryptographic Payment Chains based on HODL invoices".
 *
 * A reply is passed through as it came, for nothing, where the wallet cannot hold and pay one hash, where the chain would
 * reach too far, and where too many payments are held already.
 */
import type { PaymentHash } from '../ids.ts';
import { limits } from '../limits.ts';
import { isHeld, startLeg, type LegEvent, type LegTerms } from '../roles/leg.ts';
import type { Carriage } from '../roles/middleman.ts';
import { learnFailed, learnPaid } from './relaying.ts';
import type { Node, Turn } from './state.ts';
import { isOfFavour } from './taken.ts';
import { send } from './outbox.ts';
import { markLeg, markWallet, perform, tellLeg } from './turn.ts';

/** Payments of others that are held now. */
export function openHolds(node: Node): LegTerms[] {
  return [...node.legs.values()].filter(isHeld).map(({ terms }) => terms);
}

/** Would one more be too many, in all, of this upstream peer, or of this settler? The bounds against jamming. */
export function isCrowded(
  node: Node,
  { upstream, settler }: Pick<LegTerms, 'upstream' | 'settler'>,
): boolean {
  const held = openHolds(node);
  const ofPeer = held.filter((terms) => terms.upstream === upstream).length;
  const ofSettler = held.filter((terms) => settler && terms.settler?.key === settler.key).length;
  return (
    held.length >= limits.openHolds ||
    ofPeer >= limits.openHoldsPerPeer ||
    ofSettler >= limits.openHoldsPerSettler
  );
}

/**
 * Has a reply on this hash crossed this node before? One wallet takes a hash once, so the second is dropped; nobody is to
 * blame, it came home on two ways.
 */
export function hasCrossed(node: Node, hash: PaymentHash): boolean {
  if (node.legs.has(hash) || isOfFavour(node, hash)) return true;
  for (const made of node.offers.values()) {
    if ('draft' in made && made.draft.networkPaymentHash === hash) return true;
  }
  for (const passage of node.passages.values()) {
    if (passage.state === 'Carrying' && passage.replies.includes(hash)) return true;
  }
  return false;
}

/** On to the originator: with an invoice of our own, or as it came where we cannot or must not hold. */
export function forward(turn: Turn, { passage, frame, leg, verified }: Carriage): void {
  const { node } = turn;
  const { expiryMs: untilMs } = verified.promise;
  const owner = `payload/${passage.payloadId}`;
  if (leg === null || isCrowded(node, leg) || isOwn(node, leg.paymentHash)) {
    return send(turn, passage.originator, frame, { untilMs, owner });
  }
  const [started, effects] = startLeg(leg, frame);
  node.legs.set(leg.paymentHash, started);
  perform(turn, effects);
  markLeg(turn, leg.paymentHash);
}

/** Our own settler's invoice is on this hash: our wallet has no place for a second. */
function isOwn(node: Node, hash: PaymentHash): boolean {
  return [...node.settlements.values()].some(({ deal }) => deal.networkPaymentHash === hash);
}

/** What the wallet told of a leg. The bounds are looked at again when money comes: many may have been offered meanwhile. */
export function onLegPayment(turn: Turn, hash: PaymentHash, event: LegEvent): void {
  const leg = turn.node.legs.get(hash);
  if (leg === undefined) return;
  const isLate = event.on === 'invoiceAccepted' && leg.state === 'Offered';
  if (isLate && isCrowded(turn.node, leg.terms)) return tellLeg(turn, hash, { on: 'crowded' });
  const before = turn.node.wallet;
  if (leg.state === 'Paying' && event.on === 'paymentSettled') learnPaid(turn);
  if (leg.state === 'Paying' && event.on === 'paymentFailed') learnFailed(turn, hash);
  if (turn.node.wallet !== before) markWallet(turn);
  tellLeg(turn, hash, event);
  const { payingSinceMs, legs } = turn.node;
  const isPaying = legs.get(hash)?.state === 'Paying';
  if (isPaying && leg.state === 'Offered') payingSinceMs.set(hash, turn.ctx.nowMs);
  if (!isPaying) payingSinceMs.delete(hash);
}
