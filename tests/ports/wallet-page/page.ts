/** Hands calls from the test to the worker and events from the worker to the test. */
import type { WalletEvent } from '../../../src/lib/protocol/index.ts';
import { trustedScriptUrl } from '../../../src/lib/trusted-script-url.ts';
import type { ToWorker } from './wallet.worker.ts';
import workerUrl from './wallet.worker.ts?worker&url';

interface Told {
  readonly seat: number;
  readonly event: WalletEvent;
}
/** What the test calls, and what it wants to be called. */
export interface WalletPage {
  toWorker(message: ToWorker): void;
  told(told: Told): Promise<void>;
}

const page = globalThis as unknown as WalletPage;
const worker = new Worker(trustedScriptUrl(workerUrl), { type: 'module' });
worker.onmessage = ({ data }: MessageEvent<Told>) => void page.told(data);
page.toWorker = (message) => worker.postMessage(message);
