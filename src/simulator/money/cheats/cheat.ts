/**
 * A cheat stands between a node's honest core and its ports, and has that node's own keys and disk. It may alter, add, hold back
 * and drop whatever goes out and comes in; the core knows nothing of it.
 */
import {
  partySecret,
  readStored,
  signingSecret,
  signStatement,
  type Frame,
  type FrameOf,
  type PaymentHash,
  type PeerKey,
  type PromiseId,
  type StatementKind,
  type StoreEntry,
  type WalletEffect,
  type WalletEvent,
} from '../../../lib/protocol/index.ts';
import type { Dice } from '../dice.ts';

/** What somebody is in a simulated town. */
export type Role = 'customer' | 'worker' | 'settler' | 'middleman';

/** What a cheat can do besides what its core does. */
export interface Tools {
  readonly secret: Uint8Array;
  readonly dice: Dice;
  /** What its node has stored, by key. */
  disk(): ReadonlyMap<string, Uint8Array>;
  height(): number;
  /** Peers that it is connected with. */
  peers(): readonly PeerKey[];
  say(to: PeerKey, frame: Frame): void;
  wallet(effect: WalletEffect): void;
  later(ms: number, work: () => void): void;
  /** Is never seen again. */
  vanish(): void;
  /** Its device starts again at once. */
  restart(): void;
  /** What it remembers from one life of its device to the next. */
  readonly kept: Map<string, unknown>;
}

/** Each hook passes on what it lets through; a cheat without it lets all through. */
export interface Cheat {
  out?(frame: Frame, to: PeerKey, pass: (frame: Frame) => void): void;
  in?(frame: Frame, from: PeerKey, pass: (altered?: Frame) => void): void;
  wallet?(effect: WalletEffect, pass: (effect: WalletEffect) => void): void;
  told?(event: WalletEvent, pass: () => void): void;
  /** What its device finds on its disk. */
  loaded?(entries: readonly StoreEntry[]): readonly StoreEntry[];
  /** The bytes that go out, last of all. */
  bytes?(bytes: Uint8Array, to: PeerKey): Uint8Array;
}

export type MakeCheat = (tools: Tools) => Cheat;

/** The parts of stored states that cheats read. */
export interface Deal {
  readonly promiseId: PromiseId;
  readonly replierPeer: PeerKey;
  readonly epoch: number;
  readonly networkPaymentHash: PaymentHash;
  readonly networkPreimage: Uint8Array;
  readonly replyPreimage: Uint8Array;
  readonly unlockingKey: Uint8Array;
}
export interface StoredSettlement {
  readonly deal: Deal;
  readonly settleDeadline?: number;
}
export interface StoredChoice {
  readonly promiseId: PromiseId;
  readonly settlerPeer: PeerKey;
  readonly networkPaymentHash: PaymentHash;
  readonly networkInvoice: string;
  readonly networkMsat: bigint;
}
export interface StoredJob {
  readonly job: { readonly certificate: Parameters<typeof partySecret>[1] };
  readonly offers: readonly StoredChoice[];
  readonly chosen?: StoredChoice;
}
export interface StoredOffer {
  readonly offer: {
    readonly certificate: Parameters<typeof partySecret>[1];
    readonly settlerPeer: PeerKey;
  };
  readonly draft?: { readonly promiseId: PromiseId };
  readonly terms?: { readonly replyPaymentHash: PaymentHash };
}

export function stored<State>(tools: Tools, kind: string): State[] {
  const states: State[] = [];
  for (const [key, value] of tools.disk()) {
    if (key.startsWith(`${kind}/`)) states.push(readStored<State>(value));
  }
  return states;
}

export function dealOf(tools: Tools, promiseId: PromiseId): Deal | undefined {
  const value = tools.disk().get(`settlement/${promiseId}`);
  return value && readStored<StoredSettlement>(value).deal;
}

/** A statement the cheating settler signs, as it may. */
export function settlerSays<K extends StatementKind>(
  tools: Tools,
  deal: Deal,
  kind: K,
  body: Parameters<typeof signStatement<K>>[1],
) {
  return signStatement(kind, body, by(tools, signingSecret(tools.secret, deal.epoch)));
}

export function partySays<K extends StatementKind>(
  tools: Tools,
  certificate: Parameters<typeof partySecret>[1],
  kind: K,
  body: Parameters<typeof signStatement<K>>[1],
) {
  return signStatement(kind, body, by(tools, partySecret(tools, certificate)));
}

/** Signed with a key that is entitled to nothing. */
export function nobodySays<K extends StatementKind>(
  tools: Tools,
  kind: K,
  body: Parameters<typeof signStatement<K>>[1],
) {
  return signStatement(kind, body, by(tools, tools.secret));
}

export function by(tools: Tools, secret: Uint8Array) {
  const random = (n: number) => Uint8Array.from({ length: n }, () => tools.dice(256));
  return { secret, network: 'regtest', random } as const;
}

export function isStatements(frame: Frame): frame is FrameOf<'statements'> {
  return frame.kind === 'statements';
}
