/** The simulated network under the suite of all network ports, and what only it can do. */
import { expect, test } from 'vitest';
import type { NetworkEffect, NetworkEvent, PeerKey } from '../../src/lib/protocol/index.ts';
import type { Clock } from '../../src/lib/runtime/ports.ts';
import { createSimulatedNetwork } from '../../src/simulator/network.ts';
import { connect, exchange, networkSuite, told } from './network-suite.ts';
import type { NetworkWorld, Seat } from './network-suite.ts';

const RELAY = '/sim/relay';
const DEAD_RELAY = '/sim/dead-relay';

/**
 * A virtual clock; of equal times the last asked for comes first, to show that nobody relies on the
 * order.
 */
function virtualClock() {
  let nowMs = 1_700_000_000_000;
  let seeds = 0;
  const waiting: { atMs: number; callback: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    at: (atMs, callback) => void waiting.unshift({ atMs, callback }),
    seed: () => new Uint8Array(32).fill(++seeds),
  };
  const tick = (): boolean => {
    const next = waiting.reduce((a, b) => (b.atMs < a.atMs ? b : a), waiting[0]!);
    if (next === undefined) return false;
    waiting.splice(waiting.indexOf(next), 1);
    nowMs = Math.max(nowMs, next.atMs);
    next.callback();
    return true;
  };
  return { clock, tick };
}

function simulatedWorld(latencyMs: (from: PeerKey, to: PeerKey) => number) {
  const { clock, tick } = virtualClock();
  const network = createSimulatedNetwork({ clock, latencyMs });
  network.setRelay(DEAD_RELAY, false);
  let keys = 0;
  const seat = (peer = `02${String(++keys).padStart(64, '0')}` as PeerKey): Promise<Seat> => {
    const port = network.node(peer);
    const events: NetworkEvent[] = [];
    port.listen((event) => events.push(event));
    const perform = async (...effects: readonly NetworkEffect[]) =>
      effects.forEach((effect) => port.perform(effect));
    return Promise.resolve({ peer, events, perform, kill: async () => network.kill(peer) });
  };
  const world: NetworkWorld = {
    seat,
    addresses: async ({ peer }) => [network.addressOf(peer)],
    until: async (what, done) => {
      while (!done()) if (!tick()) throw new Error(`nothing happens any more; waited for ${what}`);
    },
    relay: RELAY,
    deadRelay: DEAD_RELAY,
    setRelay: async (up) => network.setRelay(RELAY, up),
    clear: async () => {},
    close: async () => {},
  };
  return { world, network, clock, tick };
}

networkSuite('simulated', async () => simulatedWorld(() => 40).world);
networkSuite('simulated, without latency', async () => simulatedWorld(() => 0).world);
networkSuite(
  'simulated, one way slow',
  async () => simulatedWorld((from, to) => (from < to ? 10 : 300)).world,
);

test('a partition parts its groups, and only them, until it heals', async () => {
  const { world, network, tick } = simulatedWorld(() => 40);
  const [a, b, c] = [await world.seat(), await world.seat(), await world.seat()];
  await connect(world, a, b);
  await connect(world, a, c);
  network.partition([a.peer, b.peer], [c.peer]);
  await world.until('both sides notice', () => told(c, 'disconnected', a).length === 1);
  await exchange(world, a, b);
  await a.perform({ do: 'dial', peer: c.peer, addresses: await world.addresses(c) });
  await world.until('a failed dial', () => told(a, 'dialFailed', c).length === 1);
  network.heal();
  await c.perform({ do: 'dial', peer: a.peer, addresses: await world.addresses(a) });
  while (tick());
  expect(told(a, 'connected', c).length).toBe(2);
  expect(told(a, 'disconnected').map(({ peer }) => peer)).toEqual([c.peer]);
});

test('a cut connection takes its last frames with it', async () => {
  const { world, network } = simulatedWorld(() => 40);
  const [a, b] = [await world.seat(), await world.seat()];
  await connect(world, a, b);
  await a.perform({ do: 'transmit', peer: b.peer, bytes: new Uint8Array(9) });
  network.cut(a.peer, b.peer);
  await world.until('both are told', () =>
    [told(a, 'disconnected'), told(b, 'disconnected')].every(({ length }) => length === 1),
  );
  expect(told(b, 'received')).toEqual([]);
});

test('the same world twice tells the same events', async () => {
  const run = async () => {
    const { world, tick } = simulatedWorld((from, to) => (from < to ? 15 : 35));
    const seats = await Promise.all(Array.from({ length: 30 }, () => world.seat()));
    for (const seat of seats) await seat.perform({ do: 'useRelays', relays: [RELAY] });
    while (tick());
    for (const seat of seats) {
      for (const { peers } of told(seat, 'introduced')) {
        await seat.perform({ do: 'dial', ...peers[0]! });
      }
    }
    while (tick());
    return JSON.stringify(seats.map(({ events }) => events));
  };
  expect(await run()).toBe(await run());
});
