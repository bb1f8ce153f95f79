/**
 * Work an originator does before a middleman broadcasts for it, so that flooding the network costs
 * more than it costs the network. Whitepaper: "Proof Of Work (POW)", "Broadcast with POW".
 *
 *   inner  SHA-256(`gig-gossip/1/work/broadcast` ‖ scheme ‖ SHA-256(broadcast payload bytes) ‖
 *          ask id 16 ‖ challenge 16 ‖ asker 33 ‖ receiver 33 ‖ target 32)
 *   work   SHA-256(inner 32 ‖ nonce 8, big-endian) <= target, as 256-bit big-endian numbers
 *
 * That is the scheme `sha256`. `argon2id` is hard in memory, so that machines built for hashing gain little over a phone. It has
 * a gate: a nonce is worth the dear hash only if the cheap one begins with 16 zero bits. So whoever wants us to compute the dear
 * one in vain has to hash for longer than we do.
 *
 *   gate   SHA-256(inner 32 ‖ nonce 8) has 16 leading zero bits
 *   work   Argon2id(password inner 32 ‖ nonce 8, salt the gate's hash [0, 16), t = 1, m = 1,024 KiB, p = 1, version 19; 32 bytes)
 *          <= target
 *
 * What a scheme's name stands for is fixed, its memory too: nobody we ask, or who asks us, chooses what checking costs.
 *
 * Differs from the paper:
 * - it says that a larger target is harder; it is easier, lower is harder;
 * - its "nuance" is a slip for nonce;
 * - its work covers the payload alone, so one proof would serve every middleman and could be
 *   prepared. Ours covers a random challenge, the ask and both peers: it is good for one broadcast;
 * - work over the challenge of the session's hello buys leave to ask at all: asking is not free.
 */
import { argon2id } from '@noble/hashes/argon2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOf, compare, concat, hexOf, readU32, u32, utf8 } from '../bytes.ts';
import { hash } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { AskId, PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';

/** The registry of schemes. */
export const powSchemes = ['sha256', 'argon2id'] as const;
export type PowScheme = (typeof powSchemes)[number];

/** What a middleman wants done before it broadcasts. */
export interface WorkRequest {
  readonly powScheme: PowScheme;
  /** 32 bytes, big-endian; lower is harder. */
  readonly powTarget: Uint8Array;
  /** 16 random bytes, new for every ask. */
  readonly challenge: Uint8Array;
}

/** Bytes of a nonce. The paper calls it nuance. */
export const nonceBytes = 8;

/** Target that a hash meets with `bits` leading zero bits, 0 .. 255: 2^bits hashes on average. */
export function targetForBits(bits: number): Uint8Array {
  if (!Number.isInteger(bits) || bits < 0 || bits > 255) throw new Error('bits: 0 to 255');
  const target = new Uint8Array(32).fill(0xff);
  target.fill(0, 0, bits >> 3);
  target[bits >> 3] = 0xff >> (bits & 7);
  return target;
}

/**
 * SHA-256 hashes it takes on average to meet a target: 2^256 / (target + 1), as near as a number gets, and behind a gate as many
 * times 2^16.
 */
export function expectedHashes(target: Uint8Array, scheme: PowScheme = 'sha256'): number {
  let share = 2 ** -256;
  for (let i = 31; i >= 0; i--) share += target[i]! * 2 ** (-8 * (i + 1));
  return (scheme === 'sha256' ? 1 : 2 ** limits.gateBits) / share;
}

/** What work is done over, 32 bytes, for one broadcast. */
export function workInner(work: {
  readonly request: WorkRequest;
  /** SHA-256 of the BroadcastPayload bytes, onion and timestamp included; 32 bytes. */
  readonly payloadHash: Uint8Array;
  readonly askId: AskId;
  /** Who does the work. */
  readonly asker: PeerKey;
  /** Who wants it. */
  readonly receiver: PeerKey;
}): Uint8Array {
  const { request, payloadHash, askId, asker, receiver } = work;
  return hash(
    utf8('gig-gossip/1/work/broadcast'),
    utf8(request.powScheme),
    exactly(32, payloadHash),
    exactly(16, bytesOf(askId)),
    exactly(16, request.challenge),
    exactly(33, bytesOf(asker)),
    exactly(33, bytesOf(receiver)),
    exactly(32, request.powTarget),
  );
}

/**
 * What work is done over, 32 bytes, to be allowed to ask within a session: as above without a
 * payload and an ask, under the tag `gig-gossip/1/work/session`. The challenge is the receiver's
 * hello's.
 */
export function sessionWorkInner(work: {
  readonly request: WorkRequest;
  readonly asker: PeerKey;
  readonly receiver: PeerKey;
}): Uint8Array {
  const { request, asker, receiver } = work;
  return hash(
    utf8('gig-gossip/1/work/session'),
    utf8(request.powScheme),
    exactly(16, request.challenge),
    exactly(33, bytesOf(asker)),
    exactly(33, bytesOf(receiver)),
    exactly(32, request.powTarget),
  );
}

/** Fields have no lengths in front of them, so each must have its own. */
function exactly(length: number, bytes: Uint8Array): Uint8Array {
  if (bytes.length !== length) throw new Error(`work: ${bytes.length} bytes instead of ${length}`);
  return bytes;
}

/** Does this nonce do the work? False for a nonce of any other length. */
export function meetsTarget(
  inner: Uint8Array,
  nonce: Uint8Array,
  target: Uint8Array,
  scheme: PowScheme = 'sha256',
): boolean {
  return verifyWork(inner, nonce, target, scheme) === null;
}

/**
 * Null if the work was done, else POW_ABOVE_TARGET: one hash, about 2 µs. Of memory-hard work the gate is looked at first; what
 * passes it costs a hash of some 5 ms, and POW_MEMORY_HARD_ABOVE_TARGET if that one fails.
 */
export function verifyWork(
  inner: Uint8Array,
  nonce: Uint8Array,
  target: Uint8Array,
  scheme: PowScheme = 'sha256',
): Fault | null {
  if (nonce.length !== nonceBytes) return fault('POW_ABOVE_TARGET', `nonce of ${nonce.length}`);
  const cheap = gateHash(inner, nonce);
  const bound = scheme === 'sha256' ? target : gateTarget;
  if (compare(cheap, bound) > 0) {
    return fault('POW_ABOVE_TARGET', `${hexOf(cheap)} > ${hexOf(bound)}`);
  }
  if (scheme === 'sha256') return null;
  const dear = memoryHard(inner, nonce, cheap);
  if (compare(dear, target) <= 0) return null;
  return fault('POW_MEMORY_HARD_ABOVE_TARGET', `${hexOf(dear)} > ${hexOf(target)}`);
}

/** The cheap hash: of `sha256` all the work, of memory-hard work its gate, and its salt. */
export function gateHash(inner: Uint8Array, nonce: Uint8Array): Uint8Array {
  return hash(inner, nonce);
}

/** What passes the gate of a memory-hard scheme. */
export const gateTarget = targetForBits(limits.gateBits);

function memoryHard(inner: Uint8Array, nonce: Uint8Array, cheap: Uint8Array): Uint8Array {
  const { argonPasses: t, argonKib: m } = limits;
  return argon2id(concat(inner, nonce), cheap.slice(0, 16), { t, m, p: 1, dkLen: 32 });
}

/** A nonce as two 32-bit halves: numbers stay small integers, which engines are fast at. */
export interface Nonce {
  readonly high: number;
  readonly low: number;
}

/** Mines one slice and gives the nonce (8 bytes) it found, or null. Any kernel has this shape. */
export type MineSlice = (
  inner: Uint8Array,
  target: Uint8Array,
  start: Nonce,
  /** Nonces to try; `start.low + count` is at most 2^32. */
  count: number,
) => Uint8Array | null;

/**
 * The plain kernel: tries nonces one after the other. Of each hash it first looks at the leading
 * 32 bits, which refuse nearly all.
 */
export const mineSlice: MineSlice = (inner, target, start, count) => {
  if (start.low + count > 2 ** 32) throw new Error('mineSlice: beyond the low half');
  const prepared = sha256.create().update(concat(inner, u32(start.high)));
  const hasher = sha256.create();
  const low = new Uint8Array(4);
  const lowView = new DataView(low.buffer);
  const digest = new Uint8Array(32);
  const digestView = new DataView(digest.buffer);
  const bound = new DataView(target.buffer, target.byteOffset).getUint32(0);
  for (let i = 0; i < count; i++) {
    lowView.setUint32(0, start.low + i);
    prepared._cloneInto(hasher).update(low).digestInto(digest);
    if (digestView.getUint32(0) <= bound && compare(digest, target) <= 0) {
      return concat(u32(start.high), low);
    }
  }
  return null;
};

/** Of every scheme a kernel, given one that looks for hashes: behind a gate it finds what is worth the dear hash. */
export function kernelsOn(mineSha256: MineSlice): Readonly<Record<PowScheme, MineSlice>> {
  const mineMemoryHard: MineSlice = (inner, target, start, count) => {
    for (let done = 0; done < count;) {
      const from = { high: start.high, low: start.low + done };
      const nonce = mineSha256(inner, gateTarget, from, count - done);
      if (nonce === null) return null;
      if (meetsTarget(inner, nonce, target, 'argon2id')) return nonce;
      done = readU32(nonce, 4) - start.low + 1;
    }
    return null;
  };
  return { sha256: mineSha256, argon2id: mineMemoryHard };
}

/** The plain kernels. */
export const kernels = kernelsOn(mineSlice);
