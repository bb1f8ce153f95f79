/** What only real networks live through; see network-suite.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connect, exchange, frame, parted, shapes, told, transmit } from './network-suite.ts';
import type { NetworkWorld, Pair } from './network-suite.ts';

/** For worlds with real memory: what a peer does not take waits up to a bound, and no further. */
export function boundedTest(at: () => NetworkWorld, pair: Pair): void {
  test('more frames at once than may wait end the connection, and say why', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    const frames = Array.from({ length: 160 }, (_, mark) => transmit(b, frame(65_536, mark)));
    await a.perform(...frames);
    await parted(at(), a, b);
    expect(told(a, 'disconnected')[0]).toMatchObject({
      reason: expect.stringContaining('takes too little'),
    });
    await connect(at(), a, b);
    await exchange(at(), a, b);
  });
}

/** What only pages live through. */
export function pageTest(at: () => NetworkWorld, pair: Pair): void {
  test('a page that is left says bye', async () => {
    const [a, b] = await pair();
    await connect(at(), a, b);
    await a.leave!();
    await at().until('the bye', () => told(b, 'disconnected', a).length === 1);
    expect(told(b, 'disconnected')[0]).toMatchObject({
      reason: 'the peer said: the page was closed',
    });
  });

  test('back online, a page starts over: relay first, then whom it had, and nobody dials', async () => {
    const [a, b] = await pair();
    await a.perform({ do: 'useRelays', relays: [at().relay] });
    await at().until('the relay', () => told(a, 'relay').length === 1);
    await connect(at(), a, b);
    await a.comeOnline!();
    await parted(at(), a, b);
    await at().until('the relay again', () => told(a, 'relay').at(-1)!.connected);
    await at().until('both back', () =>
      [told(a, 'connected', b), told(b, 'connected', a)].every((all) => all.length === 2),
    );
    await exchange(at(), b, a);
    expect(told(a, 'relay').map(({ connected }) => connected)).toEqual([true, false, true]);
  });
}

/** A world whose nodes find no direct path. */
export function relayedTest(name: string, create: () => Promise<NetworkWorld>): void {
  describe(`network port: ${name}`, () => {
    let world: NetworkWorld;
    beforeAll(async () => {
      world = await create();
    });
    afterAll(() => world?.close());

    test('without a direct path the relay carries the link', async () => {
      const [a, b] = [await world.seat(), await world.seat()];
      await connect(world, a, b);
      const frames = Array.from({ length: 40 }, (_, mark) => frame(65_536 - mark, mark));
      await a.perform(...frames.map((bytes) => transmit(b, bytes)));
      await world.until('all frames', () => told(b, 'received', a).length >= frames.length);
      expect(shapes(told(b, 'received').map(({ bytes }) => bytes))).toEqual(shapes(frames));
      await b.perform({ do: 'hangUp', peer: a.peer });
      await parted(world, a, b);
      for (const seat of [a, b]) {
        expect(told(seat, 'connected').map(({ direct }) => direct)).toEqual([false]);
        expect(told(seat, 'pathChanged')).toEqual([]);
      }
    });
  });
}
