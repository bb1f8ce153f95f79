/**
 * Test vectors for other implementations: each file of this folder is written by its test and
 * checked in. `WRITE_VECTORS=1` rewrites it; otherwise a file that is not what the test would write
 * fails. Bytes are lower-case hex. A vector has `hex` (the bytes in question) and `json` (what they
 * mean, or what is needed to read them); an invalid one also `code`, the fault it earns.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';

export interface Vector<Json> {
  readonly name: string;
  readonly hex: string;
  readonly json: Json;
}

export interface InvalidVector<Json> extends Vector<Json> {
  readonly code: string;
}

/** Registers the test that keeps `<name>.json` fresh, and returns what the file holds. */
export function keepVectors<File extends { readonly about: string }>(
  name: string,
  build: File,
): File {
  const url = new URL(`${name}.json`, import.meta.url);
  const wanted = `${inLines(build)}\n`;
  if (process.env['WRITE_VECTORS'] !== undefined) writeFileSync(url, wanted);
  const found = existsSync(url) ? readFileSync(url, 'utf8') : '';
  test(`${name}.json is what WRITE_VECTORS=1 would write`, () => {
    expect(found).toBe(wanted);
  });
  return JSON.parse(found === '' ? wanted : found) as File;
}

/** As prettier writes it: a list of texts stands on one line if that has at most 100 characters. */
function inLines(file: unknown): string {
  const text = JSON.stringify(file, null, 2);
  return text.replace(/^(.*)\[((?:\n *"[^"\n]*",?)+)\n *\](,?)/gm, (all, before, items, after) => {
    const line = `${before}[${String(items).trim().replace(/\n */g, ' ')}]${after}`;
    return line.length <= 100 ? line : String(all);
  });
}
