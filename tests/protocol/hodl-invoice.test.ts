import { describe, expect, test } from 'vitest';
import {
  isPreimageOf,
  paymentHashOf,
  verifyInvoice,
  type InvoiceWanted,
} from '../../src/lib/protocol/job/hodl-invoice.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { flipped } from './cast.ts';
import { feeMsat, finalCltv, invoice, networkHash, networkPreimage, otherHash } from './deal.ts';

const wanted: InvoiceWanted = {
  paymentHash: networkHash,
  network: 'regtest',
  minAmountMsat: feeMsat,
  maxAmountMsat: feeMsat + 1n,
  minFinalCltv: finalCltv,
  maxFinalCltv: finalCltv + 3,
};

describe('invoices', () => {
  test.each([
    ['as wanted', invoice()],
    ['the largest amount', invoice({ amountMsat: feeMsat + 1n })],
    ['the fewest blocks', invoice({ minFinalCltv: finalCltv })],
  ])('recv invoice -- %s', (_name, text) => {
    const fields = verifyInvoice(text, wanted);
    if (isFault(fields)) throw new Error(fields.detail);
    expect(fields.paymentHash).toBe(networkHash);
  });

  test.each<[string, string, string]>([
    ['no invoice', 'lnbcrt1', 'INVOICE_MALFORMED'],
    ['of testnet', invoice({ network: 'testnet' }), 'INVOICE_NETWORK_MISMATCH'],
    ['on another hash', invoice({ paymentHash: otherHash }), 'INVOICE_HASH_MISMATCH'],
    ['too little', invoice({ amountMsat: feeMsat - 1n }), 'INVOICE_AMOUNT_MISMATCH'],
    ['too much', invoice({ amountMsat: feeMsat + 2n }), 'INVOICE_AMOUNT_MISMATCH'],
    ['too few blocks', invoice({ minFinalCltv: finalCltv - 1 }), 'INVOICE_CLTV_MISMATCH'],
    ['too many blocks', invoice({ minFinalCltv: finalCltv + 4 }), 'INVOICE_CLTV_MISMATCH'],
  ])('recv invoice -- $0 -- $2', (...[, text, code]) => {
    const fields = verifyInvoice(text, wanted);
    expect(isFault(fields) && fields.code).toBe(code);
  });
});

test('a preimage is 32 bytes that hash to the payment hash, and nothing else is', () => {
  expect(paymentHashOf(networkPreimage)).toBe(networkHash);
  expect(isPreimageOf(networkPreimage, networkHash)).toBe(true);
  expect(isPreimageOf(flipped(networkPreimage), networkHash)).toBe(false);
  expect(isPreimageOf(networkPreimage, otherHash)).toBe(false);
  expect(isPreimageOf(null, networkHash)).toBe(false);
  const short = networkPreimage.subarray(1);
  expect(isPreimageOf(short, paymentHashOf(short))).toBe(false);
});
