/** Mining workers find the memory-hard work that the core's plain kernel finds, with another library's Argon2id. */
import { beforeEach, expect, test, vi } from 'vitest';
import type * as HashWasm from 'hash-wasm';
import { hash } from '../src/lib/protocol/crypto.ts';
import { u32 } from '../src/lib/protocol/bytes.ts';
import { kernels, meetsTarget, targetForBits } from '../src/lib/protocol/job/proof-of-work.ts';
import { fastKernelsOn } from '../src/workers/pow-memory-hard.ts';
import { jsKernel } from '../src/workers/pow-kernels.ts';

const library = vi.hoisted(() => ({ broken: false, calls: 0 }));
vi.mock('hash-wasm', async (original) => {
  const real = await original<typeof HashWasm>();
  const argon2id: typeof real.argon2id = (options) => {
    library.calls++;
    return library.broken ? Promise.reject(new Error('no WebAssembly')) : real.argon2id(options);
  };
  return { ...real, argon2id };
});
beforeEach(() => Object.assign(library, { broken: false, calls: 0 }));

const start = { high: 3, low: 2 ** 32 - 2 ** 20 };
/** Passes the gate about 16 times. */
const count = 2 ** 20;
const puzzles = [0, 1, 2, 3].map((bits) => [bits, hash(u32(bits))] as const);

test.each(puzzles)(
  '%i bits: the same nonce as with noble, or none [WRK-17]',
  async (bits, inner) => {
    const target = targetForBits(bits);
    const { argon2id } = fastKernelsOn(jsKernel.mineSlice);
    const found = await argon2id(inner, target, start, count);
    expect(found).toEqual(kernels.argon2id(inner, target, start, count));
    expect(found !== null && meetsTarget(inner, found, target, 'argon2id')).toBe(true);
    expect(library.calls).toBeGreaterThan(0);
    expect(await argon2id(inner, new Uint8Array(32), start, 2 ** 18)).toBeNull();
  },
);

test('where WebAssembly is missing noble does it, and the library is not tried again', async () => {
  library.broken = true;
  const inner = hash(u32(9));
  const { argon2id } = fastKernelsOn(jsKernel.mineSlice);
  for (let i = 0; i < 2; i++) {
    const found = await argon2id(inner, targetForBits(0), start, count);
    expect(found).toEqual(kernels.argon2id(inner, targetForBits(0), start, count));
  }
  expect(library.calls).toBe(1);
});

test('SHA-256 stays with the kernel that was given', () => {
  expect(fastKernelsOn(jsKernel.mineSlice).sha256).toBe(jsKernel.mineSlice);
});
