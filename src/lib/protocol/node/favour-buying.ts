/**
 * A node that asks, and may pay in place of work: how much just now, and for what. The owner's limits hold over every restart,
 * as the payments of a day are on disk. Sweet-Gossip: "Favour-Conditions", the LN scheme.
 */
import type { FrameOf } from '../frame.ts';
import { feeFloorMsat } from '../job/payment-chain.ts';
import { limits } from '../limits.ts';
import { purchaseKey, spentMsat, startPurchase } from '../roles/favour-bought.ts';
import type { Ask, AskTerms } from '../roles/originator.ts';
import { store } from '../stored.ts';
import type { Turn } from './state.ts';
import { isTaken } from './taken.ts';
import { perform } from './turn.ts';

type ToWhom = Pick<AskTerms, 'peer' | 'payloadId'>;

/** A neighbour is paid for a topic once: asked again, after a restart say, it is worked for. */
function isFor(purchase: ToWhom, { peer, payloadId }: ToWhom): boolean {
  return purchase.peer === peer && purchase.payloadId === payloadId;
}

/** Most that may be paid for one ask now, msat; 0: this node works. */
export function mayPayMsat({ node, ctx }: Turn, to: ToWhom): bigint {
  const { policy, wallet, favoursBought } = node;
  const { maxPayMsat, maxPayPerDayMsat } = policy;
  if (wallet.state !== 'ready' || favoursBought.size >= limits.favoursBought) return 0n;
  const sinceMs = ctx.nowMs - limits.favourDayMs;
  let leftMsat = maxPayPerDayMsat;
  for (const bought of favoursBought.values()) {
    const spent = spentMsat(bought);
    if (spent > 0n && isFor(bought.purchase, to)) return 0n;
    if (bought.purchase.atMs > sinceMs) leftMsat -= spent;
  }
  const balanceMsat = wallet.balanceMsat - feeFloorMsat(maxPayMsat);
  const least = [maxPayMsat, leftMsat, balanceMsat].reduce((a, b) => (a < b ? a : b));
  return least > 0n ? least : 0n;
}

/** Most that may be paid under these conditions. An invoice on a hash that means something else to us is not paid. */
export function mayPayFor(turn: Turn, { paymentRequest, askId }: FrameOf<'conditions'>): bigint {
  const { node } = turn;
  const ask = node.asks.get(askId)?.ask;
  if (ask === undefined || paymentRequest === null) return 0n;
  return isTaken(node, paymentRequest.paymentHash) ? 0n : mayPayMsat(turn, ask);
}

/** The ask decided to pay: remembered first, then paid. Payments that no limit counts any more are forgotten. */
export function buyFavour(
  turn: Turn,
  { ask, payment }: Extract<Ask, { state: 'AwaitingPayment' }>,
): void {
  const { node, ctx, effects } = turn;
  for (const [hash, bought] of node.favoursBought) {
    const isOld = bought.purchase.atMs <= ctx.nowMs - limits.favourDayMs;
    if (!isOld || bought.state === 'Paying') continue;
    node.favoursBought.delete(hash);
    effects.push(store(purchaseKey(hash), null));
  }
  const { paymentHash, invoice, priceMsat } = payment;
  const { peer, payloadId } = ask;
  const purchase = { paymentHash, peer, payloadId, invoice, priceMsat, atMs: ctx.nowMs };
  const [bought, pays] = startPurchase(purchase);
  node.favoursBought.set(paymentHash, bought);
  perform(turn, pays);
}
