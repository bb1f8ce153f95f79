/**
 * Who mines: our kernels, and what else a web page could have taken. All but cap's hash the same 40 bytes; cap's solver hashes
 * a salt and a decimal number, which is what it is made for.
 */
import initCap, { solve_pow as solveCap } from '@cap.js/wasm/browser/cap_wasm.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { createSHA256 } from 'hash-wasm';
import { createSimdKernel, jsKernel } from '../../../src/workers/pow-kernels.ts';

export const contenders = ['simd', 'js', 'noble', 'hashWasm', 'capWasm'] as const;
export type Contender = (typeof contenders)[number];

/** Hashes about that many times, in one go; says how often it was. */
export type Run = (hashes: number) => number;

/** The compiled kernels, ours and cap's. */
export interface Wasm {
  readonly simd: BufferSource;
  readonly cap: BufferSource;
}

const impossible = new Uint8Array(32);

export async function createRun(contender: Contender, wasm: Wasm): Promise<Run> {
  switch (contender) {
    case 'simd':
      return sliced((await createSimdKernel(wasm.simd)).mineSlice);
    case 'js':
      return sliced(jsKernel.mineSlice);
    case 'noble':
      return counted((message) => sha256(message));
    case 'hashWasm': {
      const hasher = await createSHA256();
      return counted((message) => hasher.init().update(message).digest('binary'));
    }
    case 'capWasm':
      await initCap({ module_or_path: wasm.cap });
      return solveCaps;
  }
}

type MineSlice = typeof jsKernel.mineSlice;

function sliced(mineSlice: MineSlice): Run {
  let high = 0;
  return (hashes) => {
    mineSlice(impossible, impossible, { high: ++high, low: 0 }, hashes);
    return hashes;
  };
}

function counted(hash: (message: Uint8Array) => Uint8Array): Run {
  const message = new Uint8Array(40);
  const nonce = new DataView(message.buffer, 36);
  let least = 255;
  return (hashes) => {
    for (let i = 0; i < hashes; i++) {
      nonce.setUint32(0, i);
      least = Math.min(least, hash(message)[0]!);
    }
    return hashes;
  };
}

let salts = 0;

/** Puzzle after puzzle of 2^16 hashes on average; it starts each at 0, so the answer says how many it took. */
function solveCaps(hashes: number): number {
  let done = 0;
  while (done < hashes)
    done += Number(solveCap(`salt ${++salts} of thirty-two bytes..`, '0000')) + 1;
  return done;
}
