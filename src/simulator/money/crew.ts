/** Runs seeds on every core, one child process each, and remembers on disk how far it came with this very code. */
import { fork, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from './batch.ts';
import { add, noSums, type Sums } from './sums.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const here = import.meta.dirname;
/** Seeds a child is given at a time: what is lost at most when it is stopped. */
const lot = 10;

export interface Wanted {
  readonly seed: number;
  readonly runs: number;
  readonly mutant?: string;
  readonly cores?: number;
  /** Start where an earlier call with the same code stopped. */
  readonly resume?: boolean;
  /** Ends early once somebody has failed. */
  readonly untilFailure?: boolean;
  progress?(sums: Sums): void;
}

interface Progress {
  readonly code: string;
  readonly seed: number;
  /** Lots whose seeds were all run. */
  readonly lots: number[];
  readonly sums: Sums;
}

export async function runSeeds(wanted: Wanted): Promise<Sums> {
  const { seed, runs, cores = cpus().length, untilFailure = false } = wanted;
  const file = join(root, '.cache/sim-money.json');
  const code = codeHash();
  const known = wanted.resume ? readProgress(file, code, seed) : null;
  const progress = known ?? { code, seed, lots: [], sums: noSums() };
  const { sums } = progress;
  const left: number[] = [];
  for (let i = 0; i * lot < runs; i++) if (!progress.lots.includes(i)) left.push(i);
  const stop = () => untilFailure && sums.failed.length > 0;
  const save = () => {
    wanted.progress?.(sums);
    if (!wanted.resume) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(progress));
  };
  const next = () => (stop() ? undefined : left.shift());
  await Promise.all(
    Array.from({ length: Math.min(cores, left.length) }, () =>
      work(wanted, next, (done, reports) => {
        for (const each of reports) add(sums, each);
        progress.lots.push(done);
        save();
      }),
    ),
  );
  sums.failed.sort((a, b) => a.seed - b.seed);
  if (wanted.resume && left.length === 0) rmSync(file, { force: true });
  return sums;
}

/** One child, until there is nothing left to do. */
async function work(
  { seed, runs, mutant }: Wanted,
  next: () => number | undefined,
  done: (lot: number, reports: readonly Report[]) => void,
): Promise<void> {
  const child = fork(join(here, 'batch.ts'), {
    execArgv: ['--disable-warning=ExperimentalWarning', '--import', join(here, 'hooks.ts')],
    env: { ...process.env, ...(mutant === undefined ? {} : { MONEY_MUTANT: mutant }) },
  });
  try {
    for (let i = next(); i !== undefined; i = next()) {
      const seeds: number[] = [];
      for (let n = i * lot; n < Math.min(runs, (i + 1) * lot); n++) seeds.push(seed + n);
      done(i, await ask(child, seeds));
    }
  } finally {
    child.kill();
  }
}

function ask(child: ChildProcess, seeds: readonly number[]): Promise<Report[]> {
  return new Promise((resolve, reject) => {
    const reports: Report[] = [];
    const onMessage = (message: Report | 'done') => {
      if (message !== 'done') return void reports.push(message);
      child.off('message', onMessage);
      child.off('exit', onExit);
      resolve(reports);
    };
    const onExit = (code: number | null) =>
      reject(new Error(`a simulating process ended with ${code}`));
    child.on('message', onMessage);
    child.once('exit', onExit);
    child.send({ seeds });
  });
}

function readProgress(file: string, code: string, seed: number): Progress | null {
  try {
    const progress = JSON.parse(readFileSync(file, 'utf8')) as Progress;
    return progress.code === code && progress.seed === seed ? progress : null;
  } catch {
    return null; // none yet
  }
}

/** Of everything that decides what a seed does. */
function codeHash(): string {
  const sum = createHash('sha256');
  for (const folder of ['src/lib/protocol', 'src/lib/runtime', 'src/simulator']) {
    const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).sort();
    for (const name of files.filter((each) => /\.(ts|js)$/.test(each))) {
      sum.update(name).update(readFileSync(join(root, folder, name)));
    }
  }
  return sum.digest('hex');
}
