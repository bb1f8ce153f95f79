/** A node of its own thread for the network suite: it can die like a process, without a word. */
import { parentPort, workerData } from 'node:worker_threads';
import { createNetwork } from '../../src/lib/adapters/network/libp2p.ts';
import type { NetworkEffect } from '../../src/lib/protocol/index.ts';

const network = createNetwork(workerData);
network.listen((event) => parentPort!.postMessage(event));
parentPort!.on('message', (effects: readonly NetworkEffect[]) => {
  for (const effect of effects) network.perform(effect);
});
