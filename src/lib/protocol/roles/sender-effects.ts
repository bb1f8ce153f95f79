/** What a sender asks of its wallet, and asks again. Whitepaper: "Paying for the reply message". */
import type { Context, Effect } from '../machine.ts';
import type { Offer, TakenJob } from './sender-states.ts';

type Pay = Extract<Effect, { do: 'payInvoice' }>;

export function payNetwork(offer: Offer, mayBegin: boolean): Pay {
  const { networkPaymentHash, networkInvoice, networkMsat } = offer;
  return {
    do: 'payInvoice',
    paymentHash: networkPaymentHash,
    invoice: networkInvoice,
    amountMsat: networkMsat,
    mayBegin,
  };
}

export function payGig({ terms, replyInvoice }: Offer, mayBegin: boolean): Pay {
  const { replyPaymentHash: paymentHash, amountMsat } = terms;
  return { do: 'payInvoice', paymentHash, invoice: replyInvoice, amountMsat, mayBegin };
}

/** After a restart: the wallet goes on with what was begun; it never pays a hash twice, and nothing late. */
export function payAgain(job: TakenJob, ctx: Context): Effect[] {
  const { network, reply } = job.money;
  const afterContact = job.state === 'Matched' && job.chosen.terms.unlock === 'preimage';
  const isWanted = ['PayingNetwork', 'PayingReply'].includes(job.state) || afterContact;
  const mayBegin = isWanted && ctx.height <= job.chosen.heights.unlockBy;
  const effects: Effect[] = [];
  if (network === 'pending') effects.push({ ...payNetwork(job.chosen, mayBegin), again: true });
  if (reply === 'pending') effects.push({ ...payGig(job.chosen, mayBegin), again: true });
  return effects;
}
