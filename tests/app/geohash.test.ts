import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  cellMetres,
  cellOf,
  centre,
  geohashOf,
  metresApart,
  placeFrom,
  pointFrom,
} from '../../src/lib/app/geohash.ts';
import { cities, cityOfTimeZone } from '../../src/lib/app/map/cities.ts';
import {
  fitted,
  fromScreen,
  lookingAt,
  panned,
  toScreen,
  zoomed,
} from '../../src/lib/app/map/map-view.ts';

const points = fc.record({
  lat: fc.double({ min: -84, max: 84, noNaN: true }),
  lon: fc.double({ min: -179.9, max: 179.9, noNaN: true }),
});

test('the published example', () => {
  expect(geohashOf({ lat: 57.64911, lon: 10.40744 }, 11)).toBe('u4pruydqqvj');
  expect(geohashOf({ lat: 42.6, lon: -5.6 }, 5)).toBe('ezs42');
});

test('a point lies in its own cell, and the middle of a cell has its code', () => {
  fc.assert(
    fc.property(points, fc.integer({ min: 1, max: 9 }), (point, length) => {
      const code = geohashOf(point, length);
      const cell = cellOf(code);
      if (!cell) throw new Error('a geohash of ours is one');
      expect(point.lat).toBeGreaterThanOrEqual(cell.south);
      expect(point.lat).toBeLessThanOrEqual(cell.north);
      expect(geohashOf(centre(cell), length)).toBe(code);
    }),
  );
});

test('cells of seven characters are about 150 m', () => {
  const { wide, high } = cellMetres(geohashOf({ lat: 50.06, lon: 19.94 }, 7));
  expect(high).toBeCloseTo(153, -1);
  expect(wide).toBeCloseTo(98, -1);
  expect(metresApart('u2yhvw5', 'u2yhvw5')).toBe(0);
  expect(metresApart('u2yhvw5', 'nope!')).toBeNull();
});

test.each([
  ['50.0614, 19.9366', 50.0614, 19.9366],
  ['50.0614 19.9366', 50.0614, 19.9366],
  ['geo:50.0614,19.9366?z=17', 50.0614, 19.9366],
  ['geo:-33.9,18.4', -33.9, 18.4],
  ['https://www.google.com/maps/@50.0614,19.9366,17z', 50.0614, 19.9366],
  ['https://www.openstreetmap.org/?mlat=50.0614&mlon=19.9366#map=17', 50.0614, 19.9366],
])('%s is a point', (text, lat, lon) => {
  expect(pointFrom(text)).toEqual({ lat, lon });
  expect(placeFrom(text)).toBe(geohashOf({ lat, lon }, 7));
});

test('a typed code stays what it is', () => {
  expect(placeFrom(' U2YHVW5 ')).toBe('u2yhvw5');
  expect(pointFrom('u2yhvw5')).toBeNull();
  expect(pointFrom('95.0, 10.0')).toBeNull();
});

test('the map goes there and back', () => {
  const view = lookingAt(
    { x: 0.5, y: 0.5, zoom: 12, width: 360, height: 500 },
    { lat: 50.06, lon: 19.94 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 360 }), fc.integer({ min: 0, max: 500 }), (x, y) => {
      const back = toScreen(view, fromScreen(view, x, y));
      expect(back.x).toBeCloseTo(x, 3);
      expect(back.y).toBeCloseTo(y, 3);
    }),
  );
});

test('zooming keeps what is under the finger', () => {
  const view = lookingAt(
    { x: 0.5, y: 0.5, zoom: 12, width: 360, height: 500 },
    { lat: 50.06, lon: 19.94 },
  );
  const before = fromScreen(view, 100, 80);
  const after = fromScreen(zoomed(view, 2, 100, 80), 100, 80);
  expect(after.lat).toBeCloseTo(before.lat, 6);
  expect(after.lon).toBeCloseTo(before.lon, 6);
  expect(fromScreen(panned(view, 50, 0), 150, 80).lon).toBeCloseTo(before.lon, 6);
});

test('a fitted map shows both cells', () => {
  const cells = ['u2yhvw5', 'u2yht3k'].map((code) => cellOf(code)).filter((cell) => cell !== null);
  const view = fitted({ x: 0, y: 0, zoom: 1, width: 320, height: 176 }, cells);
  for (const cell of cells) {
    const { x, y } = toScreen(view, centre(cell));
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(320);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(176);
  }
});

test('cities have places, and time zones find theirs', () => {
  for (const { lat, lon } of cities) {
    expect(Math.abs(lat)).toBeLessThan(70);
    expect(Math.abs(lon)).toBeLessThanOrEqual(180);
  }
  expect(cityOfTimeZone('Europe/Warsaw')?.name).toBe('Warsaw');
  expect(cityOfTimeZone('America/Sao_Paulo')?.name).toBe('São Paulo');
  expect(cityOfTimeZone('UTC')).toBeNull();
});
