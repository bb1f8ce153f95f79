/** How much one node and one address get of a relay. Who is connected from where is the test's to say. */
import { generateKeyPair } from '@libp2p/crypto/keys';
import type { Connection, Libp2p, PeerId } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { expect, test } from 'vitest';
import { createGate, limitedAddress, ordinaryLimits } from '../../src/relay/limits.ts';
import type { Refusal, RelayLimits } from '../../src/relay/limits.ts';
import { createTally } from '../../src/relay/tally.ts';

const peer = async () => peerIdFromPrivateKey(await generateKeyPair('secp256k1'));

/** A gate of a relay that everybody reaches from one address. */
function gateWith(limits: Partial<RelayLimits>, host = '192.0.2.7') {
  const refused: Refusal[] = [];
  const gate = createGate({ ...ordinaryLimits, ...limits }, (why) => refused.push(why));
  const remoteAddr = multiaddr(`/ip4/${host}/tcp/5/ws`);
  const connections = [{ remoteAddr, streams: [] as unknown }] as Connection[];
  gate.watch({
    getConnections: () => connections,
    addEventListener: () => {},
  } as unknown as Libp2p);
  const opens = (from: PeerId) => gate.gater.denyOutboundRelayedConnection!(from, from) === false;
  return { opens, refused };
}

test('a node opens so many circuits in an hour and no more; others do', async () => {
  const { opens, refused } = gateWith({ circuitsPerHour: 2 });
  const [a, b] = [await peer(), await peer()];
  expect([opens(a), opens(a), opens(a), opens(b)]).toEqual([true, true, false, true]);
  expect(refused).toEqual(['circuits-per-hour']);
});

test('nodes of one address share its circuits, whatever their keys', async () => {
  const { opens, refused } = gateWith({ circuitsPerAddressAndHour: 2 });
  const [a, b, c] = [await peer(), await peer(), await peer()];
  expect([opens(a), opens(b), opens(c)]).toEqual([true, true, false]);
  expect(refused).toEqual(['circuits-per-address-and-hour']);
});

test('those behind the operator’s proxy share no limit, nor do any where there is none', async () => {
  const behind = gateWith({ circuitsPerAddressAndHour: 1 }, '127.0.0.1');
  const unlimited = gateWith({ circuitsPerAddressAndHour: 0 });
  for (const { opens, refused } of [behind, unlimited]) {
    for (let node = 0; node < 3; node++) expect(opens(await peer())).toBe(true);
    expect(refused).toEqual([]);
  }
});

test.for([
  ['/ip4/192.0.2.7/tcp/5/ws', '192.0.2.7'],
  ['/ip6/::ffff:192.0.2.7/tcp/5/ws', '192.0.2.7'],
  ['/ip6/2001:db8:1:2:3:4:5:6/tcp/5/ws', '2001:db8:1:2'],
  ['/ip6/2001:db8::6/tcp/5/ws', '2001:db8:0:0'],
  ['/ip4/127.0.0.1/tcp/5/ws', null],
  ['/ip6/::1/tcp/5/ws', null],
  ['/ip6/::ffff:127.0.0.1/tcp/5/ws', null],
] as const)('%s counts for %s', ([remote, address]) => {
  expect(limitedAddress(multiaddr(remote), ordinaryLimits.proxies)).toBe(address);
});

test('a tally begins anew with its window, for each name by itself', () => {
  let nowMs = 0;
  const tally = createTally(1_000, () => nowMs);
  expect([tally.count('a'), tally.count('a'), tally.count('b')]).toEqual([1, 2, 1]);
  nowMs = 999;
  expect(tally.count('a')).toBe(3);
  nowMs = 1_000;
  expect([tally.count('a'), tally.count('b')]).toEqual([1, 1]);
});
