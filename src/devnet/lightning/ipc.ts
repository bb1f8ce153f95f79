/**
 * What the devnet and the process that runs its Lightning say to each other: one call, one answer.
 * LDK is in a process of its own because a panic inside WebAssembly takes its process down.
 */
import type { Personality } from './personality.ts';

export interface WalletBalance {
  /** Public key of the wallet, as in its address. */
  readonly key: string;
  readonly alias: string;
  /** Spendable. */
  readonly balanceMsat: bigint;
  /** Left for payments that have not ended. */
  readonly outgoingMsat: bigint;
  /** Held for this wallet: another one's `outgoingMsat`. */
  readonly incomingMsat: bigint;
}

/** When all is at rest, balances and outgoing sum up to what was minted. */
export interface Balances {
  readonly height: number;
  readonly mintedMsat: bigint;
  readonly wallets: readonly WalletBalance[];
}

/** Every call by name: what goes in, what comes out. */
export interface Calls {
  readonly start: {
    readonly params: {
      readonly nostrUrl: string;
      readonly advertisedUrl: string;
      /** Wallets to keep open for whoever comes. */
      readonly wallets: number;
    };
    readonly result: undefined;
  };
  readonly mint: {
    readonly params: { readonly sats: number; readonly personality: Partial<Personality> };
    readonly result: string;
  };
  readonly mine: { readonly params: { readonly blocks: number }; readonly result: number };
  readonly balances: { readonly params: Record<never, never>; readonly result: Balances };
  readonly setPersonality: {
    readonly params: { readonly wallet: string; readonly personality: Partial<Personality> };
    readonly result: undefined;
  };
}

export type Call = {
  [Name in keyof Calls]: {
    readonly id: number;
    readonly do: Name;
    readonly params: Calls[Name]['params'];
  };
}[keyof Calls];

export type Answer =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string };
