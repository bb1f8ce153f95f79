/** A thread that mines for the benchmark: what it is asked, and what it answers. */
import { createRun, type Contender, type Run, type Wasm } from './contenders.ts';

export interface Order {
  readonly contender: Contender;
  readonly hashes: number;
}

/** Answers orders with the number of hashes done. */
export function createThread(wasm: () => Promise<Wasm>): (order: Order) => Promise<number> {
  const runs = new Map<Contender, Promise<Run>>();
  return async ({ contender, hashes }) => {
    const run = runs.get(contender) ?? wasm().then((bytes) => createRun(contender, bytes));
    runs.set(contender, run);
    return (await run)(hashes);
  };
}
