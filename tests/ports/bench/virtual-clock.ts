import type { Clock } from '../../../src/lib/runtime/ports.ts';

export interface VirtualClock extends Clock {
  /** Goes on until nothing waits any more, or until that time. */
  run(untilMs?: number): void;
  /** So much time passes at once; what was due meanwhile is called after it. */
  sleep(forMs: number): void;
}

/** Time that goes on when told, and seeds that count: 1, 1, 1 ..., then 2, 2, 2 ... */
export function virtualClock(firstSeed = 1): VirtualClock {
  let nowMs = 0;
  let seed = firstSeed;
  const waiting: { readonly atMs: number; readonly callback: () => void }[] = [];
  return {
    now: () => nowMs,
    at: (atMs, callback) => void waiting.push({ atMs, callback }),
    seed: () => new Uint8Array(32).fill(seed++),
    run: (untilMs = Infinity) => {
      for (;;) {
        waiting.sort((a, b) => a.atMs - b.atMs);
        const next = waiting[0];
        if (next === undefined || next.atMs > untilMs) break;
        waiting.shift();
        nowMs = Math.max(nowMs, next.atMs);
        next.callback();
      }
      if (Number.isFinite(untilMs)) nowMs = Math.max(nowMs, untilMs);
    },
    sleep(forMs) {
      nowMs += forMs;
      this.run(nowMs);
    },
  };
}
