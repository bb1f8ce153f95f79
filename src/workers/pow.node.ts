/** A mining worker of a headless node: the twin of `pow.worker.ts` under Node's worker_threads. */
import { parentPort } from 'node:worker_threads';
import { kernels } from '../lib/protocol/job/proof-of-work.ts';
import { createMiner } from './pow-miner.ts';

if (parentPort === null) throw new Error('pow.node.ts is a worker and nothing else');
const pool = parentPort;
pool.on(
  'message',
  createMiner({
    kernels,
    report: (report) => pool.postMessage(report),
    soon: (callback) => void setImmediate(callback),
  }),
);
