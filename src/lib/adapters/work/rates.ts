/** How fast workers are: measured by what they were busy for, so that waiting, and sleeping, count for nothing. */
import { powSchemes, referenceRates, type HashRates } from '../../protocol/index.ts';
import type { PowScheme } from '../../protocol/index.ts';

/** Hashes per busy ms, by scheme; null until measured. */
export type Pace = Record<PowScheme, number | null>;

/** What was measured counts half after so many ms of work. */
const halfMs = 2_000;

export const noPace = (): Pace => ({ sha256: null, argon2id: null });

/** With `hashes` more that took `busyMs`. Clocks of browsers are coarse: what took no time says nothing. */
export function paced(pace: number | null, hashes: number, busyMs: number): number | null {
  if (busyMs <= 0) return pace;
  const measured = hashes / busyMs;
  return pace === null ? measured : measured + (pace - measured) * 2 ** (-busyMs / halfMs);
}

/**
 * Hashes a second of `workers` workers like these. A scheme nobody was measured at is reckoned from the other, as it is for the
 * reference phone. Null if nothing was measured.
 */
export function ratesOf(paces: readonly Pace[], workers: number): HashRates | null {
  const mean = (scheme: PowScheme) => {
    const known = paces.map((pace) => pace[scheme]).filter((pace) => pace !== null);
    return known.length === 0 ? null : known.reduce((sum, pace) => sum + pace, 0) / known.length;
  };
  const means = { sha256: mean('sha256'), argon2id: mean('argon2id') };
  const known = powSchemes.find((scheme) => means[scheme] !== null);
  if (known === undefined) return null;
  const perSecond = (scheme: PowScheme) => {
    const share = referenceRates[scheme] / referenceRates[known];
    return Math.round(1_000 * workers * (means[scheme] ?? means[known]! * share));
  };
  return { sha256: perSecond('sha256'), argon2id: perSecond('argon2id') };
}
