import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import {
  expectedMs,
  loaded,
  loadNow,
  noLoad,
  patienceFor,
  referenceRates,
  targetForHashes,
  targetForMs,
  workMsFor,
  type Demand,
  type Load,
  type Miners,
} from '../../src/lib/protocol/job/difficulty.ts';
import {
  expectedHashes,
  kernels,
  meetsTarget,
  powSchemes,
  targetForBits,
} from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { stepNode, type Node } from '../../src/lib/protocol/node.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { sent } from './play.ts';

const { nowMs } = cast;
const rates = fc.record({
  sha256: fc.integer({ min: 1, max: 10 ** 9 }),
  argon2id: fc.integer({ min: 1, max: 10 ** 9 }),
});
const schemes = fc.constantFrom(...powSchemes);
const times = fc.double({ min: 0, max: limits.maxWorkMs, noNaN: true });
const demands: fc.Arbitrary<Demand> = fc.record({
  workMs: times,
  doublings: fc.nat(16),
  asks: fc.double({ min: 0, max: 10 ** 6, noNaN: true }),
  asksOfPeer: fc.double({ min: 0, max: 10 ** 6, noNaN: true }),
});

describe('the reference phone [WRK-06]', () => {
  test('a millisecond is 12 bits, a quarter of a second 20', () => {
    expect(targetForMs('sha256', 1)).toEqual(targetForBits(12));
    expect(targetForMs('sha256', 256)).toEqual(targetForBits(20));
    expect(targetForMs('sha256', limits.maxWorkMs)).toEqual(targetForBits(28));
    expect(targetForMs('sha256', 0)).toEqual(targetForBits(0));
    expect(targetForMs('argon2id', 24)).toEqual(targetForBits(0));
    expect(targetForMs('argon2id', 24 * 8)).toEqual(targetForBits(3));
  });

  test('takes as long as was asked for, whatever that is', () => {
    fc.assert(
      fc.property(schemes, times, (scheme, workMs) => {
        const leastMs = scheme === 'sha256' ? 1 / 4_096 : 24;
        const tookMs = expectedMs(targetForMs(scheme, workMs), scheme, referenceRates);
        expect(tookMs / Math.max(workMs, leastMs)).toBeCloseTo(1, 5);
      }),
    );
  });

  test('a device that is so many times slower takes so many times as long', () => {
    fc.assert(
      fc.property(schemes, rates, times, (scheme, hashRates, workMs) => {
        const target = targetForMs(scheme, workMs);
        const slower = referenceRates[scheme] / hashRates[scheme];
        const phoneMs = expectedMs(target, scheme, referenceRates);
        expect(expectedMs(target, scheme, hashRates) / (phoneMs * slower)).toBeCloseTo(1, 9);
      }),
    );
  });

  test('a target for a number of hashes takes as many, between the powers of two as well', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 2 ** 40, noNaN: true }), (hashes) => {
        expect(expectedHashes(targetForHashes(hashes)) / hashes).toBeCloseTo(1, 5);
      }),
    );
    // And really: 1,500 hashes on average, over 400 puzzles.
    const target = targetForHashes(1_500);
    let tried = 0;
    for (let i = 0; i < 400; i++) {
      const inner = cast.seedOf(`puzzle ${i}`);
      const nonce = kernels.sha256(inner, target, { high: 0, low: 0 }, 2 ** 20)!;
      expect(meetsTarget(inner, nonce, target)).toBe(true);
      tried += new DataView(nonce.buffer).getUint32(4) + 1;
    }
    expect(tried / 400).toBeGreaterThan(1_200);
    expect(tried / 400).toBeLessThan(1_800);
  });
});

describe('work gets harder under load [WRK-06, WRK-16]', () => {
  test('never less than the owner asks for, never more than the limit', () => {
    fc.assert(
      fc.property(demands, (demand) => {
        const asked = workMsFor(demand);
        expect(asked).toBeGreaterThanOrEqual(demand.workMs);
        expect(asked).toBeLessThanOrEqual(limits.maxWorkMs);
        const { loadFactor, loadFactorOfPeer } = limits;
        const most = demand.workMs * 2 ** demand.doublings * loadFactor * loadFactorOfPeer;
        expect(asked).toBeLessThanOrEqual(most);
      }),
    );
  });

  test('never easier for more asks, payments held or thank-yous withheld', () => {
    const more = fc.record({ doublings: fc.nat(3), asks: fc.nat(500), asksOfPeer: fc.nat(500) });
    fc.assert(
      fc.property(demands, more, (demand, { doublings, asks, asksOfPeer }) => {
        const harder = {
          workMs: demand.workMs,
          doublings: demand.doublings + doublings,
          asks: demand.asks + asks,
          asksOfPeer: demand.asksOfPeer + asksOfPeer,
        };
        expect(workMsFor(harder)).toBeGreaterThanOrEqual(workMsFor(demand));
      }),
    );
  });

  test('whatever came, it is forgotten when it is quiet', () => {
    const gaps = fc.array(fc.nat(5_000), { maxLength: 500 });
    fc.assert(
      fc.property(gaps, times, (waits, workMs) => {
        let load: Load = noLoad;
        let atMs = nowMs;
        for (const waitMs of waits) load = loaded(load, (atMs += waitMs));
        const asksNow = loadNow(load, atMs);
        expect(asksNow).toBeLessThanOrEqual(waits.length);
        const asksLater = loadNow(load, atMs + 4 * limits.loadHalvesMs);
        expect(asksLater).toBeCloseTo(asksNow / 16, 6);
        const quiet = { workMs, doublings: 0, asks: asksLater, asksOfPeer: 0 };
        if (asksLater <= limits.calmAsks) expect(workMsFor(quiet)).toBe(workMs);
      }),
    );
  });
});

describe('time for slow devices [WRK-05, WRK-11]', () => {
  test('200 times slower: three times what it needs on average, unless that is too long or crowded', () => {
    expect(patienceFor(256, false)).toEqual({
      validForMs: 153_600,
      timestampToleranceMs: 307_200,
    });
    expect(patienceFor(1, false)).toEqual({ validForMs: 30_000, timestampToleranceMs: 10_000 });
    expect(patienceFor(256, true)).toEqual({ validForMs: 30_000, timestampToleranceMs: 60_000 });
  });

  test('is bounded, and a broadcast that was made in time is never too old', () => {
    fc.assert(
      fc.property(times, fc.boolean(), (workMs, crowded) => {
        const { validForMs, timestampToleranceMs } = patienceFor(workMs, crowded);
        expect(validForMs).toBeGreaterThanOrEqual(limits.askValidForMs);
        expect(validForMs).toBeLessThanOrEqual(limits.longestAskMs);
        const slowMs = workMs * limits.slowestDevice;
        const worthMs = Math.min(validForMs, 3 * slowMs);
        expect(timestampToleranceMs / 2).toBeGreaterThanOrEqual(Math.min(worthMs, validForMs) - 1);
      }),
    );
  });
});

/** The work a neighbour is asked for, ms, for one more topic. */
function askedMs(neighbour: Neighbour, n: number): number {
  if (n % limits.asksPerWork === 0) neighbour.work();
  const nonce = cast.seedOf(`${neighbour.device.peer} ${n}`).subarray(0, 16);
  const { effects } = neighbour.ask(cast.makeRequest({ nonce }));
  const { workRequest } = sent(effects, 'conditions').frame as FrameOf<'conditions'>;
  return expectedMs(workRequest.powTarget, 'sha256', referenceRates);
}

describe('a node that is asked', () => {
  test('often by one neighbour makes it harder for that one, and hardly for others [WRK-06]', () => {
    const node = someNode({ workMs: 8 });
    const [eager, calm] = [new Neighbour(node, 'eager'), new Neighbour(node, 'calm')];
    const asked = Array.from({ length: 30 }, (_, n) => askedMs(eager, n));
    const { calmAsksOfPeer } = limits;
    expect(asked.slice(0, calmAsksOfPeer / 2).map(Math.round)).toEqual(Array(8).fill(8));
    // In flight and of the last minute: each ask counts twice.
    expect(asked.at(-1)! / 8).toBeCloseTo(58 / calmAsksOfPeer, 3);
    expect(askedMs(calm, 0)).toBeCloseTo(8, 3);
    expect(asked).toEqual([...asked].sort((a, b) => a - b));
  });
});

describe('what works on this device', () => {
  const miners = (sha256: number): Miners => {
    return { kernel: 'simd', workers: 3, hashRates: { sha256, argon2id: 1_000_000 } };
  };
  const tell = (node: Node, told: Miners) =>
    stepNode(node, { on: 'miners', miners: told }, nowMs, cast.seedOf('miners'));

  test('is shown and remembered; a little faster or slower is no news [WRK-20]', () => {
    const node = someNode();
    expect(node.miners.hashRates).toBe(referenceRates);
    expect(tell(node, miners(1_000_000)).map((effect) => effect.do)).toEqual(['store', 'notify']);
    expect(tell(node, miners(1_200_000))).toEqual([]);
    expect(node.miners).toEqual(miners(1_000_000));
    expect(tell(node, miners(1_300_000)).map((effect) => effect.do)).toEqual(['store', 'notify']);
  });

  test('is known at the next start', () => {
    const effects = tell(someNode(), miners(20_000));
    const entries = effects.filter((effect) => effect.do === 'store');
    const again = someNode();
    const started = stepNode(again, { on: 'start', entries }, nowMs, cast.seedOf('again'));
    expect(again.miners).toEqual(miners(20_000));
    const notices = started.flatMap((effect) => (effect.do === 'notify' ? [effect.notice] : []));
    expect(notices.find((notice) => notice.view === 'node')).toMatchObject({
      node: { miners: { kernel: 'simd', hashRates: { sha256: 20_000 } } },
    });
  });
});
