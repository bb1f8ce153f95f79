import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cellOf,
  decodeGeohash,
  encodeGeohash,
  isGeohash,
  neighboursOf,
  verifyGeohash,
} from '../../src/lib/protocol/job/geohash.ts';
import { keepVectors, type InvalidVector } from '../vectors/vectors.ts';

/** Degrees to the eighth decimal, about a millimetre. */
const degrees = (min: number, max: number) =>
  fc.integer({ min: min * 1e8, max: max * 1e8 }).map((value) => value / 1e8);
const places = fc.record({ latitude: degrees(-90, 90), longitude: degrees(-180, 179.99999999) });
const lengths = fc.integer({ min: 1, max: 12 });

describe('cells', () => {
  test('whitepaper, Topic: "geo-hash of precision 7 is equal to r3gx2g5" [TOP-08]', () => {
    const sydney = { latitude: -33.8647, longitude: 151.2096 };
    expect(encodeGeohash(sydney, 7)).toBe('r3gx2g5');
  });

  test('whitepaper, Topic: the table of cell sizes, at the equator [TOP-07]', () => {
    // Metres by length, as printed; the paper rounds.
    const widths = [5e6, 1.25e6, 156e3, 39.1e3, 4_890, 1_220, 153, 38.2, 4.77, 1.19, 0.149, 0.0372];
    const heights = [5e6, 625e3, 156e3, 19.5e3, 4_890, 610, 153, 19.1, 4.77, 0.596, 0.149, 0.0186];
    const metresPerDegree = 40_075_017 / 360;
    for (let length = 1; length <= 12; length++) {
      const cell = cellOf(encodeGeohash({ latitude: 0, longitude: 0 }, length));
      const width = (cell.east - cell.west) * metresPerDegree;
      const height = (cell.north - cell.south) * metresPerDegree;
      expect(width / widths[length - 1]!).toBeCloseTo(1, 1);
      expect(height / heights[length - 1]!).toBeCloseTo(1, 1);
    }
  });

  test('a place lies in its cell, and the middle of a cell names it again', () => {
    const property = fc.property(places, lengths, (place, length) => {
      const geohash = encodeGeohash(place, length);
      const { south, west, north, east } = cellOf(geohash);
      expect(place.latitude).toBeGreaterThanOrEqual(south);
      expect(place.latitude).toBeLessThanOrEqual(north);
      expect(place.longitude).toBeGreaterThanOrEqual(west);
      expect(place.longitude).toBeLessThan(east);
      expect(encodeGeohash(decodeGeohash(geohash), length)).toBe(geohash);
    });
    fc.assert(property);
  });

  test('a shorter geohash is the beginning of a longer one', () => {
    const property = fc.property(places, lengths, (place, length) => {
      expect(encodeGeohash(place, 12).startsWith(encodeGeohash(place, length))).toBe(true);
    });
    fc.assert(property);
  });

  test('longitudes wrap round and the north pole has a cell', () => {
    expect(encodeGeohash({ latitude: 1, longitude: 181 }, 8)).toBe(
      encodeGeohash({ latitude: 1, longitude: -179 }, 8),
    );
    expect(encodeGeohash({ latitude: 90, longitude: 180 }, 3)).toBe('bpb');
    expect(encodeGeohash({ latitude: -90, longitude: -180 }, 3)).toBe('000');
    expect(() => encodeGeohash({ latitude: 0, longitude: 0 }, 13)).toThrow('1 to 12');
  });
});

describe('neighbours', () => {
  test('touch, are 8, and have each other', () => {
    const inner = fc.record({ latitude: degrees(-80, 80), longitude: degrees(-180, 179) });
    const property = fc.property(inner, fc.integer({ min: 3, max: 12 }), (place, length) => {
      const geohash = encodeGeohash(place, length);
      const around = neighboursOf(geohash);
      expect(new Set([...around, geohash]).size).toBe(9);
      for (const other of around) expect(neighboursOf(other)).toContain(geohash);
    });
    fc.assert(property);
  });

  test('beside a pole there are 5, and the date line is no border', () => {
    expect(neighboursOf('bpb')).toHaveLength(5);
    expect(neighboursOf('8')).toContain('x');
    expect(neighboursOf('r3gx2g5')).toEqual([
      'r3gx2ff',
      'r3gx2fg',
      'r3gx2fu',
      'r3gx2g4',
      'r3gx2gh',
      'r3gx2g6',
      'r3gx2g7',
      'r3gx2gk',
    ]);
  });
});

describe('what a topic may say', () => {
  test('any text is a geohash of 7 or 8 characters, or one of three faults', () => {
    const codes = ['GEOHASH_MALFORMED', 'GEOHASH_TOO_COARSE', 'GEOHASH_TOO_EXACT'];
    const property = fc.property(fc.string(), (text) => {
      const verdict = verifyGeohash(text);
      if (verdict === null) expect(isGeohash(text) && [7, 8].includes(text.length)).toBe(true);
      else expect(codes).toContain(verdict.code);
    });
    fc.assert(property);
  });
});

interface Valid {
  readonly name: string;
  readonly geohash: string;
  readonly place: { readonly latitude: number; readonly longitude: number };
}
type Invalid = Omit<InvalidVector<never>, 'hex' | 'json'> & { readonly geohash: string };

const vectors: { about: string; valid: Valid[]; invalid: Invalid[] } = {
  about: 'Geohashes: src/lib/protocol/job/geohash.ts. Invalid: what a topic may not say.',
  valid: [
    {
      name: "the whitepaper's: Legal Services Council in Sydney",
      geohash: 'r3gx2g5',
      place: { latitude: -33.8647, longitude: 151.2096 },
    },
    {
      name: 'eight characters',
      geohash: 'u4pruydq',
      place: { latitude: 57.64911, longitude: 10.40744 },
    },
    { name: 'north pole', geohash: 'upbpbpb', place: { latitude: 90, longitude: 0 } },
    { name: 'where the map begins', geohash: '0000000', place: { latitude: -90, longitude: -180 } },
    { name: "a cell's own edge", geohash: 's0000000', place: { latitude: 0, longitude: 0 } },
  ],
  invalid: [
    { name: 'nothing', geohash: '', code: 'GEOHASH_MALFORMED' },
    { name: 'a letter that is not used', geohash: 'r3gx2ga', code: 'GEOHASH_MALFORMED' },
    { name: 'capitals', geohash: 'R3GX2G5', code: 'GEOHASH_MALFORMED' },
    { name: 'a space at the end', geohash: 'r3gx2g5 ', code: 'GEOHASH_MALFORMED' },
    { name: 'thirteen characters', geohash: 'r3gx2g5r3gx2g', code: 'GEOHASH_MALFORMED' },
    { name: 'six characters', geohash: 'r3gx2g', code: 'GEOHASH_TOO_COARSE' },
    { name: 'nine characters', geohash: 'r3gx2g5zz', code: 'GEOHASH_TOO_EXACT' },
  ],
};

describe('vectors', () => {
  const { valid, invalid } = keepVectors('geohash', vectors);
  test.each(valid)('$name: $geohash', ({ geohash, place }) => {
    expect(encodeGeohash(place, geohash.length)).toBe(geohash);
    expect(verifyGeohash(geohash)).toBeNull();
  });
  test.each(invalid)('$name -- $code', ({ geohash, code }) => {
    expect(verifyGeohash(geohash)?.code).toBe(code);
  });
});
