/**
 * Mining memory-hard work: hash-wasm's Argon2id, which is more than twice as fast as noble's, behind the gate that a kernel for
 * SHA-256 finds. What it found is checked with noble's by who asked for it. Whitepaper: "Proof Of Work (POW)".
 */
import { argon2id } from 'hash-wasm';
import { compare, concat, readU32 } from '../lib/protocol/bytes.ts';
import {
  gateHash,
  gateTarget,
  kernelsOn,
  type MineSlice,
  type PowScheme,
} from '../lib/protocol/job/proof-of-work.ts';
import { limits } from '../lib/protocol/limits.ts';
import type { Mine } from './pow-miner.ts';

/** Of every scheme the fastest there is here, given a kernel for SHA-256: where WebAssembly is missing, noble's Argon2id. */
export function fastKernelsOn(mineSha256: MineSlice): Readonly<Record<PowScheme, Mine>> {
  const plain = kernelsOn(mineSha256);
  let works = true;
  const mineMemoryHard: Mine = (...slice) => {
    if (!works) return plain.argon2id(...slice);
    return mineBehindGate(mineSha256, ...slice).catch(() => {
      works = false;
      return plain.argon2id(...slice);
    });
  };
  return { sha256: mineSha256, argon2id: mineMemoryHard };
}

async function mineBehindGate(
  mineSha256: MineSlice,
  ...[inner, target, start, count]: Parameters<MineSlice>
): Promise<Uint8Array | null> {
  for (let done = 0; done < count;) {
    const from = { high: start.high, low: start.low + done };
    const nonce = mineSha256(inner, gateTarget, from, count - done);
    if (nonce === null) return null;
    if (compare(await dearHash(inner, nonce), target) <= 0) return nonce;
    done = readU32(nonce, 4) - start.low + 1;
  }
  return null;
}

function dearHash(inner: Uint8Array, nonce: Uint8Array): Promise<Uint8Array> {
  return argon2id({
    password: concat(inner, nonce),
    salt: gateHash(inner, nonce).slice(0, 16),
    iterations: limits.argonPasses,
    memorySize: limits.argonKib,
    parallelism: 1,
    hashLength: 32,
    outputType: 'binary',
  });
}
