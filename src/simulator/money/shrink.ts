/** Makes a schedule that fails as small as it gets: delta debugging over the oddities of a plan. */
import type { Oddity, Plan } from './plan.ts';
import { runPlan, type Outcome } from './run.ts';

/** Runs a plan; what the code itself throws is a failure like any other. */
export function attempt(plan: Plan): Outcome {
  try {
    return runPlan(plan);
  } catch (error) {
    const why = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      plan,
      violations: [`threw: ${why}`],
      lostMsat: 0n,
      stuck: [],
      settled: 0,
      refunded: 0,
      favours: 0,
      thanked: 0,
      proofs: [],
      trace: '',
      effects: 0,
      lines: [],
    };
  }
}

export function fails({ violations, stuck }: Outcome): boolean {
  return violations.length > 0 || stuck.length > 0;
}

/** The outcome of a plan with as few oddities as still fail. */
export function shrink(failed: Outcome): Outcome {
  let least = failed;
  let parts = 2;
  while (least.plan.oddities.length > 0) {
    const smaller = oneSmaller(least, parts);
    const size = least.plan.oddities.length;
    if (smaller) {
      least = smaller;
      parts = Math.max(2, parts - 1);
    } else if (parts >= size) return least;
    else parts = Math.min(size, parts * 2);
  }
  return least;
}

/** Leaves out one of so many parts; null if every part is needed. */
function oneSmaller({ plan }: Outcome, parts: number): Outcome | null {
  const size = Math.ceil(plan.oddities.length / parts);
  for (let from = 0; from < plan.oddities.length; from += size) {
    const oddities: Oddity[] = [
      ...plan.oddities.slice(0, from),
      ...plan.oddities.slice(from + size),
    ];
    const outcome = attempt({ ...plan, oddities });
    if (fails(outcome)) return outcome;
  }
  return null;
}
