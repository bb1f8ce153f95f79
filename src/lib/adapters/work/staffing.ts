/** How many workers mine: a share of the cores that leaves the phone usable, cool and alive. Pure policy. */

/** What is known of the device now. */
export interface Surroundings {
  /** Logical cores. */
  readonly cores: number;
  /** Nobody looks at the app. */
  readonly hidden: boolean;
  /** The battery is low and nothing charges it. */
  readonly sparing: boolean;
}

/** More would heat a phone up until it is slower than with fewer. */
const mostWorkers = 4;

/** All cores but one, at most four; in the background half of that; one while the battery is low. */
export function workersFor({ cores, hidden, sparing }: Surroundings): number {
  const all = Math.max(1, Math.min(mostWorkers, Math.floor(cores) - 1 || 1));
  if (sparing) return 1;
  return hidden ? Math.max(1, Math.floor(all / 2)) : all;
}

/** A battery with less than this share, not charging, is spared. */
const lowBattery = 0.2;

export function isSparing(battery: {
  readonly charging: boolean;
  readonly level: number;
}): boolean {
  return !battery.charging && battery.level <= lowBattery;
}
