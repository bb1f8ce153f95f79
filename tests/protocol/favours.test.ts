/**
 * Neighbours that take sats in place of work, and customers that would rather pay. Sweet-Gossip: "LN scheme allows the peer to
 * ask for the Bitcoin reward".
 */
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import { targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Policy } from '../../src/lib/protocol/policy.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { received } from './paper.ts';
import { nameOf } from './play.ts';
import { driveOn, ride, type Ride, type Seat } from './town.ts';

const priceMsat = 5_000n;
/** A customer that never likes to work, and a first middleman that would be paid. */
const pays = { maxPayMsat: 20_000n, maxPayPerDayMsat: 50_000n, payAboveMs: 0 };
const charges = { priceMsat };

function town(doubled = false, customerRules: Partial<Policy> = pays): Ride {
  const made = ride(doubled);
  made.town.command(made.customer, { command: 'setPolicy', policy: customerRules });
  made.town.command(made.m1, { command: 'setPolicy', policy: charges });
  return made;
}
const posted = (made: Ride) => {
  driveOn('posted', made);
  return made;
};
const gains = ({ town: { ledger } }: Ride) => ledger.gains();
const proofs = ({ m1 }: Ride) => received(m1, 'broadcast').map(({ proof }) => proof.kind);
const effectsOf = ({ life }: Seat) => life.flatMap(({ effects }) => effects);
const faults = (seat: Seat) =>
  effectsOf(seat).flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));
const payments = (seat: Seat) => effectsOf(seat).filter(({ do: name }) => name === 'payInvoice');
const asksOf = ({ customer }: Ride) => [...customer.node.asks.values()].map(({ state }) => state);

/** Changes frames on their way. */
function alter(made: Ride, change: (frame: Frame, from: Seat) => Frame | null): void {
  made.town.onFrame = (from, _to, bytes) => {
    const frame = decodeFrame(bytes);
    if (isFault(frame)) return bytes;
    const changed = change(frame, from);
    return changed && encodeFrame(changed);
  };
}

describe('a payment in place of work [NET-06, WRK-03, WRK-18]', () => {
  test.each([false, true])(
    '“nounce or utxo”: it is made, proven, and carried for (all said twice: %s)',
    (doubled) => {
      const made = posted(town(doubled));
      expect(gains(made)).toEqual({ customer: -priceMsat, m1: priceMsat });
      expect(proofs(made)).toEqual(['proofOfPayment']);
      expect(made.worker.node.heard.size).toBe(1);
      expect(made.customer.node.favourSums).toEqual({ soldMsat: 0n, boughtMsat: priceMsat });
      expect(made.m1.node.favourSums).toEqual({ soldMsat: priceMsat, boughtMsat: 0n });
      expect(made.m1.node.favoursSold.size).toBe(0);
      expect([...made.town.seats.values()].flatMap(faults)).toEqual([]);
    },
  );

  test('“price is the number of satoshis”: the conditions name both, it and the work [WRK-01, WRK-03]', () => {
    const made = posted(town());
    const [conditions] = received(made.customer, 'conditions');
    expect(conditions!.workRequest.powTarget).toEqual(targetForBits(2));
    expect(conditions!.paymentRequest).toMatchObject({ priceMsat });
  });

  test('the middlemen behind it go on with work, as their owners have it', () => {
    const made = posted(town());
    expect(received(made.m2, 'broadcast').map(({ proof }) => proof.kind)).toEqual(['proofOfWork']);
  });

  test('the ride goes on to its end as any other', () => {
    const made = posted(town());
    for (const stage of ['offered', 'matched', 'confirmed'] as const) driveOn(stage, made);
    expect(made.town.ledger.inFlight()).toBe(0);
    expect(Object.values(gains(made)).reduce((sum, msat) => sum + msat, 0n)).toBe(0n);
  });
});

describe('nobody pays whose owner did not allow it [WRK-20]', () => {
  test.each<[string, Partial<Policy>]>([
    ['by default', {}],
    ['with no limit for an ask', { ...pays, maxPayMsat: 0n }],
    ['with no limit for a day', { ...pays, maxPayPerDayMsat: 0n }],
  ])('%s: the ask says so, and no invoice is made', (_name, rules) => {
    const made = posted(town(false, rules));
    expect(received(made.m1, 'askForBroadcast').map(({ wouldPay }) => wouldPay)).toEqual([false]);
    expect(effectsOf(made.m1).some(({ do: name }) => name === 'issueInvoice')).toBe(false);
    expect(proofs(made)).toEqual(['proofOfWork']);
  });

  test.each<[string, Partial<Policy>]>([
    ['the price is above the limit for an ask', { ...pays, maxPayMsat: priceMsat - 1n }],
    ['the price is above what is left of the day', { ...pays, maxPayPerDayMsat: priceMsat - 1n }],
    ['the work is done sooner than the owner minds', { ...pays, payAboveMs: 2_000 }],
  ])('%s: it works', (_name, rules) => {
    const made = posted(town(false, rules));
    expect(proofs(made)).toEqual(['proofOfWork']);
    expect(gains(made)).toEqual({});
    // The invoice that nobody paid is taken back.
    made.town.pass(limits.askValidForMs + limits.favourInvoiceMs);
    expect(effectsOf(made.m1).map(nameOf)).toContain('cancelInvoice');
    made.town.pass(limits.favourInvoiceSeconds * 1_000 + 60_000);
    expect(made.m1.node.favoursSold.size).toBe(0);
  });

  test('the limit for a day holds over a restart, and the day after it is whole again', () => {
    const made = town(false, { ...pays, maxPayPerDayMsat: 2n * priceMsat });
    const paid = () => payments(made.customer).length;
    for (let job = 0; job < 4; job++) {
      if (job === 1) made.town.restart(made.customer);
      driveOn('posted', made);
      expect(paid()).toBe(Math.min(job + 1, 2));
    }
    made.town.pass(limits.favourDayMs);
    made.town.mine(1);
    const { customer, m1, worker } = made;
    const topic = { ...[...customer.node.jobs.values()][0]!.job.topic } as never as {
      pickupAfterMs: number;
      dropoffBeforeMs: number;
    };
    topic.pickupAfterMs = made.town.nowMs;
    topic.dropoffBeforeMs = made.town.nowMs + 3_600_000;
    made.town.command(customer, { command: 'postJob', topic: topic as never });
    expect(paid()).toBe(3);
    expect(customer.node.favoursBought.size).toBe(1);
    expect([m1, worker].flatMap(faults)).toEqual([]);
  });
});

describe('a wallet that does not do what it should', () => {
  test('makes no invoice in time: the conditions go without, and come once', () => {
    const made = town();
    made.town.onBank = (seat, effect) =>
      seat === made.m1 && effect.do === 'issueInvoice'
        ? { do: 'followInvoice', paymentHash: effect.paymentHash, invoice: '' }
        : effect;
    posted(made);
    expect(asksOf(made)).toEqual(['AwaitingConditions']);
    made.town.pass(limits.favourInvoiceMs);
    expect(received(made.customer, 'conditions')).toMatchObject([{ paymentRequest: null }]);
    expect(proofs(made)).toEqual(['proofOfWork']);
  });

  test('refuses to make one: the conditions go without at once', () => {
    const made = town();
    made.town.onBank = (seat, effect) => {
      if (seat !== made.m1 || effect.do !== 'issueInvoice') return effect;
      const { paymentHash } = effect;
      const failed = { on: 'walletFailed', command: 'issueInvoice', paymentHash } as const;
      made.town.hear(made.m1, { ...failed, code: 'WALLET_REFUSED', retryable: false });
      return { do: 'cancelInvoice', paymentHash };
    };
    posted(made);
    expect(proofs(made)).toEqual(['proofOfWork']);
    expect(made.m1.node.favoursSold.size).toBe(0);
  });

  test('cannot hold: its owner is not paid, whatever the price', () => {
    const made = town();
    made.town.bank(made.m1, false);
    posted(made);
    expect(proofs(made)).toEqual(['proofOfWork']);
  });

  test('cannot pay: the work is done after all, and nothing counts for the day', () => {
    const made = town();
    made.town.onBank = (seat, effect) => {
      if (seat !== made.customer || effect.do !== 'payInvoice') return effect;
      const { paymentHash } = effect;
      made.town.hear(seat, { on: 'paymentFailed', paymentHash, reason: 'none', nothingLeft: true });
      return { ...effect, mayBegin: false, invoice: '' };
    };
    posted(made);
    expect(proofs(made)).toEqual(['proofOfWork']);
    expect([...made.customer.node.favoursBought.values()]).toMatchObject([{ nothingLeft: true }]);
  });
});

/** The payment of the customer waits until `release` is called. */
function slowly(made: Ride): { release: () => void } {
  const late: (() => void)[] = [];
  const bank = (seat: Seat, effect: Parameters<Ride['town']['onBank']>[1]) => {
    if (seat !== made.customer || effect.do !== 'payInvoice' || !effect.mayBegin) return effect;
    late.push(() => {
      const { height, nowMs } = made.town;
      made.town.ledger.perform(seat.name, effect, { height, nowMs });
      made.town.hear(made.settler, { on: 'balance', balanceMsat: 0n });
    });
    return { ...effect, invoice: '' };
  };
  made.town.onBank = bank;
  return { release: () => late.splice(0).forEach((pay) => pay()) };
}

describe('whoever is too late or too far gone', () => {
  test('a payment that arrives when the ask is over goes back', () => {
    const made = town();
    const { release } = slowly(made);
    posted(made);
    expect(asksOf(made)).toEqual(['AwaitingPayment']);
    made.town.pass(limits.askValidForMs + limits.favourInvoiceMs);
    release();
    expect(gains(made)).toEqual({});
    expect(made.town.ledger.inFlight()).toBe(0);
    expect(proofs(made)).toEqual([]);
  });

  test('a payment by who is gone meanwhile goes back', () => {
    const made = town();
    const { release } = slowly(made);
    posted(made);
    const { m1, customer } = made;
    made.town.hear(m1, { on: 'disconnected', peer: customer.node.self });
    made.town.hear(customer, { on: 'disconnected', peer: m1.node.self });
    expect(asksOf(made)).toEqual(['Lapsed']);
    release();
    expect(gains(made)).toEqual({});
    expect(made.town.ledger.inFlight()).toBe(0);
  });

  test('one that arrives just in time gives the broadcast as long again', () => {
    const made = town();
    const { release } = slowly(made);
    posted(made);
    made.town.pass(limits.askValidForMs - 1);
    release();
    expect(gains(made)).toEqual({ customer: -priceMsat, m1: priceMsat });
    expect(proofs(made)).toEqual(['proofOfPayment']);
    expect(made.worker.node.heard.size).toBe(1);
  });

  test.each([
    [
      'customer',
      'it is paid once, and told again with work',
      { customer: -priceMsat, m1: priceMsat },
    ],
    ['m1', 'it goes back', {}],
  ] as const)('%s restarts while the payment is on its way: %s', (who, _what, then) => {
    const made = town();
    const { release } = slowly(made);
    posted(made);
    made.town.restart(made[who]);
    release();
    made.town.pass(limits.askValidForMs * 3);
    expect(gains(made)).toEqual(then);
    expect(made.town.ledger.inFlight()).toBe(0);
    const hashes = payments(made.customer).flatMap((effect) =>
      effect.do === 'payInvoice' && effect.mayBegin ? [effect.paymentHash] : [],
    );
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  test('m1 restarts when it is paid and before it collected: it collects, and nothing is held for good', () => {
    const made = town();
    const kept: (() => void)[] = [];
    made.town.onBank = (seat, effect) => {
      if (seat !== made.m1 || effect.do !== 'settleInvoice' || kept.length > 0) return effect;
      kept.push(() => undefined);
      return { do: 'followInvoice', paymentHash: effect.paymentHash, invoice: '' };
    };
    posted(made);
    expect(made.town.ledger.inFlight()).toBe(1);
    made.town.restart(made.m1);
    made.town.pass(limits.repeatMs);
    expect(gains(made)).toEqual({ customer: -priceMsat, m1: priceMsat });
    expect(made.m1.node.favourSums.soldMsat).toBe(priceMsat);
  });
});

describe('cheats [NET-06]', () => {
  test('an invoice for more than the price is not paid, and its neighbour is to blame', () => {
    const made = town();
    alter(made, (frame) =>
      frame.kind === 'conditions' && frame.paymentRequest !== null
        ? { ...frame, paymentRequest: { ...frame.paymentRequest, priceMsat: 1_000n } }
        : frame,
    );
    posted(made);
    expect(faults(made.customer)).toEqual(['INVOICE_AMOUNT_MISMATCH']);
    expect(payments(made.customer)).toEqual([]);
  });

  test('a preimage that paid for one job pays for no other', () => {
    const made = posted(town());
    const [first] = received(made.m1, 'broadcast');
    alter(made, (frame, from) =>
      frame.kind === 'broadcast' && from === made.customer
        ? { ...frame, proof: first!.proof }
        : frame,
    );
    driveOn('posted', made);
    expect(faults(made.m1)).toEqual(['PAYMENT_NOT_PROVEN']);
    expect(made.worker.node.heard.size).toBe(1);
  });

  test('the same broadcast again is for an ask that is over', () => {
    const made = posted(town());
    const [frame] = received(made.m1, 'broadcast');
    const bytes = encodeFrame(frame!);
    made.town.hear(made.m1, { on: 'received', peer: made.customer.node.self, bytes });
    expect(faults(made.m1)).toEqual(['ASK_UNKNOWN']);
  });

  test('a neighbour that takes the money and passes nothing on has cost its price, once', () => {
    const made = town();
    alter(made, (frame, from) =>
      frame.kind === 'askForBroadcast' && from === made.m1 ? null : frame,
    );
    posted(made);
    made.town.pass(10 * 60_000);
    expect(gains(made)).toEqual({ customer: -priceMsat, m1: priceMsat });
    expect(made.worker.node.heard.size).toBe(0);
    expect(payments(made.customer)).toHaveLength(1);
  });

  test('a hash that means something else to us is not paid: we work', () => {
    const made = town();
    const other = '00'.repeat(32);
    made.customer.node.legs.set(other as never, {} as never);
    alter(made, (frame) =>
      frame.kind === 'conditions' && frame.paymentRequest !== null
        ? { ...frame, paymentRequest: { ...frame.paymentRequest, paymentHash: other as never } }
        : frame,
    );
    posted(made);
    expect(proofs(made)).toEqual(['proofOfWork']);
    made.customer.node.legs.delete(other as never);
  });

  test('who asks again and again has so many invoices open, and no more', () => {
    const made = town(false, { ...pays, maxPayMsat: 1_000n });
    for (let job = 0; job < limits.openFavoursPerPeer + 2; job++) driveOn('posted', made);
    const open = effectsOf(made.m1).filter(({ do: name }) => name === 'issueInvoice');
    expect(open).toHaveLength(limits.openFavoursPerPeer);
  });
});

describe('a thank-you withheld [WRK-16, THX-08]', () => {
  test('“increase the price of the broadcast”: it doubles as the work does', () => {
    const made = town();
    const { customer, m1, town: nodes } = made;
    m1.node.thankless.set(customer.node.self, { count: 2, atMs: nodes.nowMs } as never);
    posted(made);
    const [conditions] = received(customer, 'conditions');
    expect(conditions!.workRequest.powTarget).toEqual(targetForBits(4));
    expect(conditions!.paymentRequest).toMatchObject({ priceMsat: priceMsat * 4n });
    expect(gains(made)).toEqual({ customer: -4n * priceMsat, m1: 4n * priceMsat });
  });
});
