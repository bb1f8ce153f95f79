/** The benchmark's page: starts threads and passes orders on. */
import { trustedScriptUrl } from '../../../src/lib/trusted-script-url.ts';
import workerUrl from './bench.worker.ts?worker&url';
import type { Order } from './thread.ts';

/** Threads are numbered from 0, started when first asked. */
export interface BenchPage {
  order(thread: number, order: Order): Promise<number>;
}

const threads: Worker[] = [];

const page: BenchPage = {
  order: (thread, order) =>
    new Promise((resolve, reject) => {
      const worker = (threads[thread] ??= new Worker(trustedScriptUrl(workerUrl), {
        type: 'module',
      }));
      worker.onmessage = ({ data }: MessageEvent<number>) => resolve(data);
      worker.onerror = ({ message }) => reject(new Error(message));
      worker.postMessage(order);
    }),
};
Object.assign(globalThis, { benchPage: page });
