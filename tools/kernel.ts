/**
 * `npm run kernel`: compiles the SIMD mining kernel. With `--check` writes nothing and fails when the file checked in is not
 * what its source makes.
 */
import { readFile, rm, mkdir, copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bin, cache, node, root } from './commands.ts';

const source = 'src/workers/pow-simd.as.ts';
const built = join(root, 'src/workers/pow-simd.wasm');
const fresh = join(cache, `pow-simd-${process.pid}.wasm`);

/** Level 3 is slower; shrinking would roll the rounds up again. */
const options = ['--optimizeLevel', '2', '--shrinkLevel', '0', '--noAssert'];
const target = ['--runtime', 'stub', '--enable', 'simd'];

await mkdir(cache, { recursive: true });
try {
  const asc = bin('assemblyscript', 'asc');
  const { ok, output } = await node(asc, [source, '--outFile', fresh, ...options, ...target]);
  if (!ok) throw new Error(output.trimEnd());
  if (!process.argv.includes('--check')) await copyFile(fresh, built);
  else if (!(await readFile(fresh)).equals(await readFile(built))) {
    throw new Error('pow-simd.wasm is stale: npm run kernel');
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(fresh, { force: true });
}
