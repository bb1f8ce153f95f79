/** The bench of a page or of its worker: the app's own adapters, started as the app starts them. */
import { createIndexedDbStore } from '../../../src/lib/adapters/store/indexed-db.ts';
import { spawnPowWorker } from '../../../src/lib/adapters/work/browser.ts';
import { createWorkPool } from '../../../src/lib/adapters/work/pool.ts';
import { createSystemClock } from '../../../src/lib/runtime/system-clock.ts';
import powUrl from '../../../src/workers/pow.worker.ts?worker&url';
import { createBench, packed, unpacked, type BenchCall } from './bench.ts';

const bench = createBench({
  store: (options: { name: string }) => createIndexedDbStore(options),
  work: ({ workers, url = powUrl }: { workers: number; url?: string }) =>
    createWorkPool({
      spawn: () => spawnPowWorker(url),
      workers,
      clock: createSystemClock(globalThis),
    }),
});

export function answer(call: string): string {
  return packed(bench(unpacked<BenchCall>(call)));
}
