/**
 * A mining worker of a browser, one a core. It gives way by a message to itself: a timer would cost
 * most of the time, and nothing at all would leave `stop` unread.
 */
import { chooseKernel } from './pow-kernels.ts';
import { fastKernelsOn } from './pow-memory-hard.ts';
import { createMiner, type MinerOrder, type MinerReport } from './pow-miner.ts';
import simdUrl from './pow-simd.wasm?url';

// The compiler takes `self` for any worker's global; this one is a dedicated worker's.
const scope = self as unknown as DedicatedWorkerGlobalScope;

let next: (() => void) | null = null;
const toItself = new MessageChannel();
toItself.port1.onmessage = () => next?.();

const now = () => performance.now();
const report = (said: MinerReport) => scope.postMessage(said);
// Orders that come before it is chosen wait for it, in their order.
const miner = chooseKernel(async () => (await fetch(simdUrl)).arrayBuffer(), now).then(
  ({ name: kernel, mineSlice, hashesPerSecond }) => {
    report({ on: 'ready', kernel, hashesPerSecond });
    return createMiner({
      kernels: fastKernelsOn(mineSlice),
      report,
      now,
      soon: (callback) => {
        next = callback;
        toItself.port2.postMessage(null);
      },
    });
  },
);
scope.onmessage = ({ data }: MessageEvent<MinerOrder>) => void miner.then((take) => take(data));
