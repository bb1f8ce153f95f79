/**
 * `npm run trace`: every rule of the job protocol with the tests that prove it, and those that nobody proves; `-- --json` for
 * programs, `-- STL` for one group. Fails if a rule has neither a test nor a reason, or a title names a rule there is not.
 */
import { trace } from './tracing.ts';

const { rules, strays } = trace();
const groups = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const shown = rules.filter(({ id }) => groups.length === 0 || groups.includes(id.slice(0, 3)));
const unproven = rules.filter(({ proofs }) => proofs.length === 0);
const open = unproven.filter((rule) => rule.unproven === '');

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ rules: shown, strays }, null, 2));
} else {
  for (const { id, text, proofs } of shown) {
    if (proofs.length === 0) continue;
    console.log(`${id}  ${text}`);
    for (const { at, title } of proofs) console.log(`    ${at}  ${title}`);
  }
  const unshown = shown.filter(({ proofs }) => proofs.length === 0);
  if (unshown.length > 0) console.log('\nNobody proves:');
  for (const { id, text, unproven: why } of unshown) {
    console.log(`${id}  ${text}\n    ${why === '' ? 'and no reason is given' : why}`);
  }
  for (const { id, proofs, unproven: why } of shown) {
    if (proofs.length > 0 && why !== '') console.log(`${id} is proven, though it says: ${why}`);
  }
  for (const { at, ids } of strays) console.log(`${at} names a rule that is not: ${ids.join()}`);
  const proven = rules.length - unproven.length;
  console.log(
    `\n${rules.length} rules: ${proven} proven, ${unproven.length - open.length} not, with a reason, ` +
      `${open.length} neither`,
  );
}
process.exitCode = open.length + strays.length > 0 ? 1 : 0;
