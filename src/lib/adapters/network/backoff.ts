/** How long to wait before the next try: twice as long each time, and never together with everybody else. */

export interface Backoff {
  readonly firstMs: number;
  readonly mostMs: number;
}

/** ms after `tries` tries in vain: between half and all of the doubled wait. `chance` is from 0 to 1. */
export function backoffMs({ firstMs, mostMs }: Backoff, tries: number, chance: number): number {
  const whole = Math.min(firstMs * 2 ** tries, mostMs);
  return Math.round(whole * (0.5 + chance / 2));
}
