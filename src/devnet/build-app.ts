/** Builds the app when its sources are newer than `dist/`; tells by their hash, not by their dates. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { buildKernel } from './build-kernel.ts';

const root = resolve(import.meta.dirname, '../..');
const dist = join(root, 'dist');
const cache = join(root, '.cache');
const stamp = join(cache, 'dist-sources');

/** What a build is made of, but for the folders of `src` that only Node runs. */
const SOURCES = [
  'src',
  'static',
  'index.html',
  'manifest.webmanifest',
  'package-lock.json',
  'svelte.config.js',
  'tools',
  'vite.config.ts',
];
const NOT_IN_THE_APP = [join('src', 'devnet'), join('src', 'relay')];
const YET_IN_THE_APP = [join('src', 'devnet', 'security-headers.ts')];

/** Path of an up-to-date `dist/`. Builds aside and swaps, so that a failing build or a second one breaks nothing. */
export async function buildApp(): Promise<string> {
  await buildKernel();
  const wanted = await hashOfSources();
  const built = await readFile(stamp, 'utf8').catch(() => '');
  if (built === wanted && existsSync(join(dist, 'index.html'))) return dist;

  await mkdir(cache, { recursive: true });
  const fresh = join(cache, `dist-${process.pid}`);
  const old = join(cache, `dist-old-${process.pid}`);
  try {
    await runVite(fresh);
    if (existsSync(dist)) await rename(dist, old);
    await rename(fresh, dist);
    await writeFile(stamp, wanted);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await rm(old, { recursive: true, force: true });
  }
  return dist;
}

async function hashOfSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of await filesUnder(join(root, source))) {
      const name = relative(root, file);
      if (
        NOT_IN_THE_APP.some((folder) => name.startsWith(folder)) &&
        !YET_IN_THE_APP.includes(name)
      ) {
        continue;
      }
      const content = await readFile(file);
      hash.update(`${name}\0${content.length}\0`).update(content);
    }
  }
  return hash.digest('hex');
}

async function filesUnder(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => null);
  if (entries === null) return [path]; // a file
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** A process of its own: the bundler's memory goes when it ends. */
async function runVite(outDir: string): Promise<void> {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const args = [vite, 'build', '--logLevel', 'warn', '--outDir', outDir, '--emptyOutDir'];
  const child = spawn(process.execPath, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', resolve);
  });
  if (code !== 0) throw new Error('Building the app failed; the bundler says why above.');
}
