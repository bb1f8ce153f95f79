/** Mining workers of a browser, for the page and for a worker that starts workers of its own. */
import type { MinerReport } from '../../../workers/pow-miner.ts';
import { trustedScriptUrl } from '../../trusted-script-url.ts';
import type { PowWorker } from './pool.ts';

/**
 * Starts a worker from its script's URL, which the entry of the bundle knows (`import url from
 * './pow.worker.ts?worker&url'`). Throws if the URL is not of our origin.
 */
export function spawnPowWorker(url: string): PowWorker {
  const worker = new Worker(trustedScriptUrl(url), { type: 'module' });
  return {
    post: (order) => worker.postMessage(order),
    listen: ({ report, failed }) => {
      worker.onmessage = (message: MessageEvent<MinerReport>) => report(message.data);
      // A script that cannot be loaded has an event without a message.
      worker.onerror = (event) => failed(event.message ?? 'its script could not be loaded');
      worker.onmessageerror = () => failed('it said something unreadable');
    },
    close: () => worker.terminate(),
  };
}
