/** What the simulated Lightning can be told to be like, and what it shows of payments in the air. */
import type { PaymentHash } from '../lib/protocol/index.ts';
import type { Clock } from '../lib/runtime/ports.ts';

export interface LedgerDelays {
  /** ms until the wallet has a command. */
  readonly requestMs: number;
  /** ms until a node has what its wallet tells. */
  readonly notifyMs: number;
  /** ms for an HTLC, or its end, to cross from wallet to wallet. */
  readonly htlcMs: number;
  /** ms after which a wallet that does not answer counts as unreachable. */
  readonly timeoutMs: number;
}

export interface LedgerOptions {
  readonly clock: Clock;
  readonly network: 'mainnet' | 'testnet' | 'regtest';
  /** First height; 100 unless given. */
  readonly height?: number;
  /** Forwarders between any two wallets; 1 unless given. They charge nothing. */
  readonly forwarders?: number;
  /**
   * Blocks before expiry at which a wallet gives a held payment back, 12 to 21; 21 unless given.
   */
  readonly buffer?: number;
  readonly delays?: Partial<LedgerDelays>;
}

export interface WalletOptions {
  readonly balanceMsat: bigint;
  /** Offers hold invoices; true unless given. */
  readonly canHold?: boolean;
  /** May pay a hash that it has an invoice for (Alby Hub on LDK may not); true unless given. */
  readonly canPayHeld?: boolean;
  /** Blocks it adds to the final CLTV of what it pays, as wallets do that hide where a payment ends; none unless given. */
  readonly shadowBlocks?: number;
  /** Charged to it by the forwarders of each payment it makes; nothing unless given. */
  readonly feeMsat?: (amountMsat: bigint) => bigint;
}

/** A payment that has left its payer and is neither settled nor back. */
export interface InFlight {
  readonly paymentHash: PaymentHash;
  readonly from: string;
  /** Null while no wallet knows the invoice. */
  readonly to: string | null;
  readonly amountMsat: bigint;
  /** Height at which the payer has its money back at the latest. */
  readonly expiry: number;
}
