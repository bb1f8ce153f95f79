/**
 * Where a map looks: a centre and a zoom in the Web Mercator square, where the world is 256 * 2^zoom px wide. Pure
 * arithmetic; `draw.ts` paints it.
 */
import type { Cell, Point } from '../geohash.ts';

export interface View {
  /** Centre in the unit square, x to the east, y to the south. */
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
  /** CSS px. */
  readonly width: number;
  readonly height: number;
}

export const leastZoom = 0.5;
export const mostZoom = 18;
const tile = 256;
const mostLat = 85;

export function worldPx(view: View): number {
  return tile * 2 ** view.zoom;
}

export function project({ lat, lon }: Point): { readonly x: number; readonly y: number } {
  const phi = (Math.max(-mostLat, Math.min(mostLat, lat)) * Math.PI) / 180;
  return {
    x: (lon + 180) / 360,
    y: (1 - Math.log(Math.tan(phi) + 1 / Math.cos(phi)) / Math.PI) / 2,
  };
}

export function toScreen(view: View, point: Point): { readonly x: number; readonly y: number } {
  const world = worldPx(view);
  const { x, y } = project(point);
  return { x: (x - view.x) * world + view.width / 2, y: (y - view.y) * world + view.height / 2 };
}

export function fromScreen(view: View, px: number, py: number): Point {
  const world = worldPx(view);
  const x = view.x + (px - view.width / 2) / world;
  const y = view.y + (py - view.height / 2) / world;
  const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
  return { lat: clamp(lat, -mostLat, mostLat), lon: clamp(x * 360 - 180, -180, 179.999999) };
}

export function panned(view: View, dx: number, dy: number): View {
  const world = worldPx(view);
  return { ...view, x: clamp(view.x - dx / world, 0, 1), y: clamp(view.y - dy / world, 0, 1) };
}

/** Zooms by `steps`, keeping what is under (px, py) where it is. */
export function zoomed(view: View, steps: number, px = view.width / 2, py = view.height / 2): View {
  const zoom = clamp(view.zoom + steps, leastZoom, mostZoom);
  const before = worldPx(view);
  const after = tile * 2 ** zoom;
  const shift = 1 / before - 1 / after;
  return {
    ...view,
    zoom,
    x: clamp(view.x + (px - view.width / 2) * shift, 0, 1),
    y: clamp(view.y + (py - view.height / 2) * shift, 0, 1),
  };
}

export function lookingAt(view: View, point: Point, zoom = view.zoom): View {
  return { ...view, ...project(point), zoom: clamp(zoom, leastZoom, mostZoom) };
}

/** Shows all cells with some room around, no closer than `closest`. */
export function fitted(view: View, cells: readonly Cell[], closest = 15): View {
  const corners = cells.flatMap((cell) => [
    project({ lat: cell.north, lon: cell.west }),
    project({ lat: cell.south, lon: cell.east }),
  ]);
  if (corners.length === 0) return view;
  const xs = corners.map((corner) => corner.x);
  const ys = corners.map((corner) => corner.y);
  const [west, east] = [Math.min(...xs), Math.max(...xs)];
  const [north, south] = [Math.min(...ys), Math.max(...ys)];
  const room = 0.7;
  const across = Math.log2((view.width * room) / tile / Math.max(east - west, 1e-9));
  const down = Math.log2((view.height * room) / tile / Math.max(south - north, 1e-9));
  return {
    ...view,
    x: (west + east) / 2,
    y: (north + south) / 2,
    zoom: clamp(Math.min(across, down, closest), leastZoom, mostZoom),
  };
}

/** Degrees a geohash cell of this length spans. */
export function cellDegrees(length: number): { readonly lon: number; readonly lat: number } {
  const bits = length * 5;
  return { lon: 360 / 2 ** Math.ceil(bits / 2), lat: 180 / 2 ** Math.floor(bits / 2) };
}

/** Width in px of a cell of this length. */
export function cellPx(view: View, length: number): number {
  return (cellDegrees(length).lon / 360) * worldPx(view);
}

/** The longest geohash whose cells are still at least `least` px wide here. */
export function gridLength(view: View, least: number, longest: number): number {
  let length = 1;
  while (length < longest && cellPx(view, length + 1) >= least) length += 1;
  return length;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
