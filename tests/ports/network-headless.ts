/** Headless nodes for tests: each in a thread of its own, so that it can die like a process. */
import { Worker } from 'node:worker_threads';
import type { NetworkEvent } from '../../src/lib/protocol/index.ts';
import { told } from './network-suite.ts';
import type { NetworkWorld } from './network-suite.ts';
import { createKeys, createWaiting } from './network-world.ts';
import type { createRelay } from './network-world.ts';

/** Nodes that listen nowhere are reached through the relay. */
export async function createSeats(
  relay: Awaited<ReturnType<typeof createRelay>>,
  listen: readonly string[],
): Promise<NetworkWorld> {
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
