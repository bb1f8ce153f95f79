import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  backByHeight,
  feeFloorMsat,
  heightsHold,
  holdFeeMsat,
  hopBlocks,
  mayPayOnward,
  networkBy,
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
const policy = { feeMsat: 0n, lossCapMsat: limits.maxPriceMsat, shadowBlocks: 0 };

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
    ['no time for a ruling', { decideBy: 136 + limits.disputeBlocks + limits.rulingBlocks - 1 }],
  ])('%s do not hold [STL-07]', (_name, change) => {
    const plan = planHeights(100, 18);
    expect(plan.unlockBy).toBe(112);
    expect(heightsHold({ ...plan, ...change }, 100, limits.disputeBlocks)).toBe(false);
  });

  test('settler and replier keep their margins between decide_by and their settle deadlines', () => {
    const property = fc.property(heights, jobs, (height, jobBlocks) => {
      const plan = planHeights(height, jobBlocks);
      const buffer = limits.walletBufferBlocks;
      for (const settleOn of ['service', 'contact'] as const) {
        const deadline = height + settlerFinalCltv(plan, settleOn, height) - buffer;
        expect(deadline - networkBy(plan, settleOn)).toBe(limits.settlerMarginBlocks);
      }
      const replierDeadline = height + replierFinalCltv(plan, height) - buffer;
      expect(replierDeadline - plan.decideBy).toBe(limits.replierMarginBlocks);
    });
    fc.assert(property);
  });
});

/** A wallet that caps its routes, one that adds what was measured at most, and what lies between. */
const shadows = fc.constantFrom(0, 40, limits.shadowBlocks);
const finalCltvs = fc.integer({ min: 18, max: 600 });

describe('budgets', () => {
  interface Invoice {
    readonly amountMsat: bigint;
    readonly minFinalCltv: number;
  }

  /** What a wallet writes is a little longer than what it was asked for. */
  function written(asked: Invoice): Invoice {
    return { ...asked, minFinalCltv: asked.minFinalCltv + limits.finalCltvSlack };
  }

  /** The invoices of a chain, the settler's first; it ends where a hop passes one through. */
  function chain(start: Invoice, hops: readonly number[]): Invoice[] {
    const invoices = [written(start)];
    for (const shadowBlocks of hops) {
      const next = nextInvoice(invoices.at(-1)!, { ...policy, shadowBlocks });
      if (next === null) break;
      invoices.push(written(next));
    }
    return invoices;
  }
  const paidHops = (start: Invoice, hops: readonly number[]) => chain(start, hops).length - 1;

  function settlers(jobBlocks: number, settleOn: 'service' | 'contact' = 'service'): Invoice {
    const finalCltv = settlerFinalCltv(planHeights(1_000, jobBlocks), settleOn, 1_000);
    return { amountMsat: 10_000n, minFinalCltv: finalCltv };
  }

  test('a paid hop adds H·d + s + 3 + b + g [PAY-08]', () => {
    const { forwarders, forwarderBlocks, walletBufferBlocks, graceBlocks } = limits;
    for (const shadow of [0, 40, 120]) {
      expect(routeBlocks(shadow)).toBe(3 + forwarders * forwarderBlocks + shadow);
      expect(hopBlocks(shadow)).toBe(routeBlocks(shadow) + walletBufferBlocks + graceBlocks);
    }
  });

  test('where wallets cap their routes, two or three hops are paid, as the job is long', () => {
    expect(settlers(limits.minJobBlocks).minFinalCltv).toBe(12 + 6 + 6 + 18 + 18 + 24 + 21);
    expect(paidHops(settlers(limits.minJobBlocks), [0, 0, 0, 0])).toBe(3);
    expect(paidHops(settlers(144), [0, 0, 0, 0])).toBe(2);
    expect(paidHops(settlers(limits.routeBlocks), [0, 0, 0, 0])).toBe(1);
    expect(4 * hopBlocks(0)).toBeGreaterThan(600);
  });

  test('where wallets are not known to, one hop is paid, whatever the job of a day', () => {
    const unknown = limits.shadowBlocks;
    for (const job of [limits.minJobBlocks, 36, 144]) {
      expect(paidHops(settlers(job), [unknown, unknown, unknown])).toBe(1);
    }
    expect(paidHops(settlers(limits.routeBlocks), [unknown])).toBe(0);
  });

  test('settle_on: contact leaves room for the hops of a short job in the longest [PAY-08]', () => {
    const unknown = limits.shadowBlocks;
    for (const job of [36, 144, limits.maxJobBlocks]) {
      expect(settlers(job, 'contact').minFinalCltv).toBe(12 + 18 + 18 + 18 + 24 + 21);
      expect(paidHops(settlers(job, 'contact'), [0, 0, 0, 0])).toBe(3);
      expect(paidHops(settlers(job, 'contact'), [unknown, unknown])).toBe(1);
    }
  });

  test('the longest job leaves the gig itself below the most a sender may pay [PAY-12]', () => {
    const longest = replierFinalCltv(planHeights(1_000, limits.maxJobBlocks), 1_000);
    expect(longest + limits.finalCltvSlack).toBeLessThanOrEqual(limits.maxFinalCltv);
  });

  test('a hop that would reach beyond 600 passes the invoice through', () => {
    const last = limits.maxFinalCltv - hopBlocks(0);
    expect(nextInvoice({ amountMsat: 1n, minFinalCltv: last }, policy)?.minFinalCltv).toBe(600);
    expect(nextInvoice({ amountMsat: 1n, minFinalCltv: last + 1 }, policy)).toBeNull();
  });

  test('a hop that would pay more onward than it may lose passes the invoice through', () => {
    const careful = { ...policy, lossCapMsat: 1_000n };
    expect(nextInvoice({ amountMsat: 1_000n, minFinalCltv: 1 }, careful)).not.toBeNull();
    expect(nextInvoice({ amountMsat: 1_001n, minFinalCltv: 1 }, careful)).toBeNull();
  });

  test('in every chain amounts and times grow towards the sender, and none reaches beyond 600 [PAY-04, PAY-08]', () => {
    const property = fc.property(
      msat,
      finalCltvs,
      fc.array(shadows, { maxLength: 7 }),
      (amountMsat, minFinalCltv, hops) => {
        const invoices = chain({ amountMsat, minFinalCltv }, hops);
        for (const [i, invoice] of invoices.entries()) {
          if (i === 0) continue;
          const outgoing = invoices[i - 1]!;
          expect(invoice.amountMsat).toBeGreaterThan(outgoing.amountMsat);
          const added = invoice.minFinalCltv - outgoing.minFinalCltv;
          expect(added).toBe(hopBlocks(hops[i - 1]!) + limits.finalCltvSlack);
          expect(invoice.minFinalCltv).toBeLessThanOrEqual(600 + limits.finalCltvSlack);
        }
      },
    );
    fc.assert(property);
  });

  test('in every chain each hop that is paid in turn has the time it wants to pay onward [PAY-07, PAY-08]', () => {
    const property = fc.property(
      heights,
      msat,
      fc.integer({ min: 18, max: 400 }),
      fc.array(shadows, { minLength: 1, maxLength: 7 }),
      (height, amountMsat, minFinalCltv, hops) => {
        const invoices = chain({ amountMsat, minFinalCltv }, hops);
        for (const [i, incoming] of invoices.entries()) {
          if (i === 0) continue;
          // The payer's HTLC arrives with at least what the invoice asked for; the wallet gives up b earlier.
          const settleDeadline = height + incoming.minFinalCltv - limits.walletBufferBlocks;
          const outgoingFinalCltv = invoices[i - 1]!.minFinalCltv;
          const shadowBlocks = hops[i - 1]!;
          const leg = { settleDeadline, height, outgoingFinalCltv, unlockBy: height, shadowBlocks };
          expect(mayPayOnward(leg)).toBe(true);
          // The 3 blocks that wallets add are to spare, and not a block more.
          const slack = limits.finalCltvSlack;
          expect(mayPayOnward({ ...leg, settleDeadline: settleDeadline - slack })).toBe(true);
          expect(mayPayOnward({ ...leg, settleDeadline: settleDeadline - slack - 1 })).toBe(false);
          expect(mayPayOnward({ ...leg, unlockBy: height - 1 })).toBe(false);
        }
      },
    );
    fc.assert(property);
  });

  test('what a hop pays onward is back before its own money must be collected [PAY-07]', () => {
    const property = fc.property(heights, finalCltvs, shadows, (height, cltv, shadowBlocks) => {
      const back = backByHeight(height, cltv, shadowBlocks);
      const leg = { height, outgoingFinalCltv: cltv, unlockBy: height, shadowBlocks };
      expect(mayPayOnward({ ...leg, settleDeadline: back + limits.graceBlocks })).toBe(true);
      expect(mayPayOnward({ ...leg, settleDeadline: back + limits.graceBlocks - 1 })).toBe(false);
      expect(back).toBe(height + cltv + 3 + 80 + shadowBlocks);
    });
    fc.assert(property);
  });
});

describe('fees', () => {
  test('never below the worst Lightning fee of the outgoing leg, max(1 %, 10 sat) + 1 sat', () => {
    const property = fc.property(msat, msat, finalCltvs, (amountMsat, feeMsat, minFinalCltv) => {
      const floor = feeFloorMsat(amountMsat);
      expect(floor).toBeGreaterThanOrEqual(11_000n);
      expect(floor).toBeGreaterThan(amountMsat / 100n);
      const next = nextInvoice({ amountMsat, minFinalCltv }, { ...policy, feeMsat });
      fc.pre(next !== null);
      const held = holdFeeMsat(minFinalCltv, 0);
      expect(next.feeMsat).toBe((feeMsat > floor ? feeMsat : floor) + held);
      expect(next.amountMsat).toBe(amountMsat + next.feeMsat);
    });
    fc.assert(property);
  });

  test('grow by 1 sat for every whole day that the money may be held', () => {
    expect(holdFeeMsat(144 - 83 - 1, 0)).toBe(0n);
    expect(holdFeeMsat(144 - 83, 0)).toBe(1_000n);
    expect(holdFeeMsat(2 * 144 - 83, 0)).toBe(2_000n);
    expect(holdFeeMsat(144 - 83, limits.shadowBlocks)).toBe(1_000n);
    const property = fc.property(finalCltvs, shadows, (cltv, shadow) => {
      expect(holdFeeMsat(cltv + 144, shadow) - holdFeeMsat(cltv, shadow)).toBe(1_000n);
    });
    fc.assert(property);
  });

  test('fees add up along a chain: what the sender pays is the settler and every hop [PAY-04, RPL-10]', () => {
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
