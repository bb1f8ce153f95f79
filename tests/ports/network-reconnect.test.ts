/** Calling again whom a node lost: when, how often, and whom not. Then the same among real nodes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { backoffMs } from '../../src/lib/adapters/network/backoff.ts';
import { Reconnect } from '../../src/lib/adapters/network/reconnect.ts';
import type { PeerKey } from '../../src/lib/protocol/index.ts';
import { startRelay } from '../../src/relay/relay.ts';
import { startRelayProcess } from '../e2e/relay-process.ts';
import { createSeats } from './network-headless.ts';
import { connect, exchange, told } from './network-suite.ts';
import type { NetworkWorld, Seat } from './network-suite.ts';
import { createRelay } from './network-world.ts';

const [ada, bob] = ['ada', 'bob'] as unknown as [PeerKey, PeerKey];
const ways = ['/ip4/192.0.2.7/tcp/80/ws'];

test('waits double up to the longest, and chance takes at most half of each [REL-05]', () => {
  const backoff = { firstMs: 1_000, mostMs: 60_000 };
  const whole = [0, 1, 2, 5, 6, 40].map((tries) => backoffMs(backoff, tries, 1));
  expect(whole).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000]);
  expect(backoffMs(backoff, 3, 0)).toBe(4_000);
  expect(backoffMs(backoff, 3, 0.5)).toBe(6_000);
});

describe('whom a node calls again', () => {
  let calls: string[];
  let lost: Reconnect;
  beforeEach(() => {
    vi.useFakeTimers();
    calls = [];
    lost = new Reconnect({
      chance: () => 1,
      call: (peer, addresses) => calls.push(`${peer} at ${addresses.join() || 'nowhere'}`),
    });
  });
  afterEach(() => vi.useRealTimers());

  /** The peer is called, and the call fails, until it is called no more. */
  function failAll(peer: PeerKey): number {
    const before = calls.length;
    for (let known = -1; known < calls.length;) {
      known = calls.length;
      vi.runAllTimers();
      if (calls.length > known) lost.lost(peer);
    }
    return calls.length - before;
  }

  test('a peer that was here is called where it last was, later and later [REL-05]', () => {
    lost.note(ada, ways);
    lost.back(ada);
    lost.lost(ada);
    vi.advanceTimersByTime(999);
    expect(calls).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(calls).toEqual([`ada at ${ways[0]}`]);
    lost.lost(ada);
    vi.advanceTimersByTime(1_999);
    expect(calls.length).toBe(1);
    vi.advanceTimersByTime(1);
    expect(calls.length).toBe(2);
    lost.lost(ada);
    expect(failAll(ada)).toBe(10);
  });

  test('one that never came is called less often, and a return counts anew', () => {
    lost.note(ada, ways);
    lost.lost(ada);
    expect(failAll(ada)).toBe(6);
    lost.back(ada);
    lost.lost(ada);
    expect(failAll(ada)).toBe(12);
  });

  test('whoever is back, or was hung up on, is not called', () => {
    for (const peer of [ada, bob]) lost.back(peer);
    for (const peer of [ada, bob]) lost.lost(peer);
    lost.back(ada);
    lost.forget(bob);
    vi.runAllTimers();
    expect(calls).toEqual([]);
    lost.hurry();
    vi.runAllTimers();
    expect(calls).toEqual([]);
  });

  test('new hope brings the next call forward, and the waits begin anew', () => {
    lost.back(ada);
    for (let call = 0; call < 9; call++) {
      lost.lost(ada);
      vi.runAllTimers();
    }
    lost.lost(ada);
    calls = [];
    lost.hurry();
    vi.advanceTimersByTime(400);
    expect(calls).toEqual(['ada at nowhere']);
    lost.lost(ada);
    vi.advanceTimersByTime(2_000);
    expect(calls.length).toBe(2);
  });

  test('so many peers are kept and no more; those that wait for a call go last', () => {
    lost.back(ada);
    lost.lost(ada);
    for (let index = 0; index < 100; index++) lost.note(`peer ${index}` as PeerKey, ways);
    vi.runAllTimers();
    expect(calls).toEqual(['ada at nowhere']);
  });

  test('after the end nobody is called', () => {
    lost.back(ada);
    lost.lost(ada);
    lost.stop();
    vi.runAllTimers();
    expect(calls).toEqual([]);
  });
});

describe('among real nodes behind a relay', () => {
  let world: NetworkWorld;
  beforeAll(async () => {
    world = await createSeats(await createRelay(), []);
  });
  afterEach(() => world.clear());
  afterAll(() => world.close());

  const pair = async (): Promise<[Seat, Seat]> => [await world.seat(), await world.seat()];
  const again = (a: Seat, b: Seat, times = 2) =>
    world.until('both back', () =>
      [told(a, 'connected', b), told(b, 'connected', a)].every((all) => all.length >= times),
    );

  test('a peer that died comes back under its key, and nobody dialled [NET-13]', async () => {
    const [a, b] = await pair();
    await connect(world, a, b);
    await b.kill();
    await world.until('its death', () => told(a, 'disconnected', b).length === 1);
    const back = await world.seat(b.peer);
    await world.addresses(back);
    await world.until('it is back', () => told(back, 'connected', a).length === 1);
    await exchange(world, a, back);
  });

  test('a relay that died takes what it carried with it, and gives it back when it is back', async () => {
    const [a, b] = await pair();
    await connect(world, a, b);
    await world.setRelay(false);
    await world.until('both parted', () =>
      [a, b].every((seat) => told(seat, 'disconnected').length === 1),
    );
    await world.setRelay(true);
    await again(a, b);
    await exchange(world, a, b);
  });

  /** Two on both relays, connected through the first of them. */
  const pairThrough = async (first: string, second: string): Promise<[Seat, Seat]> => {
    const [a, b] = await pair();
    for (const seat of [a, b]) {
      await seat.perform({ do: 'useRelays', relays: [first, second] });
    }
    const isOnBoth = (seat: Seat) =>
      told(seat, 'relay').filter(({ connected }) => connected).length === 2;
    await world.until('both on both', () => [a, b].every(isOnBoth));
    const through = () =>
      (told(b, 'addresses').at(-1)?.addresses ?? []).filter((one) => one.startsWith(first));
    await world.until('an address', () => through().length > 0);
    await a.perform({ do: 'dial', peer: b.peer, addresses: through() });
    await again(a, b, 1);
    return [a, b];
  };

  test('with two relays the loss of one is made good over the other [NET-10]', async () => {
    const second = await startRelay({ host: '127.0.0.1', port: 0 });
    const [a, b] = await pairThrough(world.relay, second.addresses[0]!);
    await world.setRelay(false);
    await again(a, b);
    await exchange(world, a, b);
    await world.setRelay(true);
    await second.close();
  });

  test('nor does one that freezes stand in the way of the other [NET-10]', async () => {
    const freezing = await startRelayProcess();
    try {
      const [a, b] = await pairThrough(freezing.address, world.relay);
      freezing.freeze();
      await again(a, b);
      await exchange(world, a, b);
    } finally {
      await freezing.remove();
    }
  });
});
