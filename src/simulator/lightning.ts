/**
 * Lightning in one memory, under a virtual clock: wallets, one hub between them, and a chain of
 * blocks that somebody mines. The wallets speak the same `WalletPort` as a real one behind NWC.
 *
 *   Payer's wallet             Payee's wallet
 *        | HTLC, locked until -------->|   accepted until `settleDeadline` = expiry - buffer
 *        |  block expiry + 80 a hop    |
 *        |<------------------ preimage |   settled: the payee has the money
 *        |<---------------- or nothing |   cancelled, by hand or at the deadline: the payer has it
 *
 * It is no kinder than the real ones: one invoice a hash, one payment a hash, an unpaid invoice
 * cannot be cancelled but only left to expire, and a wallet whose machine is off lets a payment
 * hang until its outgoing expiry. Sats are conserved, and every move of money checks it.
 */
import type { WalletPort } from '../lib/runtime/ports.ts';
import { Books, type Account } from './lightning-books.ts';
import type { InFlight, LedgerOptions, WalletOptions } from './lightning-options.ts';
import { SimulatedWallet } from './simulated-wallet.ts';

export type { Account } from './lightning-books.ts';
export type * from './lightning-options.ts';

export interface Ledger {
  readonly height: number;
  /**
   * A wallet's port: the first call of a name opens the wallet, a later one is its node restarted
   * (the former port is dead from then on).
   */
  wallet(name: string, options?: WalletOptions): WalletPort;
  /** An address to connect a wallet with. */
  uri(name: string): string;
  mine(blocks: number): void;
  /** Spendable msat by wallet: what is in flight is in none. */
  balances(): Readonly<Record<string, bigint>>;
  inFlight(): readonly InFlight[];
  /** What really is, whatever the wallet tells. */
  account(name: string): Readonly<Account>;
  /** Off: commands are not answered and nothing is told, but the wallet itself lives. */
  setReachable(name: string, reachable: boolean): void;
  /** Off: also the wallet's machine is off, so it accepts, settles and gives back nothing. */
  setAlive(name: string, alive: boolean): void;
}

export function createLedger(options: LedgerOptions): Ledger {
  const books = new Books(options);
  const ports = new Map<string, SimulatedWallet>();
  return {
    get height() {
      return books.height;
    },
    wallet(name, wallet) {
      ports.get(name)?.detach();
      const port = new SimulatedWallet(books, books.find(name) ?? books.open(name, wallet));
      ports.set(name, port);
      return port;
    },
    uri: (name) => books.uri(name),
    mine(blocks) {
      books.mine(blocks);
      for (const port of ports.values()) port.heightChanged();
    },
    balances: () => books.balances(),
    inFlight: () => books.inFlight(),
    account: (name) => books.account(name),
    setReachable(name, reachable) {
      books.setReachable(name, reachable);
      ports.get(name)?.reachabilityChanged();
    },
    setAlive(name, alive) {
      books.setAlive(name, alive);
      ports.get(name)?.reachabilityChanged();
    },
  };
}
