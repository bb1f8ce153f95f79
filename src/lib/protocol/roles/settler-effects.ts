/** What a settler asks of its wallet, and says. Whitepaper: "Replying". */
import type { Fault } from '../faults.ts';
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step } from '../machine.ts';
import { store } from '../stored.ts';
import {
  type SettlementTerms,
  type SettlementEnd,
  type Settlement,
  type SettlerContext,
  type State,
  settlementKey,
} from './settler-states.ts';

export function end(made: Settlement, how: SettlementEnd, reason: string): Step<Settlement> {
  const { deal, published, file } = made;
  return saved({ state: 'Ended', deal, published, file, end: how, reason }, []);
}

export function endOf(made: State<'Aborting'>): SettlementEnd {
  return made.published.networkAccepted ? 'aborted' : 'expired';
}

export function issue(deal: SettlementTerms): Effect {
  return {
    do: 'issueInvoice',
    paymentHash: deal.networkPaymentHash,
    amountMsat: deal.feeMsat,
    minFinalCltv: deal.finalCltv,
    expirySeconds: limits.holdInvoiceSeconds,
    description: 'Gig-Gossip: settling',
  };
}

export function follow(made: { readonly deal: SettlementTerms; readonly invoice: string }): Effect {
  const { networkPaymentHash: paymentHash } = made.deal;
  return { do: 'followInvoice', paymentHash, invoice: made.invoice };
}

export function settleEffects(made: State<'Settling' | 'Unlocked'>, ctx: Context): Effect[] {
  const { networkPaymentHash: paymentHash, networkPreimage: preimage } = made.deal;
  return [{ do: 'settleInvoice', paymentHash, preimage }, again(made, ctx)];
}

export function cancelEffects(made: State<'Aborting' | 'Returning'>, ctx: Context): Effect[] {
  return [{ do: 'cancelInvoice', paymentHash: made.deal.networkPaymentHash }, again(made, ctx)];
}

export function again(made: Settlement, ctx: Context): Effect {
  const key = settlementKey(made.deal.promiseId);
  return { do: 'wake', atMs: ctx.nowMs + limits.repeatMs, key };
}

export function signer(ctx: SettlerContext) {
  const { secret, network, random } = ctx;
  return { secret, network, random };
}

export function blame(found: Fault, peer: PeerKey): Effect {
  return { do: 'fault', code: found.code, detail: found.detail, peer };
}

export function saved(made: Settlement, effects: readonly Effect[]): Step<Settlement> {
  return [made, [store(settlementKey(made.deal.promiseId), made), ...effects]];
}
