/** Mining threads under Node. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Bench } from './measure.ts';

export function nodeBench(): Promise<Bench> {
  const threads: Worker[] = [];
  return Promise.resolve({
    order: async (thread, order) => {
      const worker = (threads[thread] ??= new Worker(new URL('./bench.node.ts', import.meta.url)));
      const answer = once(worker, 'message');
      worker.postMessage(order);
      return ((await answer) as [number])[0];
    },
    cpuMs: () => {
      const { user, system } = process.cpuUsage();
      return Promise.resolve((user + system) / 1_000);
    },
    close: async () => {
      await Promise.all(threads.map((worker) => worker.terminate()));
    },
  });
}
