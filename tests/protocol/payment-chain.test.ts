import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  backByHeight,
  feeFloorMsat,
  heightsHold,
  hopBlocks,
  mayPayOnward,
  nextInvoice,
  planHeights,
  replierFinalCltv,
  routeBlocks,
  settlerFinalCltv,
} from '../../src/lib/protocol/job/payment-chain.ts';
import { limits } from '../../src/lib/protocol/limits.ts';

const heights = fc.integer({ min: 1, max: 2 ** 31 });
const jobs = fc.integer({ min: -10, max: 10_000 });
const msat = fc.bigInt({ min: 0n, max: limits.maxPriceMsat });
const policy = { feeMsat: 0n, lossCapMsat: limits.maxPriceMsat };

describe('heights', () => {
  test('unlock_by < start_by < earliest_claim < claim_by < decide_by, whatever the job', () => {
    const property = fc.property(heights, jobs, (height, jobBlocks) => {
      const plan = planHeights(height, jobBlocks);
      const order = Object.values(plan);
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(new Set(order).size).toBe(5);
      expect(plan.claimBy - plan.startBy).toBeGreaterThanOrEqual(limits.minJobBlocks);
      expect(plan.claimBy - plan.startBy).toBeLessThanOrEqual(limits.maxJobBlocks);
      const ruling = plan.decideBy - plan.claimBy - limits.disputeBlocks;
      expect(ruling).toBe(limits.rulingBlocks);
    });
    fc.assert(property);
  });

  test('a plan holds until unlock_by and not a block longer', () => {
    const property = fc.property(heights, jobs, (height, jobBlocks) => {
      const plan = planHeights(height, jobBlocks);
      expect(heightsHold(plan, height, limits.disputeBlocks)).toBe(true);
      expect(heightsHold(plan, plan.unlockBy, limits.disputeBlocks)).toBe(true);
      expect(heightsHold(plan, plan.unlockBy + 1, limits.disputeBlocks)).toBe(false);
    });
    fc.assert(property);
  });

  test.each([
    ['unlock_by at start_by', { startBy: 112 }],
    ['start_by at earliest_claim', { earliestClaim: 118 }],
    ['earliest_claim at claim_by', { claimBy: 119 }],
    ['no time for a dispute', { decideBy: 136 + limits.disputeBlocks - 1 }],
  ])('%s do not hold', (_name, change) => {
    const plan = planHeights(100, 18);
    expect(plan.unlockBy).toBe(112);
    expect(heightsHold({ ...plan, ...change }, 100, limits.disputeBlocks)).toBe(false);
  });

  test('settler and replier keep their margins between decide_by and their settle deadlines', () => {
    const property = fc.property(heights, jobs, (height, jobBlocks) => {
      const plan = planHeights(height, jobBlocks);
      const buffer = limits.walletBufferBlocks;
      const settlerDeadline = height + settlerFinalCltv(plan, height) - buffer;
      expect(settlerDeadline - plan.decideBy).toBe(limits.settlerMarginBlocks);
      const replierDeadline = height + replierFinalCltv(plan, height) - buffer;
      expect(replierDeadline - plan.decideBy).toBe(limits.replierMarginBlocks);
    });
    fc.assert(property);
  });
});

describe('budgets', () => {
  /** Final CLTV and amount of the sender's invoice after so many paid hops, or null if one passes it through. */
  function carried(hops: number, start: { amountMsat: bigint; minFinalCltv: number }) {
    let outgoing = start;
    for (let i = 0; i < hops; i++) {
      // What a wallet writes is a little longer than what it was asked for.
      const given = { ...outgoing, minFinalCltv: outgoing.minFinalCltv + limits.finalCltvSlack };
      const next = nextInvoice(given, policy);
      if (next === null) return null;
      outgoing = next;
    }
    return outgoing;
  }

  test('a paid hop adds H·d + s + 3 + b + g', () => {
    const { forwarders, forwarderBlocks, shadowBlocks, walletBufferBlocks, graceBlocks } = limits;
    expect(routeBlocks).toBe(3 + forwarders * forwarderBlocks + shadowBlocks);
    expect(hopBlocks).toBe(routeBlocks + walletBufferBlocks + graceBlocks);
  });

  test('at s = 0 three hops fit in 600 for the shortest job, and a fourth never does', () => {
    expect(limits.shadowBlocks).toBe(0);
    const own = settlerFinalCltv(planHeights(1_000, limits.minJobBlocks), 1_000);
    expect(own).toBe(12 + 6 + 6 + 18 + 18 + 24 + 21);
    const start = { amountMsat: 10_000n, minFinalCltv: own };
    expect(carried(3, start)!.minFinalCltv).toBeLessThanOrEqual(600);
    expect(carried(4, start)).toBeNull();
    expect(4 * hopBlocks).toBeGreaterThan(600);
  });

  test('the longest job leaves room for two paid hops', () => {
    const own = settlerFinalCltv(planHeights(1_000, limits.maxJobBlocks), 1_000);
    expect(carried(2, { amountMsat: 10_000n, minFinalCltv: own })).not.toBeNull();
  });

  test('a hop that would reach beyond 600 passes the invoice through', () => {
    const last = limits.maxFinalCltv - hopBlocks;
    expect(nextInvoice({ amountMsat: 1n, minFinalCltv: last }, policy)?.minFinalCltv).toBe(600);
    expect(nextInvoice({ amountMsat: 1n, minFinalCltv: last + 1 }, policy)).toBeNull();
  });

  test('a hop that would pay more onward than it may lose passes the invoice through', () => {
    const careful = { feeMsat: 0n, lossCapMsat: 1_000n };
    expect(nextInvoice({ amountMsat: 1_000n, minFinalCltv: 1 }, careful)).not.toBeNull();
    expect(nextInvoice({ amountMsat: 1_001n, minFinalCltv: 1 }, careful)).toBeNull();
  });

  test('an honest chain leaves each hop the time it wants to pay onward', () => {
    const property = fc.property(
      heights,
      fc.integer({ min: 18, max: 400 }),
      (height, outgoingFinalCltv) => {
        const next = nextInvoice({ amountMsat: 1n, minFinalCltv: outgoingFinalCltv }, policy)!;
        fc.pre(next !== null);
        // The payer's HTLC arrives with at least what the invoice asked for.
        const settleDeadline = height + next.minFinalCltv - limits.walletBufferBlocks;
        const leg = { settleDeadline, height, outgoingFinalCltv, unlockBy: height };
        expect(mayPayOnward(leg)).toBe(true);
        expect(mayPayOnward({ ...leg, settleDeadline: settleDeadline - 1 })).toBe(false);
        expect(mayPayOnward({ ...leg, unlockBy: height - 1 })).toBe(false);
      },
    );
    fc.assert(property);
  });

  test('what a hop pays onward is back before its own money must be collected', () => {
    const property = fc.property(heights, fc.integer({ min: 18, max: 600 }), (height, cltv) => {
      const settleDeadline = height + cltv + routeBlocks + limits.graceBlocks;
      const leg = { settleDeadline, height, outgoingFinalCltv: cltv, unlockBy: height };
      expect(mayPayOnward(leg)).toBe(true);
      expect(settleDeadline - backByHeight(height, cltv)).toBe(limits.graceBlocks);
    });
    fc.assert(property);
  });
});

describe('fees', () => {
  test('never below the worst Lightning fee of the outgoing leg, max(1 %, 10 sat) + 1 sat', () => {
    const property = fc.property(msat, msat, (amountMsat, feeMsat) => {
      const floor = feeFloorMsat(amountMsat);
      expect(floor).toBeGreaterThanOrEqual(11_000n);
      expect(floor).toBeGreaterThan(amountMsat / 100n);
      const next = nextInvoice({ amountMsat, minFinalCltv: 18 }, { ...policy, feeMsat })!;
      expect(next.feeMsat).toBe(feeMsat > floor ? feeMsat : floor);
      expect(next.amountMsat).toBe(amountMsat + next.feeMsat);
    });
    fc.assert(property);
  });

  test('fees add up along a chain: what the sender pays is the settler and every hop', () => {
    const property = fc.property(
      fc.array(fc.bigInt({ min: 0n, max: 100_000n }), { maxLength: 3 }),
      fc.bigInt({ min: 1_000n, max: 50_000n }),
      (fees, settlerMsat) => {
        let amountMsat = settlerMsat;
        const taken = fees.map((feeMsat) => {
          const next = nextInvoice({ amountMsat, minFinalCltv: 18 }, { ...policy, feeMsat })!;
          amountMsat = next.amountMsat;
          return next.feeMsat;
        });
        expect(amountMsat).toBe(taken.reduce((sum, fee) => sum + fee, settlerMsat));
      },
    );
    fc.assert(property);
  });
});
