/** Counts what was paid in place of work. Sweet-Gossip: "Favour-Conditions". */
import { store } from '../stored.ts';
import type { FavourSums } from './favour-states.ts';
import type { Turn } from './state.ts';
import { markNode } from './turn.ts';

export function countFavour(
  turn: Turn,
  { soldMsat = 0n, boughtMsat = 0n }: Partial<FavourSums>,
): void {
  const { node, effects } = turn;
  const { favourSums: sums } = node;
  node.favourSums = {
    soldMsat: sums.soldMsat + soldMsat,
    boughtMsat: sums.boughtMsat + boughtMsat,
  };
  effects.push(store('favour-sums', node.favourSums));
  markNode(turn);
}
