/**
 * Favour sold: an invoice that a middleman made for one ask, to be paid in place of work. One `FavourSold` per payment hash.
 * Sweet-Gossip: "Favour-Conditions", the LN scheme.
 *
 *   Issuing --invoice--> Offered --Accepted--> Settling --Settled--> Ended(paid)
 *      '--no wallet--> Ended  '-- late, unwanted --> Cancelling --> Ended(unpaid)
 *
 * The secret is ours until the payment is held for us, and it is collected only for an ask that is still open: who pays too
 * late, or for what we have carried meanwhile, gets it back. Once collected, the ask is paid for, whatever else happens.
 */
import type { AskId, PaymentHash, PeerKey } from '../ids.ts';
import { favourFinalCltv } from '../job/proof-of-payment.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step, WalletEvent } from '../machine.ts';
import { store } from '../stored.ts';

/** What stays the same through its life. */
export interface SaleTerms {
  readonly askId: AskId;
  /** Who asked, and may pay. */
  readonly originator: PeerKey;
  /** 32 bytes. */
  readonly preimage: Uint8Array;
  readonly paymentHash: PaymentHash;
  readonly priceMsat: bigint;
  /** Nobody waits for the payment any more, ms. */
  readonly untilMs: number;
}

export type FavourSold =
  | { readonly state: 'Issuing'; readonly sale: SaleTerms }
  | { readonly state: 'Offered'; readonly sale: SaleTerms; readonly invoice: string }
  | { readonly state: 'Settling'; readonly sale: SaleTerms; readonly invoice: string }
  | {
      readonly state: 'Cancelling';
      readonly sale: SaleTerms;
      readonly invoice: string;
      /** It was paid; an invoice that nobody paid only takes until it expires. */
      readonly held: boolean;
    }
  | { readonly state: 'Ended'; readonly sale: SaleTerms; readonly end: 'paid' | 'unpaid' };

export type SaleEvent =
  | Exclude<
      Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>,
      { on: 'invoiceAccepted' }
    >
  | {
      readonly on: 'invoiceAccepted';
      /** The ask still waits for its broadcast, and we would carry it. */
      readonly wanted: boolean;
    }
  | { readonly on: 'wake' }
  | { readonly on: 'resume' };

export const saleKey = (hash: PaymentHash) => `favour-sold/${hash}`;

/** Nobody has seen the invoice yet: nothing is owed, and nothing stored. */
export function startSale(sale: SaleTerms): Step<FavourSold> {
  const issue: Effect = {
    do: 'issueInvoice',
    paymentHash: sale.paymentHash,
    amountMsat: sale.priceMsat,
    minFinalCltv: favourFinalCltv,
    expirySeconds: limits.favourInvoiceSeconds,
    description: 'Gig-Gossip: passing on a job',
  };
  return [{ state: 'Issuing', sale }, [issue, wakeAt(sale, sale.untilMs)]];
}

export function stepSale(sold: FavourSold, event: SaleEvent, ctx: Context): Step<FavourSold> {
  switch (sold.state) {
    case 'Issuing':
      if (event.on === 'invoiceIssued') return onIssued(sold.sale, event.invoice);
      if (event.on === 'walletFailed') return forget(sold, 'unpaid');
      if (event.on === 'wake' && ctx.nowMs >= sold.sale.untilMs) return forget(sold, 'unpaid');
      return [sold, []];
    case 'Offered':
      if (event.on === 'invoiceAccepted') return onAccepted(sold, event.wanted, ctx);
      if (event.on === 'invoiceCancelled') return forget(sold, 'unpaid');
      if (event.on === 'wake' && ctx.nowMs >= sold.sale.untilMs) return cancel(sold, false, ctx);
      if (event.on === 'resume') return [sold, resume(sold)];
      return [sold, []];
    case 'Settling':
      if (event.on === 'invoiceSettled') return forget(sold, 'paid');
      if (event.on === 'invoiceCancelled') return forget(sold, 'unpaid');
      if (event.on === 'wake' || event.on === 'resume') return [sold, settleEffects(sold, ctx)];
      return [sold, []];
    case 'Cancelling':
      if (event.on === 'invoiceCancelled') return forget(sold, 'unpaid');
      if (event.on === 'invoiceAccepted' && !sold.held) return cancel(sold, true, ctx);
      if (event.on === 'wake' && isExpired(sold, ctx)) return forget(sold, 'unpaid');
      if (event.on === 'wake' || event.on === 'resume') return [sold, cancelEffects(sold, ctx)];
      return [sold, []];
    case 'Ended':
      return [sold, []];
  }
}

/** Nobody paid it, and nobody can any more; not all wallets say so. */
function isExpired({ sale, held }: With<'Cancelling'>, { nowMs }: Context): boolean {
  return !held && nowMs >= expiresMs(sale);
}

/** No later, ms, does its invoice expire. */
export function expiresMs({ untilMs }: SaleTerms): number {
  return untilMs + limits.favourInvoiceSeconds * 1_000;
}

/** Is there an invoice that somebody may still pay, or whose money is held? */
export function isOnSale(sold: FavourSold): boolean {
  return sold.state === 'Issuing' || sold.state === 'Offered';
}

type With<State extends FavourSold['state']> = Extract<FavourSold, { state: State }>;

function onIssued(sale: SaleTerms, invoice: string): Step<FavourSold> {
  return kept({ state: 'Offered', sale, invoice }, []);
}

function onAccepted(sold: With<'Offered'>, wanted: boolean, ctx: Context): Step<FavourSold> {
  if (!wanted) return cancel(sold, true, ctx);
  const { sale, invoice } = sold;
  const settling: With<'Settling'> = { state: 'Settling', sale, invoice };
  return kept(settling, settleEffects(settling, ctx));
}

function cancel(
  { sale, invoice }: With<'Offered' | 'Cancelling'>,
  held: boolean,
  ctx: Context,
): Step<FavourSold> {
  const cancelling: With<'Cancelling'> = { state: 'Cancelling', sale, invoice, held };
  return kept(cancelling, cancelEffects(cancelling, ctx));
}

function forget({ sale }: FavourSold, end: 'paid' | 'unpaid'): Step<FavourSold> {
  return [{ state: 'Ended', sale, end }, [store(saleKey(sale.paymentHash), null)]];
}

function kept(sold: FavourSold, effects: readonly Effect[]): Step<FavourSold> {
  return [sold, [store(saleKey(sold.sale.paymentHash), sold), ...effects]];
}

function resume({ sale, invoice }: With<'Offered'>): Effect[] {
  const follow = { do: 'followInvoice', paymentHash: sale.paymentHash, invoice } as const;
  return [follow, wakeAt(sale, sale.untilMs)];
}

function settleEffects({ sale }: With<'Settling'>, ctx: Context): Effect[] {
  const { paymentHash, preimage } = sale;
  const settle = { do: 'settleInvoice', paymentHash, preimage } as const;
  return [settle, wakeAt(sale, ctx.nowMs + limits.repeatMs)];
}

/** Money that is held goes back soon; an invoice that nobody paid is only waited for. */
function cancelEffects({ sale, held }: With<'Cancelling'>, ctx: Context): Effect[] {
  const pauseMs = held ? limits.repeatMs : limits.repeatMs * 12;
  const cancelling = { do: 'cancelInvoice', paymentHash: sale.paymentHash } as const;
  return [cancelling, wakeAt(sale, ctx.nowMs + pauseMs)];
}

function wakeAt({ paymentHash }: SaleTerms, atMs: number): Effect {
  return { do: 'wake', atMs, key: saleKey(paymentHash) };
}
