/** What a wallet refused at once, and when a leg may be tried with it all the same. See `relaying.ts`. */
import { limits } from '../limits.ts';
import type { WalletView } from '../views.ts';

/** Payments of legs that the wallet refused at once, in a row. */
export interface Refusals {
  readonly count: number;
  /** The latest of them, ms. */
  readonly atMs: number;
}

/** May a leg be tried? One that is taken for unable gets another try when a day has passed. */
export function mayRelay(
  { wallet, refusals }: { readonly wallet: WalletView; readonly refusals: Refusals | null },
  nowMs: number,
): boolean {
  if (wallet.relays !== 'no') return true;
  return refusals === null || nowMs >= refusals.atMs + limits.relayRetryMs;
}
