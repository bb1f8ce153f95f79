/** How much a visitor downloads, and the budget for it. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { LANGUAGE_CHUNK, SHELL_CHUNK } from './pwa-plugin.ts';

/** Bytes of gzipped JavaScript before the shell can be seen. */
export const SHELL_BUDGET = 50_000;

/** Bytes of everything, gzipped: screens, libraries, pictures, and English. */
export const TOTAL_BUDGET = 500_000;

/** Bytes of the gzipped mining kernel: it is all unrolled rounds, and must not grow by more of them. */
export const KERNEL_BUDGET = 8_000;

export interface BundleSize {
  /** Entry and shell, and what they import statically: gzipped bytes. */
  readonly shellJsGzip: number;
  /** The compiled mining kernel: gzipped bytes. */
  readonly kernelGzip: number;
  /** Every file of the app, fetched or not, but for other languages than English: gzipped bytes. */
  readonly totalGzip: number;
  /** The largest of the other languages, of which a reader fetches one: gzipped bytes. */
  readonly languageGzip: number;
}

interface ManifestChunk {
  readonly file: string;
  readonly name?: string;
  readonly imports?: readonly string[];
}

export async function bundleSize(dist: string): Promise<BundleSize> {
  const text = await readFile(join(dist, '.vite/manifest.json'), 'utf8');
  const manifest = JSON.parse(text) as Record<string, ManifestChunk>;
  const shell = new Set<string>();
  const visit = (name: string): void => {
    const chunk = manifest[name];
    if (!chunk || shell.has(chunk.file)) return;
    shell.add(chunk.file);
    chunk.imports?.forEach(visit);
  };
  for (const [name, chunk] of Object.entries(manifest)) {
    if (name === 'index.html' || chunk.name === SHELL_CHUNK) visit(name);
  }

  const all = (await readdir(dist, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !/\.map$|\.vite/.test(join(entry.parentPath, entry.name)))
    .map((entry) => join(entry.parentPath, entry.name));
  const languages = all.filter((file) => basename(file).startsWith(LANGUAGE_CHUNK));
  return {
    shellJsGzip: await gzipped([...shell].map((file) => join(dist, file))),
    kernelGzip: await gzipped(all.filter((file) => /pow-simd[^/]*\.wasm$/.test(file))),
    totalGzip: await gzipped(all.filter((file) => !languages.includes(file))),
    languageGzip: Math.max(0, ...(await Promise.all(languages.map((file) => gzipped([file]))))),
  };
}

async function gzipped(files: readonly string[]): Promise<number> {
  const contents = await Promise.all(files.map((file) => readFile(file)));
  return contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
}
