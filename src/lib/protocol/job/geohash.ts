/**
 * A place as a cell of a grid: the longer the text, the smaller the cell. Whitepaper: "Topic". Our
 * own, as the whole of it is shorter than the wrapper a library would need for its faults.
 *
 * A topic wants 7 characters (else it is no use to a driver) and takes 8 at most (else it says
 * where the customer lives). Cells by length, width × height at the equator, from the paper:
 *
 *   1  5,000 km × 5,000 km     5  4.89 km × 4.89 km      9  4.77 m  × 4.77 m
 *   2  1,250 km × 625 km       6  1.22 km × 0.61 km     10  1.19 m  × 0.596 m
 *   3    156 km × 156 km       7  153 m   × 153 m       11  149 mm  × 149 mm
 *   4   39.1 km × 19.5 km      8  38.2 m  × 19.1 m      12  37.2 mm × 18.6 mm
 */
import { fault, type Fault } from '../faults.ts';

/** Characters of a geohash in a ride or a delivery. */
export const geohashCoarsest = 7;
export const geohashFinest = 8;
/** Longest we read at all. */
const longest = 12;

const alphabet = '0123456789bcdefghjkmnpqrstuvwxyz';

/** Degrees; north and east are positive. */
export interface Place {
  readonly latitude: number;
  readonly longitude: number;
}

/** A cell's edges in degrees. Its south and west edges are its own, the others its neighbours'. */
export interface Cell {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** Is it a geohash of 1 to 12 characters? Lower case only, so that a cell has one name. */
export function isGeohash(text: string): boolean {
  if (text.length < 1 || text.length > longest) return false;
  return [...text].every((character) => alphabet.includes(character));
}

/** Null if a topic may say so; else GEOHASH_MALFORMED, GEOHASH_TOO_COARSE or GEOHASH_TOO_EXACT. */
export function verifyGeohash(
  text: string,
  coarsest = geohashCoarsest,
  finest = geohashFinest,
): Fault | null {
  if (!isGeohash(text)) return fault('GEOHASH_MALFORMED', text.slice(0, longest + 1));
  const detail = `${text.length} characters`;
  if (text.length < coarsest) return fault('GEOHASH_TOO_COARSE', detail);
  if (text.length > finest) return fault('GEOHASH_TOO_EXACT', detail);
  return null;
}

/** The cell of `length` characters (1 to 12) that a place is in. Longitudes wrap, poles clamp. */
export function encodeGeohash(place: Place, length: number): string {
  const { columns, rows } = gridOf(length);
  const column = Math.floor(((place.longitude + 180) / 360) * columns);
  const row = Math.floor(((place.latitude + 90) / 180) * rows);
  return nameOf(wrapped(column, columns), Math.min(rows - 1, Math.max(0, row)), length);
}

/** The edges of a valid geohash's cell. */
export function cellOf(geohash: string): Cell {
  const { columns, rows } = gridOf(geohash.length);
  const { column, row } = positionOf(geohash);
  return {
    south: (row * 180) / rows - 90,
    west: (column * 360) / columns - 180,
    north: ((row + 1) * 180) / rows - 90,
    east: ((column + 1) * 360) / columns - 180,
  };
}

/** The middle of a valid geohash's cell. */
export function decodeGeohash(geohash: string): Place {
  const { south, west, north, east } = cellOf(geohash);
  return { latitude: (south + north) / 2, longitude: (west + east) / 2 };
}

/** The cells around a valid geohash's, from the south-west row by row: 8, or 5 beside a pole. */
export function neighboursOf(geohash: string): string[] {
  const { columns, rows } = gridOf(geohash.length);
  const { column, row } = positionOf(geohash);
  const around: string[] = [];
  for (const up of [-1, 0, 1]) {
    for (const right of [-1, 0, 1]) {
      if ((up === 0 && right === 0) || row + up < 0 || row + up >= rows) continue;
      around.push(nameOf(wrapped(column + right, columns), row + up, geohash.length));
    }
  }
  return around;
}

/** Every character adds five halvings, longitude and latitude by turns, longitude first. */
function gridOf(length: number): { readonly columns: number; readonly rows: number } {
  if (!(length >= 1 && length <= longest)) throw new Error('geohash: 1 to 12 characters');
  return { columns: 2 ** Math.ceil(length * 2.5), rows: 2 ** Math.floor(length * 2.5) };
}

function nameOf(column: number, row: number, length: number): string {
  let text = '';
  // From the last bit to the first; a last bit in an even place is a column's.
  for (let index = 0, weight = 1, bit = length * 5 - 1; bit >= 0; bit--) {
    const isColumn = bit % 2 === 0;
    index += weight * ((isColumn ? column : row) & 1);
    if (isColumn) column >>= 1;
    else row >>= 1;
    weight *= 2;
    if (weight === 32) {
      text = alphabet[index]! + text;
      index = 0;
      weight = 1;
    }
  }
  return text;
}

function positionOf(geohash: string): { readonly column: number; readonly row: number } {
  let column = 0;
  let row = 0;
  for (let bit = 0; bit < geohash.length * 5; bit++) {
    const index = alphabet.indexOf(geohash[Math.floor(bit / 5)]!);
    const value = (index >> (4 - (bit % 5))) & 1;
    if (bit % 2 === 0) column = column * 2 + value;
    else row = row * 2 + value;
  }
  return { column, row };
}

function wrapped(column: number, columns: number): number {
  return ((column % columns) + columns) % columns;
}
