/** The real clock: the machine's time, its timers, its random numbers. For every place that is not simulated. */
import type { Clock } from './ports.ts';

/** setTimeout's longest wait, ms; a later wake is waited for in pieces. */
const longestMs = 2 ** 31 - 1;

/** What every JavaScript engine outside the core has. */
interface Machine {
  setTimeout(callback: () => void, ms: number): unknown;
  readonly crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): unknown };
}

export function createSystemClock(machine: Machine): Clock {
  function at(atMs: number, callback: () => void): void {
    const waitMs = Math.max(0, atMs - Date.now());
    if (waitMs > longestMs) machine.setTimeout(() => at(atMs, callback), longestMs);
    else machine.setTimeout(callback, waitMs);
  }
  return {
    now: () => Date.now(),
    at,
    seed() {
      const seed = new Uint8Array(32);
      machine.crypto.getRandomValues(seed);
      return seed;
    },
  };
}
