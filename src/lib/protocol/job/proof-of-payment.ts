/**
 * A payment in place of work: what a middleman may ask instead, and what proves that it was paid. Sweet-Gossip:
 * "Favour-Conditions" (the LN scheme: address and price), "Broadcast" ("nonce or utxo").
 *
 *   price       of the conditions, beside the work: whoever asked chooses one of the two
 *   invoice     the middleman's own, made for this ask alone: its hash is known to these two only
 *   proof       the preimage of that hash, which leaves the middleman's wallet when it collects
 *
 * Differs from Sweet-Gossip: an invoice takes the place of a Lightning address, since an address cannot say which ask was paid
 * for; and the proof is the preimage, as a Lightning payment has no transaction to name. Whoever forwards a payment learns its
 * preimage too: it is good for one ask of one peer, so nobody else can use it, and for one broadcast.
 */
import type { Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import { limits } from '../limits.ts';
import type { PaymentRequest } from '../wire/messages.ts';
import type { InvoiceFields } from './bolt11.ts';
import { isPreimageOf, verifyInvoice } from './hodl-invoice.ts';

/** What an ask is waiting for, at the middleman. */
export interface PaymentDue {
  readonly request: PaymentRequest;
  /** Our own wallet has the money and was told to collect it. */
  readonly paid: boolean;
}

/** Blocks the invoice needs: to wake up, and what its wallet keeps for itself. It is collected at once. */
export const favourFinalCltv =
  limits.graceBlocks + limits.walletBufferBlocks + limits.finalCltvSlack;

/** Where the work is so many times what it is when it is quiet, so is the price. msat. */
export function priceFor(priceMsat: bigint, dearer: number): bigint {
  const raised = (priceMsat * BigInt(Math.round(dearer * 1_000))) / 1_000n;
  return raised < limits.maxPriceMsat ? raised : limits.maxPriceMsat;
}

/** An invoice for exactly what the conditions say, on the hash they name, that locks our money for no longer than it must. */
export function verifyPaymentRequest(
  { invoice, paymentHash, priceMsat }: PaymentRequest,
  network: Network,
): InvoiceFields | Fault {
  return verifyInvoice(invoice, {
    paymentHash,
    network,
    minAmountMsat: priceMsat,
    maxAmountMsat: priceMsat,
    minFinalCltv: 0,
    maxFinalCltv: limits.favourMaxFinalCltv,
  });
}

/** Null if this ask was paid for and the proof is its own, else PAYMENT_NOT_PROVEN. */
export function verifyProofOfPayment(preimage: Uint8Array, due: PaymentDue | null): Fault | null {
  if (due === null) return fault('PAYMENT_NOT_PROVEN', 'only work was asked for');
  if (!isPreimageOf(preimage, due.request.paymentHash)) {
    return fault('PAYMENT_NOT_PROVEN', 'of another payment');
  }
  return due.paid ? null : fault('PAYMENT_NOT_PROVEN', 'not paid');
}
