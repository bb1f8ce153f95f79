import fc from 'fast-check';
import { expect, test } from 'vitest';
import { faceOf, nameOf } from '../../src/lib/app/avatar.ts';
import { tame } from '../../src/lib/components/tame.ts';

const keys = fc
  .uint8Array({ minLength: 32, maxLength: 33 })
  .map((bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(''));

test('a key always has the same face and name', () => {
  fc.assert(
    fc.property(keys, (key) => {
      expect(faceOf(key)).toEqual(faceOf(key));
      expect(nameOf(key)).toMatch(/^[A-Z][a-z]+ [A-Z][a-z]+$/);
    }),
  );
});

test('keys that differ early mostly look different', () => {
  const names = new Set(
    Array.from({ length: 1000 }, (_, n) =>
      nameOf(`02${(n * 2_654_435_761).toString(16).padEnd(64, '0')}`),
    ),
  );
  expect(names.size).toBeGreaterThan(500);
});

test('no key at all still has a name', () => {
  expect(nameOf('')).toBe('Able Badger');
  expect(faceOf('').cut).toBe(0);
});

test('strangers’ text cannot turn around, hide, tower or flood', () => {
  expect(tame('safe\u202Etxt.exe', 60)).toBe('safetxt.exe');
  expect(tame('a\u200bb\u0000c\r\nd', 60)).toBe('abc\nd');
  expect(tame(`e${'\u0301'.repeat(40)}`, 60)).toBe(`e${'\u0301'.repeat(3)}`);
  expect(tame('x'.repeat(100), 10)).toBe(`${'x'.repeat(10)}…`);
  expect(tame('🚕'.repeat(20), 10)).toBe(`${'🚕'.repeat(10)}…`);
  expect(tame('a\n\n\n\n\nb', 60)).toBe('a\n\nb');
});
