import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context, WalletEvent } from '../../src/lib/protocol/machine.ts';
import { backByHeight, routeBlocks } from '../../src/lib/protocol/job/payment-chain.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import {
  isHeld,
  isOpen,
  startLeg,
  stepLeg,
  type Leg,
  type LegEvent,
  type LegTerms,
} from '../../src/lib/protocol/roles/leg.ts';
import { createMoneyGuard } from '../../src/lib/runtime/money-guard.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent, testTable, the } from './play.ts';

const { devices, height, nowMs, context } = cast;
const { heights, networkHash: paymentHash, networkPreimage: preimage } = deal;

const terms: LegTerms = {
  paymentHash,
  payloadId: cast.payloadId,
  settler: {
    promiseId: deal.promiseId,
    key: cast.settler.key,
    peer: devices.settler.peer,
    addresses: devices.settler.addresses,
  },
  upstream: devices.customer.peer,
  outgoingInvoice: deal.networkInvoice,
  outgoingMsat: deal.feeMsat,
  outgoingFinalCltv: deal.finalCltv + 3,
  incomingMsat: deal.feeMsat + 11_000n,
  incomingFinalCltv: deal.finalCltv + 155,
  unlockBy: heights.unlockBy,
  expiryMs: nowMs + limits.promiseMs,
  atMs: nowMs,
};

/** The least settle deadline at which a leg pays onward. */
const enough = height + terms.outgoingFinalCltv + routeBlocks(0) + limits.graceBlocks;

const wallet: Record<string, WalletEvent & LegEvent> = {
  invoiceIssued: { on: 'invoiceIssued', paymentHash, invoice: deal.onwardInvoice },
  'invoiceIssued too late': { on: 'invoiceIssued', paymentHash, invoice: deal.onwardInvoice },
  invoiceAccepted: { on: 'invoiceAccepted', paymentHash, settleDeadline: enough },
  'invoiceAccepted a block short': {
    on: 'invoiceAccepted',
    paymentHash,
    settleDeadline: enough - 1,
  },
  invoiceSettled: { on: 'invoiceSettled', paymentHash },
  invoiceCancelled: { on: 'invoiceCancelled', paymentHash },
  paymentSettled: { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n },
  'paymentSettled with another preimage': {
    on: 'paymentSettled',
    paymentHash,
    preimage: cast.flipped(preimage),
    feeMsat: 0n,
  },
  paymentFailed: { on: 'paymentFailed', paymentHash, reason: 'came back' },
  'paymentFailed, nothing left': {
    on: 'paymentFailed',
    paymentHash,
    reason: 'insufficient balance',
    nothingLeft: true,
  },
  walletFailed: {
    on: 'walletFailed',
    command: 'issueInvoice',
    paymentHash,
    code: 'WALLET_REFUSED',
    retryable: false,
  },
};
const events: Record<string, LegEvent> = {
  ...wallet,
  'published preimage': { on: 'published', preimage, aborted: false },
  'published another preimage': {
    on: 'published',
    preimage: cast.flipped(preimage),
    aborted: false,
  },
  'published Abort': { on: 'published', preimage: null, aborted: true },
  crowded: { on: 'crowded' },
  'published nothing': { on: 'published', preimage: null, aborted: false },
  wake: { on: 'wake' },
  'late wake': { on: 'wake' },
  'wake after unlock_by': { on: 'wake' },
  resume: { on: 'resume' },
};
const moments: Record<string, Partial<Context>> = {
  'invoiceIssued too late': { nowMs: terms.expiryMs },
  'late wake': { nowMs: terms.expiryMs },
  'wake after unlock_by': { height: heights.unlockBy + 1 },
};

function step(leg: Leg, event: string, change: Partial<Context> = {}) {
  const moment = { ...moments[event], ...change };
  return play(leg, (before) => stepLeg(before, events[event]!, context(moment)));
}
function after(leg: Leg, ...names: string[]): Leg {
  return names.reduce((state, event) => step(state, event).state, leg);
}

const [issuing, begun] = startLeg(terms, deal.honest.frame);
const offered = after(issuing, 'invoiceIssued');
const paying = after(offered, 'invoiceAccepted');
const consulting = after(paying, 'paymentFailed');
const states: Record<string, Leg> = {
  Issuing: issuing,
  Offered: offered,
  Paying: paying,
  Consulting: consulting,
  'Settling, paid out': after(paying, 'paymentSettled'),
  'Settling, published': after(consulting, 'published preimage'),
  Cancelling: after(consulting, 'published Abort'),
  Ended: after(paying, 'paymentSettled', 'invoiceSettled'),
};

const cancels = 'Cancelling: store, cancelInvoice, wake';
const consults = 'Consulting: store, send watch, payInvoice, wake';
const settles = 'Settling: store, settleInvoice, wake';

describe('a leg', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Issuing: {
        invoiceIssued: 'Offered: store, send reply, wake',
        'invoiceIssued too late': 'Ended: store',
        'late wake': 'Ended: store',
        'wake after unlock_by': 'Ended: store',
        walletFailed: 'Ended: store, send reply',
        resume: 'Issuing: issueInvoice',
      },
      Offered: {
        invoiceAccepted: 'Paying: store, payInvoice',
        'invoiceAccepted a block short': cancels,
        crowded: cancels,
        invoiceCancelled: 'Ended: store',
        'late wake': cancels,
        'wake after unlock_by': cancels,
        resume: 'Offered: followInvoice, wake',
      },
      Paying: {
        paymentSettled: settles,
        paymentFailed: consults,
        'paymentFailed, nothing left': cancels,
        invoiceCancelled: 'Paying: store',
        resume: 'Paying: followInvoice, payInvoice',
      },
      Consulting: {
        paymentSettled: settles,
        'published preimage': settles,
        'published Abort': cancels,
        'late wake': consults,
        resume: 'Consulting: followInvoice, send watch, payInvoice, wake',
      },
      'Settling, paid out': {
        invoiceSettled: 'Ended: store',
        paymentSettled: 'Settling: nothing',
        'paymentSettled with another preimage': 'Settling: nothing',
        wake: 'Settling: settleInvoice, wake',
        'late wake': 'Settling: settleInvoice, wake',
        'wake after unlock_by': 'Settling: settleInvoice, wake',
        resume: 'Settling: settleInvoice, wake',
      },
      'Settling, published': {
        invoiceSettled: 'Ended: store',
        invoiceCancelled: 'Ended: store',
        paymentSettled: 'Settling: nothing',
        'paymentSettled with another preimage': 'Settling: nothing',
        wake: 'Settling: settleInvoice, wake',
        'late wake': 'Settling: settleInvoice, wake',
        'wake after unlock_by': 'Settling: settleInvoice, wake',
        resume: 'Settling: settleInvoice, wake',
      },
      Cancelling: {
        invoiceCancelled: 'Ended: store',
        wake: 'Cancelling: cancelInvoice, wake',
        'late wake': 'Cancelling: cancelInvoice, wake',
        'wake after unlock_by': 'Cancelling: cancelInvoice, wake',
        resume: 'Cancelling: cancelInvoice, wake',
      },
      Ended: {},
    },
    (leg, event) => stepLeg(leg, events[event]!, context(moments[event])),
  );
});

describe('money', () => {
  test('begins by storing, then asks for an invoice of its own on the same hash [PAY-03, RPL-09]', () => {
    expect(begun.map((effect) => effect.do)).toEqual(['store', 'issueInvoice']);
    expect(the(begun, 'issueInvoice')).toMatchObject({
      paymentHash,
      amountMsat: terms.incomingMsat,
      minFinalCltv: terms.incomingFinalCltv,
    });
  });

  test('the reply goes on with our invoice in place of the one it came with', () => {
    const { effects } = step(issuing, 'invoiceIssued');
    const { to, frame } = sent(effects, 'reply');
    expect(to).toBe(terms.upstream);
    expect(frame).toEqual({ ...deal.honest.frame, networkInvoice: deal.onwardInvoice });
  });

  test('pays what it was asked for, and only once it was paid itself [PAY-07]', () => {
    const { effects } = step(offered, 'invoiceAccepted');
    expect(the(effects, 'payInvoice')).toEqual({
      do: 'payInvoice',
      paymentHash,
      invoice: deal.networkInvoice,
      amountMsat: deal.feeMsat,
      mayBegin: true,
    });
    for (const [name, state] of Object.entries(states)) {
      if (name === 'Offered' || name === 'Paying') continue;
      for (const event of Object.keys(events)) {
        const paid = step(state, event).effects.find((each) => each.do === 'payInvoice');
        expect(paid === undefined || !paid.mayBegin).toBe(true);
      }
    }
  });

  test.each<[string, Partial<Context>]>([
    ['after unlock_by', { height: heights.unlockBy + 1 }],
    ['a block later than its deadline allows', { height: height + 1 }],
    ['above its loss cap', { policy: { ...defaultPolicy, lossCapMsat: deal.feeMsat - 1n } }],
  ])('does not pay %s, but cancels', (_name, change) => {
    expect(step(offered, 'invoiceAccepted', change).did).toBe(cancels);
  });

  test('after a restart it goes on with a payment, but begins none too late', () => {
    const again = (change: Partial<Context>) =>
      the(step(paying, 'resume', change).effects, 'payInvoice');
    expect(again({}).mayBegin).toBe(true);
    expect(again({ height: height + 1 }).mayBegin).toBe(false);
    expect(again({ height: heights.unlockBy + 1 }).mayBegin).toBe(false);
  });

  test('never cancels while its own payment may still settle, whatever happens', () => {
    for (const event of Object.keys(events)) {
      if (event === 'paymentFailed, nothing left') continue;
      for (const change of [{}, { nowMs: terms.expiryMs + 86_400_000 }, { height: height + 999 }]) {
        expect(step(paying, event, change).did).not.toContain('cancelInvoice');
      }
    }
  });

  test('asks what is published before it cancels, until there is an answer [PAY-09]', () => {
    const { state, effects } = step(paying, 'paymentFailed');
    const { to, frame, addresses } = sent(effects, 'watch');
    expect(frame).toEqual({ kind: 'watch', promiseId: deal.promiseId });
    expect([to, addresses]).toEqual([devices.settler.peer, devices.settler.addresses]);
    const wait = the(effects, 'wake');
    expect(wait.atMs).toBe(nowMs + limits.settlerMs);
    expect(step(state, 'wake', { nowMs: wait.atMs - 1 }).did).toBe('-');
    expect(step(state, 'wake', { nowMs: wait.atMs }).did).toBe(consults);
    expect(the(effects, 'payInvoice')).toMatchObject({ paymentHash, mayBegin: false });
  });

  test('believes no wallet that calls a payment failed while its HTLC may be in the air', () => {
    const backBy = backByHeight(height, terms.outgoingFinalCltv, 0);
    const days = { nowMs: nowMs + 3 * limits.dayMs };
    expect(step(consulting, 'wake', { ...days, height: backBy }).did).not.toContain('cancel');
    expect(step(after(consulting, 'late wake'), 'paymentSettled').did).toBe(settles);
    expect(step(consulting, 'wake', { ...days, height: backBy + 1 }).did).toBe(cancels);
  });

  test('where there is no settler to ask it waits until nothing can be in the air', () => {
    const alone: Leg = { ...paying, terms: { ...terms, settler: null } };
    const waiting = step(alone, 'paymentFailed');
    expect(waiting.did).toBe('Consulting: store, payInvoice, wake');
    const backBy = backByHeight(height, terms.outgoingFinalCltv, 0);
    expect(step(waiting.state, 'late wake', { height: backBy }).did).not.toContain('cancel');
    expect(step(waiting.state, 'late wake', { height: backBy + 1 }).did).toBe(cancels);
    expect(step(waiting.state, 'paymentSettled').did).toBe(settles);
    expect(step(alone, 'paymentSettled').did).toBe(settles);
  });

  test('believes a refusal before anything left, and asks for none after a restart', () => {
    expect(step(paying, 'paymentFailed, nothing left').did).toBe(cancels);
    const { again } = the(step(paying, 'resume').effects, 'payInvoice');
    expect(again).toBe(true);
    expect(the(step(offered, 'invoiceAccepted').effects, 'payInvoice').again).toBeUndefined();
  });

  test('begins no payment once its own invoice is cancelled', () => {
    const unpaid = after(paying, 'invoiceCancelled');
    expect(the(step(unpaid, 'resume').effects, 'payInvoice').mayBegin).toBe(false);
    expect(step(unpaid, 'paymentFailed').did).toBe(consults);
    expect(step(unpaid, 'paymentSettled').did).toBe(settles);
  });

  test('settles with the preimage the moment it has it [PAY-03]', () => {
    for (const [from, event] of [
      [paying, 'paymentSettled'],
      [consulting, 'paymentSettled'],
      [consulting, 'published preimage'],
    ] as const) {
      const { effects } = step(from, event);
      expect(the(effects, 'settleInvoice')).toEqual({ do: 'settleInvoice', paymentHash, preimage });
    }
  });

  test('having paid out, it never gives up its own money', () => {
    const owed = states['Settling, paid out']!;
    expect(step(owed, 'invoiceCancelled').did).toBe('-');
    const learned = step(states['Settling, published']!, 'paymentSettled').state;
    expect(step(learned, 'invoiceCancelled').did).toBe('-');
  });
});

/** A wallet that caps its routes, as the machine was told. */
const ready = {
  on: 'walletReady',
  alias: '',
  network: 'regtest',
  canHold: true,
  shadowBlocks: 0,
  balanceMsat: 0n,
} as const;

test('whatever happens in whatever order, the money guard finds nothing', () => {
  const names = fc.array(fc.constantFrom(...Object.keys(events)), { maxLength: 15 });
  const property = fc.property(names, (walk) => {
    const guard = createMoneyGuard();
    guard.check(begun);
    let leg: Leg = issuing;
    let pending = false;
    let deadline = '';
    let atHeight = height;
    for (const name of walk) {
      // A wallet says one deadline of an invoice, and how a payment ended if there was one, and once.
      if (name.startsWith('invoiceAccepted')) {
        if (deadline !== '' && deadline !== name) continue;
        deadline = name;
      }
      if (name.startsWith('payment')) {
        if (!pending || name.includes('another')) continue;
        pending = false;
      }
      atHeight = Math.max(atHeight, moments[name]?.height ?? 0);
      guard.see({ ...ready, height: atHeight });
      const event = wallet[name];
      if (event) guard.see(event);
      const { state, effects } = step(leg, name, { height: atHeight });
      guard.check(effects);
      pending ||= leg.state === 'Offered' && state.state === 'Paying';
      leg = state;
    }
  });
  fc.assert(property, { numRuns: 250 });
});

test('doubled events are harmless: the second of any two does nothing new', () => {
  const repeated = ['wake', 'late wake', 'wake after unlock_by', 'resume'];
  for (const state of Object.values(states)) {
    for (const event of Object.keys(events)) {
      const once = step(state, event);
      const twice = step(once.state, event);
      const allowed = repeated.includes(event) || once.did === '-';
      if (!allowed) expect(twice.did).not.toMatch(/payInvoice|issueInvoice|send/);
      expect(twice.state.state).toBe(once.state.state);
    }
  }
});

test('a reply whose invoice the wallet would not make goes on as it came', () => {
  const { effects } = step(issuing, 'walletFailed');
  const { to, frame } = sent(effects, 'reply');
  expect(to).toBe(terms.upstream);
  expect(frame).toMatchObject({ networkInvoice: terms.outgoingInvoice });
});

test('how each leg ends', () => {
  const end = (leg: Leg) => (leg.state === 'Ended' ? leg.end : leg.state);
  expect(end(after(issuing, 'walletFailed'))).toBe('expired');
  expect(end(after(offered, 'invoiceCancelled'))).toBe('expired');
  expect(end(after(offered, 'late wake', 'invoiceCancelled'))).toBe('expired');
  expect(end(after(states['Settling, published']!, 'invoiceCancelled'))).toBe('cancelled');
  expect(end(states['Ended']!)).toBe('settled');
  expect(isHeld(after(offered, 'late wake'))).toBe(false);
  const held = Object.keys(states).filter((name) => isHeld(states[name]!));
  expect(held).toEqual([
    'Paying',
    'Consulting',
    'Settling, paid out',
    'Settling, published',
    'Cancelling',
  ]);
  expect(Object.keys(states).filter((name) => !isOpen(states[name]!))).toEqual(['Ended']);
});
