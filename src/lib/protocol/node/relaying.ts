/**
 * Can our wallet pay a hash that it holds a payment for? Nobody says so, it is found out (architecture, decision 5). One that
 * cannot (Alby Hub on its LDK backend) refuses at once and always; a payment that fails later, or once, failed for another reason:
 * no route, a payee that gave it back. A wallet that cannot relays for nothing, and is tried again day by day.
 */
import type { PaymentHash } from '../ids.ts';
import { limits } from '../limits.ts';
import { store } from '../stored.ts';
import type { Turn } from './state.ts';

/** It paid what it held: that is so for good. */
export function learnPaid(turn: Turn): void {
  const { node, effects } = turn;
  if (node.wallet.relays === 'yes') return;
  node.wallet = { ...node.wallet, relays: 'yes' };
  effects.push(store('wallet-relays', 'yes'));
  if (node.refusals !== null) effects.push(store('wallet-refusals', null));
  node.refusals = null;
}

/** The payment of a leg failed. Said again of the same payment, it counts once. */
export function learnFailed({ node, ctx, effects }: Turn, hash: PaymentHash): void {
  const sinceMs = node.payingSinceMs.get(hash);
  node.payingSinceMs.delete(hash);
  if (node.wallet.relays === 'yes' || sinceMs === undefined) return;
  if (ctx.nowMs - sinceMs > limits.refusalMs) return;
  node.refusals = { count: (node.refusals?.count ?? 0) + 1, atMs: ctx.nowMs };
  effects.push(store('wallet-refusals', node.refusals));
  if (node.refusals.count < limits.refusals || node.wallet.relays === 'no') return;
  node.wallet = { ...node.wallet, relays: 'no' };
  effects.push(store('wallet-relays', 'no'));
}

/** Another wallet, or its owner knows better: it is to be found out again. */
export function forgetRelaying({ node, effects }: Turn): void {
  if (node.wallet.relays !== 'untried') effects.push(store('wallet-relays', null));
  if (node.refusals !== null) effects.push(store('wallet-refusals', null));
  node.wallet = { ...node.wallet, relays: 'untried' };
  node.refusals = null;
}
