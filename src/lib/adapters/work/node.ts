/** Mining workers of a headless node: Node's worker_threads behind the pool's interface. */
import { Worker } from 'node:worker_threads';
import type { MinerReport } from '../../../workers/pow-miner.ts';
import type { PowWorker } from './pool.ts';

/** Starts a worker. It does not keep the process alive. */
export function spawnPowWorker(): PowWorker {
  const worker = new Worker(new URL('../../../workers/pow.node.ts', import.meta.url));
  worker.unref();
  return {
    post: (order) => worker.postMessage(order),
    listen: ({ report, failed }) => {
      worker.on('message', (message: MinerReport) => report(message));
      worker.on('error', (error) => failed(String(error)));
      worker.on('exit', (code) => failed(`it ended with code ${code}`));
      worker.on('messageerror', () => failed('it said something unreadable'));
    },
    close: () => void worker.terminate(),
  };
}
