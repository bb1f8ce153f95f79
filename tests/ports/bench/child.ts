/** The bench of a process of its own, which a test may kill. */
import { createSqliteStore } from '../../../src/lib/adapters/store/sqlite.ts';
import { createBench, packed, unpacked, type BenchCall } from './bench.ts';

const bench = createBench({
  store: (options: { path: string; maxBytes?: number }) => createSqliteStore(options),
});
process.on('message', (call: string) => process.send?.(packed(bench(unpacked<BenchCall>(call)))));
