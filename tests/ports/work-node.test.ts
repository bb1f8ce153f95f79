import { spawnPowWorker } from '../../src/lib/adapters/work/node.ts';
import { createWorkPool, type PowWorker } from '../../src/lib/adapters/work/pool.ts';
import type { WorkEffect, WorkEvent } from '../../src/lib/protocol/index.ts';
import { createSystemClock } from '../../src/lib/runtime/system-clock.ts';
import { createBench, RemotePort, type Caller } from './bench/bench.ts';
import { workSuite } from './work-suite.ts';

const bench = createBench({
  work: ({ workers, spawn }: { workers: number; spawn: () => PowWorker }) =>
    createWorkPool({ spawn, workers, clock: createSystemClock(globalThis) }),
});
const call: Caller = (benchCall) => Promise.resolve(bench(benchCall));
const open = (workers: number, spawn: () => PowWorker) =>
  RemotePort.open<WorkEffect, WorkEvent>(call, 'work', { workers, spawn });

function noWorker(): never {
  throw new Error('threads are forbidden here');
}

workSuite('work in worker_threads', () =>
  Promise.resolve({
    open: (workers) => open(workers, spawnPowWorker),
    openBroken: () => open(2, noWorker),
    close: () => Promise.resolve(),
  }),
);
