/**
 * A mining worker of a browser, one a core. It gives way by a message to itself: a timer would cost
 * most of the time, and nothing at all would leave `stop` unread.
 */
import { kernels } from '../lib/protocol/job/proof-of-work.ts';
import { createMiner, type MinerOrder } from './pow-miner.ts';

// The compiler takes `self` for any worker's global; this one is a dedicated worker's.
const scope = self as unknown as DedicatedWorkerGlobalScope;

let next: (() => void) | null = null;
const toItself = new MessageChannel();
toItself.port1.onmessage = () => next?.();

const take = createMiner({
  kernels,
  report: (report) => scope.postMessage(report),
  soon: (callback) => {
    next = callback;
    toItself.port2.postMessage(null);
  },
});
scope.onmessage = (message: MessageEvent<MinerOrder>) => take(message.data);
