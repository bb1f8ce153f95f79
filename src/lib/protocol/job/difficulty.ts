/**
 * How hard work is: what a middleman asks for, and what a device can afford. Pure policy over numbers; the paper leaves it to
 * each node. Whitepaper: "Proof Of Work (POW)".
 *
 * Work is asked for in milliseconds of a reference phone, so that owners reckon in time and not in bits. That phone does 4,096
 * hashes a millisecond, about a quarter of what one desktop core does with our fast kernel, and an attempt at memory-hard work
 * (2^16 hashes for its gate, 8 ms for the dear one) in 24 ms. So 1 ms is 12 bits of `sha256`, 256 ms are 20.
 *
 * It rises with the payments held, with what a peer owes in thank-yous, and with the asks that come, of everybody and of this
 * peer; when they stop it falls back by itself. A phone without a compiler for its browser is 200 times slower: it is given time
 * for three times what it needs on average, and may decline.
 */
import { limits } from '../limits.ts';
import { expectedHashes, type PowScheme } from './proof-of-work.ts';

/** SHA-256 hashes a second, of each scheme: behind a gate those it takes to pass it, the dear ones' time included. */
export type HashRates = Readonly<Record<PowScheme, number>>;

/** The reference phone. */
export const referenceRates: HashRates = {
  sha256: 4_096_000,
  argon2id: 2 ** limits.gateBits / 0.024,
};

/** What works on this device. */
export interface Miners {
  /** What computes the hashes: the fast kernel, plain JavaScript, or not known yet. */
  readonly kernel: 'simd' | 'js' | null;
  readonly workers: number;
  /** Of all workers together. */
  readonly hashRates: HashRates;
}

/** How many asks came, each counting half a minute later: about 1.4 times those of a minute. */
export interface Load {
  readonly asks: number;
  readonly atMs: number;
}

export const noLoad: Load = { asks: 0, atMs: 0 };

export function loadNow({ asks, atMs }: Load, nowMs: number): number {
  return asks * 2 ** (-Math.max(0, nowMs - atMs) / limits.loadHalvesMs);
}

/** One more ask. */
export function loaded(load: Load, nowMs: number): Load {
  return { asks: loadNow(load, nowMs) + 1, atMs: nowMs };
}

/** What a middleman knows when it is asked. */
export interface Demand {
  /** What the owner's rule asks for when it is quiet, ms. */
  readonly workMs: number;
  /** Each of these doubles it: payments held, thank-yous this peer withheld. */
  readonly doublings: number;
  /** Asks lately and in flight, of everybody and of this peer. */
  readonly asks: number;
  readonly asksOfPeer: number;
}

/** Work to ask for, ms of the reference phone; at most `limits.maxWorkMs`. */
export function workMsFor({ workMs, doublings, asks, asksOfPeer }: Demand): number {
  const { calmAsks, calmAsksOfPeer, loadFactor, loadFactorOfPeer } = limits;
  const ofAll = Math.min(Math.max(1, asks / calmAsks), loadFactor);
  const ofPeer = Math.min(Math.max(1, asksOfPeer / calmAsksOfPeer), loadFactorOfPeer);
  return Math.min(workMs * 2 ** doublings * ofAll * ofPeer, limits.maxWorkMs);
}

/** A target that the reference phone meets in `workMs` on average; behind a gate in no less than one attempt takes. */
export function targetForMs(scheme: PowScheme, workMs: number): Uint8Array {
  const hashes = (workMs / 1_000) * referenceRates[scheme];
  return targetForHashes(scheme === 'sha256' ? hashes : hashes / 2 ** limits.gateBits);
}

/** The highest target that takes so many hashes on average, one at least: 2^256 / hashes - 1. */
export function targetForHashes(hashes: number): Uint8Array {
  const unit = 2 ** 20;
  const scaled = BigInt(Math.round(Math.min(Math.max(hashes, 1), 2 ** 64) * unit));
  let left = (BigInt(unit) << 256n) / scaled - 1n;
  const target = new Uint8Array(32);
  for (let i = 31; i >= 0; i--) {
    target[i] = Number(left & 0xffn);
    left >>= 8n;
  }
  return target;
}

/** How long conditions hold, and how old the broadcast may be then, so that a slow device has the time; ms. */
export function patienceFor(workMs: number, crowded: boolean) {
  const slowMs = workMs * limits.slowestDevice;
  const mostMs = crowded ? limits.askValidForMs : limits.longestAskMs;
  const enough = (leastMs: number, ms: number) => Math.round(Math.max(leastMs, ms));
  return {
    validForMs: enough(limits.askValidForMs, Math.min(3 * slowMs, mostMs)),
    // A broadcast older than half of this is made anew: nobody should have to begin again.
    timestampToleranceMs: enough(limits.timestampToleranceMs, Math.min(6 * slowMs, 2 * mostMs)),
  };
}

/** How long work takes on average at these rates, ms. */
export function expectedMs(target: Uint8Array, scheme: PowScheme, rates: HashRates): number {
  return (expectedHashes(target, scheme) / rates[scheme]) * 1_000;
}
