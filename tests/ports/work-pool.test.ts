/** The pool with workers that do what they are told, under virtual time: who gets which turn. */
import { describe, expect, test } from 'vitest';
import { createWorkPool, type PowWorker } from '../../src/lib/adapters/work/pool.ts';
import type { Miners, PuzzleEvent } from '../../src/lib/protocol/index.ts';
import { targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import type { MinerOrder, MinerReport } from '../../src/workers/pow-miner.ts';
import { virtualClock } from './bench/virtual-clock.ts';

type Turn = Extract<MinerOrder, { do: 'mine' }>;

/** A worker that answers when the test does. */
interface FakeWorker {
  readonly orders: MinerOrder[];
  closed: boolean;
  report(report: MinerReport): void;
  fail(reason: string): void;
}

function setUp({ workers }: { readonly workers: number }) {
  const clock = virtualClock();
  const staff: FakeWorker[] = [];
  const events: PuzzleEvent[] = [];
  const miners: Miners[] = [];
  const spawn = (): PowWorker => {
    const orders: MinerOrder[] = [];
    const fake: FakeWorker = { orders, closed: false, report: () => {}, fail: () => {} };
    staff.push(fake);
    return {
      post: (order) => void orders.push(order),
      listen: ({ report, failed }) => Object.assign(fake, { report, fail: failed }),
      close: () => {
        fake.closed = true;
      },
    };
  };
  const pool = createWorkPool({ spawn, workers, clock });
  pool.listen((event) => {
    if (event.on === 'miners') miners.push(event.miners);
    else events.push(event);
  });
  /** Lets the pool take what it was given. */
  const settle = () => new Promise<void>((resolve) => queueMicrotask(resolve));

  return {
    clock,
    staff,
    events,
    miners,
    pool,
    settle,
    /** Names a puzzle by one character; its inner is that character. */
    mine: async (id: string, validTillMs: number, bits = 255, own = true) => {
      const inner = new Uint8Array(32).fill(id.charCodeAt(0));
      const target = targetForBits(bits);
      pool.perform({ do: 'mine', id, scheme: 'sha256', inner, target, validTillMs, own });
      await settle();
    },
    /** The puzzles this worker was given, in order. */
    given: (worker: number) =>
      staff[worker]!.orders.flatMap((order) =>
        order.do === 'mine' ? [String.fromCharCode(order.inner[0]!)] : [],
      ),
    stopped: (worker: number) =>
      staff[worker]!.orders.flatMap((order) => (order.do === 'stop' ? [order.turn] : [])),
    /** Ends this worker's latest turn. */
    end: (worker: number, nonce: Uint8Array | null = null, hashes = 100) => {
      const { turn } = lastTurn(staff[worker]!);
      staff[worker]!.report({ on: 'turnOver', turn, hashes, busyMs: 50, nonce });
    },
    lastTurn: (worker: number) => lastTurn(staff[worker]!),
  };
}

function lastTurn({ orders }: FakeWorker): Turn {
  return orders.findLast((order): order is Turn => order.do === 'mine')!;
}

const anyNonce = new Uint8Array(8);

describe('turns', () => {
  test('nobody is started before there is something to mine', async () => {
    const { staff, settle } = setUp({ workers: 2 });
    await settle();
    expect(staff).toEqual([]);
  });

  test('one puzzle has all workers, each with nonces of its own', async () => {
    const { mine, given, lastTurn } = setUp({ workers: 3 });
    await mine('a', 1_000);
    expect([given(0), given(1), given(2)]).toEqual([['a'], ['a'], ['a']]);
    expect(new Set([0, 1, 2].map((worker) => lastTurn(worker).high)).size).toBe(3);
  });

  test('puzzles take turns, in each round the most urgent first', async () => {
    const { mine, given, end } = setUp({ workers: 1 });
    await mine('c', 3_000);
    await mine('a', 1_000);
    await mine('b', 2_000);
    for (let i = 0; i < 6; i++) end(0);
    expect(given(0).join('')).toBe('cabcabc');
  });

  test('a newcomer joins the round; it does not catch up on turns it never missed', async () => {
    const { mine, given, end } = setUp({ workers: 1 });
    await mine('a', 1_000);
    for (let i = 0; i < 4; i++) end(0);
    await mine('b', 2_000);
    for (let i = 0; i < 4; i++) end(0);
    expect(given(0).slice(5).join('')).toBe('abab');
  });

  test('the same wish again is the same puzzle', async () => {
    const { mine, end, events, given } = setUp({ workers: 1 });
    await mine('a', 1_000, 0);
    await mine('a', 1_000, 0);
    end(0, anyNonce);
    expect(events).toHaveLength(1);
    expect(given(0)).toEqual(['a']);
  });

  test('what was found or cancelled is stopped wherever else it is mined', async () => {
    const { mine, stopped, end, lastTurn, events, pool } = setUp({ workers: 3 });
    await mine('a', 1_000, 0);
    end(1, anyNonce);
    expect(events).toEqual([{ on: 'mined', id: 'a', nonce: anyNonce }]);
    expect([stopped(0), stopped(1), stopped(2)]).toEqual([
      [lastTurn(0).turn],
      [],
      [lastTurn(2).turn],
    ]);
    end(0, anyNonce); // found at the same time; told once
    expect(events).toHaveLength(1);

    end(2);
    await mine('b', 1_000);
    const turns = [0, 1, 2].map((worker) => lastTurn(worker).turn);
    pool.perform({ do: 'cancelMining', id: 'b' });
    expect([0, 1, 2].map((worker) => stopped(worker).at(-1))).toEqual(turns);
  });

  test('an id may be used again; a turn of its former puzzle is no answer to it', async () => {
    const { mine, end, events, pool, given } = setUp({ workers: 1 });
    await mine('a', 1_000, 0);
    pool.perform({ do: 'cancelMining', id: 'a' });
    await mine('a', 2_000, 0);
    end(0, anyNonce);
    expect(events).toEqual([]);
    expect(given(0)).toEqual(['a', 'a']);
    end(0, anyNonce);
    expect(events).toHaveLength(1);
  });
});

describe('time', () => {
  test('what is not mined by its deadline fails then, and no sooner', async () => {
    const { mine, clock, events, stopped } = setUp({ workers: 1 });
    await mine('a', 1_000);
    await mine('b', 2_000);
    clock.run(999);
    expect(events).toEqual([]);
    clock.run(1_000);
    expect(events).toEqual([{ on: 'miningFailed', id: 'a', reason: 'ran out of time' }]);
    expect(stopped(0)).toHaveLength(1);
    clock.run(5_000);
    expect(events.map(({ id }) => id)).toEqual(['a', 'b']);
  });

  test('progress is told four times a second, with all hashes so far', async () => {
    const { mine, clock, events, staff, lastTurn } = setUp({ workers: 2 });
    await mine('a', 10_000);
    const report = (worker: number, atMs: number) => {
      clock.run(atMs);
      const { turn } = lastTurn(worker);
      staff[worker]!.report({ on: 'progress', turn, hashes: 1_000, busyMs: 20 });
    };
    report(0, 100);
    report(1, 200);
    expect(events).toEqual([]);
    report(0, 250);
    report(1, 300);
    report(1, 500);
    const common = { on: 'miningProgress', id: 'a' };
    expect(events).toEqual([
      { ...common, hashes: 3_000, hashesPerSecond: 12_000 },
      { ...common, hashes: 5_000, hashesPerSecond: 10_000 },
    ]);
  });
});

describe('whose work', () => {
  test("the owner's has four turns for each that others' have", async () => {
    const { mine, given, end } = setUp({ workers: 1 });
    await mine('o', 1_000, 255, false);
    await mine('a', 2_000);
    for (let i = 0; i < 10; i++) end(0);
    expect(given(0).join('')).toBe('ooaaaaoaaaa');
  });

  test('a turn is as long as a tenth of a second of this worker', async () => {
    const { mine, end, lastTurn } = setUp({ workers: 2 });
    await mine('a', 10_000);
    const first = lastTurn(0).nonces;
    end(0, null, 1_000); // 20 a ms
    end(1, null, 50_000); // 1,000 a ms
    expect([lastTurn(0).nonces, lastTurn(1).nonces]).toEqual([2_000, 100_000]);
    expect(first).toBe(2 ** 14);
  });
});

describe('how fast the workers are', () => {
  const ready = { on: 'ready', kernel: 'simd', hashesPerSecond: 4_096_000 } as const;

  test('is known when they are warm, before anything is mined', () => {
    const { pool, staff, miners } = setUp({ workers: 3 });
    pool.warm();
    expect(staff).toHaveLength(3);
    staff[1]!.report(ready);
    expect(miners).toEqual([
      {
        kernel: 'simd',
        workers: 3,
        hashRates: { sha256: 3 * 4_096_000, argon2id: Math.round((3 * 2 ** 16) / 0.024) },
      },
    ]);
  });

  test('follows what they do, now and then, and how many they are, at once', async () => {
    const { pool, mine, end, clock, miners, staff } = setUp({ workers: 2 });
    pool.warm();
    staff[0]!.report(ready);
    await mine('a', 60_000);
    end(0, null, 50_000);
    expect(miners).toHaveLength(1);
    clock.run(5_000);
    end(0, null, 50_000);
    expect(miners).toHaveLength(2);
    expect(miners[1]!.hashRates.sha256).toBeLessThan(2 * 4_096_000);
    pool.employ(4);
    expect(miners[2]).toMatchObject({ workers: 4 });
    expect(miners[2]!.hashRates.sha256 / miners[1]!.hashRates.sha256).toBeCloseTo(2, 5);
  });
});

describe('more and fewer workers', () => {
  test('fewer: whoever is one too many goes when its turn is over', async () => {
    const { pool, mine, staff, end, given } = setUp({ workers: 3 });
    await mine('a', 1_000);
    pool.employ(1);
    expect(staff.map(({ closed }) => closed)).toEqual([false, false, false]);
    for (const worker of [0, 1, 2]) end(worker);
    expect(staff.map(({ closed }) => closed)).toEqual([false, true, true]);
    expect(given(0)).toEqual(['a', 'a']);
  });

  test('more: they come at once; nobody is started while there never was anything to mine', async () => {
    const { pool, mine, staff, given } = setUp({ workers: 1 });
    pool.employ(2);
    expect(staff).toHaveLength(0);
    await mine('a', 1_000);
    pool.employ(3);
    expect(staff).toHaveLength(3);
    expect(given(2)).toEqual(['a']);
  });

  test('who should go and is wanted again stays', async () => {
    const { pool, mine, staff, end } = setUp({ workers: 2 });
    await mine('a', 1_000);
    pool.employ(1);
    pool.employ(2);
    end(1);
    expect(staff.map(({ closed }) => closed)).toEqual([false, false]);
  });
});

describe('sleep', () => {
  test('puzzles that are still worth it go on after it, others are given up', async () => {
    const { mine, clock, events, given, end } = setUp({ workers: 1 });
    await mine('a', 30_000);
    await mine('b', 3_600_000);
    // Timers stand still while a device sleeps: nothing is called until all are due at once.
    clock.sleep(1_800_000);
    expect(events).toEqual([{ on: 'miningFailed', id: 'a', reason: 'ran out of time' }]);
    end(0);
    end(0);
    expect(given(0).slice(-2)).toEqual(['b', 'b']);
  });

  test('nobody is replaced for having slept, and its rate counts what it was awake for', async () => {
    const { mine, clock, events, staff, lastTurn } = setUp({ workers: 1 });
    await mine('a', 3_600_000);
    const report = () => {
      const { turn } = lastTurn(0);
      staff[0]!.report({ on: 'progress', turn, hashes: 5_000, busyMs: 20 });
    };
    clock.run(1_000);
    report();
    clock.sleep(600_000);
    report();
    expect(staff).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ hashes: 10_000, hashesPerSecond: 1_667 });
  });

  test('a worker that did not wake up is replaced, and its puzzle continued', async () => {
    const { mine, clock, staff, given, events } = setUp({ workers: 1 });
    await mine('a', 3_600_000);
    for (let s = 1; s <= 29; s++) clock.run(s * 1_000);
    expect(staff).toHaveLength(1);
    clock.run(30_000);
    expect(staff[0]!.closed).toBe(true);
    expect(given(1)).toEqual(['a']);
    expect(events).toEqual([]);
  });
});

describe('workers that fail', () => {
  test('one that claims what is not so is dismissed, and the others go on', async () => {
    const { mine, end, events, staff, given } = setUp({ workers: 2 });
    await mine('a', 1_000);
    end(0, anyNonce);
    expect(staff[0]!.closed).toBe(true);
    expect(events).toEqual([]);
    end(1);
    expect(given(1)).toEqual(['a', 'a']);
    end(0, anyNonce); // nobody listens to it any more
    expect(events).toEqual([]);
  });

  test('one that died is replaced, and its puzzle continued', async () => {
    const { mine, end, events, staff, given } = setUp({ workers: 2 });
    await mine('a', 1_000, 0);
    staff[0]!.fail('crashed');
    expect(staff).toHaveLength(3);
    expect(given(2)).toEqual(['a']);
    end(2, anyNonce);
    expect(events).toEqual([{ on: 'mined', id: 'a', nonce: anyNonce }]);
  });

  test('where none ever does anything every puzzle fails; the next puzzle has new ones', async () => {
    const { mine, events, staff, given } = setUp({ workers: 2 });
    await mine('a', 1_000);
    await mine('b', 1_000);
    for (let i = 0; i < staff.length; i++) {
      expect(events).toEqual([]);
      staff[i]!.fail(`crash ${i}`);
    }
    expect(staff.length).toBeLessThan(10);
    expect(events.map(({ on, id }) => `${on} ${id}`)).toEqual(['miningFailed a', 'miningFailed b']);
    const before = staff.length;
    await mine('c', 1_000);
    expect(staff).toHaveLength(before + 2);
    expect([given(before), given(before + 1)]).toEqual([['c'], ['c']]);
  });

  test('closing ends them, and nothing is told after it', async () => {
    const { mine, clock, events, staff, pool, end } = setUp({ workers: 2 });
    await mine('a', 1_000, 0);
    pool.close();
    end(0, anyNonce);
    clock.run(2_000);
    expect(staff.map(({ closed }) => closed)).toEqual([true, true]);
    expect(events).toEqual([]);
  });
});
