/** What works on this device, and how fast: it decides which conditions a node can afford. */
import type { Miners } from '../job/difficulty.ts';
import { powSchemes } from '../job/proof-of-work.ts';
import { store } from '../stored.ts';
import type { Turn } from './state.ts';
import { markNode } from './turn.ts';

/** A rate that moved by less than this share is no news. */
const newsworthy = 0.25;

/** Remembered over restarts: the next start should not reckon with a reference phone again. */
export function onMiners(turn: Turn, miners: Miners): void {
  const { node } = turn;
  if (!isNews(node.miners, miners)) return;
  node.miners = miners;
  turn.effects.push(store('miners', miners));
  markNode(turn);
}

function isNews(known: Miners, told: Miners): boolean {
  if (known.kernel !== told.kernel || known.workers !== told.workers) return true;
  return powSchemes.some((scheme) => {
    const [before, after] = [known.hashRates[scheme], told.hashRates[scheme]];
    return Math.abs(after - before) > before * newsworthy;
  });
}
