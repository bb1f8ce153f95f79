/** Bytes as a hostile peer sends them: noise, and honest frames that were tampered with. */
import fc from 'fast-check';
import { concat } from '../../src/lib/protocol/bytes.ts';

/** Noise of any length, some of it beginning like a frame. */
export const garbage: fc.Arbitrary<Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.uint8Array({ maxLength: 2_000 }),
  fc
    .tuple(fc.integer({ min: 1, max: 25 }), fc.uint8Array({ maxLength: 100 }))
    .map(([kind, bytes]) => concat(Uint8Array.of(...tag(kind), bytes.length), bytes)),
);

/** One of the originals with a few bits flipped, cut off, spliced with another, or with noise put in. */
export function mutated(originals: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> {
  const original = fc.constantFrom(...originals);
  const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
  const at = (bytes: Uint8Array, where: number) => Math.floor(where * bytes.length);
  return fc.oneof(
    fc
      .tuple(
        original,
        fc.array(fc.tuple(place, fc.integer({ min: 0, max: 7 })), { minLength: 1, maxLength: 4 }),
      )
      .map(([bytes, flips]) => {
        const copy = bytes.slice();
        for (const [where, bit] of flips) copy[at(bytes, where)]! ^= 1 << bit;
        return copy;
      }),
    fc.tuple(original, place).map(([bytes, where]) => bytes.slice(0, at(bytes, where))),
    fc
      .tuple(original, original, place, place)
      .map(([a, b, from, to]) => concat(a.slice(0, at(a, from)), b.slice(at(b, to)))),
    fc
      .tuple(original, place, fc.uint8Array({ minLength: 1, maxLength: 20 }))
      .map(([bytes, where, noise]) =>
        concat(bytes.slice(0, at(bytes, where)), noise, bytes.slice(at(bytes, where))),
      ),
  );
}

/** Tag of a part of that number. */
function tag(number: number): number[] {
  const value = number * 8 + 2;
  return value < 128 ? [value] : [(value & 127) | 128, value >> 7];
}
