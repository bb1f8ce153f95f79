/**
 * `npm run sim -- money`: towns of nodes under virtual time, each decided by its seed (docs/simulator.md).
 *
 *   --seed N     the first seed, 1 unless given; alone, that one seed, shrunk if it fails
 *   --runs N     that many seeds from there on, on every core; goes on where it was stopped
 *   --cores N    processes; one a core unless given
 *   --mutant X   with the planted bug X; --mutants: which seed catches each of them
 *   --lines      with one seed: every effect and event
 *   --plan       with one seed: its schedule, shrunk if it fails, as tests/simulation/regressions/ keeps them
 *   --json       the sums as JSON, and nothing else
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSeeds } from './money/crew.ts';
import { mutants } from './money/mutants.ts';
import { printed, type Sums } from './money/sums.ts';

/** A mutant that outlives so many seeds has not been caught. */
const mutantRuns = 2_000;
/** How often a long run says how far it is. */
const tellEveryMs = 10_000;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string' },
    cores: { type: 'string' },
    mutant: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    lines: { type: 'boolean', default: false },
    plan: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed);
const cores = values.cores === undefined ? {} : { cores: Number(values.cores) };
const mutant = values.mutant === undefined ? {} : { mutant: values.mutant };

if (positionals[0] !== 'money') {
  console.error('Usage: npm run sim -- money [--seed N] [--runs N] [--mutants] [--json]');
  process.exitCode = 1;
} else if (values.mutants) await catchMutants();
else if (values.runs !== undefined) await many(Number(values.runs));
else one(seed);

async function many(runs: number): Promise<void> {
  const resume = values.mutant === undefined;
  let told = 0;
  const progress = ({ runs: done, failed }: Sums) => {
    const now = Date.now();
    if (values.json || now < told) return;
    told = now + tellEveryMs;
    console.log(`${done} of ${runs} runs, ${failed.length} failed`);
  };
  const sums = await runSeeds({ seed, runs, resume, progress, ...cores, ...mutant });
  const { failed, ...rest } = printed(sums);
  console.log(JSON.stringify(values.json ? { ...rest, failed } : rest, null, values.json ? 0 : 2));
  if (failed.length === 0) return;
  process.exitCode = 1;
  if (values.json) return;
  for (const { seed, why } of failed.slice(0, 20)) console.log(`seed ${seed}: ${why.join('; ')}`);
  one(failed[0]!.seed);
}

/** In a process of its own, which loads the core as a simulation does. */
function one(number: number): void {
  const money = join(import.meta.dirname, 'money');
  const { status } = spawnSync(
    process.execPath,
    [
      ...['--disable-warning=ExperimentalWarning', '--import', join(money, 'hooks.ts')],
      ...[join(money, 'one.ts'), String(number)],
      ...(values.lines ? ['--lines'] : []),
      ...(values.plan ? ['--plan'] : []),
    ],
    {
      stdio: 'inherit',
      env: { ...process.env, ...(values.mutant ? { MONEY_MUTANT: values.mutant } : {}) },
    },
  );
  process.exitCode = status ?? 1;
}

async function catchMutants(): Promise<void> {
  const caught: { mutant: string; seed: number | null; why: string }[] = [];
  for (const { name } of mutants) {
    const wanted = { seed, runs: mutantRuns, mutant: name, untilFailure: true, ...cores };
    const first = (await runSeeds(wanted)).failed[0];
    caught.push({ mutant: name, seed: first?.seed ?? null, why: first?.why[0] ?? 'not caught' });
    const { seed: by, why } = caught.at(-1)!;
    if (!values.json) console.log(`${name}: ${by === null ? 'NOT CAUGHT' : `seed ${by}, ${why}`}`);
    if (first === undefined) process.exitCode = 1;
  }
  if (values.json) console.log(JSON.stringify(caught));
}
