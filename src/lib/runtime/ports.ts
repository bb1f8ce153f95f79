/**
 * The runtime's sockets. A port takes plain structured-cloneable effects and gives plain events, no promises, so its other
 * end may live on the same thread, in a worker, in a simulated world or on another machine.
 */
import type {
  Command,
  NetworkEffect,
  NetworkEvent,
  Notice,
  StoreEntry,
  WalletEffect,
  WalletEvent,
  WorkEffect,
  WorkEvent,
} from '../protocol/index.ts';

/** One listener at most; `perform` never calls it synchronously. */
export interface Port<Effect, Event> {
  perform(effect: Effect): void;
  listen(listener: (event: Event) => void): void;
}

/** A peer that is lost, unless somebody hung up, is connected again without being dialled, if the adapter can. */
export type NetworkPort = Port<NetworkEffect, NetworkEvent>;
export type WalletPort = Port<WalletEffect, WalletEvent>;
export type WorkPort = Port<WorkEffect, WorkEvent>;

export type StoreEffect =
  | { readonly do: 'load'; readonly id: number }
  /** All entries or none, durable before `written` is told. */
  | { readonly do: 'write'; readonly id: number; readonly entries: readonly StoreEntry[] };
export type StoreEvent =
  | { readonly on: 'loaded'; readonly id: number; readonly entries: readonly StoreEntry[] }
  | { readonly on: 'written'; readonly id: number }
  | { readonly on: 'storeFailed'; readonly id: number; readonly reason: string };
export type StorePort = Port<StoreEffect, StoreEvent>;

/** The app's end of a node: the runtime sends notices, the app sends commands. */
export type AppPort = Port<Notice, Command>;

/** Time and chance, the two things no port can carry as data. */
export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** Calls back once at or after `atMs`. */
  at(atMs: number, callback: () => void): void;
  /** 32 fresh bytes from a cryptographic source (or a seeded one in the simulator). */
  seed(): Uint8Array;
}
