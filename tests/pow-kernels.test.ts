/** Each mining kernel finds what the plain one of the core finds, nonce by nonce. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, u32 } from '../src/lib/protocol/bytes.ts';
import { hash } from '../src/lib/protocol/crypto.ts';
import { mineSlice, targetForBits } from '../src/lib/protocol/job/proof-of-work.ts';
import { chooseKernel, createSimdKernel, jsKernel } from '../src/workers/pow-kernels.ts';

const wasm = readFileSync(new URL('../src/workers/pow-simd.wasm', import.meta.url));
const kernels = [await createSimdKernel(wasm), jsKernel];

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const u32s = fc.oneof(fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1), fc.maxSafeNat());
const words = u32s.map((n) => n % 2 ** 32);
/** Any at all, and those that a few dozen nonces meet now and then. */
const targets = fc.oneof(
  bytes32,
  fc.tuple(fc.nat(7), bytes32).map(([bits, noise]) => {
    const target = targetForBits(bits);
    return target.map((byte, i) => (i === 0 ? byte : noise[i]!));
  }),
);
const slices = fc
  .tuple(words, words, fc.nat(70))
  .map(([high, low, count]) => ({ start: { high, low }, count: Math.min(count, 2 ** 32 - low) }));

const noTarget = new Uint8Array(32);
const wholeSlice = { high: 0x80000000, low: 0 };

for (const { name, mineSlice: mine } of kernels) {
  describe(`kernel ${name}`, () => {
    test('10,000 random puzzles: the nonce that the plain kernel finds, or none', () => {
      let found = 0;
      fc.assert(
        fc.property(bytes32, targets, slices, (inner, target, { start, count }) => {
          const expected = mineSlice(inner, target, start, count);
          if (expected !== null) found++;
          expect(mine(inner, target, start, count)).toEqual(expected);
        }),
        { numRuns: 10_000 },
      );
      expect(found).toBeGreaterThan(2_000);
    });

    // The digest of exactly one nonce as the target: nothing but that nonce meets it.
    test.each([0, 1, 2, 3, 4, 5, 7, 8, 62, 63])('a hit at place %i of 64', (place) => {
      for (const low of [0, 1, 2, 3, 2 ** 31 - 32, 2 ** 32 - 64]) {
        const [inner, nonce] = theOnlyOne(64, low, place);
        const target = hash(inner, nonce);
        expect(mine(inner, target, { high: 7, low }, 64)).toEqual(nonce);
        expect(mine(inner, target, { high: 7, low }, place)).toBeNull();
        expect(mine(inner, oneLess(target), { high: 7, low }, place + 1)).toBeNull();
      }
    });

    test('a first word that fits proves nothing: the search goes on behind it', () => {
      const inner = new Uint8Array(32).fill(9);
      const target = noTarget.slice();
      // As the least first word of 256 nonces it stops the search once, and no digest begins like it and goes on with zeros.
      const digests = Array.from({ length: 256 }, (_, i) => hash(inner, u32(1), u32(i)));
      const least = digests.map((digest) => digest.subarray(0, 4)).sort(byBytes)[0]!;
      target.set(least);
      expect(mine(inner, target, { high: 1, low: 0 }, 256)).toBeNull();
    });

    test('a slice that would leave the low half is refused', () => {
      expect(() => mine(noTarget, noTarget, { high: 0, low: 2 ** 32 - 1 }, 2)).toThrow(/low half/);
    });

    test('bytes that lie within a larger buffer', () => {
      const buffer = new Uint8Array(100).map((_, i) => i);
      const [inner, target] = [buffer.subarray(3, 35), targetForBits(5)];
      expect(mine(inner, target, wholeSlice, 500)).toEqual(
        mineSlice(inner.slice(), target, wholeSlice, 500),
      );
    });
  });
}

describe('choosing a kernel', () => {
  const now = () => performance.now();

  test('one that works is chosen', async () => {
    const kernel = await chooseKernel(() => Promise.resolve(wasm), now);
    expect(kernel.mineSlice(noTarget, targetForBits(8), wholeSlice, 5_000)).toEqual(
      mineSlice(noTarget, targetForBits(8), wholeSlice, 5_000),
    );
  });

  test.each([
    ['it cannot be fetched', () => Promise.reject(new Error('offline'))],
    ['it is not WebAssembly', () => Promise.resolve(new Uint8Array([1, 2, 3]))],
    ['the engine lacks what it needs', () => Promise.resolve(withUnknownInstruction())],
  ])('plain JavaScript where %s', async (_, fetchWasm) => {
    expect((await chooseKernel(fetchWasm, now)).name).toBe('js');
  });

  test('the faster one, whichever that is', async () => {
    // SIMD is tried first: until when, begun, ended.
    const clock = (simdMs: number, jsMs: number) => {
      let [ms, calls] = [0, 0];
      return () => (ms += ++calls <= 3 ? simdMs : jsMs);
    };
    const fetchWasm = () => Promise.resolve(wasm);
    expect((await chooseKernel(fetchWasm, clock(100, 8))).name).toBe('js');
    expect((await chooseKernel(fetchWasm, clock(100, 200))).name).toBe('simd');
  });
});

function byBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

function oneLess(target: Uint8Array): Uint8Array {
  const less = BigInt(`0x${hexOf(target)}`) - 1n;
  return bytesOf(less.toString(16).padStart(64, '0'));
}

/** An inner of which, of 64 nonces from `low`, the one at `place` has the least digest by its first word. */
function theOnlyOne(count: number, low: number, place: number): [Uint8Array, Uint8Array] {
  const nonces = Array.from({ length: count }, (_, i) => concat(u32(7), u32(low + i)));
  for (let seed = 0; ; seed++) {
    const inner = hash(u32(seed));
    const digests = nonces.map((nonce) => hash(inner, nonce));
    const least = digests.reduce((a, b, i) => (byBytes(b, digests[a]!) < 0 ? i : a), 0);
    if (least === place) return [inner, nonces[place]!];
  }
}

/** The kernel with the opcode of its first SIMD instruction made one that no engine knows. */
function withUnknownInstruction(): Uint8Array<ArrayBuffer> {
  const broken = Uint8Array.from(wasm);
  const at = broken.findIndex((byte, i) => byte === 0xfd && broken[i + 1] === 0x11);
  broken[at] = 0xff;
  return broken;
}
