/** A page with a bench of its own and one in a worker; the driver calls `benches.page(...)`. */
import { trustedScriptUrl } from '../../../src/lib/trusted-script-url.ts';
import { answer } from './in-browser.ts';
import workerUrl from './page.worker.ts?worker&url';

const worker = new Worker(trustedScriptUrl(workerUrl), { type: 'module' });
const waiting: ((answer: string) => void)[] = [];
worker.onmessage = (message: MessageEvent<string>) => waiting.shift()?.(message.data);

const benches = {
  page: (call: string) => Promise.resolve(answer(call)),
  worker: (call: string) => {
    worker.postMessage(call);
    return new Promise<string>((resolve) => waiting.push(resolve));
  },
};

export type Benches = typeof benches;
Object.assign(globalThis, { benches });
