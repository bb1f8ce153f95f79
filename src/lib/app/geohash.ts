/**
 * Geohash cells for screens: where one lies and how large it is. Everything here runs on the device; only the cell a
 * person chose is ever sent.
 */
export interface Cell {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

export interface Point {
  readonly lat: number;
  readonly lon: number;
}

const alphabet = '0123456789bcdefghjkmnpqrstuvwxyz';
/** Characters a shared place must have. */
export const coarsest = 7;
export const finest = 8;
const earthMetres = 6_371_000;

/** The cell of a geohash of any length, or null if it is none. */
export function cellOf(geohash: string): Cell | null {
  let [south, west, north, east] = [-90, -180, 90, 180];
  let splitsLon = true;
  for (const letter of geohash) {
    const value = alphabet.indexOf(letter);
    if (value < 0) return null;
    for (let bit = 4; bit >= 0; bit--) {
      const upper = ((value >> bit) & 1) === 1;
      if (splitsLon) {
        const middle = (west + east) / 2;
        if (upper) west = middle;
        else east = middle;
      } else {
        const middle = (south + north) / 2;
        if (upper) south = middle;
        else north = middle;
      }
      splitsLon = !splitsLon;
    }
  }
  return geohash === '' ? null : { south, west, north, east };
}

/** The geohash of `length` characters around a point. */
export function geohashOf({ lat, lon }: Point, length: number): string {
  let [south, west, north, east] = [-90, -180, 90, 180];
  let geohash = '';
  let splitsLon = true;
  while (geohash.length < length) {
    let value = 0;
    for (let bit = 0; bit < 5; bit++) {
      if (splitsLon) {
        const middle = (west + east) / 2;
        value = value * 2 + (lon >= middle ? 1 : 0);
        if (lon >= middle) west = middle;
        else east = middle;
      } else {
        const middle = (south + north) / 2;
        value = value * 2 + (lat >= middle ? 1 : 0);
        if (lat >= middle) south = middle;
        else north = middle;
      }
      splitsLon = !splitsLon;
    }
    geohash += alphabet[value] ?? '';
  }
  return geohash;
}

export function centre(cell: Cell): Point {
  return { lat: (cell.south + cell.north) / 2, lon: (cell.west + cell.east) / 2 };
}

/** Width and height of a geohash's cell in metres, at its own latitude; zero when it is none. */
export function cellMetres(geohash: string): { readonly wide: number; readonly high: number } {
  const cell = cellOf(geohash);
  if (!cell) return { wide: 0, high: 0 };
  const { lat } = centre(cell);
  return {
    wide: metresBetween({ lat, lon: cell.west }, { lat, lon: cell.east }),
    high: metresBetween({ lat: cell.south, lon: 0 }, { lat: cell.north, lon: 0 }),
  };
}

/** Straight over the ground (haversine). */
export function metresBetween(from: Point, to: Point): number {
  const rad = Math.PI / 180;
  const dLat = (to.lat - from.lat) * rad;
  const dLon = (to.lon - from.lon) * rad;
  const half =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(from.lat * rad) * Math.cos(to.lat * rad) * Math.sin(dLon / 2) ** 2;
  return 2 * earthMetres * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** Between the middles of two cells, null if one is no geohash. */
export function metresApart(from: string, to: string): number | null {
  const [a, b] = [cellOf(from), cellOf(to)];
  return a && b ? metresBetween(centre(a), centre(b)) : null;
}

/**
 * What people paste into a place field: "50.0614, 19.9366", "geo:50.06,19.93?z=17", or a link of a map service that carries
 * "@50.06,19.93" or "mlat=50.06&mlon=19.93". Null if there is no point in it.
 */
export function pointFrom(text: string): Point | null {
  const number = '(-?\\d{1,3}(?:\\.\\d+)?)';
  const found =
    new RegExp(`^\\s*(?:geo:)?${number}\\s*[,;\\s]\\s*${number}(?:[?;].*)?\\s*$`).exec(text) ??
    new RegExp(`^https?://\\S*[@=/]${number}(?:,|%2C|&mlon=|&lon=|/)${number}`).exec(text);
  if (!found) return null;
  const [lat, lon] = [Number(found[1]), Number(found[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

/** As `placeFrom`, but never more than so many characters: an area. */
export function areaFrom(text: string, length: number): string {
  return placeFrom(text).slice(0, length);
}

/** A typed place as the geohash it stands for: points become a cell of `coarsest` characters. */
export function placeFrom(text: string): string {
  const point = pointFrom(text);
  return point ? geohashOf(point, coarsest) : text.trim().toLowerCase();
}
