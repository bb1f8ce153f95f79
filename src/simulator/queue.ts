/** What the simulated network does in order, and by chance. */
import type { Clock } from '../lib/runtime/ports.ts';

/** Callbacks in the order they were given, whatever the clock does with equal times. */
export function queue(clock: Clock): (callback: () => void, afterMs?: number) => void {
  const waiting: (() => void)[] = [];
  let lastMs = 0;
  return (callback, afterMs = 0) => {
    lastMs = Math.max(lastMs, clock.now() + afterMs);
    waiting.push(callback);
    clock.at(lastMs, () => waiting.shift()?.());
  };
}

/** `count` of `from`, at random, by one seed. */
export function sample<T>(from: readonly T[], count: number, seed: Uint8Array): T[] {
  const rest = [...from];
  const chosen: T[] = [];
  while (chosen.length < count && rest.length > 0) {
    const at = 2 * (chosen.length % 16);
    const [one] = rest.splice(((seed[at]! << 8) | seed[at + 1]!) % rest.length, 1);
    chosen.push(one!);
  }
  return chosen;
}
