/**
 * Schedules that failed once, shrunk, one file each in tests/simulation/regressions/. A file is a plan as `one.ts --plan` prints
 * it: it stays the same schedule when what seeds stand for changes.
 */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { Order, Report } from './batch.ts';

/** Why the plan in this file fails; empty if it does not. */
export function failsAgain(file: string): Promise<readonly string[]> {
  const child = fork(join(import.meta.dirname, 'batch.ts'), {
    execArgv: [
      ...['--disable-warning=ExperimentalWarning', '--import'],
      join(import.meta.dirname, 'hooks.ts'),
    ],
  });
  return new Promise((resolve, reject) => {
    child.once('message', ({ violations, stuck }: Report) => {
      child.kill();
      resolve([...violations, ...stuck]);
    });
    child.once('exit', (code) => reject(new Error(`a simulating process ended with ${code}`)));
    child.send({ seeds: [], file } satisfies Order);
  });
}
