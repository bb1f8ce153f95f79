/** How often somebody did something in the present minute or hour. A fixed window: nobody gets more than twice its share across two. */

/** Names whose windows are remembered; those that were last heard of longest ago are forgotten first. */
const MOST_NAMES = 10_000;

export interface Tally {
  /** Times in this window, with this one. */
  count(name: string): number;
}

export function createTally(windowMs: number, now: () => number = Date.now): Tally {
  const windows = new Map<string, { readonly sinceMs: number; times: number }>();
  return {
    count: (name) => {
      const nowMs = now();
      const known = windows.get(name);
      const window =
        known && nowMs - known.sinceMs < windowMs ? known : { sinceMs: nowMs, times: 0 };
      window.times++;
      windows.delete(name);
      windows.set(name, window);
      if (windows.size > MOST_NAMES) windows.delete(windows.keys().next().value!);
      return window.times;
    },
  };
}
