/** Which ways to a peer are tried, and in which order. */
import { generateKeyPair } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { expect, test } from 'vitest';
import { isCircuit, routes } from '../../src/lib/adapters/network/addresses.ts';

const name = async () => String(peerIdFromPrivateKey(await generateKeyPair('secp256k1')));
const [relay, other, near, far] = [await name(), await name(), await name(), await name()];
const peer = peerIdFromPrivateKey(await generateKeyPair('secp256k1'));
const dead = `/dns4/dead.example/tcp/443/wss/p2p/${relay}`;
const ours = `/dns4/ours.example/tcp/443/wss/p2p/${other}`;

const ways = (addresses: readonly string[], introducers: readonly string[], relays = [ours]) =>
  routes(peer, addresses, {
    relays,
    introducers,
    hasConnection: (id) => id === near,
  }).map((list) => list.map((address) => String(address).replace(`/p2p/${String(peer)}`, '')));

test('directly first, then through neighbours, then through its relays and ours, one by one', () => {
  const direct = '/dns4/node.example/tcp/443/wss';
  const all = [`${dead}/p2p-circuit/webrtc`, `/p2p/${near}/p2p-circuit/webrtc`, direct];
  expect(ways(all, [])).toEqual([
    [direct],
    [`/p2p/${near}/p2p-circuit`],
    [`${dead}/p2p-circuit`],
    [`${ours}/p2p-circuit`],
  ]);
});

test('a neighbour of the peer that is none of ours leads nowhere', () => {
  expect(ways([`/p2p/${far}/p2p-circuit/webrtc`], [], [])).toEqual([]);
});

test('with no relay left, whoever introduces us is asked for everybody, whatever they said', () => {
  expect(ways([], [near], [])).toEqual([[`/p2p/${near}/p2p-circuit`]]);
  expect(ways([`${dead}/p2p-circuit/webrtc`], [near], [])).toEqual([
    [`/p2p/${near}/p2p-circuit`],
    [`${dead}/p2p-circuit`],
  ]);
});

test.for([
  ['through a relay', `${dead}/p2p-circuit/p2p/X`, true],
  ['through a neighbour that was dialled', '/p2p/N/p2p-circuit/p2p/X', true],
  ['through a neighbour that dialled us', '/webrtc/p2p/N/p2p-circuit/p2p/X', true],
  ['where a node is reached', '/p2p/N/p2p-circuit', true],
  ['punched from a relay', `${dead}/p2p-circuit/webrtc/p2p/X`, false],
  ['punched by the other side', '/webrtc/p2p/X', false],
  ['to a node that listens', '/ip4/192.0.2.7/tcp/80/ws/p2p/X', false],
] as const)('a path %s: is it a circuit?', ([, address, isOne]) => {
  expect(isCircuit(address)).toBe(isOne);
});
