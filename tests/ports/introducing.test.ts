/** A node that introduces its neighbours: what it gives, to whom, and no more than that. */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@libp2p/yamux';
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import { identify, identifyPush } from '@libp2p/identify';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { afterEach, expect, test } from 'vitest';
import { createCircuit } from '../../src/lib/adapters/network/circuit.ts';
import { Introducing } from '../../src/lib/adapters/network/introducing.ts';
import { introductions } from '../../src/lib/adapters/network/introductions.ts';
import { INTRODUCTION_BYTES } from '../../src/lib/adapters/network/pipe.ts';
import type { PeerKey } from '../../src/lib/protocol/index.ts';
import { createKeys, createWaiting } from './network-world.ts';

const keyOf = createKeys();
const { poke, until } = createWaiting();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const parts = () => ({
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
});

/** Whom it takes for neighbours is the test's to say. */
async function introducer() {
  const neighbours: PeerKey[] = [];
  const is = { means: true };
  const introducing = new Introducing({ neighbours: () => neighbours, means: () => is.means });
  const node = await createLibp2p({
    ...parts(),
    privateKey: privateKeyFromRaw(keyOf().secret),
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionGater: introducing.gater,
    connectionManager: { inboundConnectionThreshold: 1_000 },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      introducing: introducing.components,
    },
  });
  ends.push(async () => {
    await introducing.stop();
    await node.stop();
  });
  const isOpen = () => node.getProtocols().includes(RELAY_V2_HOP_CODEC);
  const set = async (open: boolean) => {
    introducing.tick();
    const looking = setInterval(poke, 20);
    await until('the service', () => isOpen() === open).finally(() => clearInterval(looking));
  };
  return { node, id: node.peerId, neighbours, is, introducing, set, isOpen };
}

type Introducer = Awaited<ReturnType<typeof introducer>>;

/** A node that listens nowhere, connected with the introducer. */
async function visitor(at: Introducer) {
  const { peer, secret } = keyOf();
  const circuit = createCircuit();
  const node = await createLibp2p({
    ...parts(),
    privateKey: privateKeyFromRaw(secret),
    transports: [webSockets(), circuit.transport],
    connectionGater: { denyDialMultiaddr: () => false },
    services: { identify: identify(), identifyPush: identifyPush() },
  });
  ends.push(async () => node.stop());
  await node.handle('/gig-gossip/1', () => {}, { runOnLimitedConnection: true });
  const connection = await node.dial(at.node.getMultiaddrs()[0]!);
  return { node, peer, circuit, connection, reserve: () => circuit.reserveAt(at.id) };
}

type Visitor = Awaited<ReturnType<typeof visitor>>;

async function neighboursOf(at: Introducer, count: number): Promise<Visitor[]> {
  const visitors: Visitor[] = [];
  for (let left = count; left > 0; left--) visitors.push(await visitor(at));
  at.neighbours.push(...visitors.map(({ peer }) => peer));
  await at.set(true);
  return visitors;
}

/** Waits until the introducer has heard where a visitor is. */
async function said(at: Introducer, { node }: Visitor): Promise<void> {
  const where = async () => (await at.node.peerStore.get(node.peerId)).addresses;
  for (let tries = 0; tries < 400 && (await where()).length === 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const circuitTo = (at: Introducer, to: Visitor) =>
  multiaddr(`/p2p/${String(at.id)}/p2p-circuit/p2p/${String(to.node.peerId)}`);

test('with two neighbours and the means it begins, and without the means it ends', async () => {
  const at = await introducer();
  const [a] = await Promise.all([visitor(at), visitor(at)]);
  at.neighbours.push(a.peer);
  at.introducing.tick();
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(at.isOpen()).toBe(false);
  at.neighbours.push(keyOf().peer);
  await at.set(true);
  await a.reserve();
  expect(a.circuit.reserved(at.id)).toBe(true);
  at.is.means = false;
  await at.set(false);
  a.circuit.leave(at.id);
  await expect(a.reserve()).rejects.toThrow();
});

test('a place is called by the neighbour, and left without a trace', async () => {
  const at = await introducer();
  const [a] = (await neighboursOf(at, 2)) as [Visitor, Visitor];
  await a.reserve();
  const own = () => a.node.getMultiaddrs().map(String);
  const place = `/p2p/${String(at.id)}/p2p-circuit/p2p/${String(a.node.peerId)}`;
  expect(own()).toEqual([place]);
  a.circuit.leave(at.id);
  expect(own()).toEqual([]);
  await a.reserve();
  expect(own()).toEqual([place]);
});

test('it introduces those neighbours that said where they are, and no stranger', async () => {
  const at = await introducer();
  const [a, b] = (await neighboursOf(at, 2)) as [Visitor, Visitor];
  const stranger = await visitor(at);
  const known = () => introductions(a.node.peerId, a.connection);
  expect(await known()).toEqual([]);
  await b.reserve();
  await said(at, b);
  expect(await known()).toEqual([{ peer: b.peer, addresses: [String(circuitTo(at, b))] }]);
  await expect(stranger.reserve()).rejects.toThrow('PERMISSION_DENIED');
  await expect(stranger.node.dial(circuitTo(at, b))).rejects.toThrow('PERMISSION_DENIED');
});

test('a stranger is told of nobody, and a neighbour so often in a minute', async () => {
  const at = await introducer();
  const [a, b] = (await neighboursOf(at, 2)) as [Visitor, Visitor];
  const stranger = await visitor(at);
  await b.reserve();
  await said(at, b);
  const told = async ({ node, connection }: Visitor) =>
    (await introductions(node.peerId, connection)).length;
  expect(await told(stranger)).toBe(0);
  const answers: number[] = [];
  for (let times = 0; times < 21; times++) answers.push(await told(a));
  expect(answers).toEqual([...Array<number>(20).fill(1), 0]);
});

test('it has so many places and no more; who goes makes room', async () => {
  const at = await introducer();
  const all = await neighboursOf(at, 17);
  const last = all.at(-1)!;
  for (const one of all.slice(0, -1)) await one.reserve();
  await expect(last.reserve()).rejects.toThrow('RESERVATION_REFUSED');
  at.neighbours.shift();
  at.introducing.tick();
  last.circuit.leave(at.id);
  await last.reserve();
});

test('a circuit carries what an introduction takes, and ends with one byte more', async () => {
  const at = await introducer();
  const [a, b] = (await neighboursOf(at, 2)) as [Visitor, Visitor];
  await b.reserve();
  const circuit = await a.node.dial(circuitTo(at, b));
  expect(circuit.limits?.bytes).toBeLessThanOrEqual(BigInt(INTRODUCTION_BYTES));
  expect(circuit.limits?.bytes).toBeGreaterThan(BigInt(INTRODUCTION_BYTES / 2));
  const stream = await circuit.newStream('/gig-gossip/1', { runOnLimitedConnection: true });
  stream.send(new Uint8Array(INTRODUCTION_BYTES / 2));
  expect(circuit.status).toBe('open');
  circuit.addEventListener('close', poke);
  stream.send(new Uint8Array(INTRODUCTION_BYTES / 2));
  await until('its end', () => circuit.status !== 'open');
});

function mustNotBeRefused(error: unknown): void {
  expect(String(error)).not.toContain('PERMISSION_DENIED');
}

test('a neighbour begins so many circuits in a minute and no more; others may', async () => {
  const at = await introducer();
  const [a, b, c] = (await neighboursOf(at, 3)) as [Visitor, Visitor, Visitor];
  await b.reserve();
  const begin = async ({ node }: Visitor) => {
    const circuit = await node.dial(circuitTo(at, b), { signal: AbortSignal.timeout(1_000) });
    await circuit.close();
  };
  // Each counts, whatever becomes of it.
  for (let begun = 0; begun < 20; begun++) await begin(a).catch(mustNotBeRefused);
  await expect(begin(a)).rejects.toThrow('PERMISSION_DENIED');
  await begin(c).catch(mustNotBeRefused);
});
