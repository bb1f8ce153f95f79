/** Runs the tools that check and test, and adds up what they say. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '..');
export const cache = join(root, '.cache');

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const FAILED: Counts = { passed: 0, failed: 1, skipped: 0 };
const PASSED: Counts = { passed: 1, failed: 0, skipped: 0 };

export function sum(all: readonly Counts[]): Counts {
  return all.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      skipped: a.skipped + b.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/** Prints the sum as the last line and sets the exit code: no failure, and something ran. */
export function conclude(counts: Counts): void {
  const { passed, failed, skipped } = counts;
  console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0;
}

/** Path of a dependency's command, by its package.json. */
export function bin(pkg: string, name = pkg): string {
  const manifest = createRequire(join(root, 'package.json')).resolve(`${pkg}/package.json`);
  const { bin } = createRequire(manifest)('./package.json') as {
    bin: string | Record<string, string>;
  };
  return resolve(manifest, '..', typeof bin === 'string' ? bin : (bin[name] ?? ''));
}

export interface Outcome {
  readonly ok: boolean;
  /** Shown on failure. */
  readonly output: string;
  /** Shown always. */
  readonly note?: string;
}

/** Runs a Node script; `output` is what it printed, unless it prints for itself (`live`). */
export async function node(
  script: string,
  args: readonly string[],
  { live = false, env = {} }: { live?: boolean; env?: Record<string, string> } = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const code = await new Promise((done) => {
    child.on('error', (error) => {
      output += error.message;
      done(null);
    });
    child.on('close', done);
  });
  return { ok: code === 0, output };
}

/** Runs a check that passes or fails as a whole. */
export async function check(name: string, work: () => Promise<Outcome>): Promise<Counts> {
  const start = performance.now();
  const { ok, output, note } = await work().catch((error: unknown): Outcome => ({
    ok: false,
    output: error instanceof Error ? error.message : String(error),
  }));
  const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`;
  console.log(
    `${ok ? 'ok  ' : 'FAIL'} ${name} (${note === undefined ? '' : `${note}, `}${seconds})`,
  );
  if (!ok && output !== '') console.log(output.trimEnd());
  return ok ? PASSED : FAILED;
}

/** Runs a Vitest project and counts its tests; files that could not even be loaded count as failed. */
export async function vitest(
  project: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Counts> {
  const { ok, report } = await reported<VitestReport>(`vitest-${project}`, (file) =>
    node(
      bin('vitest'),
      [
        'run',
        ...['--project', project, '--passWithNoTests'],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
        ...args,
      ],
      { live: true, env: { ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...env } },
    ),
  );
  if (!report) return FAILED;
  const failed =
    report.numFailedTests +
    report.testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    ).length;
  return {
    passed: report.numPassedTests,
    failed: ok ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** Runs the end-to-end tests and counts them; one that needed a second try has failed. */
export async function playwright(
  args: readonly string[],
  env: Record<string, string>,
): Promise<Counts> {
  const { ok, report } = await reported<PlaywrightReport>('playwright', (file) =>
    node(
      bin('@playwright/test', 'playwright'),
      ['test', '--pass-with-no-tests', '--reporter=list,json', ...args],
      { live: true, env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file } },
    ),
  );
  if (!report) return FAILED;
  const { expected, unexpected, flaky, skipped } = report.stats;
  const failed = unexpected + flaky;
  return { passed: expected, failed: ok ? failed : Math.max(failed, 1), skipped };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly unknown[];
  }[];
}

interface PlaywrightReport {
  readonly stats: Readonly<Record<'expected' | 'unexpected' | 'flaky' | 'skipped', number>>;
}

async function reported<Report>(
  name: string,
  work: (file: string) => Promise<{ ok: boolean }>,
): Promise<{ ok: boolean; report: Report | undefined }> {
  const file = join(cache, `${name}-${process.pid}.json`);
  await mkdir(cache, { recursive: true });
  const { ok } = await work(file);
  const text = await readFile(file, 'utf8').catch(() => undefined);
  await rm(file, { force: true });
  return { ok, report: text === undefined ? undefined : (JSON.parse(text) as Report) };
}
