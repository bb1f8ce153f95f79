/** A payment in place of work, as the first middleman of the ride asks for it. */
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { favourFinalCltv } from '../../src/lib/protocol/job/proof-of-payment.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { PaymentRequest } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';

export const priceMsat = 5_000n;
export const preimage = cast.seedOf('favour');
export const paymentHash = paymentHashOf(preimage);

export function invoice(change: Parameters<typeof deal.invoice>[0] = {}): string {
  return deal.invoice({
    paymentHash,
    amountMsat: priceMsat,
    minFinalCltv: favourFinalCltv + 3,
    expirySeconds: limits.favourInvoiceSeconds,
    description: 'Gig-Gossip: passing on a job',
    ...change,
  });
}

export const request: PaymentRequest = { priceMsat, paymentHash, invoice: invoice() };
