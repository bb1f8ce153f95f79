/** The libp2p adapter between headless nodes, over WebSockets, under the suite of all network ports. */
import { Worker } from 'node:worker_threads';
import type { NetworkEvent } from '../../src/lib/protocol/index.ts';
import { networkSuite, told } from './network-suite.ts';
import type { NetworkWorld } from './network-suite.ts';
import { createKeys, createRelay, createWaiting } from './network-world.ts';

async function nodeWorld(): Promise<NetworkWorld> {
  const relay = await createRelay();
  const keyOf = createKeys();
  const { poke, until } = createWaiting();
  const workers = new Set<Worker>();
  const clear = async () => {
    await Promise.all([...workers].map((worker) => worker.terminate()));
    workers.clear();
  };

  return {
    seat: async (former) => {
      const { peer, secret } = keyOf(former);
      const worker = new Worker(new URL('./network-seat.ts', import.meta.url), {
        workerData: {
          privateKey: secret,
          iceServers: [],
          allowPrivateAddresses: true,
          listen: ['/ip4/127.0.0.1/tcp/0/ws'],
          webrtc: false,
        },
      });
      workers.add(worker);
      const events: NetworkEvent[] = [];
      worker.on('message', (event: NetworkEvent) => {
        events.push(event);
        poke();
      });
      return {
        peer,
        events,
        perform: async (...effects) => worker.postMessage(effects),
        kill: async () => {
          await worker.terminate();
        },
      };
    },
    addresses: async (of) => {
      const known = () => told(of, 'addresses').at(-1)?.addresses ?? [];
      await until('an address', () => known().length > 0);
      return known().filter((address) => !address.includes('p2p-circuit'));
    },
    until,
    relay: relay.address,
    deadRelay: relay.deadAddress,
    setRelay: relay.set,
    clear,
    close: async () => {
      await clear();
      await relay.set(false);
    },
  };
}

networkSuite('libp2p, headless', nodeWorld);
