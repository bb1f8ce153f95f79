import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { land, packed, unpacked } from '../../src/lib/app/map/land.ts';
import { project } from '../../src/lib/app/map/map-view.ts';
import { landFile, landOutline } from '../../tools/land.ts';

describe('the outline of all land', () => {
  test('is what the atlas says', async () => {
    expect(await readFile(landFile, 'utf8')).toBe(await landOutline());
  });

  test('is packed without loss', () => {
    const rings = [
      [0, 0, 16_384, 16_384, 1, 2],
      [5, 5, 5, 6, 4, 5, 9_000, 12],
    ];
    expect(unpacked(packed(rings))).toEqual(rings);
  });

  test.each([
    ['Kraków', { lat: 50.06, lon: 19.94 }, true],
    ['Nairobi', { lat: -1.29, lon: 36.82 }, true],
    ['Chukotka, beyond the date line', { lat: 66.5, lon: -173.5 }, true],
    ['the South Pole’s neighbourhood', { lat: -84, lon: 20 }, true],
    ['the Atlantic', { lat: 30, lon: -40 }, false],
    ['the Caspian Sea', { lat: 41.5, lon: 50.5 }, false],
  ])('%s is on the right side of it', (_name, place, onLand) => {
    const { x, y } = project(place);
    expect(land.filter((ring) => surrounds(ring, x, y)).length % 2 === 1).toBe(onLand);
  });
});

/** Whether a ray to the east leaves the ring an odd number of times. */
function surrounds(ring: readonly number[], x: number, y: number): boolean {
  let inside = false;
  for (let index = 0; index < ring.length; index += 2) {
    const [x1, y1] = [ring.at(index)!, ring.at(index + 1)!];
    const [x2, y2] = [ring.at(index - 2)!, ring.at(index - 1)!];
    if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) inside = !inside;
  }
  return inside;
}
