/** The money guard and payments in place of work: bounded losses within the owner's limits, and nothing beyond them. */
import { describe, expect, test } from 'vitest';
import {
  defaultPolicy,
  limits,
  toStored,
  type Effect,
  type Event,
  type Policy,
  type StoreEntry,
} from '../../src/lib/protocol/index.ts';
import { createMoneyGuard, InvariantBroken } from '../../src/lib/runtime/money-guard.ts';
import { devices, nowMs, payloadId, seedOf } from '../protocol/cast.ts';
import * as favour from '../protocol/favour.ts';
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { askId, payload } from '../protocol/samples.ts';

const { priceMsat } = favour;
const rules: Partial<Policy> = { maxPayMsat: priceMsat, maxPayPerDayMsat: 2n * priceMsat };
const { peer } = devices.m1;

/** The nth favour. */
function nth(n: number, atMs = nowMs) {
  const preimage = n === 0 ? favour.preimage : seedOf(`favour ${n}`);
  const paymentHash = paymentHashOf(preimage);
  const invoice = favour.invoice({ paymentHash });
  const purchase = { paymentHash, peer, payloadId, invoice, priceMsat, atMs };
  const entry = (state: object): StoreEntry => ({
    key: `favour-bought/${paymentHash}`,
    value: toStored({ purchase, ...state }),
  });
  const store = (state: object = { state: 'Paying' }): Effect => ({ do: 'store', ...entry(state) });
  const pay = (change: Partial<Extract<Effect, { do: 'payInvoice' }>> = {}): Effect => ({
    do: 'payInvoice',
    paymentHash,
    invoice,
    amountMsat: priceMsat,
    mayBegin: true,
    ...change,
  });
  const paid: Event = { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n };
  const forget: Effect = { do: 'store', key: `favour-bought/${paymentHash}`, value: null };
  const show: Effect = {
    do: 'send',
    to: peer,
    frame: {
      kind: 'broadcast',
      askId,
      broadcastPayload: payload,
      proof: { kind: 'proofOfPayment', preimage },
    },
  };
  return { entry, store, pay, paid, forget, show, paymentHash, invoice };
}
const [a, b, c] = [nth(0), nth(1), nth(2)];
const refused = { state: 'Failed', nothingLeft: true };

type Life = readonly (Event | readonly Effect[])[];
function live(life: Life, guard = createMoneyGuard(rules)) {
  for (const entry of life) {
    if ('on' in entry) guard.see(entry);
    else guard.check(entry);
  }
  return guard;
}
const both: Life = [
  [a.store(), a.pay()],
  [b.store(), b.pay()],
];
const policy = (change: Partial<Policy>): Effect => ({
  do: 'store',
  key: 'policy',
  value: toStored({ ...defaultPolicy, ...change }),
});
const own: Effect = {
  do: 'issueInvoice',
  paymentHash: a.paymentHash,
  amountMsat: priceMsat,
  minFinalCltv: 72,
  expirySeconds: 600,
  description: '',
};

describe('what the owner allows', () => {
  test.each<[string, Life]>([
    ['as much for one as for one, in a day as for a day', both],
    ['the proof of what was paid', [[a.store(), a.pay()], a.paid, [a.show]]],
    ['one more when a wallet refused at once', [...both, [b.store(refused)], [c.store(), c.pay()]]],
    ['one more when another is a day old', [...both, [a.forget, c.store(), c.pay()]]],
    [
      'followed under rules that allow it no more',
      [...both, [policy({})], [a.pay({ mayBegin: false })]],
    ],
  ])('%s', (_name, life) => {
    expect(() => live(life)).not.toThrow();
  });
});

describe('each rule broken once [PAY-05, PAY-07]', () => {
  test.each<[string, Life]>([
    ['more is paid in place of work than a day allows', [...both, [c.store(), c.pay()]]],
    [
      'more is paid in place of work than a day allows',
      [...both, [b.store({ state: 'Failed', nothingLeft: false })], [c.store(), c.pay()]],
    ],
    [
      'more is paid in place of work than allowed',
      [[policy({ maxPayMsat: priceMsat - 1n, maxPayPerDayMsat: priceMsat })], [a.store(), a.pay()]],
    ],
    [
      'another invoice is paid in place of work than is stored',
      [[a.store(), a.pay({ invoice: favour.invoice({ description: 'another' }) })]],
    ],
    ['our own invoice is paid in place of work', [[own], [a.store(), a.pay()]]],
    ['a payment that has ended is made again', [[a.store(), a.pay()], a.paid, [a.pay()]]],
    ['a payment is made that is not stored', [[a.pay()]]],
    ['a preimage is shown for work that was not paid for', [[a.store(), a.pay()], [a.show]]],
    ['a preimage is shown for work that was not paid for', [a.paid, [a.show]]],
  ])('%s', (rule, life) => {
    const guard = live(life.slice(0, -1));
    const last = life.at(-1) as readonly Effect[];
    expect(() => guard.check(last)).toThrow(InvariantBroken);
    expect(() => guard.check(last)).toThrow(rule);
  });
});

describe('what the disk remembers', () => {
  const guardOf = (...entries: StoreEntry[]) => {
    const guard = createMoneyGuard(rules);
    guard.restore(entries);
    return guard;
  };

  test('the day goes on after a restart', () => {
    const old = nth(3, nowMs - limits.favourDayMs);
    const two = [a.entry({ state: 'Paid' }), b.entry({ state: 'Paying' })];
    expect(() => guardOf(...two).check([c.store(), c.pay()])).toThrow('than a day allows');
    const one = [a.entry({ state: 'Paid' }), old.entry({ state: 'Paid' })];
    expect(() => guardOf(...one).check([c.store(), c.pay()])).not.toThrow();
  });

  test('a payment goes on, and for no other invoice', () => {
    const guard = guardOf(a.entry({ state: 'Paying' }));
    expect(() => guard.check([a.pay({ mayBegin: false })])).not.toThrow();
    const other = favour.invoice({ description: 'another' });
    expect(() => guard.check([a.store(), a.pay({ invoice: other })])).toThrow('two invoices');
  });

  test.each([
    ['Settling', {}, 'settleInvoice', 'cancelInvoice'],
    ['Cancelling', { held: true }, 'cancelInvoice', 'settleInvoice'],
  ] as const)('an invoice of ours in place of work that is %s', (state, more, goesOn, never) => {
    const { paymentHash } = a;
    const sale = { paymentHash, priceMsat };
    const value = toStored({ state, sale, ...more });
    const guard = guardOf({ key: `favour-sold/${paymentHash}`, value });
    const end = (name: typeof goesOn): Effect =>
      name === 'settleInvoice'
        ? { do: name, paymentHash, preimage: favour.preimage }
        : { do: name, paymentHash };
    expect(() => guard.check([end(goesOn)])).not.toThrow();
    expect(() => guard.check([a.store(), end(never)])).toThrow('settled and cancelled');
  });
});
