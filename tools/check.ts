/** `npm run check`: all that can be known without a browser. Passes on every commit. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildApp } from '../src/devnet/build-app.ts';
import { bundleSize, KERNEL_BUDGET, SHELL_BUDGET, TOTAL_BUDGET } from './bundle-size.ts';
import {
  bin,
  check,
  conclude,
  node,
  root,
  sum,
  vitest,
  type Counts,
  type Outcome,
} from './commands.ts';

export async function runCheck(): Promise<Counts> {
  const counts = [
    await check('format', () => node(bin('prettier'), ['--check', ...tracked()])),
    await check('lint', () =>
      node(bin('eslint'), ['--max-warnings=0', '--no-warn-ignored', ...tracked(LINTED)]),
    ),
    await check('types: core', () => tsc('src/lib/protocol')),
    await check('types: page', () => node(bin('svelte-check'), [...PAGE, ...SVELTE_CHECK])),
    await check('types: workers', () => tsc('tsconfig.worker.json')),
    await check('types: Node', () => tsc('tsconfig.node.json')),
    await check('layers', () => node(depcruise(), [...DEPCRUISE, 'src', 'tools', 'tests'])),
    await check('wire format', () => node('tools/wire.ts', ['--check'])),
    await check('docs', () => node('tools/docs.ts', ['--check'])),
    await check('bundle budget', bundleBudget),
    await vitest('unit'),
  ];
  return sum(counts);
}

const LINTED = /\.(ts|js|mjs|svelte)$/;
const FORMATTED = /\.(ts|js|mjs|svelte|json|webmanifest|css|html)$|\.prettierrc$/;
const PAGE = ['--tsconfig', 'tsconfig.json'];
const SVELTE_CHECK = ['--output', 'human', '--fail-on-warnings'];
const DEPCRUISE = ['--config', '.dependency-cruiser.js', '--output-type', 'err'];

/** Files under version control: what somebody is still writing is nobody else's failure. */
function tracked(pattern = FORMATTED): string[] {
  const list = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' });
  return list.split('\0').filter((file) => pattern.test(file) && existsSync(join(root, file)));
}

function tsc(project: string): Promise<Outcome> {
  return node(bin('typescript', 'tsc'), ['-p', project]);
}

function depcruise(): string {
  return join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
}

async function bundleBudget(): Promise<Outcome> {
  const { shellJsGzip, kernelGzip, totalGzip, languageGzip } = await bundleSize(await buildApp());
  const shell = `shell ${kB(shellJsGzip)} of ${kB(SHELL_BUDGET)}`;
  const kernel = `mining kernel ${kB(kernelGzip)} of ${kB(KERNEL_BUDGET)}`;
  const total = `all files ${kB(totalGzip)} of ${kB(TOTAL_BUDGET)}`;
  const note = `${shell}, ${kernel}, ${total}, another language ${kB(languageGzip)}`;
  const ok =
    shellJsGzip <= SHELL_BUDGET &&
    kernelGzip > 0 &&
    kernelGzip <= KERNEL_BUDGET &&
    totalGzip <= TOTAL_BUDGET;
  return { ok, output: '', note };
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) conclude(await runCheck());
