/**
 * What every network port must do, simulated or real: the fake tells the truth because it passes
 * the same tests. No test asserts a time; each waits for what it expects and then looks at the whole history.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkEffect, NetworkEvent, PeerKey } from '../../src/lib/protocol/index.ts';

/** One node's end of the port under test. */
export interface Seat {
  readonly peer: PeerKey;
  /** Everything told so far, oldest first. */
  readonly events: readonly NetworkEvent[];
  perform(...effects: readonly NetworkEffect[]): Promise<void>;
  /** Dies without a word. */
  kill(): Promise<void>;
  /** In a page: it is left for another, or hears that the device is back online. */
  leave?(): Promise<void>;
  comeOnline?(): Promise<void>;
}

/** The world a suite runs in, with one relay that all seats may use. */
export interface NetworkWorld {
  /** A new node, or one with the key of a dead one. */
  seat(peer?: PeerKey): Promise<Seat>;
  /** Where this seat can be dialled; waits until there is such an address. */
  addresses(seat: Seat): Promise<readonly string[]>;
  /** Resolves when `done`, throws with `what` when that takes too long. */
  until(what: string, done: () => boolean): Promise<void>;
  readonly relay: string;
  /** An address that nothing answers at. */
  readonly deadRelay: string;
  setRelay(up: boolean): Promise<void>;
  /** Ends all seats; the next test wants new ones. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

type On<K extends NetworkEvent['on']> = Extract<NetworkEvent, { on: K }>;

export function told<K extends NetworkEvent['on']>(seat: Seat, on: K, from?: Seat): On<K>[] {
  return seat.events.filter(
    (event): event is On<K> =>
      event.on === on && (from === undefined || ('peer' in event && event.peer === from.peer)),
  );
}

/**
 * Lengths, first bytes and last bytes: enough to see what arrived, cheap to compare in thousands.
 */
export function shapes(frames: readonly Uint8Array[]): string[] {
  return frames.map((bytes) => `${bytes.length}:${bytes[0]}:${bytes.at(-1)}:${bytes[1] ?? ''}`);
}

export function frame(length: number, mark: number): Uint8Array {
  const bytes = new Uint8Array(length).fill(mark >> 8);
  bytes[0] = mark;
  return bytes;
}

export const transmit = (peer: Seat, bytes: Uint8Array): NetworkEffect => ({
  do: 'transmit',
  peer: peer.peer,
  bytes,
});

const isUp = (a: Seat, b: Seat) =>
  told(a, 'connected', b).length > told(a, 'disconnected', b).length;

/** `a` dials `b`, and both are told, unless they found each other again by themselves. */
export async function connect(world: NetworkWorld, a: Seat, b: Seat): Promise<void> {
  if (isUp(a, b) && isUp(b, a)) return;
  const [before, after] = [told(a, 'connected', b).length, told(b, 'connected', a).length];
  await a.perform({ do: 'dial', peer: b.peer, addresses: await world.addresses(b) });
  await world.until('connected on both sides', () => {
    const failed = told(a, 'dialFailed', b).at(-1);
    if (failed !== undefined) throw new Error(`dial failed: ${failed.reason}`);
    return told(a, 'connected', b).length > before && told(b, 'connected', a).length > after;
  });
}

/** A frame each way, seen by both: whatever was under way before has been told by now. */
export async function exchange(world: NetworkWorld, a: Seat, b: Seat): Promise<void> {
  const [atA, atB] = [told(a, 'received', b).length, told(b, 'received', a).length];
  await a.perform(transmit(b, frame(5, 1)));
  await b.perform(transmit(a, frame(5, 2)));
  await world.until('a frame each way', () => {
    return told(a, 'received', b).length > atA && told(b, 'received', a).length > atB;
  });
}

export async function parted(world: NetworkWorld, a: Seat, b: Seat): Promise<void> {
  await world.until('disconnected on both sides', () =>
    [told(a, 'disconnected', b), told(b, 'disconnected', a)].every((list) => list.length === 1),
  );
}

/** `more` adds tests that only some worlds can pass. */
export function networkSuite(
  name: string,
  create: () => Promise<NetworkWorld>,
  more: (at: () => NetworkWorld, pair: Pair) => void = () => {},
): void {
  describe(`network port: ${name}`, () => {
    let world: NetworkWorld;
    beforeAll(async () => {
      world = await create();
    });
    afterEach(() => world.clear());
    afterAll(() => world?.close());
    const pair = async (): Promise<[Seat, Seat]> => [await world.seat(), await world.seat()];

    connecting(() => world, pair);
    talking(() => world, pair);
    parting(() => world, pair);
    relaying(() => world, pair);
    more(() => world, pair);
  });
}

export type Pair = () => Promise<[Seat, Seat]>;

function connecting(at: () => NetworkWorld, pair: Pair): void {
  test('a dial tells both sides connected, once, and who dialled', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    await a.perform({ do: 'dial', peer: b.peer, addresses: await at().addresses(b) });
    await exchange(at(), a, b);
    const direct = true;
    expect(told(a, 'connected')).toEqual([
      { on: 'connected', peer: b.peer, direct, dialled: true },
    ]);
    expect(told(b, 'connected')).toEqual([
      { on: 'connected', peer: a.peer, direct, dialled: false },
    ]);
  });

  test('two who dial each other at once get one connection', async () => {
    const [a, b] = await pair();
    for (let round = 1; round <= 5; round++) {
      const [atA, atB] = [await at().addresses(a), await at().addresses(b)];
      await Promise.all([
        a.perform({ do: 'dial', peer: b.peer, addresses: atB }),
        b.perform({ do: 'dial', peer: a.peer, addresses: atA }),
      ]);
      await at().until(`both connected in round ${round}`, () =>
        [told(a, 'connected', b), told(b, 'connected', a)].every((l) => l.length >= round),
      );
      await exchange(at(), a, b);
      await exchange(at(), b, a);
      await (round % 2 === 0 ? a : b).perform({
        do: 'hangUp',
        peer: round % 2 === 0 ? b.peer : a.peer,
      });
      await at().until(`both disconnected in round ${round}`, () =>
        [told(a, 'disconnected', b), told(b, 'disconnected', a)].every((l) => l.length >= round),
      );
      for (const [one, other] of [
        [a, b],
        [b, a],
      ] as const) {
        expect(told(one, 'connected', other).length).toBe(round);
        expect(told(one, 'disconnected', other).length).toBe(round);
        expect(told(one, 'dialFailed', other)).toEqual([]);
      }
      const dialled = [told(a, 'connected', b), told(b, 'connected', a)].map(
        (list) => list.at(-1)!.dialled,
      );
      expect(dialled.filter(Boolean).length).toBe(1);
    }
  });

  test('five who all dial each other at once are a full mesh', async () => {
    const seats = await Promise.all(Array.from({ length: 5 }, () => at().seat()));
    const addresses = await Promise.all(seats.map((seat) => at().addresses(seat)));
    await Promise.all(
      seats.map((seat) => {
        const others = seats.filter((other) => other !== seat);
        const dial = (other: Seat): NetworkEffect => ({
          do: 'dial',
          peer: other.peer,
          addresses: addresses[seats.indexOf(other)]!,
        });
        return seat.perform(...others.map(dial));
      }),
    );
    await at().until('everybody connected to all', () =>
      seats.every((seat) => told(seat, 'connected').length >= 4),
    );
    for (const [index, seat] of seats.entries()) {
      await exchange(at(), seat, seats[(index + 1) % seats.length]!);
      await exchange(at(), seat, seats[(index + 2) % seats.length]!);
    }
    for (const seat of seats) {
      expect(new Set(told(seat, 'connected').map(({ peer }) => peer)).size).toBe(4);
      expect(told(seat, 'connected').every(({ direct }) => direct)).toBe(true);
      const others = ['connected', 'disconnected', 'dialFailed'] as const;
      expect(others.map((on) => told(seat, on).length)).toEqual([4, 0, 0]);
    }
  });

  test('a dial that cannot succeed says why', async () => {
    const [a, b] = await pair();
    const addresses = await at().addresses(b);
    await b.kill();
    await a.perform(
      { do: 'dial', peer: b.peer, addresses },
      { do: 'dial', peer: a.peer, addresses: await at().addresses(a) },
    );
    await at().until('both dials failed', () => told(a, 'dialFailed').length === 2);
    for (const { reason } of told(a, 'dialFailed')) expect(reason).toMatch(/\w+ \w+/);
    expect(told(a, 'connected')).toEqual([]);
  });
}

function talking(at: () => NetworkWorld, pair: Pair): void {
  test('frames arrive whole and in order, both ways [NET-12]', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    const sizes = [1, 65_536, 2, 65_535, 16_384, 65_536, 127, 128, 40_000, 1];
    const frames = sizes.map((size, index) => frame(size, index));
    await Promise.all([
      a.perform(...frames.map((bytes) => transmit(b, bytes))),
      b.perform(...frames.map((bytes) => transmit(a, bytes))),
    ]);
    for (const [to, from] of [
      [a, b],
      [b, a],
    ] as const) {
      await at().until('all frames', () => told(to, 'received', from).length >= sizes.length);
      const got = told(to, 'received', from).map((event) => event.bytes);
      expect(shapes(got)).toEqual(shapes(frames));
    }
  });

  test('thousands of small frames arrive in order', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    const frames = Array.from({ length: 4000 }, (_, mark) => frame(3 + (mark % 90), mark));
    await a.perform(...frames.map((bytes) => transmit(b, bytes)));
    await at().until('all of them', () => told(b, 'received', a).length >= frames.length);
    const got = told(b, 'received', a).map((event) => event.bytes);
    expect(shapes(got)).toEqual(shapes(frames));
  });

  test('a frame that is too large cuts the connection', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    await a.perform(transmit(b, frame(65_537, 1)));
    await parted(at(), a, b);
    expect(told(b, 'received', a)).toEqual([]);
  });

  test('a frame to nobody goes nowhere', async () => {
    const [a, b] = await pair();
    await a.perform(transmit(b, frame(5, 1)));
    await connect(at(), a, b);
    await exchange(at(), a, b);
    expect(told(b, 'received', a).length).toBe(1);
  });
}

function parting(at: () => NetworkWorld, pair: Pair): void {
  test('hanging up tells both sides disconnected, once; dialling again works', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    await b.perform({ do: 'hangUp', peer: a.peer }, { do: 'hangUp', peer: a.peer });
    await parted(at(), a, b);
    await connect(at(), b, a);
    await exchange(at(), a, b);
    expect(told(a, 'connected', b).length).toBe(2);
    expect(told(a, 'disconnected', b).length).toBe(1);
    expect(told(b, 'disconnected', a).length).toBe(1);
  });

  test('a peer that dies is noticed, and comes back under its key', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    await b.kill();
    await at().until('its death is noticed', () => told(a, 'disconnected', b).length === 1);
    const again = await at().seat(b.peer);
    await connect(at(), a, again);
    await exchange(at(), a, again);
    expect(told(a, 'disconnected', b).length).toBe(1);
  });

  test('a peer that dies and dials anew before that is noticed is one connection', async () => {
    const [a, b] = await pair();
    await connect(at(), b, a);
    await b.kill();
    const again = await at().seat(b.peer);
    await connect(at(), again, a);
    await exchange(at(), a, again);
    expect(told(a, 'connected', b).length).toBe(2);
    expect(told(a, 'disconnected', b).length).toBe(1);
  });
}

function relaying(at: () => NetworkWorld, pair: Pair): void {
  const use = (...relays: string[]): NetworkEffect => ({ do: 'useRelays', relays });

  test('strangers on one relay are introduced, and meet [NET-02]', async () => {
    const [a, b] = await pair();
    await a.perform(use(at().relay));
    await b.perform(use(at().relay));
    const known = () =>
      told(a, 'introduced')
        .flatMap((event) => event.peers)
        .find(({ peer }) => peer === b.peer);
    await at().until('an introduction', () => known() !== undefined);
    expect(told(a, 'introduced').flatMap(({ peers }) => peers.map((p) => p.peer))).not.toContain(
      a.peer,
    );
    await a.perform({ do: 'dial', peer: b.peer, addresses: known()!.addresses });
    await at().until('connected on both sides', () =>
      [told(a, 'connected', b), told(b, 'connected', a)].every((list) => list.length === 1),
    );
    await exchange(at(), a, b);
    expect(told(a, 'relay')).toEqual([{ on: 'relay', address: at().relay, connected: true }]);
  });

  test('a dead relay is told with its reason, and does not hide the living', async () => {
    const a = await at().seat();
    await a.perform(use(at().deadRelay, at().relay));
    const dead = () => told(a, 'relay').find(({ address }) => address === at().deadRelay);
    await at().until('the dead relay', () => dead() !== undefined);
    expect(dead()!.connected).toBe(false);
    expect(dead()!.reason).toMatch(/\w+ \w+/);
    await at().until('the living relay', () => told(a, 'relay').some((e) => e.connected));
  });

  test('when the relay dies connections go on, and it is used again when back [NET-10]', async () => {
    const [a, b] = await pair();
    await a.perform(use(at().relay));
    await b.perform(use(at().relay));
    const up = (seat: Seat) => told(seat, 'relay').filter((event) => event.connected).length;
    await at().until('both on the relay', () => up(a) === 1 && up(b) === 1);
    await connect(at(), a, b);
    await at().setRelay(false);
    await at().until('the relay is missed', () =>
      [a, b].every((seat) => told(seat, 'relay').at(-1)?.connected === false),
    );
    await exchange(at(), a, b);
    await at().setRelay(true);
    await at().until('the relay is back', () => up(a) === 2 && up(b) === 2);
    await exchange(at(), a, b);
    expect(told(a, 'disconnected')).toEqual([]);
    expect(told(a, 'connected').length).toBe(1);
  });
}
