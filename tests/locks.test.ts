/** The tools that hold the house style do bite: every sin planted here is caught, under the name of its rule. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ESLint } from 'eslint';
import ts from 'typescript-eslint';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');
let folder: string;

beforeAll(async () => {
  await mkdir(join(root, '.cache'), { recursive: true });
  folder = await mkdtemp(join(root, '.cache/sins-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('layers: every planted import is caught, every innocent one passes', async () => {
  /** file: [what it imports, the rule that forbids it ('' when none does)] */
  const plants: Record<string, readonly [string, string]> = {
    'src/lib/protocol/a.ts': ['../runtime/ports.ts', 'only-downwards: ^src/lib/protocol/'],
    'src/lib/protocol/b.ts': ['node:fs', 'only-downwards: ^src/lib/protocol/'],
    'src/lib/protocol/c.ts': ['idb', 'only-downwards: ^src/lib/protocol/'],
    'src/lib/protocol/d.ts': ['@bufbuild/protobuf', 'codec-in-wire'],
    'src/lib/protocol/job/e.ts': ['../roles/sender.ts', 'job-below-roles'],
    'src/lib/protocol/roles/f.ts': ['../node.ts', 'roles-below-node'],
    'src/lib/protocol/store/g.ts': ['../roles/sender.ts', 'beside-the-roles'],
    'src/lib/protocol/roles/h.ts': ['../job/topic.ts', ''],
    'src/lib/protocol/wire/i.ts': ['@bufbuild/protobuf', ''],
    'src/lib/runtime/a.ts': ['../protocol/job/topic.ts', 'index-only'],
    'src/lib/runtime/b.ts': ['svelte', 'only-downwards: ^src/lib/runtime/'],
    'src/lib/runtime/c.ts': ['../protocol/index.ts', ''],
    'src/lib/adapters/store/a.ts': ['../wallet/w.ts', 'only-downwards: ^src/lib/adapters/store/'],
    'src/lib/adapters/store/b.ts': ['node:sqlite', ''],
    'src/lib/adapters/wallet/a.ts': ['node:fs', 'only-downwards: ^src/lib/adapters/wallet/'],
    'src/lib/adapters/wallet/b.ts': ['../../runtime/ports.ts', ''],
    'src/lib/adapters/network/a.ts': ['idb', 'only-downwards: ^src/lib/adapters/network/'],
    'src/lib/components/A.svelte': ['../app/words.ts', 'components-take-types'],
    'src/lib/components/B.svelte': ['../runtime/ports.ts', 'only-downwards: ^src/lib/components/'],
    'src/routes/A.svelte': ['../lib/runtime/ports.ts', 'only-downwards: ^src/routes/'],
    'src/routes/B.svelte': ['../lib/app/words.ts', ''],
    'src/workers/pow.worker.ts': ['../lib/runtime/ports.ts', 'only-downwards: ^src/workers/pow'],
    'src/workers/node.worker.ts': ['../routes/A.svelte', 'only-downwards: ^src/workers/node'],
    'src/simulator/a.ts': ['../lib/adapters/wallet/w.ts', 'only-downwards: ^src/simulator/'],
    'src/relay/a.ts': ['../lib/protocol/index.ts', 'only-downwards: ^src/relay/'],
    'src/devnet/a.ts': ['../lib/app/words.ts', 'only-downwards: ^src/(devnet|twin)/'],
    'src/lib/app/a.ts': ['../../routes/A.svelte', 'only-downwards: ^src/lib/app/'],
    'src/lib/app/b.ts': ['./nowhere.ts', 'no-dead-imports'],
    'src/lib/app/c.ts': ['./d.ts', 'no-cycles'],
    'src/lib/app/e.ts': ['../../../tests/t.ts', 'not-the-product'],
  };
  const bystanders = [
    'src/lib/app/words.ts',
    'src/lib/adapters/wallet/w.ts',
    'src/lib/protocol/index.ts',
    'src/lib/protocol/job/topic.ts',
    'src/lib/protocol/node.ts',
    'src/lib/protocol/roles/sender.ts',
    'src/lib/runtime/ports.ts',
    'src/lib/app/orphan.ts',
    'tests/t.ts',
  ];
  for (const file of bystanders) await plant(file, 'export const x = 1;\n');
  await plant('src/lib/app/d.ts', "export type { own } from './c.ts';\n");
  for (const [file, [imported]] of Object.entries(plants)) {
    const code = `import * as other from '${imported}';\nexport const own = other;\n`;
    await plant(file, file.endsWith('.svelte') ? `<script>\n${code}</script>\n` : code);
  }

  const caught = await rulesBrokenBy(folder);
  for (const [file, [imported, rule]] of Object.entries(plants)) {
    const got = [...(caught.get(file) ?? [])];
    if (rule === '') expect(got, `${file} may import ${imported}`).toEqual([]);
    else expect(got, `${file} may not import ${imported}`).toContain(rule);
  }
  expect([...(caught.get('src/lib/app/orphan.ts') ?? [])]).toEqual(['no-orphans']);
});

test('lint: the core has no clock, no dice, no waiting', async () => {
  const eslint = new ESLint({ cwd: root, overrideConfig: ts.configs.disableTypeChecked });
  const sins: Record<string, string> = {
    'export const t = () => Date.now();': 'no-restricted-globals',
    'export const p: Promise<void>[] = [];': 'no-restricted-syntax',
    'export const g = globalThis;': 'no-restricted-globals',
    'export const r = () => Math.random();': 'no-restricted-properties',
    'export async function f() {}': 'no-restricted-syntax',
    "import { randomBytes } from '@noble/hashes/utils.js';\nexport { randomBytes };":
      'no-restricted-imports',
    "import { schnorr } from '@noble/curves/secp256k1.js';\nexport const k = schnorr.utils.randomSecretKey();":
      'no-restricted-properties',
    "import { schnorr } from '@noble/curves/secp256k1.js';\nexport const s = schnorr.sign(new Uint8Array(32), new Uint8Array(32));":
      'no-restricted-syntax',
    'export const a: any = 1;': '@typescript-eslint/no-explicit-any',
  };
  for (const [code, rule] of Object.entries(sins)) {
    const [result] = await eslint.lintText(code, { filePath: 'src/lib/protocol/sin.ts' });
    expect(
      result?.messages.map((message) => message.ruleId),
      code,
    ).toContain(rule);
  }
});

test('types: the core knows no surroundings [NET-12]', async () => {
  const surroundings = ['setTimeout', 'crypto', 'fetch', 'console', 'window', 'process', 'Buffer'];
  await plant('core/sin.ts', `export default [${surroundings.join(', ')}];\n`);
  const config = { extends: join(root, 'src/lib/protocol/tsconfig.json'), include: ['sin.ts'] };
  await plant('core/tsconfig.json', JSON.stringify(config));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', join(folder, 'core')]).catch(
    (failure: { stdout: string }) => failure,
  );
  for (const name of surroundings) expect(stdout).toContain(`Cannot find name '${name}'`);
});

async function plant(file: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, file)), { recursive: true });
  await writeFile(join(folder, file), content);
}

/** file -> names of the rules it breaks. */
async function rulesBrokenBy(cwd: string): Promise<Map<string, Set<string>>> {
  const depcruise = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const config = join(root, '.dependency-cruiser.js');
  const args = [depcruise, '--config', config, '--output-type', 'json', 'src'];
  const { stdout } = await run(process.execPath, args, { cwd, maxBuffer: 64 << 20 }).catch(
    (failure: { stdout: string }) => failure,
  );
  const report = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  const broken = new Map<string, Set<string>>();
  for (const { from, rule } of report.summary.violations) {
    broken.set(from, (broken.get(from) ?? new Set()).add(rule.name));
  }
  return broken;
}
