/** What many runs add up to; kept on disk while they are made, and printed at the end. */
import type { Report } from './batch.ts';

export interface Sums {
  runs: number;
  satsLost: number;
  violations: number;
  stuck: number;
  twice: number;
  unmemoised: number;
  settled: number;
  refunded: number;
  /** Asks paid for in place of work. */
  favours: number;
  thanked: number;
  effects: number;
  coreSeconds: number;
  proofs: Record<string, number>;
  cheats: Record<string, number>;
  personalities: Record<string, number>;
  failed: { seed: number; why: readonly string[] }[];
}

export function noSums(): Sums {
  return {
    runs: 0,
    satsLost: 0,
    violations: 0,
    stuck: 0,
    twice: 0,
    unmemoised: 0,
    settled: 0,
    refunded: 0,
    favours: 0,
    thanked: 0,
    effects: 0,
    coreSeconds: 0,
    proofs: {},
    cheats: {},
    personalities: {},
    failed: [],
  };
}

export function add(sums: Sums, report: Report): void {
  const { seed, violations, stuck, lostMsat, coreSeconds } = report;
  sums.runs++;
  sums.satsLost += Number(lostMsat) / 1_000;
  sums.violations += violations.length;
  sums.stuck += stuck.length;
  sums.twice += Number(report.twice);
  sums.unmemoised += Number(report.unmemoised);
  sums.settled += report.settled;
  sums.refunded += report.refunded;
  sums.favours += report.favours;
  sums.thanked += report.thanked;
  sums.effects += report.effects;
  sums.coreSeconds += coreSeconds;
  for (const kind of report.proofs) sums.proofs[kind] = (sums.proofs[kind] ?? 0) + 1;
  for (const name of report.cheats) sums.cheats[name] = (sums.cheats[name] ?? 0) + 1;
  for (const name of report.personalities) {
    sums.personalities[name] = (sums.personalities[name] ?? 0) + 1;
  }
  const why = [...violations, ...stuck.map((what) => `stuck: ${what}`)];
  if (why.length > 0) sums.failed.push({ seed, why });
}

/** Seeds that were run are known by their number: runs go from the first seed on, in order of being asked for. */
export function printed({ coreSeconds, effects, ...sums }: Sums) {
  const runsPerCoreSecond = coreSeconds === 0 ? 0 : Number((sums.runs / coreSeconds).toFixed(2));
  return { ...sums, runsPerCoreSecond, effectsPerRun: Math.round(effects / (sums.runs || 1)) };
}
