/** Whoever is away for three minutes at every stage of a ride, one stage after the other: it ends as if they had been there. */
import { expect, test } from 'vitest';
import type { Person } from '../../src/simulator/world.ts';
import { prepareRide, see, topic, wait, type Ride } from './ride.ts';

const minuteMs = 60_000;
const priceMsat = 12_000_000n;
const patienceMs = 15 * minuteMs;

/** Somebody does something, and a moment later that person is where nothing reaches it. */
function during(ride: Ride, person: Person, act: () => void): void {
  const { clock, network } = ride.world;
  act();
  clock.runUntil(clock.now() + 30);
  network.setAway(person.peer, true);
  clock.runUntil(clock.now() + 3 * minuteMs);
  network.setAway(person.peer, false);
}

function rideWithout(name: string): Record<string, bigint> {
  const ride = prepareRide(`stages/${name}`);
  const { customer, worker, people, world } = ride;
  const person = people.find((one) => one.name === name)!;
  const before = { ...world.ledger.balances() };
  const job = () => see(customer, 'job')!.job;
  during(ride, person, () => customer.command({ command: 'postJob', topic }));
  wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined, patienceMs);
  const { payloadId } = see(worker, 'heard')!.heard;
  const offer = () =>
    worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
  during(ride, person, offer);
  // A settler that does not answer in time makes no offer: the worker is told so, and tries again.
  if (see(worker, 'offerMade')!.offer.stage === 'failed') offer();
  wait(ride, 'the reply is home', () => job().offers.length > 0, patienceMs);
  during(ride, person, () => {
    const { promiseId } = job().offers[0]!;
    customer.command({ command: 'chooseReply', payloadId: job().payloadId, promiseId });
  });
  wait(ride, 'the contact opens', () => job().contactText === 'Ola', patienceMs);
  during(ride, person, () => {
    const promiseId = job().chosen!;
    customer.command({ command: 'say', promiseId, text: 'Where are you?' });
  });
  const read = () => see(worker, 'offerMade')!.offer.chat.length === 1;
  wait(ride, 'the worker reads it', read, patienceMs);
  during(ride, person, () =>
    customer.command({ command: 'confirmJob', payloadId: job().payloadId }),
  );
  const over = () => job().stage === 'settled' && see(worker, 'offerMade')!.offer.stage === 'paid';
  wait(ride, 'all is paid', over, patienceMs);
  wait(ride, 'nothing is in the air', () => world.ledger.inFlight().length === 0, patienceMs);
  const after = world.ledger.balances();
  return Object.fromEntries(Object.keys(before).map((who) => [who, after[who]! - before[who]!]));
}

test.each(['customer', 'm1', 'm2', 'worker', 'settler'])(
  'the %s is away at every stage, and everybody has what they would have had [REL-02, REL-06, PAY-21]',
  (name) => {
    expect(rideWithout(name)).toEqual({
      settler: 10_000n,
      customer: -(priceMsat + 35_000n),
      m1: 13_000n,
      m2: 12_000n,
      worker: priceMsat,
    });
  },
);
