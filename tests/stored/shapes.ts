/** The shape of what is stored: which fields there are, of what type. Values differ between rides, shapes between releases. */
import { readStored } from '../../src/lib/protocol/stored.ts';
import { utf8 } from '../../src/lib/protocol/bytes.ts';
import type { SavedTown } from './worlds.ts';

/** `job/Matched.money.network: string`, of every field of every entry; ids are `*`. */
export function shapesOf(towns: readonly SavedTown[]): string[] {
  const shapes = new Set<string>();
  for (const { seats } of towns) {
    for (const { disk } of seats) {
      for (const [key, text] of Object.entries(disk)) {
        const state = readStored<unknown>(utf8(text));
        walk(nameOf(key, state), state, shapes);
      }
    }
  }
  return [...shapes].sort();
}

function nameOf(key: string, state: unknown): string {
  const [kind] = key.split('/');
  const named = (state as { readonly state?: unknown } | null)?.state;
  return typeof named === 'string' ? `${kind}/${named}` : kind!;
}

function walk(path: string, value: unknown, shapes: Set<string>): void {
  if (Array.isArray(value)) {
    shapes.add(`${path}: list`);
    for (const item of value) walk(`${path}[]`, item, shapes);
  } else if (value === null || typeof value !== 'object' || value instanceof Uint8Array) {
    shapes.add(`${path}: ${typeOf(value)}`);
  } else {
    for (const [name, inner] of Object.entries(value)) walk(`${path}.${name}`, inner, shapes);
  }
}

function typeOf(value: unknown): string {
  if (value === null) return 'nothing';
  return value instanceof Uint8Array ? 'bytes' : typeof value;
}
