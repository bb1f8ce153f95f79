/** Where every sat is and whether it is safe: an answer for every state there is, and sums that add up. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { later } from '../../src/lib/app/i18n/later.ts';
import { accountsOf, isOpen, totalsOf, type Books } from '../../src/lib/app/money/ledger.ts';
import {
  safetyOfCarried,
  safetyOfJob,
  safetyOfOffer,
  safetyOfReply,
  safetyOfSettlement,
} from '../../src/lib/app/money/safety.ts';
import type {
  CarriedView,
  CaseView,
  JobStage,
  OfferMadeView,
  PaymentHash,
  PaymentView,
  SettlementView,
  UnsettledOfferView,
} from '../../src/lib/app/types.ts';
import { heights, id, job, offerMade, payment, settlement, topic } from './fixtures.ts';

const when = (height: number) => `block ${height}`;
const say = later.safety;

const quiet: CaseView = {
  claimedAt: null,
  noContactAt: null,
  senderDisputedAt: null,
  replierDisputedAt: null,
  said: { claims: false, disputes: false, noContact: false, concedes: false, cancels: false },
  otherCancels: false,
  decidedAt: 130,
  then: 'refunded',
};

const fee = (over: Partial<PaymentView> = {}) =>
  payment({ paymentHash: id('fe'), purpose: 'network', amountMsat: 400_000n, ...over });

function reply(over: Partial<UnsettledOfferView> = {}): UnsettledOfferView {
  return {
    offerId: id('0e', 16),
    digest: id('0d'),
    payloadId: id('10'),
    promiseId: id('01'),
    topic,
    priceMsat: 12_000_000n,
    replyLimitMsat: 50_000n,
    stage: 'sent',
    state: 'Sent',
    expiryMs: 0,
    payments: [],
    chat: [],
    reason: '',
    ...over,
  };
}

function carried(into: PaymentView['state'], out: PaymentView['state']): CarriedView {
  const paymentHash: PaymentHash = id('ca');
  const base = { purpose: 'network', paymentHash } as const;
  return {
    paymentHash,
    payloadId: id('10'),
    feeMsat: 11_000n,
    state: '',
    atMs: 0,
    payments: [
      payment({ ...base, direction: 'in', amountMsat: 411_000n, state: into, backByHeight: 200 }),
      payment({ ...base, amountMsat: 400_000n, state: out, backByHeight: 150 }),
    ],
  };
}

const jobStages: Record<JobStage, true> = {
  asking: true,
  offers: true,
  locking: true,
  matched: true,
  confirmed: true,
  settled: true,
  refunded: true,
  cancelled: true,
  expired: true,
  thanked: true,
};
const offerStages: Record<OfferMadeView['stage'], true> = {
  preparing: true,
  sent: true,
  held: true,
  matched: true,
  confirmed: true,
  paid: true,
  refunded: true,
  withdrawn: true,
  calledOff: true,
  lost: true,
  failed: true,
};
const replyStages: Record<UnsettledOfferView['stage'], true> = {
  sent: true,
  paying: true,
  paid: true,
  met: true,
  unmet: true,
  ended: true,
};
const settlementStages: Record<SettlementView['stage'], true> = {
  promised: true,
  held: true,
  unlocked: true,
  claimed: true,
  disputed: true,
  confirmed: true,
  settled: true,
  refunded: true,
  aborted: true,
  expired: true,
};
const keysOf = <Key extends string>(all: Record<Key, true>) => Object.keys(all) as Key[];
const paymentStates = ['planned', 'issued', 'pending', 'accepted', 'settled', 'cancelled'] as const;

describe('is my money safe?', () => {
  test('has an answer in whole sentences in every state of everything', () => {
    const cases = [null, quiet, { ...quiet, then: 'ruled' }, { ...quiet, claimedAt: 120 }] as const;
    const absent = { ...quiet, noContactAt: 120 };
    const answers = paymentStates.flatMap((state) => {
      const payments = [payment({ state, backByHeight: 200 }), fee({ state, backByHeight: 180 })];
      return [
        ...keysOf(jobStages).flatMap((stage) =>
          [...cases, absent].flatMap((at) =>
            [null, 'Ola'].map((contactText) =>
              safetyOfJob(job({ stage, payments, contactText, case: at }), when),
            ),
          ),
        ),
        ...keysOf(offerStages).flatMap((stage) =>
          [...cases, absent].map((at) =>
            safetyOfOffer(offerMade({ stage, payments, heights, case: at }), when),
          ),
        ),
        ...keysOf(replyStages).map((stage) => safetyOfReply(reply({ stage, payments }), when)),
        ...keysOf(settlementStages).map((stage) =>
          safetyOfSettlement(settlement({ stage, payments }), when),
        ),
        ...paymentStates.map((out) => safetyOfCarried(carried(state, out), when)),
      ];
    });
    for (const { words, now } of answers) {
      expect(words).toMatch(/^[A-Z].*\.$/);
      expect(now).toMatch(/^$|^[A-Z].*\.$/);
      expect(words + now).not.toMatch(/block 0\b|undefined/);
    }
  });

  test('sats that are locked are never called untouched, nor the other way round', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...keysOf(jobStages)),
        fc.constantFrom(...paymentStates),
        fc.constantFrom(...paymentStates),
        (stage, gig, network) => {
          const payments = [payment({ state: gig }), fee({ state: network })];
          const held = [gig, network].some((state) => state === 'pending' || state === 'accepted');
          const over = ['refunded', 'cancelled', 'expired'].includes(stage);
          const answer = safetyOfJob(job({ stage, payments }), when);
          if (over) expect(answer.held).toBe(held);
        },
      ),
    );
  });

  test('a customer is told by which block a claim pays, and what to do before', () => {
    const held = [payment({ state: 'accepted', backByHeight: 202 })];
    const base = { stage: 'matched', contactText: 'Ola', payments: held } as const;
    const open = safetyOfJob(job({ ...base, case: quiet }), when);
    expect(open.words).toBe(say.customer.held('block 202'));
    const claim = { ...quiet, claimedAt: 120, decidedAt: 138, then: 'paid' } as const;
    const claimed = safetyOfJob(job({ ...base, case: claim }), when);
    expect(claimed.words).toContain('paid at block 138');
    expect(claimed.now).toBe(say.customer.claimedNow);
    const ruled = { ...claim, senderDisputedAt: 125, then: 'ruled', decidedAt: 166 } as const;
    expect(safetyOfJob(job({ ...base, case: ruled }), when).words).toContain('by block 166');
    expect(safetyOfJob(job({ ...base, contactText: null }), when).now).toBe(say.customer.brokenNow);
  });

  test('a worker is told not to begin before the contact opened, and to claim in time', () => {
    expect(safetyOfOffer(offerMade({ stage: 'sent' }), when).now).toBe(say.worker.waitingNow);
    const payments = [payment({ direction: 'in', state: 'accepted', backByHeight: 190 })];
    const hired = safetyOfOffer(
      offerMade({ stage: 'matched', payments, heights, case: quiet }),
      when,
    );
    expect(hired.words).toContain('before block 190');
    expect(hired.now).toContain(`by block ${heights.claimBy}`);
  });

  test('who paid ahead for others is told by when to be there', () => {
    const { words, now } = safetyOfCarried(carried('accepted', 'pending'), when);
    expect(words).toContain('yours by block 150, theirs by block 200');
    expect(now).toContain('before block 200');
    expect(safetyOfCarried(carried('issued', 'planned'), when).held).toBe(false);
  });
});

describe('the money view', () => {
  const books = (over: Partial<Books> = {}): Books => ({
    jobs: new Map(),
    offers: new Map(),
    replies: new Map(),
    carried: new Map(),
    settlements: new Map(),
    ...over,
  });

  test('counts every payment of ours once, and the price that a settler only watches not at all', () => {
    const held = { state: 'accepted', backByHeight: 200 } as const;
    const all = accountsOf(
      books({
        jobs: new Map([['a', job({ stage: 'matched', payments: [payment(held), fee(held)] })]]),
        offers: new Map([
          [
            'b',
            offerMade({ payments: [payment({ ...held, direction: 'in', backByHeight: 190 })] }),
          ],
        ]),
        carried: new Map([['c', carried('accepted', 'pending')]]),
        settlements: new Map([
          [
            'd',
            settlement({
              payments: [fee({ ...held, direction: 'in' }), payment({ ...held, direction: 'in' })],
            }),
          ],
        ]),
      }),
      when,
    );
    expect(all.map(({ role }) => role).sort()).toEqual([
      'carrier',
      'customer',
      'settler',
      'worker',
    ]);
    const totals = totalsOf(all);
    expect(totals.heldOutMsat).toBe(12_000_000n + 400_000n + 400_000n);
    expect(totals.heldInMsat).toBe(12_000_000n + 411_000n + 400_000n);
    expect([totals.firstBack, totals.lastBack]).toEqual([150, 200]);
  });

  test('an invoice that nobody paid is no money; what is held comes first, the soonest first', () => {
    const one = (start: string, over: Partial<PaymentView>) =>
      [start, job({ payloadId: id(start), payments: [payment(over)] })] as const;
    const all = accountsOf(
      books({
        jobs: new Map([
          one('11', { state: 'planned' }),
          one('12', { state: 'settled' }),
          one('13', { state: 'accepted', backByHeight: 300 }),
          one('14', { state: 'accepted', backByHeight: 200 }),
          one('15', { state: 'pending' }),
        ]),
      }),
      when,
    );
    expect(all.map((account) => account.id.slice(4, 6))).toEqual(['14', '13', '15', '12']);
    expect(all.filter(isOpen)).toHaveLength(3);
  });

  test('the parts add up to the whole, whatever is where', () => {
    const payments = fc.array(
      fc.record({
        direction: fc.constantFrom('in', 'out'),
        state: fc.constantFrom(...paymentStates),
        amountMsat: fc.bigInt({ min: 1n, max: 10n ** 12n }),
        backByHeight: fc.constantFrom(0, 100, 200),
      }),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(payments, (drawn) => {
        const all = drawn.map((over) => payment(over));
        const totals = totalsOf(
          accountsOf(books({ jobs: new Map([['a', job({ payments: all })]]) }), when),
        );
        const moved = all.filter(({ state }) => state !== 'planned' && state !== 'issued');
        const known = moved.filter(
          ({ direction, state }) => direction === 'out' || state !== 'cancelled',
        );
        const { heldOutMsat, heldInMsat, paidMsat, receivedMsat, returnedMsat } = totals;
        expect(heldOutMsat + heldInMsat + paidMsat + receivedMsat + returnedMsat).toBe(
          known.reduce((sum, { amountMsat }) => sum + amountMsat, 0n),
        );
      }),
    );
  });
});
