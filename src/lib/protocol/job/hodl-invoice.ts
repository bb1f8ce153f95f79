/**
 * HODL invoices: a payment that is held until a third party's preimage settles it. Whitepaper: "HODL invoices, payments,
 * preimages and payment-hashes".
 *
 *   issued --pay--> Accepted --preimage--> Settled
 *      '--expiry--------'------time------> Cancelled
 */
import { hexOf } from '../bytes.ts';
import { hash, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { PaymentHash } from '../ids.ts';
import { isFault } from '../wire/codec.ts';
import { readInvoice, type InvoiceFields } from './bolt11.ts';

/** SHA-256 of a preimage. */
export function paymentHashOf(preimage: Uint8Array): PaymentHash {
  return hexOf(hash(preimage)) as PaymentHash;
}

export function isPreimageOf(preimage: Uint8Array | null, paymentHash: PaymentHash): boolean {
  return preimage !== null && preimage.length === 32 && paymentHashOf(preimage) === paymentHash;
}

/** What an invoice must say for us to pay it or pass it on. */
export interface InvoiceWanted {
  readonly paymentHash: PaymentHash;
  readonly network: Network;
  readonly minAmountMsat: bigint;
  readonly maxAmountMsat: bigint;
  readonly minFinalCltv: number;
  readonly maxFinalCltv: number;
}

/** The invoice's fields, or INVOICE_MALFORMED, _NETWORK_, _HASH_, _AMOUNT_ or _CLTV_MISMATCH. */
export function verifyInvoice(invoice: string, want: InvoiceWanted): InvoiceFields | Fault {
  const fields = readInvoice(invoice);
  if (isFault(fields)) return fields;
  if (fields.network !== want.network) return fault('INVOICE_NETWORK_MISMATCH', fields.network);
  if (fields.paymentHash !== want.paymentHash) {
    return fault('INVOICE_HASH_MISMATCH', `${fields.paymentHash}, not ${want.paymentHash}`);
  }
  const { amountMsat, minFinalCltv } = fields;
  if (amountMsat < want.minAmountMsat || amountMsat > want.maxAmountMsat) {
    const wanted = `${want.minAmountMsat}-${want.maxAmountMsat}`;
    return fault('INVOICE_AMOUNT_MISMATCH', `${amountMsat} msat, not ${wanted}`);
  }
  if (minFinalCltv < want.minFinalCltv || minFinalCltv > want.maxFinalCltv) {
    const wanted = `${want.minFinalCltv}-${want.maxFinalCltv}`;
    return fault('INVOICE_CLTV_MISMATCH', `${minFinalCltv} blocks, not ${wanted}`);
  }
  return fields;
}
