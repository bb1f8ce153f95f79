import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, equal } from '../../src/lib/protocol/bytes.ts';
import { faultCodes } from '../../src/lib/protocol/faults.ts';
import { decodeFrame, encodeFrame } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  NewerStored,
  readStored,
  store,
  storedVersion,
  toStored,
  upgradeStored,
  upgrades,
} from '../../src/lib/protocol/stored.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { garbage, mutated } from './garbage.ts';
import { bodies, frames } from './samples.ts';

const shapeCodes = ['FRAME_MALFORMED', 'FRAME_NOT_CANONICAL', 'FRAME_TOO_LARGE'];

/** A fault of shape, or a value that encodes to bytes which decode to the same value. */
function expectSound<Core>(
  found: Core,
  encode: (core: Core) => Uint8Array,
  decode: (bytes: Uint8Array) => unknown,
): void {
  if (isFault(found)) {
    expect(shapeCodes).toContain(found.code);
    expect(found.code in faultCodes).toBe(true);
    return;
  }
  const again = decode(encode(found));
  if (!isDeepStrictEqual(again, found)) expect(again).toStrictEqual(found);
}

const encoded = Object.values(frames).map(encodeFrame);
const written = Object.values(bodies).map(({ codec, body }) => ({
  codec,
  bytes: codec.encode(body),
}));

describe('whatever a peer sends', () => {
  test('arbitrary bytes give a frame or one fault', () => {
    const property = fc.property(garbage, (bytes) => {
      expectSound(decodeFrame(bytes), (frame) => encodeFrame(frame as never), decodeFrame);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('a frame that was tampered with gives a frame or one fault', () => {
    const property = fc.property(mutated(encoded), (bytes) => {
      expectSound(decodeFrame(bytes), (frame) => encodeFrame(frame as never), decodeFrame);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('arbitrary bytes give any body or one fault', () => {
    const property = fc.property(garbage, fc.constantFrom(...written), (bytes, { codec }) => {
      expectSound(codec.decode(bytes), codec.encode, codec.decode);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('a body that was tampered with is canonical to the byte, or refused', () => {
    const tampered = fc
      .constantFrom(...written)
      .chain(({ codec, bytes }) =>
        mutated([bytes, ...written.map((other) => other.bytes)]).map((to) => ({ codec, to })),
      );
    const property = fc.property(tampered, ({ codec, to }) => {
      const body = codec.decodeCanonical(to);
      expectSound(body, codec.encode, codec.decodeCanonical);
      if (!isFault(body)) expect(equal(codec.encode(body), to)).toBe(true);
    });
    fc.assert(property, { numRuns: 500 });
  });

  test('nothing beyond the limit is looked at', () => {
    const whole = encoded[0]!;
    const padded = concat(whole, new Uint8Array(limits.frameBytes + 1 - whole.length));
    expect(isFault(decodeFrame(padded)) && (decodeFrame(padded) as { code: string }).code).toBe(
      'FRAME_TOO_LARGE',
    );
  });
});

test('every frame and every body is what it was, encoded and decoded', () => {
  for (const frame of Object.values(frames)) {
    expect(isDeepStrictEqual(decodeFrame(encodeFrame(frame)), frame)).toBe(true);
  }
  for (const { codec, body } of Object.values(bodies)) {
    expect(isDeepStrictEqual(codec.decodeCanonical(codec.encode(body)), body)).toBe(true);
  }
});

describe('stored states', () => {
  /** What states are made of. A key `$big` or `$bytes` is nobody's. */
  const { plain } = fc.letrec<{ plain: unknown; leaf: unknown }>((tie) => ({
    leaf: fc.oneof(
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (n === 0 ? 0 : n)),
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.bigInt(),
      fc.uint8Array({ maxLength: 40 }),
    ),
    plain: fc.oneof(
      { maxDepth: 4 },
      tie('leaf'),
      fc.array(tie('plain'), { maxLength: 4 }),
      fc.dictionary(
        fc.string().filter((key) => !['$big', '$bytes', '__proto__'].includes(key)),
        tie('plain'),
        { maxKeys: 4, noNullPrototype: true },
      ),
    ),
  }));

  test('plain data with big integers and bytes comes back as it went in', () => {
    const property = fc.property(plain, (state) => {
      const read = readStored(toStored(state));
      if (!isDeepStrictEqual(read, state)) expect(read).toStrictEqual(state);
      expect(toStored(read)).toEqual(toStored(state));
    });
    fc.assert(property, { numRuns: 300 });
  });

  test('bytes that this node did not write are damage, and throw', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      expect(() => readStored(bytes)).toThrow();
    });
    fc.assert(property, { numRuns: 100 });
    const later = new TextEncoder().encode(
      JSON.stringify({ version: storedVersion + 1, state: {} }),
    );
    expect(() => readStored(later)).toThrow(`version ${storedVersion + 1}`);
  });

  describe('a disk of another release', () => {
    const written = (version: unknown, state: unknown) =>
      new TextEncoder().encode(JSON.stringify({ version, state }));
    const entry = (version: unknown) => ({ key: 'job/a', value: written(version, ['first']) });
    const steps = {
      1: (key: string, state: unknown) => [...(state as string[]), `${key} to 2`],
      2: (key: string, state: unknown) => [...(state as string[]), `${key} to 3`],
    };
    const upgraded = (version: unknown, now: number) => upgradeStored([entry(version)], now, steps);

    test('is brought up to date step by step, from whichever version', () => {
      const state = (version: number) =>
        JSON.parse(new TextDecoder().decode(upgraded(version, 3)[0]!.value!)) as unknown;
      const [two, three] = ['job/a to 2', 'job/a to 3'];
      expect(state(1)).toEqual({ version: 3, state: ['first', two, three] });
      expect(state(2)).toEqual({ version: 3, state: ['first', three] });
      expect(state(3)).toEqual({ version: 3, state: ['first'] });
    });

    test('has a way on from every release there was', () => {
      for (let from = 1; from < storedVersion; from++) expect(upgrades).toHaveProperty(`${from}`);
      expect(() => upgraded(1, 4)).toThrow('no way on from version 3');
    });

    test('keeps bigints and bytes, and what is forgotten stays forgotten', () => {
      const value = toStored({ sats: 7n, key: Uint8Array.of(1, 2) });
      const same = upgradeStored([{ key: 'a', value }], 2, { 1: (_key, state) => state });
      const now = new TextDecoder().decode(same[0]!.value!);
      expect(now).toBe(new TextDecoder().decode(value).replace('"version":1', '"version":2'));
      expect(upgradeStored([{ key: 'a', value: null }])).toEqual([{ key: 'a', value: null }]);
    });

    test('of a newer one is refused, and says what to do', () => {
      const read = () => upgradeStored([entry(storedVersion + 1)]);
      expect(read).toThrow(NewerStored);
      expect(read).toThrow('made by a newer version of Gig-Gossip');
      expect(read).toThrow('update the app');
    });

    test.each([0, -1, 1.5, '1', null, undefined])('of no version is damage -- %s', (version) => {
      expect(() => upgradeStored([entry(version)])).toThrow('no version');
    });
  });

  test('to store nothing is to forget', () => {
    expect(store('key', null)).toEqual({ do: 'store', key: 'key', value: null });
    expect(store('key', 1n)).toEqual({ do: 'store', key: 'key', value: toStored(1n) });
  });
});
