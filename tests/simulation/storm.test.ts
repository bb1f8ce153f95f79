/** Rides in storms: whatever dies, and whenever, nobody honest loses a sat and nothing stays in the air. */
import { expect, test } from 'vitest';
import { runStorm, verdict } from './storm.ts';

const first = Number(process.env.STORM_SEED ?? 1);
const runs = Number(process.env.STORM_RUNS ?? 12);
const seeds = Array.from({ length: runs }, (_, i) => String(first + i));

test.each(seeds)('storm %s', (seed) => {
  const storm = runStorm(seed);
  expect(verdict(storm), storm.log.join('\n')).toBeNull();
});

test('a storm repeats, to the last msat', () => {
  expect(runStorm('1')).toEqual(runStorm('1'));
});
