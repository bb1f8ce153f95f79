/** The cryptography that a money simulation remembers gives what noble gives, whichever side computed it first. */
import { schnorr as plainSchnorr, secp256k1 as plain } from '@noble/curves/secp256k1.js';
import { hkdf as plainHkdf } from '@noble/hashes/hkdf.js';
import { sha256 as plainSha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { schnorr, secp256k1 } from '../../src/simulator/money/curve.ts';
import { hkdf, sha256 } from '../../src/simulator/money/hashes.ts';

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const secret = bytes(32).filter((key) => plain.utils.isValidSecretKey(key));
const some = { numRuns: 25 };

test('what two sides share is the same point, by x and by sign, known before or not', () => {
  fc.assert(
    fc.property(secret, secret, fc.boolean(), (own, other, known) => {
      const x = plainSchnorr.getPublicKey(other);
      if (known) schnorr.getPublicKey(other);
      const point = Uint8Array.of(2, ...x);
      const scalar = plain.Point.Fn.fromBytes(own);
      const expected = plain.Point.fromBytes(point).multiply(scalar).toBytes(true);
      for (let twice = 0; twice < 2; twice++) {
        const got = secp256k1.Point.fromBytes(point).multiply(scalar).toBytes(true);
        expect(got).toEqual(expected);
      }
      // The other side's turn: its own sign, on what is remembered.
      const back = Uint8Array.of(2, ...plainSchnorr.getPublicKey(own));
      const theirs = plain.Point.Fn.fromBytes(other);
      expect(secp256k1.Point.fromBytes(back).multiply(theirs).toBytes(true)).toEqual(
        plain.Point.fromBytes(back).multiply(theirs).toBytes(true),
      );
    }),
    some,
  );
});

test('a signature is the one of BIP-340, and verifies', () => {
  fc.assert(
    fc.property(secret, bytes(32), bytes(32), (key, aux, message) => {
      const signature = schnorr.sign(message, key, aux);
      expect(signature).toEqual(plainSchnorr.sign(message, key, aux));
      const publicKey = schnorr.getPublicKey(key);
      expect(schnorr.verify(signature, message, publicKey)).toBe(true);
      expect(schnorr.verify(signature, Uint8Array.of(...message, 0), publicKey)).toBe(false);
    }),
    some,
  );
});

test('hashes and derived keys are the same, first and again, and nobody can change what is kept', () => {
  fc.assert(
    fc.property(bytes(32), fc.uint8Array(), fc.uint8Array(), (key, salt, info) => {
      expect(sha256(info)).toEqual(plainSha256(info));
      expect(schnorr.utils.taggedHash('a tag', info, salt)).toEqual(
        plainSchnorr.utils.taggedHash('a tag', info, salt),
      );
      const expected = plainHkdf(plainSha256, key, salt, info, 48);
      for (let twice = 0; twice < 2; twice++) {
        const derived = hkdf(sha256, key, salt, info, 48);
        expect(derived).toEqual(expected);
        derived.fill(0);
      }
    }),
    some,
  );
});

test('what is no point is refused as noble refuses it', () => {
  const none = Uint8Array.of(2, ...new Uint8Array(32).fill(0xff));
  expect(() => secp256k1.Point.fromBytes(none)).toThrow();
});
