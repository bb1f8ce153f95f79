/**
 * Compiles the mining kernel from its AssemblyScript, when that changed: every build of the app begins with it, and whatever else
 * loads the kernel. The same source makes the same bytes, so there is nothing to check in.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const source = join(root, 'src/workers/pow-simd.as.ts');
const built = join(root, 'src/workers/pow-simd.wasm');
const compiler = join(root, 'node_modules/assemblyscript');
const cache = join(root, '.cache');
const stamp = join(cache, 'kernel-source');

/** Level 3 is slower; shrinking would roll the rounds up again. */
const options = ['--optimizeLevel', '2', '--shrinkLevel', '0', '--noAssert'];
const target = ['--runtime', 'stub', '--enable', 'simd'];

/** Path of the up-to-date kernel. */
export async function buildKernel(): Promise<string> {
  const wanted = await hashOfSource();
  if (existsSync(built) && (await readFile(stamp, 'utf8').catch(() => '')) === wanted) return built;
  await mkdir(cache, { recursive: true });
  const fresh = join(cache, `pow-simd-${process.pid}.wasm`);
  try {
    await compile(fresh);
    await rename(fresh, built);
    await writeFile(stamp, wanted);
  } finally {
    await rm(fresh, { force: true });
  }
  return built;
}

async function hashOfSource(): Promise<string> {
  const hash = createHash('sha256').update([...options, ...target].join(' '));
  for (const file of [source, join(compiler, 'package.json')]) hash.update(await readFile(file));
  return hash.digest('hex');
}

async function compile(outFile: string): Promise<void> {
  const asc = join(compiler, 'bin/asc.js');
  const args = [asc, source, '--outFile', outFile, ...options, ...target];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const code = await new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (code !== 0) throw new Error(`the mining kernel does not compile\n${said.trimEnd()}`);
}
