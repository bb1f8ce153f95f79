/** What an invoice in place of work must say, and what proves that it was paid. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  favourFinalCltv,
  priceFor,
  verifyPaymentRequest,
  verifyProofOfPayment,
} from '../../src/lib/protocol/job/proof-of-payment.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';
import * as favour from './favour.ts';

describe('what may be paid in place of work [WRK-03]', () => {
  const { request, paymentHash, priceMsat } = favour;
  const verify = (change: Partial<typeof request>) => {
    const found = verifyPaymentRequest({ ...request, ...change }, cast.network);
    return isFault(found) ? found.code : 'paid';
  };

  test('is an invoice for exactly the price', () => {
    expect(verify({})).toBe('paid');
  });

  test.each<[string, Partial<typeof request>, string]>([
    [
      'one msat more than the price',
      { invoice: favour.invoice({ amountMsat: priceMsat + 1n }) },
      'INVOICE_AMOUNT_MISMATCH',
    ],
    [
      'one msat less',
      { invoice: favour.invoice({ amountMsat: priceMsat - 1n }) },
      'INVOICE_AMOUNT_MISMATCH',
    ],
    ['a price of one msat more', { priceMsat: priceMsat + 1n }, 'INVOICE_AMOUNT_MISMATCH'],
    ['another hash', { paymentHash: cast.idOf('other') }, 'INVOICE_HASH_MISMATCH'],
    [
      'another network',
      { invoice: favour.invoice({ network: 'mainnet' }) },
      'INVOICE_NETWORK_MISMATCH',
    ],
    [
      'money locked for too long',
      { invoice: favour.invoice({ minFinalCltv: limits.favourMaxFinalCltv + 1 }) },
      'INVOICE_CLTV_MISMATCH',
    ],
    ['no invoice', { invoice: 'bolt11' }, 'INVOICE_MALFORMED'],
  ])('$0 -- $2', (_name, change, code) => {
    expect(verify(change)).toBe(code);
  });

  test('our own invoices are taken, with the blocks that a wallet adds', () => {
    expect(favourFinalCltv + limits.finalCltvSlack).toBeLessThan(limits.favourMaxFinalCltv);
    expect(paymentHash).toBe(favour.request.paymentHash);
  });
});

describe('the proof in place of the nonce [WRK-18]', () => {
  const { request, preimage } = favour;
  const proven = (given: Uint8Array, due: Parameters<typeof verifyProofOfPayment>[1]) =>
    verifyProofOfPayment(given, due)?.code ?? 'proven';

  test('is the preimage of the invoice of this ask, once our wallet has its money', () => {
    expect(proven(preimage, { request, paid: true })).toBe('proven');
  });

  test.each<[string, Uint8Array, Parameters<typeof verifyProofOfPayment>[1]]>([
    ['before our wallet has the money', preimage, { request, paid: false }],
    ['of another payment', cast.seedOf('other'), { request, paid: true }],
    ['where only work was asked for', preimage, null],
  ])('%s -- PAYMENT_NOT_PROVEN', (_name, given, due) => {
    expect(proven(given, due)).toBe('PAYMENT_NOT_PROVEN');
  });

  test('no other bytes prove anything', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 0, maxLength: 40 }), (bytes) => {
        expect(proven(bytes, { request, paid: true })).toBe('PAYMENT_NOT_PROVEN');
      }),
    );
  });
});

describe('the price rises as the work does [WRK-16, THX-08]', () => {
  test('as many times, and never above what a price may be', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 1_000n, max: limits.maxPriceMsat }),
        fc.double({ min: 1, max: limits.maxWorkMs, noNaN: true }),
        (msat, dearer) => {
          const price = priceFor(msat, dearer);
          expect(price).toBeGreaterThanOrEqual(msat);
          expect(price).toBeLessThanOrEqual(limits.maxPriceMsat);
          const twice = priceFor(msat, dearer * 2);
          const around = (price * 2n * 1_001n) / 1_000n + 1n;
          expect(twice <= around && (twice > price || price === limits.maxPriceMsat)).toBe(true);
        },
      ),
    );
    expect(priceFor(5_000n, 8)).toBe(40_000n);
    expect(priceFor(5_000n, 1)).toBe(5_000n);
  });
});
