/**
 * `npm run land`: writes the outline of all land, 1:110 million, as the map draws it. world-atlas has it as arcs on a sphere;
 * here they are projected, cut where the map ends and packed (`map/land.ts` unpacks), so that a phone fetches 8 kB instead
 * of 30 and no code that projects.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { geoMercator, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { Topology } from 'topojson-specification';
import { GRID, packed } from '../src/lib/app/map/land.ts';

export const landFile = join(import.meta.dirname, '../src/lib/app/map/land-outline.json');

/** The file's text. */
export async function landOutline(): Promise<string> {
  const file = createRequire(import.meta.url).resolve('world-atlas/land-110m.json');
  const topology = JSON.parse(await readFile(file, 'utf8')) as Topology;
  return `${JSON.stringify({ outline: packed(rings(topology)) }, null, 2)}\n`;
}

/** Closed lines over the Web Mercator square, in steps of its grid. */
function rings(topology: Topology): number[][] {
  const found: number[][] = [];
  const add = (x: number, y: number) => {
    const ring = found.at(-1)!;
    const [atX, atY] = [Math.round(x), Math.round(y)];
    if (ring.at(-2) !== atX || ring.at(-1) !== atY) ring.push(atX, atY);
  };
  const pen = {
    beginPath: () => {},
    moveTo: (x: number, y: number) => {
      found.push([]);
      add(x, y);
    },
    lineTo: add,
    arc: () => {},
    closePath: () => {},
  };
  // Straight edges: those of the outline are short.
  const projection = geoMercator().scale(GRID / (2 * Math.PI));
  projection.translate([GRID / 2, GRID / 2]).precision(0);
  geoPath(projection, pen)(feature(topology, topology.objects.land!));
  return found.filter((ring) => ring.length > 4);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await writeFile(landFile, await landOutline());
}
