/** The libp2p adapter between headless nodes, over WebSockets, under the suite of all ports. */
import { Worker } from 'node:worker_threads';
import type { NetworkEvent } from '../../src/lib/protocol/index.ts';
import { boundedTest, relayedTest } from './network-real.ts';
import { networkSuite, told } from './network-suite.ts';
import type { NetworkWorld } from './network-suite.ts';
import { createKeys, createRelay, createWaiting } from './network-world.ts';

/** Nodes that listen nowhere are reached through the relay. */
async function nodeWorld(listen: readonly string[]): Promise<NetworkWorld> {
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
          listen,
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
      const relayed = listen.length === 0;
      if (relayed && told(of, 'relay').length === 0) {
        await of.perform({ do: 'useRelays', relays: [relay.address] });
      }
      const all = () => told(of, 'addresses').at(-1)?.addresses ?? [];
      const known = () => all().filter((address) => address.includes('p2p-circuit') === relayed);
      await until('an address', () => known().length > 0);
      return known();
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

networkSuite('libp2p, headless', () => nodeWorld(['/ip4/127.0.0.1/tcp/0/ws']), boundedTest);
relayedTest('libp2p, headless and listening nowhere', () => nodeWorld([]));
