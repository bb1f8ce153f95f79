import { describe, expect, test } from 'vitest';
import {
  defaultPolicy,
  limits,
  routeBlocks,
  statementsFrame,
  toStored,
  type Effect,
  type Event,
  type Policy,
} from '../../src/lib/protocol/index.ts';
import { createMoneyGuard, InvariantBroken } from '../../src/lib/runtime/money-guard.ts';
import { devices, flipped, height } from '../protocol/cast.ts';
import * as deal from '../protocol/deal.ts';

const { networkHash: paymentHash, networkPreimage: preimage, feeMsat, finalCltv } = deal;
const invoice = deal.networkInvoice;
const otherInvoice = deal.invoice({ description: 'another' });

/** The least settle deadline at which this payment may be passed on. */
const enough = height + finalCltv + 3 + routeBlocks(0) + limits.graceBlocks;

const store: Effect = { do: 'store', key: 'x', value: new Uint8Array() };
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

const atHeight: Event = {
  on: 'walletReady',
  alias: '',
  network: 'regtest',
  canHold: true,
  shadowBlocks: 0,
  height,
  balanceMsat: 0n,
};
const accepted = (settleDeadline = enough): Event => ({
  on: 'invoiceAccepted',
  paymentHash,
  settleDeadline,
});
const paid: Event = { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n };
const unproven: Event = { ...paid, preimage: new Uint8Array(0) };
const failed: Event = { on: 'paymentFailed', paymentHash, reason: '' };
const settled: Event = { on: 'invoiceSettled', paymentHash };

/** What a settler lets out. */
const say = (statements: Parameters<typeof statementsFrame>[1]): Effect => ({
  do: 'send',
  to: devices.customer.peer,
  frame: statementsFrame(deal.promiseId, statements),
});
const said = deal.statements({
  outcome: { promiseId: deal.promiseId, gig: 'paid', network: 'paid', reason: 'confirmed', height },
}).outcome;
const refused = deal.statements({
  outcome: {
    promiseId: deal.promiseId,
    gig: 'refunded',
    network: 'paid',
    reason: 'ruled',
    height,
  },
}).outcome;
const policy = (change: Partial<Policy>): Effect => ({
  do: 'store',
  key: 'policy',
  value: toStored({ ...defaultPolicy, ...change }),
});
/** A leg as it is stored; `unlock_by` is what the guard reads of it before it pays. */
const leg = (state: string, unlockBy = height) => ({
  key: `leg/${paymentHash}`,
  value: toStored({
    state,
    settleDeadline: enough,
    terms: { paymentHash, incomingMsat: feeMsat + 11_000n, outgoingInvoice: invoice, unlockBy },
  }),
});
const storeLeg = (state: string, unlockBy?: number): Effect => ({
  do: 'store',
  ...leg(state, unlockBy),
});

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
    [
      'a wallet calls its payment settled without a preimage, then failed, so it cancels',
      [...middleman, [store, pay()], unproven, failed, [store, cancel]],
    ],
    ['nobody paid it, so it cancels', [...middleman.slice(0, 2), [store, cancel]]],
    ['a payment is taken up again', [[store, pay()], [pay()], [pay({ mayBegin: false })]]],
    [
      'a late payment is only followed',
      [...middleman, [store, pay()], ...later([pay({ mayBegin: false })])],
    ],
    ['a settler settles', [[store, issue()], accepted(), [store, settle()]]],
    ['asks again for the end it stored', [...middleman, [store, cancel], [cancel], [cancel]]],
    [
      'publishes its preimage once it has its money',
      [
        [store, issue()],
        accepted(),
        [store, settle()],
        settled,
        [store, say({ networkPreimage: preimage })],
      ],
    ],
    [
      "gives the worker the gig's preimage with the Outcome",
      [[store, say({ outcome: said, replyPreimage: deal.replyPreimage })]],
    ],
    [
      'pays under the loss cap its owner raised',
      [...middleman, [policy({ lossCapMsat: feeMsat })], [store, pay()]],
    ],
    ['pays at unlock_by', [...middleman, [storeLeg('Paying', height), pay()]]],
    [
      'goes on with what it began under a higher loss cap',
      [...middleman, [store, pay()], [policy({ lossCapMsat: 0n })], [pay()]],
    ],
    ['views before and after', [[notify, store, wake, notify]]],
  ])('%s', (_name, life) => {
    expect(() => live(life)).not.toThrow();
  });
});

/** Blocks pass, then a step. */
function later(step: readonly Effect[]): Life {
  return [{ on: 'height', height: enough }, step];
}

describe('each rule broken once [PAY-05, PAY-07]', () => {
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
    [
      'a payment is passed on after unlock_by',
      [...middleman, [storeLeg('Paying', height - 1), pay()]],
    ],
    [
      'more is paid onward than may be lost',
      [...middleman, [policy({ lossCapMsat: feeMsat - 1n })], [store, pay()]],
    ],
    [
      'a payment is passed on with too little time left',
      [...middleman, [policy({ shadowBlocks: 1 })], [store, pay()]],
    ],
    [
      'a payment is passed on with too little time left',
      [
        { ...atHeight, shadowBlocks: null } as Event,
        ...middleman.slice(1),
        [policy({ shadowBlocks: null })],
        [store, pay()],
      ],
    ],
    [
      'a payment is passed on though its own is to end',
      [...middleman, [store, cancel], [store, pay()]],
    ],
    ['a payment that has ended is made again', [[store, pay()], paid, [store, pay()]]],
    ['a payment that has ended is made again', [[store, pay()], failed, [store, pay()]]],
    [
      'a preimage leaves before it was Accepted',
      [
        [store, issue()],
        [store, settle()],
      ],
    ],
    [
      'an invoice is settled and cancelled',
      [[store, issue()], accepted(), [store, settle()], [store, cancel]],
    ],
    ['an invoice is settled and cancelled', [...middleman, [store, cancel], [store, settle()]]],
    ['an invoice ends in a way that is not stored', [[store, issue()], accepted(), [settle()]]],
    ['an invoice ends in a way that is not stored', [...middleman, [cancel]]],
    [
      'a preimage is published before our own is Settled',
      [[store, issue()], accepted(), [store, settle(), say({ networkPreimage: preimage })]],
    ],
    [
      "a gig's preimage leaves without the Outcome that owes it",
      [[store, say({ replyPreimage: deal.replyPreimage })]],
    ],
    [
      "a gig's preimage leaves without the Outcome that owes it",
      [[store, say({ outcome: refused, replyPreimage: deal.replyPreimage })]],
    ],
    ['both an Unlock and an Abort leave', [[store, say({ unlock: said, abort: said })]]],
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

  const settlement = (state: string, settleDeadline?: number, network?: string) => ({
    key: `settlement/${deal.promiseId}`,
    value: toStored({
      state,
      network,
      settleDeadline,
      published: {},
      deal: { networkPaymentHash: paymentHash, feeMsat },
    }),
  });
  test('a settler goes on collecting for the contact, and giving back', () => {
    const collecting = (network: string) => guardOf(settlement('Unlocked', enough, network));
    expect(() => collecting('settling').check([settle()])).not.toThrow();
    expect(() => collecting('settling').check([store, cancel])).toThrow('settled and cancelled');
    expect(() => collecting('held').check([settle()])).toThrow('not stored');
    const returning = guardOf(settlement('Returning', enough));
    expect(() => returning.check([cancel])).not.toThrow();
    expect(() => returning.check([store, settle()])).toThrow('settled and cancelled');
  });

  const offer = (state: string, settleDeadline?: number) => ({
    key: 'offer/x',
    value: toStored({
      state,
      settleDeadline,
      terms: { replyPaymentHash: paymentHash, amountMsat: feeMsat },
    }),
  });

  test.each([
    ['settler', settlement],
    ['gig worker', offer],
  ])('a %s settles again what it was settling, and never cancels it', (_role, entry) => {
    const guard = guardOf(entry('Settling', enough));
    expect(() => guard.check([settle()])).not.toThrow();
    expect(() => guard.check([store, cancel])).toThrow('settled and cancelled');
    expect(() => guardOf(entry('Promised')).check([store, settle()])).toThrow('was Accepted');
  });

  test('who was aborting or refunding cancels again, and reveals nothing', () => {
    for (const entry of [settlement('Aborting'), offer('Refunding'), leg('Cancelling')]) {
      const guard = guardOf(entry);
      expect(() => guard.check([cancel])).not.toThrow();
      expect(() => guard.check([store, settle()])).toThrow();
    }
  });

  test('an offer that is only being drafted is no payment yet', () => {
    const guard = guardOf({ key: 'offer/x', value: toStored({ state: 'Drafting' }) });
    expect(() => guard.check([store, issue()])).not.toThrow();
  });

  test('a job that was paying goes on; one that only planned to must store first', () => {
    expect(() => guardOf(job('pending')).check([pay()])).not.toThrow();
    expect(() => guardOf(job('planned')).check([pay()])).toThrow('not stored');
    const posted = { key: 'job/y', value: toStored({ state: 'Broadcasting' }) };
    expect(() => guardOf(posted).check([store, pay()])).not.toThrow();
  });
});
