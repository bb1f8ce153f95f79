/** What middleman and settler are shown of their payments. Nothing here changes anything. */
import type { PaymentHash } from '../ids.ts';
import { backByHeight } from '../job/payment-chain.ts';
import { limits } from '../limits.ts';
import { settlementCase } from './case-views.ts';
import { recordOf } from './records.ts';
import type { Node } from './state.ts';
import { isHeld, type Leg } from '../roles/leg.ts';
import type { Settlement } from '../roles/settler.ts';
import type { PaymentView } from '../view-parts.ts';
import type { CarriedView, SettlementView } from '../views.ts';
import { Terms } from '../wire/messages.ts';
import { isFault } from '../wire/codec.ts';

export function carriedView(leg: Leg, shadowBlocks: number): CarriedView {
  const { paymentHash, payloadId, incomingMsat, outgoingMsat, atMs } = leg.terms;
  return {
    paymentHash,
    payloadId,
    feeMsat: incomingMsat - outgoingMsat,
    state: leg.state === 'Ended' ? leg.end : leg.state,
    payments: legPayments(leg, shadowBlocks),
    atMs,
  };
}

export function legPayments(leg: Leg, shadowBlocks: number): PaymentView[] {
  const { paymentHash, incomingMsat, outgoingMsat, outgoingFinalCltv, unlockBy } = leg.terms;
  const end = leg.state === 'Ended' ? (leg.end === 'settled' ? 'settled' : 'cancelled') : null;
  const held = isHeld(leg);
  const incoming = end ?? (held ? 'accepted' : leg.state === 'Issuing' ? 'planned' : 'issued');
  const out = { Paying: 'pending', Consulting: 'pending', Settling: 'settled' } as const;
  const outgoing = end ?? (leg.state in out ? out[leg.state as keyof typeof out] : 'planned');
  const base = { paymentHash, purpose: 'network' } as const;
  return [
    {
      ...base,
      direction: 'in',
      amountMsat: incomingMsat,
      state: incoming,
      backByHeight: leg.state === 'Paying' ? leg.settleDeadline : 0,
    },
    {
      ...base,
      direction: 'out',
      amountMsat: outgoingMsat,
      state: outgoing,
      backByHeight:
        outgoing === 'pending' ? backByHeight(unlockBy, outgoingFinalCltv, shadowBlocks) : 0,
    },
  ];
}
const settlementStages = {
  Invoicing: 'promised',
  Drafted: 'promised',
  Promised: 'promised',
  NetworkHeld: 'held',
  Unlocked: 'unlocked',
  Refunded: 'refunded',
  Settling: 'settled',
  Returning: 'refunded',
  Aborting: 'aborted',
} as const;

export function settlementView(node: Node, made: Settlement): SettlementView {
  const { promiseId, offerId, payloadId, feeMsat, amountMsat, heights, createdAtMs } = made.deal;
  const confirmed = made.state === 'Unlocked' && made.file.confirmed;
  const { stage: caseStage, ...open } = settlementCase(made);
  const refunding = made.state === 'Settling' && made.outcome.gig === 'refunded';
  const stage =
    made.state === 'Ended' ? made.end : refunding ? 'refunded' : settlementStages[made.state];
  return {
    promiseId,
    offerId,
    payloadId,
    state: made.state,
    stage: confirmed ? 'confirmed' : (caseStage ?? stage),
    settleOn: made.deal.settleOn,
    ...open,
    sender: recordOf(node, made.deal.senderKey),
    replier: recordOf(node, made.deal.replierKey),
    networkFeeMsat: feeMsat,
    gigAmountMsat: amountMsat,
    heights,
    payments: settlementPayments(made),
    createdAtMs,
    reason: 'reason' in made ? made.reason : 'outcome' in made ? made.outcome.reason : '',
  };
}

export function settlementPayments(made: Settlement): PaymentView[] {
  const { deal } = made;
  const held = 'settleDeadline' in made;
  const paid =
    made.published.networkPreimage !== undefined && made.published.networkPreimage !== null;
  const ended = made.state === 'Ended';
  const state = paid ? 'settled' : ended ? 'cancelled' : held ? 'accepted' : 'issued';
  const network: PaymentView = {
    paymentHash: deal.networkPaymentHash,
    direction: 'in',
    purpose: 'network',
    amountMsat: deal.feeMsat,
    state,
    backByHeight: state === 'accepted' && held ? made.settleDeadline : 0,
  };
  return [network, gigPayment(made)];
}

/** The gig's money is between the parties; the settler knows what they told it. */
export function gigPayment(made: Settlement): PaymentView {
  const { deal } = made;
  const terms = Terms.decode(deal.terms);
  const hash = isFault(terms) ? ('' as PaymentHash) : terms.replyPaymentHash;
  const paying = made.state === 'Settling' && made.outcome.gig === 'paid';
  const accepted = made.state === 'Unlocked' || paying;
  const ended =
    !accepted && !['Invoicing', 'Drafted', 'Promised', 'NetworkHeld'].includes(made.state);
  const paid = made.state === 'Ended' && made.end === 'settled';
  const back = deal.heights.decideBy + limits.replierMarginBlocks;
  return {
    paymentHash: hash,
    direction: 'in',
    purpose: 'gig',
    amountMsat: deal.amountMsat,
    state: paid ? 'settled' : ended ? 'cancelled' : accepted ? 'accepted' : 'planned',
    backByHeight: accepted ? back : 0,
  };
}
