/** Stored states of each release, as files: `tests/fixtures/stored/v<version>/`. `npm run stored -- --write` makes the newest. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { storedVersion } from '../../src/lib/protocol/stored.ts';
import { keepTowns, type Kept } from './rides.ts';
import { shapesOf } from './shapes.ts';
import type { SavedTown } from './worlds.ts';

const folder = join(import.meta.dirname, '../fixtures/stored');
const folderOf = (version: number) => join(folder, `v${version}`);

/** What the files of a version are. */
export interface Release {
  readonly version: number;
  /** Somebody has a disk like that: the files never change again. Until then they follow the code. */
  readonly released: boolean;
  readonly shapes: readonly string[];
}

export function versions(): number[] {
  return readdirSync(folder)
    .map((name) => Number(name.slice(1)))
    .sort((a, b) => a - b);
}

export function readRelease(version: number): Release {
  return JSON.parse(readFileSync(join(folderOf(version), 'shapes.json'), 'utf8')) as Release;
}

/** By file name, in order. */
export function readTowns(version: number): Record<string, SavedTown> {
  const names = readdirSync(folderOf(version)).filter((name) => name !== 'shapes.json');
  const read = (name: string) => JSON.parse(readFileSync(join(folderOf(version), name), 'utf8'));
  return Object.fromEntries(names.sort().map((name) => [name, read(name) as SavedTown]));
}

const fileName = ({ ride, shows }: Kept) =>
  `${shows.join('-').replaceAll(/[: ]+/g, '-')}-${ride.replaceAll(' ', '-')}.json`.toLowerCase();

/** What is wrong with a change of shape; null if nothing is. */
export function objection(release: Release | null, shapes: readonly string[]): string | null {
  if (release === null || !release.released) return null;
  // A kind more changes no shape: an older disk lacks it, an older app passes over it.
  const kindOf = (shape: string) => /^[a-z-]+/.exec(shape)?.[0];
  const kinds = new Set(release.shapes.map(kindOf));
  const known = shapes.filter((shape) => kinds.has(kindOf(shape)));
  const differs = [
    ...known.filter((shape) => !release.shapes.includes(shape)).map((shape) => `+ ${shape}`),
    ...release.shapes.filter((shape) => !known.includes(shape)).map((shape) => `- ${shape}`),
  ];
  if (differs.length === 0) return null;
  return (
    'stored states changed shape: raise storedVersion in src/lib/protocol/stored.ts, add an upgrade, ' +
    `and run \`npm run stored -- --write\`\n${differs.join('\n')}`
  );
}

/** Writes the files of this version anew. Throws if it is released and the shape changed. */
export function write(released: boolean): { readonly towns: number; readonly shapes: number } {
  const kept = keepTowns();
  const shapes = shapesOf(kept.map(({ town }) => town));
  const to = folderOf(storedVersion);
  const known = existsSync(join(to, 'shapes.json')) ? readRelease(storedVersion) : null;
  const wrong = objection(known, shapes);
  if (wrong !== null) throw new Error(wrong);
  if (known?.released) throw new Error(`version ${storedVersion} is released: its files stay`);
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  const release: Release = { version: storedVersion, released, shapes };
  writeFileSync(join(to, 'shapes.json'), `${JSON.stringify(release, null, 2)}\n`);
  for (const town of kept) {
    writeFileSync(join(to, fileName(town)), `${JSON.stringify(town.town, null, 1)}\n`);
  }
  return { towns: kept.length, shapes: shapes.length };
}
