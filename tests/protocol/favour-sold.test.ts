/** An invoice in place of work, from the ask it is for to its end. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  isOnSale,
  startSale,
  stepSale,
  type FavourSold,
  type SaleEvent,
} from '../../src/lib/protocol/roles/favour-sold.ts';
import * as cast from './cast.ts';
import * as favour from './favour.ts';
import { play, testTable, the } from './play.ts';
import { askId } from './samples.ts';

const { nowMs, devices } = cast;
const { paymentHash, preimage, priceMsat } = favour;
const sale = {
  askId,
  originator: devices.customer.peer,
  preimage,
  paymentHash,
  priceMsat,
  untilMs: nowMs + limits.favourInvoiceMs + limits.askValidForMs,
};
const invoice = favour.invoice();
const accepted = { on: 'invoiceAccepted' } as const;

const events: Record<string, SaleEvent> = {
  invoiceIssued: { on: 'invoiceIssued', paymentHash, invoice },
  'paid, and wanted': { ...accepted, wanted: true },
  'paid, and unwanted': { ...accepted, wanted: false },
  invoiceSettled: { on: 'invoiceSettled', paymentHash },
  invoiceCancelled: { on: 'invoiceCancelled', paymentHash },
  walletFailed: {
    on: 'walletFailed',
    command: 'issueInvoice',
    paymentHash,
    code: 'WALLET_REFUSED',
    retryable: false,
  },
  wake: { on: 'wake' },
  'wake when nobody waits': { on: 'wake' },
  'wake when it is expired': { on: 'wake' },
  resume: { on: 'resume' },
};
const moments: Record<string, number> = {
  'wake when nobody waits': sale.untilMs,
  'wake when it is expired': sale.untilMs + limits.favourInvoiceSeconds * 1_000,
};
function stepAt(sold: FavourSold, event: string) {
  return stepSale(sold, events[event]!, cast.context({ nowMs: moments[event] ?? nowMs }));
}
const after = (sold: FavourSold, event: string) => play(sold, (one) => stepAt(one, event)).state;

const [issuing, begun] = startSale(sale);
const offered = after(issuing, 'invoiceIssued');
const states: Record<string, FavourSold> = {
  Issuing: issuing,
  Offered: offered,
  Settling: after(offered, 'paid, and wanted'),
  'Cancelling, held': after(offered, 'paid, and unwanted'),
  'Cancelling, unpaid': after(offered, 'wake when nobody waits'),
  Ended: after(offered, 'invoiceCancelled'),
};

describe('an invoice in place of work', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Issuing: {
        invoiceIssued: 'Offered: store',
        walletFailed: 'Ended: store',
        'wake when nobody waits': 'Ended: store',
        'wake when it is expired': 'Ended: store',
      },
      Offered: {
        'paid, and wanted': 'Settling: store, settleInvoice, wake',
        'paid, and unwanted': 'Cancelling: store, cancelInvoice, wake',
        invoiceCancelled: 'Ended: store',
        'wake when nobody waits': 'Cancelling: store, cancelInvoice, wake',
        'wake when it is expired': 'Cancelling: store, cancelInvoice, wake',
        resume: 'Offered: followInvoice, wake',
      },
      Settling: {
        invoiceSettled: 'Ended: store',
        invoiceCancelled: 'Ended: store',
        wake: 'Settling: settleInvoice, wake',
        'wake when nobody waits': 'Settling: settleInvoice, wake',
        'wake when it is expired': 'Settling: settleInvoice, wake',
        resume: 'Settling: settleInvoice, wake',
      },
      'Cancelling, held': {
        invoiceCancelled: 'Ended: store',
        wake: 'Cancelling: cancelInvoice, wake',
        'wake when nobody waits': 'Cancelling: cancelInvoice, wake',
        'wake when it is expired': 'Cancelling: cancelInvoice, wake',
        resume: 'Cancelling: cancelInvoice, wake',
      },
      'Cancelling, unpaid': {
        'paid, and wanted': 'Cancelling: store, cancelInvoice, wake',
        'paid, and unwanted': 'Cancelling: store, cancelInvoice, wake',
        invoiceCancelled: 'Ended: store',
        wake: 'Cancelling: cancelInvoice, wake',
        'wake when nobody waits': 'Cancelling: cancelInvoice, wake',
        'wake when it is expired': 'Ended: store',
        resume: 'Cancelling: cancelInvoice, wake',
      },
      Ended: {},
    },
    stepAt,
  );

  test('is for its price, on a hash of our own, and shown to nobody before it is stored [WRK-03]', () => {
    expect(the(begun, 'issueInvoice')).toMatchObject({ paymentHash, amountMsat: priceMsat });
    expect(begun.some((effect) => effect.do === 'store')).toBe(false);
    const [, effects] = stepAt(issuing, 'invoiceIssued');
    expect(effects.map((effect) => effect.do)).toEqual(['store']);
  });

  test('is paid if it was collected, and not otherwise', () => {
    const ends = (from: string, event: string) => after(states[from]!, event);
    expect(ends('Settling', 'invoiceSettled')).toMatchObject({ end: 'paid' });
    for (const from of ['Offered', 'Settling', 'Cancelling, held']) {
      expect(ends(from, 'invoiceCancelled')).toMatchObject({ end: 'unpaid' });
    }
  });

  test('is on sale until it is paid or its time is over', () => {
    expect(Object.keys(states).filter((name) => isOnSale(states[name]!))).toEqual([
      'Issuing',
      'Offered',
    ]);
  });
});
