/**
 * One process of a money simulation: runs the seeds that its parent names and tells what came of each. Every tenth seed runs
 * twice and every twentieth once more without memory (`memory.ts`); all of its traces must be equal.
 */
import { readFileSync } from 'node:fs';
import { memory } from './memory.ts';
import { planOf, readPlan } from './plan.ts';
import type { Outcome } from './run.ts';
import { attempt } from './shrink.ts';

/** What a parent asks: these seeds, one after the other. */
export interface Order {
  readonly seeds: readonly number[];
  /** A stored plan to run instead. */
  readonly file?: string;
}

/** What became of one seed. */
export interface Report {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly stuck: readonly string[];
  readonly lostMsat: string;
  readonly settled: number;
  readonly refunded: number;
  readonly favours: number;
  readonly thanked: number;
  readonly proofs: readonly string[];
  readonly twice: boolean;
  readonly unmemoised: boolean;
  /** Seconds of one core, repetitions not counted. */
  readonly coreSeconds: number;
  readonly effects: number;
  readonly cheats: readonly string[];
  readonly personalities: readonly string[];
}

const twiceEvery = 10;
const plainEvery = 20;

export function report(seed: number, plan = planOf(seed)): Report {
  const before = process.cpuUsage();
  const outcome = attempt(plan);
  const { user, system } = process.cpuUsage(before);
  const twice = seed % twiceEvery === 0;
  const unmemoised = seed % plainEvery === 0;
  const violations = [...outcome.violations];
  if (twice && attempt(plan).trace !== outcome.trace)
    violations.push('another trace the second time');
  if (unmemoised && withoutMemory(() => attempt(plan)).trace !== outcome.trace) {
    violations.push('another trace without memory');
  }
  const cheats = plan.oddities.flatMap((oddity) =>
    oddity.odd === 'cheat' ? [oddity.cheat] : oddity.odd === 'vanish' ? ['vanishes'] : [],
  );
  return {
    seed,
    violations,
    stuck: outcome.stuck,
    lostMsat: String(outcome.lostMsat),
    settled: outcome.settled,
    refunded: outcome.refunded,
    favours: outcome.favours,
    thanked: outcome.thanked,
    proofs: outcome.proofs,
    twice,
    unmemoised,
    coreSeconds: (user + system) / 1e6,
    effects: outcome.effects,
    cheats,
    personalities: plan.oddities.flatMap((odd) => (odd.odd === 'wallet' ? [odd.personality] : [])),
  };
}

function withoutMemory(run: () => Outcome): Outcome {
  memory.on = false;
  try {
    return run();
  } finally {
    memory.on = true;
  }
}

process.on('message', ({ seeds, file }: Order) => {
  if (file !== undefined) process.send?.(report(0, readPlan(readFileSync(file, 'utf8'))));
  for (const seed of seeds) process.send?.(report(seed));
  process.send?.('done');
});
