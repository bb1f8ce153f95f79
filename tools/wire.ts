/**
 * `npm run wire`: generates the codec of the wire format from gig-gossip.proto.
 * With `--check` writes nothing and fails when the codec checked in is not what the schema says.
 */
import { copyFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bin, cache, node, root } from './commands.ts';

const source = join(root, 'src/lib/protocol/wire');
const fresh = join(cache, `wire-${process.pid}`);

await mkdir(fresh, { recursive: true });
try {
  const template = join(source, 'buf.gen.yaml');
  const { ok, output } = await node(bin('@bufbuild/buf', 'buf'), [
    'generate',
    ...['--template', template, '--output', fresh, source],
  ]);
  if (!ok) throw new Error(output.trimEnd());
  for (const file of await readdir(fresh)) {
    if (!process.argv.includes('--check')) await copyFile(join(fresh, file), join(source, file));
    else if (!(await same(file))) throw new Error(`${file} is stale: npm run wire`);
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await rm(fresh, { recursive: true, force: true });
}

async function same(file: string): Promise<boolean> {
  const checkedIn = await readFile(join(source, file), 'utf8').catch(() => '');
  return checkedIn === (await readFile(join(fresh, file), 'utf8'));
}
