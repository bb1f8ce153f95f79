/** Words survive any way of cutting a stream into pieces, and nonsense is an error, not a hang. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createDecoder,
  decodeAttempt,
  encode,
  encodeAttempt,
  Kind,
} from '../../src/lib/adapters/network/wire.ts';

const word = fc.record({
  kind: fc.constantFrom(...Object.values(Kind)),
  body: fc.uint8Array({ maxLength: 300 }),
});

test('words come out as they went in, however the stream is cut', () => {
  fc.assert(
    fc.property(fc.array(word), fc.array(fc.nat(900)), (words, cuts) => {
      const bytes = new Uint8Array(words.flatMap(({ kind, body }) => [...encode(kind, body)]));
      const at = [0, ...cuts.filter((cut) => cut < bytes.length), bytes.length];
      at.sort((a, b) => a - b);
      const decode = createDecoder();
      const got = at.flatMap((from, index) => [...decode(bytes.slice(from, at[index + 1]))]);
      expect(got).toEqual(words);
    }),
  );
});

test('nonsense is refused at its header', () => {
  expect(() => [...createDecoder()(Uint8Array.of(99, 0, 0, 1))]).toThrow('unknown kind 99');
  expect(() => [...createDecoder()(Uint8Array.of(Kind.frame, 1, 0, 1))]).toThrow('65537 bytes');
  expect(() => [...createDecoder()(Uint8Array.of(Kind.bye, 0, 4, 1))]).toThrow('1025 bytes');
});

test('any bytes give words or an error', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 })), (pieces) => {
      const decode = createDecoder();
      try {
        for (const piece of pieces) expect([...decode(piece)]).toBeInstanceOf(Array);
      } catch (error) {
        expect(error).toBeInstanceOf(Error);
      }
    }),
  );
});

test('an attempt is its run and count', () => {
  const attempt = { run: '00ff10a1b2c3d4e5', count: 4_294_967_295 };
  expect(decodeAttempt(encodeAttempt(attempt))).toEqual(attempt);
  expect(() => decodeAttempt(new Uint8Array(11))).toThrow('11 bytes');
});
