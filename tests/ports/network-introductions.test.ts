/** A relay that lies: of what it says about others, only what they signed themselves is believed. */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@libp2p/yamux';
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import { identify } from '@libp2p/identify';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { expect, test } from 'vitest';
import { createNetwork } from '../../src/lib/adapters/network/libp2p.ts';
import type { NetworkEvent } from '../../src/lib/protocol/index.ts';
import { createKeys, createWaiting } from './network-world.ts';
import type { Key } from './network-world.ts';

const WHERE = '/ip4/192.0.2.7/tcp/80/ws';

/** A record that says where `of` is, signed by `by`. */
async function sealed(of: Key, by: Key): Promise<Uint8Array> {
  const peerId = peerIdFromPrivateKey(privateKeyFromRaw(of.secret));
  const record = new PeerRecord({ peerId, multiaddrs: [multiaddr(WHERE)] });
  return (await RecordEnvelope.seal(record, privateKeyFromRaw(by.secret))).marshal();
}

async function relayThatSays(answer: Uint8Array) {
  const relay = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0/ws'] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: { identify: identify(), ping: ping(), relay: circuitRelayServer() },
  });
  await relay.handle('/gig-gossip/introduce/1', async (stream) => {
    for (let at = 0; at < answer.length; at += 1_000) {
      if (!stream.send(answer.subarray(at, at + 1_000))) await stream.onDrain();
    }
    await stream.close();
  });
  return relay;
}

async function toldBy(answer: Uint8Array, key: Key, done: (e: NetworkEvent[]) => boolean) {
  const relay = await relayThatSays(answer);
  const { poke, until } = createWaiting();
  const events: NetworkEvent[] = [];
  const network = createNetwork({
    privateKey: key.secret,
    iceServers: [],
    allowPrivateAddresses: true,
    webrtc: false,
  });
  network.listen((event) => {
    events.push(event);
    poke();
  });
  network.perform({ do: 'useRelays', relays: [String(relay.getMultiaddrs()[0])] });
  await until('what the relay says', () => done(events));
  await network.close();
  await relay.stop();
  return events;
}

const withLength = (record: Uint8Array) => [record.length >> 8, record.length & 0xff, ...record];

test('records that others signed, our own, garbage and a torn one are not believed', async () => {
  const keyOf = createKeys();
  const [self, honest, forger, victim] = [keyOf(), keyOf(), keyOf(), keyOf()];
  const answer = Uint8Array.from([
    ...withLength(await sealed(victim, forger)),
    ...withLength(Uint8Array.of(1, 2, 3)),
    ...withLength(await sealed(self, self)),
    ...withLength(await sealed(honest, honest)),
    ...withLength(await sealed(victim, victim)).slice(0, 60),
  ]);
  const events = await toldBy(answer, self, (all) => all.some(({ on }) => on === 'introduced'));
  const introduced = events.flatMap((event) => (event.on === 'introduced' ? event.peers : []));
  expect(introduced.map(({ peer }) => peer)).toEqual([honest.peer]);
  expect(introduced[0]!.addresses[0]).toMatch(new RegExp(`^${WHERE}/p2p/`));
});

test('a relay that never stops talking is left, with a reason', async () => {
  const gone = (all: NetworkEvent[]) =>
    all.some((event) => event.on === 'relay' && !event.connected);
  const events = await toldBy(new Uint8Array(300_000), createKeys()(), gone);
  expect(events).toContainEqual(
    expect.objectContaining({ on: 'relay', reason: 'the relay says too much' }),
  );
});
