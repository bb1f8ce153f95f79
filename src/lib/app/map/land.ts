/** The outline of all land, 1:110 million, shipped with the app: loaded with the map, never from a server of others. */
import file from './land-outline.json' with { type: 'json' };

/** Steps across the Web Mercator square: 2.4 km at the equator, far less than the outline is off by. */
export const GRID = 16_384;

/** Digits of the packing: what JSON carries as it is. The first half ends a number, the other half says that more follows. */
const FIRST = 35;
const BASE = 28;
const END = '!';

/** Closed lines as x and y in turn: each number is how far to go from the point before, small ones first. */
export function packed(rings: readonly (readonly number[])[]): string {
  const last = [0, 0];
  const digit = (value: number) => String.fromCharCode(FIRST + value);
  return rings
    .map((ring) =>
      ring
        .map((at, index) => {
          const step = at - last[index % 2]!;
          last[index % 2] = at;
          let rest = step < 0 ? -2 * step - 1 : 2 * step;
          let digits = '';
          for (; rest >= BASE; rest = Math.floor(rest / BASE))
            digits += digit(BASE + (rest % BASE));
          return digits + digit(rest);
        })
        .join(''),
    )
    .join(END);
}

export function unpacked(text: string): number[][] {
  const last = [0, 0];
  return text.split(END).map((part) => {
    const ring: number[] = [];
    let value = 0;
    let weight = 1;
    for (let index = 0; index < part.length; index += 1) {
      const digit = part.charCodeAt(index) - FIRST;
      value += (digit % BASE) * weight;
      weight *= BASE;
      if (digit >= BASE) continue;
      const axis = ring.length % 2;
      last[axis]! += value % 2 === 1 ? -(value + 1) / 2 : value / 2;
      ring.push(last[axis]!);
      value = 0;
      weight = 1;
    }
    return ring;
  });
}

/** In the unit square, x to the east and y to the south. */
export const land: readonly (readonly number[])[] = unpacked(file.outline).map((ring) =>
  ring.map((at) => at / GRID),
);
