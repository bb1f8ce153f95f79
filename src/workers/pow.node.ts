/** A mining worker of a headless node: the twin of `pow.worker.ts` under Node's worker_threads. */
import { readFile } from 'node:fs/promises';
import { parentPort } from 'node:worker_threads';
import { chooseKernel } from './pow-kernels.ts';
import { fastKernelsOn } from './pow-memory-hard.ts';
import { createMiner, type MinerOrder, type MinerReport } from './pow-miner.ts';

if (parentPort === null) throw new Error('pow.node.ts is a worker and nothing else');
const pool = parentPort;
const now = () => performance.now();
const report = (said: MinerReport) => pool.postMessage(said);
const wasm = () => readFile(new URL('./pow-simd.wasm', import.meta.url));
const miner = chooseKernel(wasm, now).then(({ name: kernel, mineSlice, hashesPerSecond }) => {
  report({ on: 'ready', kernel, hashesPerSecond });
  const soon = (callback: () => void) => void setImmediate(callback);
  return createMiner({ kernels: fastKernelsOn(mineSlice), report, soon, now });
});
pool.on('message', (order: MinerOrder) => void miner.then((take) => take(order)));
