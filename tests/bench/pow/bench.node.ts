/** The benchmark's thread under Node. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import { createThread, type Order } from './thread.ts';

const capPath = createRequire(import.meta.url).resolve('@cap.js/wasm/browser/cap_wasm_bg.wasm');
const thread = createThread(async () => ({
  simd: await readFile(new URL('../../../src/workers/pow-simd.wasm', import.meta.url)),
  cap: await readFile(capPath),
}));

parentPort!.on('message', (order: Order) => {
  void thread(order).then((hashes) => parentPort!.postMessage(hashes));
});
