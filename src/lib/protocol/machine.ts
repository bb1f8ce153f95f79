/**
 * What the core and its runtime say to each other: events in, effects out, all of it plain structured-cloneable data.
 * A machine is `step(state, event, ctx) => [state, effects]`; it reads no clock and rolls no dice but `ctx`.
 */
import type { Network } from './crypto.ts';
import type { Frame } from './frame.ts';
import type { FaultCode, WalletFaultCode } from './faults.ts';
import type { PaymentHash, PeerKey } from './ids.ts';
import type { Command } from './commands.ts';
import type { HashRates, Miners } from './job/difficulty.ts';
import type { PowScheme } from './job/proof-of-work.ts';
import type { Policy } from './policy.ts';
import type { Notice } from './views.ts';

/** One reading of the clocks and one 32-byte seed a step: the same state, event and context give the same answer. */
export interface Context {
  /** ms since the epoch, the node's own clock. */
  readonly nowMs: number;
  /** Block height the wallet last reported; 0 when it has not yet. */
  readonly height: number;
  /** `n` fresh bytes (n <= 65,536), a stream over the step's seed. */
  random(n: number): Uint8Array;
  readonly network: Network;
  /** This node's own key. */
  readonly self: PeerKey;
  /** Where this node can be dialled now. */
  readonly addresses: readonly string[];
  readonly policy: Policy;
  /** The wallet is ready and knows hold invoices. */
  readonly canHold: boolean;
  /** It holds, and it is not known to refuse paying a hash that it holds. */
  readonly canRelay: boolean;
  /** Blocks by which this wallet's payments may outlast what their invoices ask for: 0 if it caps its routes. */
  readonly shadowBlocks: number;
  /** How fast this device works, all its workers together. */
  readonly hashRates: HashRates;
  /** Puzzles that share its workers now: for the owner's own jobs, and for what is carried. */
  readonly mining: { readonly own: number; readonly carried: number };
}

export type Step<State> = readonly [State, readonly Effect[]];

/** What the wallet port is asked to do. Every command may be repeated safely: the adapter looks before it leaps. */
export type WalletEffect =
  | { readonly do: 'connectWallet'; readonly uri: string }
  | { readonly do: 'disconnectWallet' }
  | {
      /** Make a HODL invoice for a hash whose preimage somebody else holds, and follow it to its end. */
      readonly do: 'issueInvoice';
      readonly paymentHash: PaymentHash;
      readonly amountMsat: bigint;
      /** Blocks; `min_cltv_expiry_delta` of the invoice. */
      readonly minFinalCltv: number;
      readonly expirySeconds: number;
      readonly description: string;
    }
  | {
      /** Pay an invoice (or, after a restart, go on following a payment already begun). Never pays a hash twice. */
      readonly do: 'payInvoice';
      readonly paymentHash: PaymentHash;
      readonly invoice: string;
      readonly amountMsat: bigint;
      /** False when it is too late to begin: a payment already begun is followed, and none is made. */
      readonly mayBegin: boolean;
      /** An earlier life of this node may have paid: a refusal now does not prove that nothing left. */
      readonly again?: true;
    }
  | {
      readonly do: 'settleInvoice';
      readonly paymentHash: PaymentHash;
      /** 32 bytes whose SHA-256 is `paymentHash`. */
      readonly preimage: Uint8Array;
    }
  | { readonly do: 'cancelInvoice'; readonly paymentHash: PaymentHash }
  /** After a restart: follow an invoice issued earlier and report its present state once, then every change. */
  | { readonly do: 'followInvoice'; readonly paymentHash: PaymentHash; readonly invoice: string };

/** What the wallet port tells. Doubled and late events are normal; machines must shrug at them. */
export type WalletEvent =
  | {
      readonly on: 'walletReady';
      readonly alias: string;
      readonly network: string;
      /** make, settle and cancel of hold invoices are all offered. */
      readonly canHold: boolean;
      /** Blocks it adds to a payment's route so that nobody can guess its end; null if it does not say. */
      readonly shadowBlocks: number | null;
      readonly height: number;
      readonly balanceMsat: bigint;
    }
  | { readonly on: 'walletGone'; readonly code: WalletFaultCode }
  | { readonly on: 'height'; readonly height: number }
  | { readonly on: 'balance'; readonly balanceMsat: bigint }
  | { readonly on: 'invoiceIssued'; readonly paymentHash: PaymentHash; readonly invoice: string }
  | {
      /** Paid, conditionally: the money is held until somebody reveals the preimage or the deadline passes. */
      readonly on: 'invoiceAccepted';
      readonly paymentHash: PaymentHash;
      /** Block height by which the wallet must have settled, or loses the payment. */
      readonly settleDeadline: number;
    }
  | { readonly on: 'invoiceSettled'; readonly paymentHash: PaymentHash }
  | { readonly on: 'invoiceCancelled'; readonly paymentHash: PaymentHash }
  | {
      /** Final: the preimage was checked against the hash. */
      readonly on: 'paymentSettled';
      readonly paymentHash: PaymentHash;
      readonly preimage: Uint8Array;
      readonly feeMsat: bigint;
    }
  | {
      /** The wallet says that everything came back. One that was shut down in mid-payment may find out that it did not. */
      readonly on: 'paymentFailed';
      readonly paymentHash: PaymentHash;
      readonly reason: string;
      /** It refused the first time it was asked: nothing ever left. */
      readonly nothingLeft?: true;
    }
  | {
      readonly on: 'walletFailed';
      readonly command: WalletEffect['do'];
      readonly paymentHash: PaymentHash | null;
      readonly code: WalletFaultCode;
      readonly retryable: boolean;
    };

/** What the network port is asked to do. */
export type NetworkEffect =
  | { readonly do: 'dial'; readonly peer: PeerKey; readonly addresses: readonly string[] }
  | { readonly do: 'transmit'; readonly peer: PeerKey; readonly bytes: Uint8Array }
  | { readonly do: 'hangUp'; readonly peer: PeerKey }
  /** The relays to keep a reservation with, as multiaddrs; replaces the former list. */
  | { readonly do: 'useRelays'; readonly relays: readonly string[] };

export interface Introduction {
  readonly peer: PeerKey;
  readonly addresses: readonly string[];
}

/** What the network port tells. One connection a peer is open at most; bytes arrive whole and in order. */
export type NetworkEvent =
  /** Our own dialable addresses, whenever they change. */
  | { readonly on: 'addresses'; readonly addresses: readonly string[] }
  | {
      readonly on: 'connected';
      readonly peer: PeerKey;
      readonly direct: boolean;
      readonly dialled: boolean;
    }
  /** The same connection now takes another path (a relayed one became direct). */
  | { readonly on: 'pathChanged'; readonly peer: PeerKey; readonly direct: boolean }
  | { readonly on: 'disconnected'; readonly peer: PeerKey; readonly reason?: string }
  | { readonly on: 'dialFailed'; readonly peer: PeerKey; readonly reason: string }
  | { readonly on: 'received'; readonly peer: PeerKey; readonly bytes: Uint8Array }
  | { readonly on: 'introduced'; readonly peers: readonly Introduction[] }
  | {
      readonly on: 'relay';
      readonly address: string;
      readonly connected: boolean;
      readonly reason?: string;
    };

/** What the work port is asked to do: find a nonce that does the work (`job/proof-of-work.ts`). */
export type WorkEffect =
  | {
      readonly do: 'mine';
      /** Names the puzzle; unique among those running. */
      readonly id: string;
      readonly scheme: PowScheme;
      /** 32 bytes. */
      readonly inner: Uint8Array;
      /** 32 bytes, big-endian; lower is harder. */
      readonly target: Uint8Array;
      /** ms since the epoch after which the answer is worthless. */
      readonly validTillMs: number;
      /** For the owner's own wishes: it goes before what is carried for others. */
      readonly own: boolean;
    }
  | { readonly do: 'cancelMining'; readonly id: string };

export type WorkEvent =
  /** How fast it goes, whenever that is known better. */
  { readonly on: 'miners'; readonly miners: Miners } | PuzzleEvent;

/** What is told of one puzzle. */
export type PuzzleEvent =
  | { readonly on: 'mined'; readonly id: string; readonly nonce: Uint8Array }
  | {
      readonly on: 'miningProgress';
      readonly id: string;
      readonly hashes: number;
      readonly hashesPerSecond: number;
    }
  /** Ran out of time, or no worker could be started. */
  | { readonly on: 'miningFailed'; readonly id: string; readonly reason: string };

/** One entry of the node's memory; `null` forgets it. A step's entries are written all or none. */
export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array | null;
}

export type Effect =
  | { readonly do: 'store'; readonly key: string; readonly value: Uint8Array | null }
  /** To a peer, now if it is connected; otherwise it waits (bounded) and the peer is dialled at `addresses`. */
  | {
      readonly do: 'send';
      readonly to: PeerKey;
      readonly frame: Frame;
      readonly addresses?: readonly string[];
      /** When it is worth nothing any more, ms: a reply waits for so long. */
      readonly untilMs?: number;
      /** Whose it is, to take it back; and whether a machine of ours counts on it: it is on the disk before it is sent then. */
      readonly owner?: string;
      readonly owed?: true;
    }
  /** Call the same machine again at `atMs`; late or doubled wakes are harmless. */
  | { readonly do: 'wake'; readonly atMs: number; readonly key: string }
  | WalletEffect
  | WorkEffect
  | Extract<NetworkEffect, { do: 'dial' | 'hangUp' | 'useRelays' }>
  | { readonly do: 'notify'; readonly notice: Notice }
  | {
      readonly do: 'fault';
      readonly code: FaultCode;
      readonly peer: PeerKey;
      readonly detail: string;
    };

export type Event =
  /** First event of a node's life, with what the store remembers. */
  | { readonly on: 'start'; readonly entries: readonly StoreEntry[] }
  | { readonly on: 'command'; readonly command: Command }
  | { readonly on: 'wake'; readonly key: string }
  | NetworkEvent
  | WalletEvent
  | WorkEvent;
