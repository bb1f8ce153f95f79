/**
 * The inside of a mining worker, the same under a browser and under Node: it takes one turn at a
 * time, mines it in batches and looks up between them. Whitepaper: "Proof Of Work (POW)".
 *
 *   pool                      worker
 *    | mine, turn 7 ------------>|  batch, yield, batch, yield ...
 *    |<---------- progress, 7 ---|  after every batch
 *    | stop, turn 7 ------------>|  (another worker found it)
 *    |<---------- turnOver, 7 ---|  always, with or without a nonce
 */
import type { MineSlice, PowScheme } from '../lib/protocol/job/proof-of-work.ts';

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

/** `hashes` counts since the last report of the turn. */
export type MinerReport =
  | { readonly on: 'progress'; readonly turn: number; readonly hashes: number }
  | {
      readonly on: 'turnOver';
      readonly turn: number;
      readonly hashes: number;
      readonly nonce: Uint8Array | null;
    };

/** What a worker is given by its surroundings. */
export interface MinerTools {
  readonly kernels: Readonly<Record<PowScheme, MineSlice>>;
  readonly report: (report: MinerReport) => void;
  /** Calls back after orders that wait have been taken. */
  readonly soon: (callback: () => void) => void;
}

/**
 * Batches double from 2^12 to 2^16 nonces: an engine compiles the kernel well only after a while,
 * and until then a batch takes ten times as long.
 */
const smallestBatch = 2 ** 12;
const largestBatch = 2 ** 16;

/** Returns what takes the orders. */
export function createMiner({ kernels, report, soon }: MinerTools): (order: MinerOrder) => void {
  let current: Extract<MinerOrder, { do: 'mine' }> | null = null;
  let low = 0;
  let batch = smallestBatch;

  function mineBatch(): void {
    if (current === null) return;
    const { turn, scheme, inner, target, high, nonces } = current;
    const count = Math.min(batch, nonces - low);
    const nonce = kernels[scheme](inner, target, { high, low }, count);
    const hashes = nonce === null ? count : lowOf(nonce) - low + 1;
    low += count;
    batch = Math.min(batch * 2, largestBatch);
    if (nonce !== null || low >= nonces) return end(turn, hashes, nonce);
    report({ on: 'progress', turn, hashes });
    soon(mineBatch);
  }

  function end(turn: number, hashes: number, nonce: Uint8Array | null): void {
    current = null;
    report({ on: 'turnOver', turn, hashes, nonce });
  }

  return (order) => {
    if (order.do === 'stop') {
      if (current?.turn === order.turn) end(order.turn, 0, null);
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
