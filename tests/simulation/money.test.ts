/** A few towns of people who ride, pay, cheat and crash; `npm test` runs many more (long/, docs/simulator.md). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runSeeds } from '../../src/simulator/money/crew.ts';
import { mutants } from '../../src/simulator/money/mutants.ts';
import { planOf } from '../../src/simulator/money/plan.ts';

test(
  'in some towns no honest party loses a sat, and every payment ends',
  { timeout: 900_000 },
  async () => {
    const { failed, runs, twice, unmemoised, settled } = await runSeeds({
      seed: 1,
      runs: 10,
      cores: 1,
    });
    expect(failed).toEqual([]);
    expect({ runs, twice, unmemoised }).toEqual({ runs: 10, twice: 1, unmemoised: 0 });
    expect(settled).toBeGreaterThan(0);
  },
);

test('a seed means one town, and another seed another', () => {
  expect(planOf(7)).toEqual(planOf(7));
  expect(planOf(7)).not.toEqual(planOf(8));
});

test.each(mutants)('the planted bug "$name" finds its place in the core', ({ edits }) => {
  for (const { file, find } of edits) {
    const parts = readFileSync(file, 'utf8').split(find);
    expect(parts, `${file} has this once: ${find}`).toHaveLength(2);
  }
});
