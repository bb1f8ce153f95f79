import { describe, expect, test } from 'vitest';
import {
  limits,
  routeBlocks,
  toStored,
  type Effect,
  type Event,
} from '../../src/lib/protocol/index.ts';
import { createMoneyGuard, InvariantBroken } from '../../src/lib/runtime/money-guard.ts';
import { flipped, height } from '../protocol/cast.ts';
import * as deal from '../protocol/deal.ts';

const { networkHash: paymentHash, networkPreimage: preimage, feeMsat, finalCltv } = deal;
const invoice = deal.networkInvoice;
const otherInvoice = deal.invoice({ description: 'another' });

/** The least settle deadline at which this payment may be passed on. */
const enough = height + finalCltv + 3 + routeBlocks + limits.graceBlocks;

const store: Effect = { do: 'store', key: 'leg/x', value: new Uint8Array() };
const notify: Effect = { do: 'notify', notice: { view: 'stopped', reason: '' } };
const wake: Effect = { do: 'wake', atMs: 0, key: 'x' };
const issue = (amountMsat = feeMsat): Effect => ({
  do: 'issueInvoice',
  paymentHash,
  amountMsat,
  minFinalCltv: 100,
  expirySeconds: 1,
  description: '',
});
const pay = (change: Partial<Extract<Effect, { do: 'payInvoice' }>> = {}): Effect => ({
  do: 'payInvoice',
  paymentHash,
  invoice,
  amountMsat: feeMsat,
  mayBegin: true,
  ...change,
});
const settle = (by = preimage): Effect => ({ do: 'settleInvoice', paymentHash, preimage: by });
const cancel: Effect = { do: 'cancelInvoice', paymentHash };

const atHeight: Event = { on: 'height', height };
const accepted = (settleDeadline = enough): Event => ({
  on: 'invoiceAccepted',
  paymentHash,
  settleDeadline,
});
const paid: Event = { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n };
const failed: Event = { on: 'paymentFailed', paymentHash, reason: '' };

/** What happens, and what steps ask for, one after the other; a step is a list. */
type Life = readonly (Event | readonly Effect[])[];

function live(life: Life, guard = createMoneyGuard()): void {
  for (const entry of life) {
    if ('on' in entry) guard.see(entry);
    else guard.check(entry);
  }
}

const middleman: Life = [atHeight, [store, issue(feeMsat + 11_000n)], accepted()];

describe('lives that keep the rules', () => {
  test.each<[string, Life]>([
    ['a sender pays', [[store, pay()], paid]],
    ['a middleman is paid, pays, settles', [...middleman, [store, pay()], paid, [store, settle()]]],
    ['its payment fails, so it cancels', [...middleman, [store, pay()], failed, [store, cancel]]],
    ['nobody paid it, so it cancels', [...middleman.slice(0, 2), [store, cancel]]],
    ['a payment is taken up again', [[store, pay()], [pay()], [pay({ mayBegin: false })]]],
    [
      'a late payment is only followed',
      [...middleman, [store, pay()], ...later([pay({ mayBegin: false })])],
    ],
    ['a settler settles', [[store, issue()], accepted(), [store, settle()]]],
    ['views before and after', [[notify, store, wake, notify]]],
  ])('%s', (_name, life) => {
    expect(() => live(life)).not.toThrow();
  });
});

/** Blocks pass, then a step. */
function later(step: readonly Effect[]): Life {
  return [{ on: 'height', height: enough }, step];
}

describe('each rule broken once', () => {
  test.each<[string, Life]>([
    ['something left before the step was stored', [[wake, store]]],
    ['a payment is made that is not stored', [[pay()]]],
    ['an invoice that does not parse is paid', [[store, pay({ invoice: 'lnbcrt1' })]]],
    [
      'an invoice on another hash is paid',
      [[store, pay({ invoice: deal.invoice({ paymentHash: deal.otherHash }) })]],
    ],
    ['an invoice is paid for another amount', [[store, pay({ amountMsat: feeMsat - 1n })]]],
    [
      'a hash is paid for two invoices',
      [
        [store, pay()],
        [store, pay({ invoice: otherInvoice })],
      ],
    ],
    ['a payment is passed on before it was Accepted', [...middleman.slice(0, 2), [store, pay()]]],
    [
      'more is paid onward than is paid',
      [atHeight, [store, issue(feeMsat - 1n)], accepted(), [store, pay()]],
    ],
    [
      'a payment is passed on with too little time left',
      [...middleman.slice(0, 2), accepted(enough - 1), [store, pay()]],
    ],
    ['a payment is passed on with too little time left', [...middleman, ...later([store, pay()])]],
    ['a preimage that is none leaves', [[store, settle(flipped(preimage))]]],
    [
      'an invoice is cancelled while its outgoing may still settle',
      [...middleman, [store, pay()], [store, cancel]],
    ],
    [
      'an invoice is cancelled though its outgoing settled',
      [...middleman, [store, pay()], paid, [store, cancel]],
    ],
    [
      'an invoice is cancelled though its outgoing settled',
      [...middleman, [store, pay()], paid, failed, [store, cancel]],
    ],
  ])('%s', (rule, life) => {
    const guard = createMoneyGuard();
    live(life.slice(0, -1), guard);
    const last = life.at(-1) as readonly Effect[];
    expect(() => guard.check(last)).toThrow(InvariantBroken);
    expect(() => guard.check(last)).toThrow(rule);
  });
});

describe('what the disk remembers', () => {
  const leg = (state: string) => ({
    key: `leg/${paymentHash}`,
    value: toStored({
      state,
      settleDeadline: enough,
      terms: { paymentHash, incomingMsat: feeMsat + 11_000n, outgoingInvoice: invoice },
    }),
  });
  const job = (network: string) => ({
    key: 'job/x',
    value: toStored({
      chosen: {
        networkPaymentHash: paymentHash,
        networkInvoice: invoice,
        replyInvoice: deal.replyInvoice,
        terms: { replyPaymentHash: deal.replyHash },
      },
      money: { network, reply: 'planned' },
    }),
  });
  const guardOf = (...entries: { key: string; value: Uint8Array | null }[]) => {
    const guard = createMoneyGuard();
    guard.restore(entries);
    guard.see(atHeight);
    return guard;
  };

  test('a leg that was paying goes on without a new write, and may not cancel', () => {
    const guard = guardOf(leg('Paying'), { key: 'leg/y', value: null });
    expect(() => guard.check([pay()])).not.toThrow();
    expect(() => guard.check([store, cancel])).toThrow('may still settle');
    expect(() => guard.check([store, pay({ invoice: otherInvoice })])).toThrow('two invoices');
  });

  test('a leg whose payment failed may cancel, and one that was offered must be paid first', () => {
    expect(() => guardOf(leg('Consulting')).check([store, cancel])).not.toThrow();
    expect(() => guardOf(leg('Offered')).check([store, pay()])).toThrow('before it was Accepted');
  });

  test('a job that was paying goes on; one that only planned to must store first', () => {
    expect(() => guardOf(job('pending')).check([pay()])).not.toThrow();
    expect(() => guardOf(job('planned')).check([pay()])).toThrow('not stored');
    const posted = { key: 'job/y', value: toStored({ state: 'Broadcasting' }) };
    expect(() => guardOf(posted).check([store, pay()])).not.toThrow();
  });
});
