import { describe, expect, test } from 'vitest';
import {
  blocks,
  blocksLeft,
  counts,
  findCases,
  hasEnded,
  inCare,
  isIn,
  nextDeadline,
  pageOf,
  sortCases,
} from '../../../src/lib/app/desk/cases.ts';
import { later } from '../../../src/lib/app/i18n/later.ts';
import type { SettlementView } from '../../../src/lib/app/types.ts';
import { networkBy as protocolNetworkBy } from '../../../src/lib/protocol/job/payment-chain.ts';
import { limits } from '../../../src/lib/protocol/limits.ts';
import { heights, id, payment, settlement } from '../fixtures.ts';

const held = payment({ state: 'accepted', purpose: 'gig', direction: 'in' });
const fee = payment({ state: 'accepted', purpose: 'network', amountMsat: 10_000n });
const disputed = settlement({ promiseId: id('01'), stage: 'disputed', decidedAt: 166 });
const soon = settlement({ promiseId: id('02'), stage: 'held', payments: [fee] });
const confirmed = settlement({ promiseId: id('03'), stage: 'confirmed', payments: [held, fee] });
const idle = settlement({ promiseId: id('04') });
const over = settlement({ promiseId: id('05'), stage: 'settled' });
const feeDue = settlement({ promiseId: id('06'), stage: 'refunded', state: 'Refunded' });
const all = [over, idle, confirmed, soon, disputed, feeDue];
const ids = (some: readonly SettlementView[]) => some.map(({ promiseId }) => promiseId.slice(0, 2));

test('the blocks are those of the protocol', () => {
  expect(blocks).toEqual({ dispute: limits.disputeBlocks, ruling: limits.rulingBlocks });
  for (const settleOn of ['service', 'contact'] as const) {
    const one = settlement({ ...feeDue, settleOn });
    expect(nextDeadline(one)).toEqual({
      name: 'feeAt',
      height: protocolNetworkBy(heights, settleOn),
    });
  }
});

describe('what is due next', () => {
  test.each([
    ['held', {}, { name: 'openBy', height: 112 }],
    ['unlocked', {}, { name: 'claimBy', height: 130 }],
    ['unlocked', { noContactAt: 120, decidedAt: 138 }, { name: 'returnsAt', height: 138 }],
    ['claimed', { decidedAt: 140 }, { name: 'paysAt', height: 140 }],
    ['disputed', { decidedAt: 166 }, { name: 'ruleBy', height: 166 }],
    ['confirmed', {}, { name: 'paysAt', height: 131 }],
    ['promised', {}, null],
    ['settled', {}, null],
    ['refunded', { state: 'Ended' }, null],
  ] as const)('%s %o', (stage, more, due) => {
    expect(nextDeadline(settlement({ stage, ...more }))).toEqual(due);
  });

  test('in blocks, once the height is known', () => {
    expect(blocksLeft(soon, 100)).toBe(12);
    expect(blocksLeft(soon, 0)).toBeNull();
    expect(blocksLeft(over, 100)).toBeNull();
  });
});

describe('the list', () => {
  test('by danger has on top what waits for the owner, then what is due soonest', () => {
    expect(ids(sortCases(all, 'danger', { settlesAlone: false })).slice(0, 4)).toEqual([
      '03',
      '01',
      '02',
      '06',
    ]);
    expect(ids(sortCases(all, 'danger', { settlesAlone: true })).slice(0, 3)).toEqual([
      '01',
      '02',
      '03',
    ]);
  });

  test('by amount has the largest on top, ties the latest, and never two orders', () => {
    const small = settlement({ promiseId: id('07'), gigAmountMsat: 1n });
    const sorted = sortCases([small, ...all], 'gig', { settlesAlone: true });
    expect(sorted.at(-1)).toBe(small);
    const backwards = sortCases([small, ...all].reverse(), 'gig', { settlesAlone: true });
    expect(ids(backwards)).toEqual(ids(sorted));
  });

  test('of each kind counts what it shows', () => {
    const numbers = counts(all, false);
    expect(numbers).toEqual({ needs: 2, disputed: 1, held: 2, open: 5, ended: 1, all: 6 });
    for (const [name, n] of Object.entries(numbers)) {
      const filter = name as keyof typeof numbers;
      expect(
        all.filter((one) => isIn(filter, one, false)),
        filter,
      ).toHaveLength(n);
    }
    expect(counts(all, true).needs).toBe(1);
  });

  test('a fee that is still held keeps a case open', () => {
    expect(hasEnded(feeDue)).toBe(false);
    expect(hasEnded({ ...feeDue, state: 'Ended' })).toBe(true);
  });

  test('is searched in ids, statements and stages, all words at once', () => {
    const told = settlement({ promiseId: id('0e'), senderEvidence: 'No seat BELTS' });
    const find = (text: string) => ids(findCases([...all, told], text, later.settle.stages));
    expect(find('belts seat')).toEqual(['0e']);
    expect(find('belts disputed')).toEqual([]);
    expect(find('disputed')).toEqual(['01']);
    expect(find(soon.promiseId)).toEqual(['02']);
    expect(find(' ')).toHaveLength(7);
  });
});

test('pages hold what a screen shows, and the last one what is left', () => {
  const numbers = Array.from({ length: 1_000 }, (_, i) => i);
  expect(pageOf(numbers, 0)).toMatchObject({ page: 0, pages: 40 });
  expect(pageOf(numbers, 0).rows).toHaveLength(25);
  expect(pageOf(numbers, 39).rows.at(-1)).toBe(999);
  expect(pageOf(numbers.slice(0, 26), 7)).toEqual({ rows: [25], page: 1, pages: 2 });
  expect(pageOf([], 3)).toEqual({ rows: [], page: 0, pages: 1 });
});

test('what is in its care is what is held now, and no more', () => {
  expect(inCare(all)).toEqual({ gigMsat: 12_000_000n, feeMsat: 20_000n, cases: 2 });
  expect(inCare([over])).toEqual({ gigMsat: 0n, feeMsat: 0n, cases: 0 });
});
