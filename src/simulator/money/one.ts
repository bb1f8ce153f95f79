/** Runs one seed and says what it was; a schedule that fails is shrunk first. */
import { describe, planOf, writePlan } from './plan.ts';
import { runPlan } from './run.ts';
import { attempt, fails, shrink } from './shrink.ts';

const seed = Number(process.argv[2]);
const first = attempt(planOf(seed));
const outcome = fails(first) ? shrink(first) : first;
const { plan, violations, stuck, settled, refunded, effects, trace } = outcome;
const { favours, thanked, proofs } = outcome;
if (process.argv.includes('--lines')) {
  for (const line of runPlan(plan, true).lines) console.log(line);
}
if (process.argv.includes('--plan')) process.stdout.write(writePlan(plan));
console.log(`seed ${seed}: ${plan.people.map(({ name }) => name).join(', ')}`);
console.log(`links: ${plan.links.map((link) => link.join('-')).join(', ')}`);
if (plan.oddities.length > 0) {
  console.log(fails(outcome) ? 'needs only:' : 'out of the ordinary:');
}
for (const oddity of plan.oddities) console.log(`  ${describe(oddity)}`);
const sums = `${settled} gigs paid, ${refunded} refunded, ${favours} asks paid for`;
const more = `${thanked} thank-yous, ${proofs.length} lies proven`;
console.log(`${sums}, ${more}, ${effects} effects, trace ${trace}`);
for (const violation of violations) console.log(`VIOLATION ${violation}`);
for (const what of stuck) console.log(`STUCK ${what}`);
process.exitCode = fails(outcome) ? 1 : 0;
