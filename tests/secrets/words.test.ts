/** The node's secret in words: BIP-39's own vectors, and every slip noticed. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bip39English } from '../../src/lib/adapters/secrets/bip39-english.ts';
import { secretOf, wordsOf } from '../../src/lib/adapters/secrets/words.ts';
import { fromHex } from '../../src/lib/adapters/secrets/passphrase.ts';

test('there are 2,048 words in order, and four letters tell each', () => {
  expect(bip39English).toHaveLength(2_048);
  expect([...bip39English].sort()).toEqual(bip39English);
  expect(new Set(bip39English.map((word) => word.slice(0, 4))).size).toBe(2_048);
});

/** Trezor's vectors for 256 bits. */
test.each([
  ['00'.repeat(32), `${'abandon '.repeat(23)}art`],
  [
    '7f'.repeat(32),
    `${'legal winner thank year wave sausage worth useful '.repeat(2)}legal winner thank year wave sausage worth title`,
  ],
  ['ff'.repeat(32), `${'zoo '.repeat(23)}vote`],
  [
    '68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c',
    'hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel tennis maple dilemma loan word shrug inflict delay length',
  ],
])('%s is %s', (hex, words) => {
  expect(wordsOf(fromHex(hex)).join(' ')).toBe(words);
  expect(secretOf(words)).toEqual(Uint8Array.from(fromHex(hex)));
});

test('words read back as they were written, however they are typed', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (secret) => {
      const words = wordsOf(secret);
      expect(secretOf(`  ${words.join('\n').toUpperCase()} `)).toEqual(Uint8Array.from(secret));
      expect(secretOf(words.join(', '))).toEqual(Uint8Array.from(secret));
    }),
  );
});

test('a word missing, unknown or too many is no secret', () => {
  const words = wordsOf(new Uint8Array(32).fill(7));
  expect(secretOf('')).toBeNull();
  expect(secretOf(words.slice(1).join(' '))).toBeNull();
  expect(secretOf([...words, 'art'].join(' '))).toBeNull();
  expect(secretOf([...words.slice(1), 'gossip1'].join(' '))).toBeNull();
  const swapped = [words[1]!, words[0]!, ...words.slice(2)];
  expect(swapped.join() === words.join() || secretOf(swapped.join(' ')) === null).toBe(true);
});
