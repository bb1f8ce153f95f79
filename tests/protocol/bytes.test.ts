import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  bytesOf,
  compare,
  concat,
  equal,
  hexOf,
  isHex,
  readU32,
  readU64,
  textOf,
  u32,
  u64,
  utf8,
} from '../../src/lib/protocol/bytes.ts';

const bytes = fc.uint8Array({ maxLength: 40 });

describe('integers', () => {
  test('are big-endian and come back, from any place in a buffer', () => {
    expect(hexOf(u32(0x0102_0304))).toBe('01020304');
    expect(hexOf(u64(0x0102_0304_0506_0708n))).toBe('0102030405060708');
    const numbers = fc.tuple(
      fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      fc.bigInt(0n, 2n ** 64n - 1n),
    );
    const property = fc.property(numbers, bytes, ([small, large], before) => {
      const view = concat(before, u32(small), u64(large)).subarray(before.length);
      expect(readU32(view)).toBe(small);
      expect(readU64(view, 4)).toBe(large);
    });
    fc.assert(property);
  });

  test('that do not fit are our own mistake and throw', () => {
    for (const value of [-1, 2 ** 32, 0.5, Number.NaN]) expect(() => u32(value)).toThrow('u32');
    for (const value of [-1n, 2n ** 64n]) expect(() => u64(value)).toThrow('u64');
  });
});

describe('hex and text', () => {
  test('hex comes back, in lower case only', () => {
    fc.assert(
      fc.property(bytes, (value) => {
        expect(bytesOf(hexOf(value))).toEqual(value);
        expect(isHex(hexOf(value), value.length)).toBe(true);
        expect(isHex(hexOf(value), value.length + 1)).toBe(false);
      }),
    );
    expect(isHex('AB', 1)).toBe(false);
    expect(isHex('0g', 1)).toBe(false);
    expect(() => bytesOf('abc')).toThrow();
  });

  test('text is the one that has exactly these bytes, or none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        if (!text.startsWith('\uFEFF')) expect(textOf(utf8(text))).toBe(text);
      }),
    );
    const garbage = ['ff', 'c080', 'eda080', 'f4908080', 'e282', 'efbbbf41'];
    for (const hex of garbage) expect(textOf(bytesOf(hex))).toBeNull();
  });
});

describe('comparing', () => {
  test('equal wants the same length and the same bytes', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(equal(a, b)).toBe(hexOf(a) === hexOf(b));
        expect(equal(a, a.slice())).toBe(true);
        expect(equal(a, concat(a, u32(0)))).toBe(false);
      }),
    );
  });

  test('compare orders numbers of one length as numbers', () => {
    const number = fc.bigInt(0n, 2n ** 64n - 1n);
    fc.assert(
      fc.property(number, number, (a, b) => {
        const sign = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compare(u64(a), u64(b)))).toBe(sign);
        expect(compare(u64(a), u64(a))).toBe(0);
      }),
    );
  });
});
