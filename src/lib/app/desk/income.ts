/** What a desk earned and decided, day by day or month by month, from its log. */
import type { LogLine } from './log.ts';

export interface Period {
  /** '2026-11-21' or '2026-11', by the clock on the wall. */
  readonly name: string;
  readonly feeMsat: bigint;
  readonly paid: number;
  readonly refunded: number;
  readonly rulings: number;
  /** Paid to workers. */
  readonly turnoverMsat: bigint;
}

export function periodOf(atMs: number, by: 'day' | 'month'): string {
  const at = new Date(atMs);
  const two = (n: number) => String(n).padStart(2, '0');
  const month = `${at.getFullYear()}-${two(at.getMonth() + 1)}`;
  return by === 'month' ? month : `${month}-${two(at.getDate())}`;
}

/** The latest first; a period in which nothing happened is left out. */
export function income(lines: readonly LogLine[], by: 'day' | 'month'): Period[] {
  const found = new Map<string, Period>();
  for (const { atMs, did, msat, detail } of lines) {
    if (did !== 'earned' && did !== 'settled' && did !== 'refunded') continue;
    const name = periodOf(atMs, by);
    const none = { name, feeMsat: 0n, paid: 0, refunded: 0, rulings: 0, turnoverMsat: 0n };
    const sum = found.get(name) ?? none;
    const amount = BigInt(msat === '' ? 0 : msat);
    const ruled = did !== 'earned' && detail === 'ruled' ? 1 : 0;
    found.set(name, {
      name,
      feeMsat: sum.feeMsat + (did === 'earned' ? amount : 0n),
      paid: sum.paid + (did === 'settled' ? 1 : 0),
      refunded: sum.refunded + (did === 'refunded' ? 1 : 0),
      rulings: sum.rulings + ruled,
      turnoverMsat: sum.turnoverMsat + (did === 'settled' ? amount : 0n),
    });
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? 1 : -1));
}
