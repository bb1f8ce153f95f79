/**
 * The inside of a mining worker, the same under a browser and under Node: it takes one turn at a
 * time, mines it in batches and looks up between them. Whitepaper: "Proof Of Work (POW)".
 *
 *   pool                      worker
 *    |<-------------------- ready |  first of all: which kernel it has
 *    | mine, turn 7 ------------->|  batch, yield, batch, yield ...
 *    |<---------- progress, 7 ----|  after every batch
 *    | stop, turn 7 ------------->|  (another worker found it)
 *    |<---------- turnOver, 7 ----|  always, with or without a nonce
 *
 * Batches are as long as a worker may be deaf: an order to stop is heard within two of them, on any device.
 */
import type { Nonce, PowScheme } from '../lib/protocol/job/proof-of-work.ts';

export type MinerOrder =
  | {
      readonly do: 'mine';
      /** Names the turn in every answer. A worker has one turn at a time. */
      readonly turn: number;
      readonly scheme: PowScheme;
      readonly inner: Uint8Array;
      readonly target: Uint8Array;
      /** High half of every nonce of this turn: random, so that workers need not agree. */
      readonly high: number;
      /** Nonces to try before the turn is over, at most 2^32. */
      readonly nonces: number;
    }
  | { readonly do: 'stop'; readonly turn: number };

/** `hashes` counts since the last report of the turn, `busyMs` is what they took. */
export type MinerReport =
  | {
      readonly on: 'ready';
      readonly kernel: 'simd' | 'js';
      /** As it was tried, of `sha256`. */
      readonly hashesPerSecond: number;
    }
  | {
      readonly on: 'progress';
      readonly turn: number;
      readonly hashes: number;
      readonly busyMs: number;
    }
  | {
      readonly on: 'turnOver';
      readonly turn: number;
      readonly hashes: number;
      readonly busyMs: number;
      readonly nonce: Uint8Array | null;
    };

/** A kernel, or one that has to wait for what it calls. */
export type Mine = (
  inner: Uint8Array,
  target: Uint8Array,
  start: Nonce,
  count: number,
) => Uint8Array | null | Promise<Uint8Array | null>;

/** What a worker is given by its surroundings. */
export interface MinerTools {
  readonly kernels: Readonly<Record<PowScheme, Mine>>;
  readonly report: (report: MinerReport) => void;
  /** Calls back after orders that wait have been taken. */
  readonly soon: (callback: () => void) => void;
  /** A monotonic clock, ms. */
  readonly now: () => number;
}

/**
 * Nonces of a batch: few at first, as an engine compiles the kernel well only after a while; then as many as take 2.5 to 10 ms,
 * which costs a hundredth of the speed. A device 200 times slower than a phone does 200 nonces in that.
 */
const firstBatch = 2 ** 9;
const smallestBatch = 2 ** 6;
const largestBatch = 2 ** 18;
const shortMs = 2.5;
const longMs = 10;

/** The next batch after one that took so long. */
function batchAfter(batch: number, tookMs: number): number {
  if (tookMs < shortMs) return Math.min(batch * 2, largestBatch);
  if (tookMs <= longMs) return batch;
  return Math.max(smallestBatch, 2 ** Math.floor(Math.log2((batch * longMs) / tookMs)));
}

type Turn = Extract<MinerOrder, { do: 'mine' }>;

/** Returns what takes the orders. */
export function createMiner(tools: MinerTools): (order: MinerOrder) => void {
  const { kernels, report, soon, now } = tools;
  let current: Turn | null = null;
  let low = 0;
  /** By scheme: a dear hash more or less in a batch says nothing about the cheap ones. */
  const batches: Record<PowScheme, number> = { sha256: firstBatch, argon2id: firstBatch };

  function mineBatch(): void {
    if (current === null) return;
    const turn = current;
    const { scheme, inner, target, high, nonces } = turn;
    const count = Math.min(batches[scheme], nonces - low);
    const startedMs = now();
    const found = kernels[scheme](inner, target, { high, low }, count);
    if (found instanceof Promise) void found.then((nonce) => done(turn, count, startedMs, nonce));
    else done(turn, count, startedMs, found);
  }

  function done(turn: Turn, count: number, startedMs: number, nonce: Uint8Array | null): void {
    // Stopped while it waited.
    if (current !== turn) return;
    const busyMs = now() - startedMs;
    const hashes = nonce === null ? count : lowOf(nonce) - low + 1;
    if (nonce === null && count === batches[turn.scheme]) {
      batches[turn.scheme] = batchAfter(count, busyMs);
    }
    low += count;
    if (nonce !== null || low >= turn.nonces) return end(turn.turn, hashes, busyMs, nonce);
    report({ on: 'progress', turn: turn.turn, hashes, busyMs });
    soon(mineBatch);
  }

  function end(turn: number, hashes: number, busyMs: number, nonce: Uint8Array | null): void {
    current = null;
    report({ on: 'turnOver', turn, hashes, busyMs, nonce });
  }

  return (order) => {
    if (order.do === 'stop') {
      if (current?.turn === order.turn) end(order.turn, 0, 0, null);
      return;
    }
    current = order;
    low = 0;
    soon(mineBatch);
  };
}

function lowOf(nonce: Uint8Array): number {
  return new DataView(nonce.buffer, nonce.byteOffset).getUint32(4);
}
