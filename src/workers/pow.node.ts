/** A mining worker of a headless node: the twin of `pow.worker.ts` under Node's worker_threads. */
import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { kernelsOn } from '../lib/protocol/job/proof-of-work.ts';
import { chooseKernel } from './pow-kernels.ts';
import { createMiner, type MinerOrder } from './pow-miner.ts';

if (parentPort === null) throw new Error('pow.node.ts is a worker and nothing else');
const pool = parentPort;
const kernel = chooseKernel(
  () => readFile(new URL('./pow-simd.wasm', import.meta.url)),
  () => performance.now(),
);
const miner = kernel.then(({ mineSlice }) =>
  createMiner({
    kernels: kernelsOn(mineSlice),
    report: (report) => pool.postMessage(report),
    soon: (callback) => void setImmediate(callback),
  }),
);
pool.on('message', (order: MinerOrder) => void miner.then((take) => take(order)));
