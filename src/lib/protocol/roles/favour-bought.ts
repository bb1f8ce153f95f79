/**
 * Favour bought: a payment that an originator made in place of work, for one ask. One `FavourBought` per payment hash. It
 * outlives its ask, so that nothing is paid twice and the owner's limit for a day holds over every restart. Sweet-Gossip:
 * "Favour-Conditions", the LN scheme.
 *
 *   Paying --preimage--> Paid        the ask goes on with its proof, if it still waits
 *      '-----failed----> Failed      the ask goes on with work; a wallet may find out later that it did pay
 *
 * What a neighbour does for its money nobody can enforce: who takes it and passes nothing on keeps it. So it is little, for one
 * ask, in a day.
 */
import type { PayloadId, PaymentHash, PeerKey } from '../ids.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import type { Effect, Step, WalletEvent } from '../machine.ts';
import { store } from '../stored.ts';

export interface PurchaseTerms {
  readonly paymentHash: PaymentHash;
  /** Whom it is paid to. */
  readonly peer: PeerKey;
  /** What it is to broadcast for that. */
  readonly payloadId: PayloadId;
  readonly invoice: string;
  readonly priceMsat: bigint;
  /** When it was decided, ms. */
  readonly atMs: number;
}

export type FavourBought =
  | { readonly state: 'Paying'; readonly purchase: PurchaseTerms }
  | { readonly state: 'Paid'; readonly purchase: PurchaseTerms; readonly feeMsat: bigint }
  | {
      readonly state: 'Failed';
      readonly purchase: PurchaseTerms;
      /** The wallet refused before anything left: it costs nothing of the day's limit. */
      readonly nothingLeft: boolean;
    };

export type PurchaseEvent =
  Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }> | { readonly on: 'resume' };

export const purchaseKey = (hash: PaymentHash) => `favour-bought/${hash}`;

export function startPurchase(purchase: PurchaseTerms): Step<FavourBought> {
  return kept({ state: 'Paying', purchase }, [pay(purchase, true)]);
}

export function stepPurchase(bought: FavourBought, event: PurchaseEvent): Step<FavourBought> {
  switch (bought.state) {
    case 'Paying':
      if (event.on === 'paymentSettled') return onSettled(bought, event);
      if (event.on === 'paymentFailed') return fail(bought, event.nothingLeft === true);
      if (event.on === 'walletFailed' && event.command === 'payInvoice') return fail(bought, false);
      // Its ask did not outlive the restart, or waits no more: what has begun is followed, and nothing begins.
      if (event.on === 'resume') return [bought, [{ ...pay(bought.purchase, false), again: true }]];
      return [bought, []];
    case 'Failed':
      return event.on === 'paymentSettled' ? onSettled(bought, event) : [bought, []];
    case 'Paid':
      return [bought, []];
  }
}

/** What it takes of the owner's limit for a day, msat: what may have left counts as if it had. */
export function spentMsat(bought: FavourBought): bigint {
  if (bought.state === 'Failed' && bought.nothingLeft) return 0n;
  return bought.purchase.priceMsat;
}

function onSettled(
  bought: Extract<FavourBought, { state: 'Paying' | 'Failed' }>,
  { preimage, feeMsat }: Extract<WalletEvent, { on: 'paymentSettled' }>,
): Step<FavourBought> {
  const { purchase } = bought;
  if (!isPreimageOf(preimage, purchase.paymentHash)) return [bought, []];
  return kept({ state: 'Paid', purchase, feeMsat }, []);
}

function fail({ purchase }: FavourBought, nothingLeft: boolean): Step<FavourBought> {
  return kept({ state: 'Failed', purchase, nothingLeft }, []);
}

function pay(
  { paymentHash, invoice, priceMsat: amountMsat }: PurchaseTerms,
  mayBegin: boolean,
): Extract<Effect, { do: 'payInvoice' }> {
  return { do: 'payInvoice', paymentHash, invoice, amountMsat, mayBegin };
}

function kept(bought: FavourBought, effects: readonly Effect[]): Step<FavourBought> {
  return [bought, [store(purchaseKey(bought.purchase.paymentHash), bought), ...effects]];
}
