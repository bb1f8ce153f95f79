/** A virtual clock: time passes only when it is run, and all chance comes from one seed. */
import { hash } from '../lib/protocol/index.ts';
import type { Clock } from '../lib/runtime/ports.ts';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

export interface VirtualClock extends Clock {
  /** Runs what is due until nothing is, or until `untilMs`; the time is then `untilMs`. */
  runUntil(untilMs: number): void;
  /** Time passes and nothing runs, as if every device slept; what fell due is then run late. */
  leap(ms: number): void;
  /** Runs until `holds` is true, looked at after every callback. Throws if it is not by `withinMs`. */
  runUntilTrue(holds: () => boolean, withinMs: number, what: string): void;
  /** A clock of the same time with chance of its own, so that one node's draws do not move another's. */
  fork(name: string): Clock;
}

export function createVirtualClock(startMs: number, seed: string): VirtualClock {
  let nowMs = startMs;
  let orders = 0;
  const timers: Timer[] = [];

  function push(timer: Timer): void {
    timers.push(timer);
    let i = timers.length - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(timers[i]!, timers[parent]!)) return;
      [timers[i], timers[parent]] = [timers[parent]!, timers[i]!];
      i = parent;
    }
  }

  function pop(): Timer {
    const first = timers[0]!;
    const last = timers.pop()!;
    if (timers.length === 0) return first;
    timers[0] = last;
    let i = 0;
    for (;;) {
      let least = i;
      for (const child of [2 * i + 1, 2 * i + 2]) {
        if (child < timers.length && isBefore(timers[child]!, timers[least]!)) least = child;
      }
      if (least === i) return first;
      [timers[i], timers[least]] = [timers[least]!, timers[i]!];
      i = least;
    }
  }

  function runNext(): void {
    const timer = pop();
    nowMs = Math.max(nowMs, timer.atMs);
    timer.callback();
  }

  function dice(name: string): () => Uint8Array {
    let draws = 0;
    const root = hash(new TextEncoder().encode(`${seed}/${name}`));
    return () => hash(root, new TextEncoder().encode(String(draws++)));
  }

  const clock: VirtualClock = {
    now: () => nowMs,
    at: (atMs, callback) => push({ atMs: Math.max(atMs, nowMs), order: orders++, callback }),
    seed: dice('world'),
    runUntil(untilMs) {
      while (timers.length > 0 && timers[0]!.atMs <= untilMs) runNext();
      nowMs = Math.max(nowMs, untilMs);
    },
    leap(ms) {
      nowMs += ms;
    },
    runUntilTrue(holds, withinMs, what) {
      const untilMs = nowMs + withinMs;
      while (!holds()) {
        if (timers.length === 0 || timers[0]!.atMs > untilMs) {
          throw new Error(`not within ${withinMs} ms: ${what}`);
        }
        runNext();
      }
    },
    fork: (name) => ({ now: clock.now, at: clock.at, seed: dice(name) }),
  };
  return clock;
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
