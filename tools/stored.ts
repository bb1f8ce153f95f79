/**
 * `npm run stored -- --write`: writes what devices store, in every state of every role, as the files of this `storedVersion`.
 * `--release` as well: somebody will have disks like these, so the files are final. Without either it runs their tests.
 */
import { parseArgs } from 'node:util';
import { conclude, vitest } from './commands.ts';
import { write } from '../tests/stored/files.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    release: { type: 'boolean', default: false },
  },
});
if (values.write || values.release) {
  const { towns, shapes } = write(values.release);
  console.log(`${towns} towns, ${shapes} fields`);
} else {
  conclude(await vitest('unit', ['tests/stored']));
}
