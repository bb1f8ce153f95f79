/** The inside of a mining worker, under a clock that goes as fast as its kernel is slow. */
import { describe, expect, test } from 'vitest';
import { u32, concat } from '../src/lib/protocol/bytes.ts';
import type { PowScheme } from '../src/lib/protocol/job/proof-of-work.ts';
import {
  createMiner,
  type Mine,
  type MinerOrder,
  type MinerReport,
} from '../src/workers/pow-miner.ts';

const [inner, target] = [new Uint8Array(32), new Uint8Array(32)];
const order = (turn: number, nonces: number, scheme: PowScheme = 'sha256'): MinerOrder => {
  return { do: 'mine', turn, scheme, inner, target, high: 7, nonces };
};

/** A worker that does so many hashes a ms and never finds anything but `hit`, the low half of a nonce. */
function setUp({ perMs, hit = -1 }: { readonly perMs: number; readonly hit?: number }) {
  let nowMs = 0;
  const counts: number[] = [];
  const reports: MinerReport[] = [];
  const waiting: (() => void)[] = [];
  const mine: Mine = (_inner, _target, { high, low }, count) => {
    counts.push(count);
    nowMs += count / perMs;
    return hit >= low && hit < low + count ? concat(u32(high), u32(hit)) : null;
  };
  const later: Mine = (...slice) => Promise.resolve(mine(...slice));
  const take = createMiner({
    kernels: { sha256: mine, argon2id: later },
    report: (report) => reports.push(report),
    soon: (callback) => waiting.push(callback),
    now: () => nowMs,
  });
  return {
    take,
    counts,
    reports,
    /** Lets it mine so many batches. */
    async go(batches: number) {
      for (let i = 0; i < batches; i++) {
        waiting.shift()?.();
        await Promise.resolve();
      }
    },
    waits: () => waiting.length > 0,
  };
}

describe('batches', () => {
  test.each([
    ['a desktop', 16_000],
    ['a phone', 4_096],
    ['a phone 200 times slower', 20],
  ])('grow and shrink until one takes 2.5 to 10 ms on %s [WRK-15]', async (_name, perMs) => {
    const { take, counts, go } = setUp({ perMs });
    take(order(1, 2 ** 32));
    await go(40);
    const lastMs = counts.slice(10).map((count) => count / perMs);
    expect(Math.min(...lastMs)).toBeGreaterThanOrEqual(2.5);
    expect(Math.max(...lastMs)).toBeLessThanOrEqual(10);
    // Until it is known how fast a device is, nobody is deaf for long.
    expect(Math.max(...counts.map((count) => count / perMs))).toBeLessThan(30);
  });

  test('are remembered from turn to turn, by scheme', async () => {
    const { take, counts, go } = setUp({ perMs: 4_096 });
    take(order(1, 2 ** 20));
    await go(40);
    const grown = Math.max(...counts);
    take(order(2, 2 ** 20));
    await go(1);
    expect(counts.at(-1)).toBe(grown);
    take(order(3, 2 ** 20, 'argon2id'));
    await go(1);
    expect(counts.at(-1)).toBe(2 ** 9);
  });
});

describe('a turn', () => {
  test('tries its nonces, each once, and counts what they took', async () => {
    const { take, counts, reports, go, waits } = setUp({ perMs: 100 });
    take(order(1, 10_000));
    await go(50);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(10_000);
    const told = reports.filter((report) => report.on !== 'ready');
    expect(told.reduce((sum, { hashes }) => sum + hashes, 0)).toBe(10_000);
    expect(told.reduce((sum, { busyMs }) => sum + busyMs, 0)).toBeCloseTo(100, 6);
    expect(told.at(-1)).toMatchObject({ on: 'turnOver', turn: 1, nonce: null });
    expect(waits()).toBe(false);
  });

  test.each(['sha256', 'argon2id'] as const)('of %s ends with what was found', async (scheme) => {
    const { take, reports, go, waits } = setUp({ perMs: 100, hit: 1_500 });
    take(order(1, 10_000, scheme));
    await go(50);
    const hashes = reports.reduce(
      (sum, report) => sum + ('hashes' in report ? report.hashes : 0),
      0,
    );
    expect(reports.at(-1)).toMatchObject({ on: 'turnOver', nonce: concat(u32(7), u32(1_500)) });
    expect(hashes).toBe(1_501);
    expect(waits()).toBe(false);
  });

  test('ends at once when it is stopped, and nothing is told of it after that', async () => {
    const { take, reports, go, counts } = setUp({ perMs: 100 });
    take(order(1, 10_000, 'argon2id'));
    await go(2);
    take({ do: 'stop', turn: 9 }); // of somebody else
    take({ do: 'stop', turn: 1 });
    expect(reports.at(-1)).toEqual({ on: 'turnOver', turn: 1, hashes: 0, busyMs: 0, nonce: null });
    const [told, mined] = [reports.length, counts.length];
    await go(10);
    expect([reports.length, counts.length]).toEqual([told, mined]);
  });

  test('that was stopped while its kernel waited says nothing into the next', async () => {
    const { take, reports, go } = setUp({ perMs: 100, hit: 5 });
    take(order(1, 10_000, 'argon2id'));
    const going = go(1);
    take({ do: 'stop', turn: 1 });
    take(order(2, 10_000));
    await going;
    expect(reports.filter((report) => report.on === 'turnOver')).toHaveLength(1);
    await go(1);
    expect(reports.at(-1)).toMatchObject({ on: 'turnOver', turn: 2 });
  });
});
