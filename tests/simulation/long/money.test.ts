/**
 * Hundreds of towns, the failures there once were, and bugs planted on purpose: `npm test` only, for it takes a minute of two
 * cores. `MONEY_SEED` and `MONEY_RUNS` choose other towns.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runSeeds } from '../../../src/simulator/money/crew.ts';
import { mutants } from '../../../src/simulator/money/mutants.ts';
import { failsAgain } from '../../../src/simulator/money/regressions.ts';

const seed = Number(process.env.MONEY_SEED ?? 1);
const runs = Number(process.env.MONEY_RUNS ?? 500);

test(
  `${runs} towns: nobody honest loses a sat, nothing is stuck`,
  { timeout: 1_800_000 },
  async () => {
    const sums = await runSeeds({ seed, runs });
    expect(sums.failed).toEqual([]);
    expect(sums).toMatchObject({ runs, satsLost: 0, violations: 0, stuck: 0 });
  },
);

/** A change of the core may move what a seed meets by a little. */
const fewSeeds = 20;

const folder = join(import.meta.dirname, '../regressions');

test.each(readdirSync(folder))('%s fails no more', { timeout: 120_000 }, async (name) => {
  expect(await failsAgain(join(folder, name))).toEqual([]);
});

test.each(mutants)(
  '$name is caught by seed $seed',
  { timeout: 240_000 },
  async ({ name, seed }) => {
    const { failed } = await runSeeds({
      seed,
      runs: fewSeeds,
      cores: 1,
      mutant: name,
      untilFailure: true,
    });
    expect(failed).not.toEqual([]);
  },
);

test('every invariant has a mutant that breaks it', () => {
  const broken = new Set(mutants.map(({ invariant }) => invariant));
  expect([...broken].sort()).toEqual([1, 2, 3, 4, 5, 6, 7]);
});
