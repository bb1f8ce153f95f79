/** No relay is left: pages that share a neighbour are introduced by it, and meet. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserWorld } from './network-pages.ts';
import { connect, exchange, told } from './network-suite.ts';
import type { NetworkWorld, Seat } from './network-suite.ts';

/** What core does with an introduction. */
async function follow(a: Seat, b: Seat): Promise<void> {
  const addresses = introducedTo(a, b)!;
  await a.perform({ do: 'dial', peer: b.peer, addresses });
}

const introducedTo = (a: Seat, b: Seat) =>
  told(a, 'introduced')
    .flatMap(({ peers }) => peers)
    .findLast(({ peer, addresses }) => peer === b.peer && addresses.every(isThroughNeighbour))
    ?.addresses;
const isThroughNeighbour = (address: string) => /^\/p2p\/\w+\/p2p-circuit\//.test(address);

describe('pages without a relay', () => {
  let world: NetworkWorld;
  beforeAll(async () => {
    world = await browserWorld();
  });
  afterAll(() => world?.close());

  test('neighbours introduce neighbours, and their links are direct', async () => {
    const [a, b, c, d] = [
      await world.seat(),
      await world.seat(),
      await world.seat(),
      await world.seat(),
    ];
    for (const [one, other] of [
      [a, b],
      [b, c],
      [c, d],
    ] as const)
      await connect(world, one, other);
    await world.setRelay(false);
    await world.until('c is introduced to a', () => introducedTo(a, c) !== undefined);
    expect(introducedTo(a, d)).toBeUndefined();
    await follow(a, c);
    await world.until('a and c', () => told(c, 'connected', a).length > 0);
    await world.until('d is introduced to a', () => introducedTo(a, d) !== undefined);
    await follow(a, d);
    await world.until('a and d', () => told(d, 'connected', a).length > 0);
    await exchange(world, a, d);
    for (const seat of [c, d]) {
      expect(told(a, 'connected', seat).map(({ direct }) => direct)).toEqual([true]);
      expect(told(seat, 'connected', a).map(({ direct }) => direct)).toEqual([true]);
    }
  });
});
