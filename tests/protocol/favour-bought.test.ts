/** A payment in place of work, from the decision to its end. */
import { describe, expect, test } from 'vitest';
import {
  spentMsat,
  startPurchase,
  stepPurchase,
  type FavourBought,
  type PurchaseEvent,
} from '../../src/lib/protocol/roles/favour-bought.ts';
import * as cast from './cast.ts';
import * as favour from './favour.ts';
import { nameOf, play, testTable, the } from './play.ts';

const { paymentHash, preimage, priceMsat } = favour;
const purchase = {
  paymentHash,
  peer: cast.devices.m1.peer,
  payloadId: cast.payloadId,
  invoice: favour.invoice(),
  priceMsat,
  atMs: cast.nowMs,
};
const failed = { on: 'paymentFailed', paymentHash, reason: 'no route' } as const;
const walletFailed = { on: 'walletFailed', paymentHash, retryable: false } as const;

const events: Record<string, PurchaseEvent> = {
  paid: { on: 'paymentSettled', paymentHash, preimage, feeMsat: 1_000n },
  'paid without the preimage': {
    on: 'paymentSettled',
    paymentHash,
    preimage: new Uint8Array(32),
    feeMsat: 0n,
  },
  failed,
  'refused at once': { ...failed, nothingLeft: true },
  'may not pay': { ...walletFailed, command: 'payInvoice', code: 'WALLET_UNAUTHORIZED' },
  'may not look': { ...walletFailed, command: 'followInvoice', code: 'WALLET_REFUSED' },
  resume: { on: 'resume' },
};
const stepAt = (bought: FavourBought, event: string) => stepPurchase(bought, events[event]!);
const after = (bought: FavourBought, event: string) =>
  play(bought, (one) => stepAt(one, event)).state;

const [paying, begun] = startPurchase(purchase);
const states: Record<string, FavourBought> = {
  Paying: paying,
  Paid: after(paying, 'paid'),
  Failed: after(paying, 'failed'),
  'Failed, nothing left': after(paying, 'refused at once'),
};

describe('a payment in place of work', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Paying: {
        paid: 'Paid: store',
        failed: 'Failed: store',
        'refused at once': 'Failed: store',
        'may not pay': 'Failed: store',
        resume: 'Paying: payInvoice',
      },
      Paid: {},
      Failed: { paid: 'Paid: store' },
      'Failed, nothing left': { paid: 'Paid: store' },
    },
    stepAt,
  );

  test('is stored, then made, for the price and no other sum [WRK-03, WRK-18]', () => {
    expect(begun.map(nameOf)).toEqual(['store', 'payInvoice']);
    expect(the(begun, 'payInvoice')).toMatchObject({ amountMsat: priceMsat, mayBegin: true });
  });

  test('is never begun again: after a restart it is only looked up', () => {
    const [, effects] = stepAt(paying, 'resume');
    expect(the(effects, 'payInvoice')).toMatchObject({ mayBegin: false, again: true });
  });

  test('counts for its day unless the wallet refused before anything left', () => {
    const spent = Object.values(states).map(spentMsat);
    expect(spent).toEqual([priceMsat, priceMsat, priceMsat, 0n]);
  });
});
