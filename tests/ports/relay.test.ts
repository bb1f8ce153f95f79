/** A relay among real nodes: its limits, its numbers, what it sees, and how it stops. */
import { Worker } from 'node:worker_threads';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@libp2p/yamux';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { Connection } from '@libp2p/interface';
import { AbstractMessageStream } from '@libp2p/utils';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, expect, test, vi } from 'vitest';
import type { NetworkEffect, NetworkEvent } from '../../src/lib/protocol/index.ts';
import type { RelayLimits } from '../../src/relay/limits.ts';
import { startRelay } from '../../src/relay/relay.ts';
import type { Relay } from '../../src/relay/relay.ts';
import { startStatus } from '../../src/relay/status.ts';
import { frame, told, transmit } from './network-suite.ts';
import type { Seat } from './network-suite.ts';
import { createKeys, createWaiting } from './network-world.ts';

const keyOf = createKeys();
const { poke, until } = createWaiting();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function relayWith(limits: Partial<RelayLimits> = {}): Promise<Relay> {
  const relay = await startRelay({ host: '127.0.0.1', port: 0, limits });
  ends.push(relay.close);
  return relay;
}

/** A node of its own thread that listens nowhere, on the relay. */
async function seatAt(relay: Relay): Promise<Seat> {
  const { peer, secret: privateKey } = keyOf();
  const workerData = { privateKey, iceServers: [], allowPrivateAddresses: true, webrtc: false };
  const worker = new Worker(new URL('./network-seat.ts', import.meta.url), { workerData });
  ends.push(() => worker.terminate());
  const events: NetworkEvent[] = [];
  worker.on('message', (event: NetworkEvent) => {
    events.push(event);
    poke();
  });
  const seat = {
    peer,
    events,
    perform: async (...effects: readonly NetworkEffect[]) => worker.postMessage(effects),
    kill: async () => void (await worker.terminate()),
  };
  await seat.perform({ do: 'useRelays', relays: [relay.addresses[0]!] });
  await until('a place at the relay', () => told(seat, 'addresses').at(-1)?.addresses.length === 1);
  return seat;
}

async function dial(a: Seat, b: Seat): Promise<void> {
  const { addresses } = told(b, 'addresses').at(-1)!;
  await a.perform({ do: 'dial', peer: b.peer, addresses });
}

const isMet = (a: Seat, b: Seat) => () =>
  told(a, 'connected', b).length > 0 && told(b, 'connected', a).length > 0;

async function pairAt(relay: Relay): Promise<[Seat, Seat]> {
  const [a, b] = [await seatAt(relay), await seatAt(relay)];
  await dial(a, b);
  await until('both connected', isMet(a, b));
  return [a, b];
}

test('it carries what it cannot read: a frame is sealed to the other node [NET-04]', async () => {
  const relay = await relayWith();
  const [a, b] = await pairAt(relay);
  const passed: Uint8Array[] = [];
  // Only the relay runs in this thread: these are its streams, without its own encryption.
  const { send } = AbstractMessageStream.prototype;
  const spy = vi.spyOn(AbstractMessageStream.prototype, 'send').mockImplementation(function (
    this: AbstractMessageStream,
    data,
  ) {
    passed.push(data.subarray());
    return send.call(this, data);
  });
  const before = relay.numbers().carriedBytes;
  const secret = new TextEncoder().encode('meet me at u2yhvdp, '.repeat(500));
  await a.perform(transmit(b, secret));
  await until('the frame', () => told(b, 'received', a).length === 1);
  spy.mockRestore();
  expect(told(b, 'received', a)[0]!.bytes).toEqual(secret);
  expect(relay.numbers().carriedBytes - before).toBeGreaterThanOrEqual(secret.length);
  expect(Buffer.concat(passed).length).toBeGreaterThanOrEqual(secret.length);
  expect(Buffer.concat(passed).includes('u2yhvdp')).toBe(false);
});

test('a circuit ends with its bytes, and nothing else does', async () => {
  const relay = await relayWith({ circuitBytes: 150_000 });
  const [a, b] = await pairAt(relay);
  await a.perform(...Array.from({ length: 6 }, (_, mark) => transmit(b, frame(50_000, mark))));
  await until('both parted', () => [a, b].every((seat) => told(seat, 'disconnected').length === 1));
  expect(told(b, 'received', a).length).toBeLessThan(3);
  expect(relay.numbers().nodes).toBe(2);
});

test('a circuit ends with its time', async () => {
  const relay = await relayWith({ circuitSeconds: 1 });
  const [a, b] = await pairAt(relay);
  await until('both parted', () => [a, b].every((seat) => told(seat, 'disconnected').length > 0));
});

test('a node that holds its share of circuits gets no further one; others do', async () => {
  const relay = await relayWith({ circuitsPerNode: 1 });
  const [a, b] = await pairAt(relay);
  const c = await seatAt(relay);
  await dial(a, c);
  await until('the refusal', () => told(a, 'dialFailed', c).length === 1);
  expect(relay.numbers().refusals['circuits-per-node']).toBeGreaterThan(0);
  await dial(c, b);
  await until('the others', isMet(c, b));
  expect(told(a, 'disconnected')).toEqual([]);
});

test('a node opens so many circuits a minute and no more', async () => {
  const relay = await relayWith({ circuitsPerMinute: 1 });
  const [a, b] = await pairAt(relay);
  await a.perform({ do: 'hangUp', peer: b.peer });
  await until('parted', () => told(b, 'disconnected', a).length === 1);
  await dial(a, b);
  await until('the refusal', () => told(a, 'dialFailed', b).length === 1);
  expect(relay.numbers().refusals['circuits-per-minute']).toBeGreaterThan(0);
});

test.for([
  ['connections-per-address', { connectionsPerAddress: 2 }],
  ['connections-per-address-and-hour', { connectionsPerAddressAndHour: 2 }],
] as const)('%s: one address gets no third connection', async ([limit, limits]) => {
  const relay = await relayWith({ ...limits, proxies: [] });
  const call = async () => {
    const node = await createLibp2p({
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
    });
    ends.push(async () => node.stop());
    return node.dial(multiaddr(relay.addresses[0]!));
  };
  for (let count = 0; count < 2; count++) await call();
  await expect(call()).rejects.toThrow();
  expect(relay.numbers()).toMatchObject({ connections: 2, refusals: { [limit]: 1 } });
});

test('of too many connections of one node the oldest go', async () => {
  const relay = await relayWith({ connectionsPerNode: 2 });
  const privateKey = privateKeyFromRaw(keyOf().secret);
  const connections: Connection[] = [];
  for (let count = 0; count < 3; count++) {
    const node = await createLibp2p({
      privateKey,
      transports: [webSockets()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
    });
    ends.push(async () => node.stop());
    connections.push(await node.dial(multiaddr(relay.addresses[0]!)));
  }
  for (const connection of connections) connection.addEventListener('close', poke);
  await until('the oldest to go', () => connections[0]!.status !== 'open');
  expect(relay.numbers()).toMatchObject({ connections: 2, nodes: 1, refusals: { connections: 1 } });
  expect(connections.slice(1).map(({ status }) => status)).toEqual(['open', 'open']);
});

test('health and numbers are there for tools, and name nobody', async () => {
  const relay = await relayWith();
  let state: 'ready' | 'draining' = 'ready';
  const status = await startStatus(
    { host: '127.0.0.1', port: 0 },
    { relay: relay.numbers, stunAnswered: () => 5, state: () => state },
  );
  ends.push(status.close);
  const [a] = await pairAt(relay);
  const health = await fetch(`${status.url}/healthz`);
  expect(health.status).toBe(200);
  expect(await health.json()).toMatchObject({ status: 'ready', nodes: 2, circuits: 1 });
  const metrics = await fetch(`${status.url}/metrics`);
  expect(metrics.headers.get('content-type')).toContain('version=0.0.4');
  const text = await metrics.text();
  for (const line of ['nodes 2', 'reservations 2', 'circuits 1', 'stun_answers_total 5']) {
    expect(text).toContain(`\ngig_relay_${line}\n`);
  }
  expect(text).toContain('gig_relay_refusals_total{limit="draining"} 0');
  expect(text).not.toContain(a.peer);
  state = 'draining';
  expect((await fetch(`${status.url}/healthz`)).status).toBe(503);
  expect((await fetch(`${status.url}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${status.url}/metrics`, { method: 'POST' })).status).toBe(405);
});

test('told to stop, it lets nobody in and waits for the last circuit [NET-10]', async () => {
  const relay = await relayWith();
  const [a, b] = await pairAt(relay);
  let closed = false;
  const draining = relay.drain(60_000).then(() => {
    closed = true;
  });
  const stranger = await createLibp2p({
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
  });
  ends.push(async () => stranger.stop());
  await expect(stranger.dial(multiaddr(relay.addresses[0]!))).rejects.toThrow();
  await a.perform(transmit(b, frame(5, 1)));
  await until('a frame all the same', () => told(b, 'received', a).length === 1);
  expect(closed).toBe(false);
  await a.perform({ do: 'hangUp', peer: b.peer });
  await draining;
  expect(relay.numbers().circuits).toBe(0);
});
