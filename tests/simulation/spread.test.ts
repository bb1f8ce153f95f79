/** A job on its way to the neighbours: each is asked once, whoever comes while the first puzzles are at work. */
import { expect, test } from 'vitest';
import { prepareRide, see, topic, wait } from '../stories/ride.ts';

test('a neighbour that comes while work is done gets no other neighbour asked twice', () => {
  const ride = prepareRide('spread', {}, { hashesPerSecond: 2_000 });
  const { customer, m2, world } = { ...ride, m2: ride.middlemen[1]! };
  customer.command({ command: 'setPolicy', policy: { allowPeers: null } });
  customer.command({ command: 'postJob', topic });
  wait(ride, 'the job is there', () => see(customer, 'job') !== undefined);
  m2.command({ command: 'setPolicy', policy: { allowPeers: null } });
  customer.command({ command: 'useRelays', relays: ['/dns4/relay.example/tcp/443/wss'] });
  world.clock.runUntil(world.clock.now() + 60_000);
  const { asks } = see(customer, 'job')!.job;
  expect(asks.length).toBeGreaterThan(1);
  expect(new Set(asks.map(({ peer }) => peer)).size).toBe(asks.length);
});
