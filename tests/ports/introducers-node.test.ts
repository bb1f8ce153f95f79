/** Headless nodes that no relay introduces: who has a place for them, who takes another's place, and whom they call. */
import { afterEach, expect, test } from 'vitest';
import type { PeerMemory } from '../../src/lib/adapters/network/former-peers.ts';
import { createNetwork } from '../../src/lib/adapters/network/libp2p.ts';
import type { NetworkEvent } from '../../src/lib/protocol/index.ts';
import { connect, told } from './network-suite.ts';
import type { NetworkWorld, Seat } from './network-suite.ts';
import { createKeys, createRelay, createWaiting } from './network-world.ts';

const keyOf = createKeys();
const { poke, until } = createWaiting();
const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

interface Setup {
  readonly listens?: boolean;
  readonly means?: () => boolean;
  readonly formerPeers?: PeerMemory;
}

function seat({ listens = false, ...options }: Setup = {}): Seat {
  const { peer, secret } = keyOf();
  const network = createNetwork({
    privateKey: secret,
    iceServers: [],
    allowPrivateAddresses: true,
    listen: listens ? ['/ip4/127.0.0.1/tcp/0/ws'] : [],
    webrtc: false,
    ...options,
  });
  const events: NetworkEvent[] = [];
  network.listen((event) => {
    events.push(event);
    poke();
  });
  let open = true;
  const kill = async () => {
    if (open) await network.close();
    open = false;
  };
  ends.push(kill);
  return {
    peer,
    events,
    kill,
    perform: async (...effects) => effects.forEach((effect) => network.perform(effect)),
  };
}

const addresses = (of: Seat) => told(of, 'addresses').at(-1)?.addresses ?? [];
const world = {
  until,
  addresses: async (of: Seat) => {
    await until('an address', () => addresses(of).length > 0);
    return addresses(of);
  },
} as NetworkWorld;

/** Hosts that listen, each connected with the next, and guests that know all of them. */
async function party(hosts: readonly Seat[], guests: readonly Seat[]): Promise<void> {
  for (const [at, host] of hosts.entries()) {
    const next = hosts[(at + 1) % hosts.length]!;
    if (next !== host) await connect(world, host, next);
    for (const guest of guests) await connect(world, guest, host);
  }
}

const places = (of: Seat) => addresses(of).filter((one) => one.startsWith('/p2p/'));
const introducersOf = (of: Seat) => places(of).map((one) => one.split('/')[2]!);

test('of three neighbours two have a place for it; when one goes, the third takes its place [NET-10]', async () => {
  const hosts = [seat({ listens: true }), seat({ listens: true }), seat({ listens: true })];
  const guest = seat();
  await party(hosts, [guest]);
  await until('two places', () => places(guest).length === 2);
  const [first, second] = introducersOf(guest);
  const isFirst = (host: Seat) => addresses(host)[0]!.endsWith(first!);
  await hosts.find(isFirst)!.kill();
  await until('another place', () => {
    const now = introducersOf(guest);
    return now.length === 2 && !now.includes(first!) && now.includes(second!);
  });
});

test('two that find no direct path are introduced and have no link; nothing is carried for them', async () => {
  const host = seat({ listens: true });
  const [a, b] = [seat(), seat()];
  await party([host], [a, b]);
  const known = () =>
    told(a, 'introduced')
      .flatMap(({ peers }) => peers)
      .find(({ peer }) => peer === b.peer);
  await until('an introduction', () => known() !== undefined);
  expect(known()!.addresses).toEqual(places(b));
  await a.perform({ do: 'dial', peer: b.peer, addresses: known()!.addresses });
  await until('the end of it', () => told(a, 'dialFailed', b).length === 1);
  expect(told(a, 'dialFailed', b)[0]!.reason).toBe('no direct path was found');
  expect(told(b, 'connected', a)).toEqual([]);
});

test('a host without the means has no place for anybody; on a relay nobody needs one', async () => {
  let means = true;
  const relay = await createRelay();
  ends.push(() => relay.set(false));
  const host = seat({ listens: true, means: () => means });
  const [a, b] = [seat(), seat()];
  await party([host], [a, b]);
  await until('a place', () => places(a).length === 1 && places(b).length === 1);
  await a.perform({ do: 'useRelays', relays: [relay.address] });
  await until('the relay in its place', () => {
    return places(a).length === 0 && addresses(a).some((one) => one.startsWith('/ip4/'));
  });
  means = false;
  await until('no place any more', () => places(b).length === 0);
});

test('started anew without a relay, a node that meets one of its peers calls the others [NET-10]', async () => {
  const [host, other] = [seat({ listens: true }), seat({ listens: true })];
  const where = await world.addresses(other);
  const formerPeers = { recall: () => [[other.peer, where]] as const, remember: () => {} };
  const again = seat({ formerPeers });
  await connect(world, again, host);
  await until('the former peer', () => told(again, 'connected', other).length === 1);
});
