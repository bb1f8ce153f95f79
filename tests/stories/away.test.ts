/**
 * Phones go away: into a tunnel, to sleep, to another network, under the same key. What was to be said to them waits, and the
 * ride ends as if they had been there. Whitepaper: "Replying"; its "Mobile nodes" are connected now and then.
 */
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/index.ts';
import type { Person } from '../../src/simulator/world.ts';
import { prepareRide, see, topic, wait, type Ride } from './ride.ts';

const minuteMs = 60_000;
const priceMsat = 12_000_000n;

function away(ride: Ride, person: Person): void {
  ride.world.network.setAway(person.peer, true);
}

function pass(ride: Ride, ms: number): void {
  ride.world.clock.runUntil(ride.world.clock.now() + ms);
}

function back(ride: Ride, person: Person): void {
  ride.world.network.setAway(person.peer, false);
}

/** The worker has heard of the job and answers. */
function answer(ride: Ride): void {
  const { customer, worker } = ride;
  customer.command({ command: 'postJob', topic });
  wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
}

function offer({ worker }: Ride): void {
  const { payloadId } = see(worker, 'heard')!.heard;
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
}

const offers = ({ customer }: Ride) => see(customer, 'job')!.job.offers.length;
const stage = ({ customer }: Ride) => see(customer, 'job')!.job.stage;

function choose({ customer }: Ride): void {
  const { payloadId, offers } = see(customer, 'job')!.job;
  const { promiseId } = offers[0]!;
  customer.command({ command: 'chooseReply', payloadId, promiseId });
}

function confirm(ride: Ride): void {
  const { customer, worker } = ride;
  const { payloadId } = see(customer, 'job')!.job;
  customer.command({ command: 'confirmJob', payloadId });
  wait(ride, 'it is settled', () => stage(ride) === 'settled', 10 * minuteMs);
  const paid = () => see(worker, 'offerMade')!.offer.stage === 'paid';
  wait(ride, 'the worker is paid', paid, 10 * minuteMs);
}

function faultsOf({ people }: Ride): string[] {
  const notices = people.flatMap((person) => person.notices);
  return notices.flatMap((notice) => (notice.view === 'fault' ? [notice.code] : []));
}

describe('the reply comes home while', () => {
  test('a middleman is away: it waits for it for many minutes [REL-02, REL-04, REL-06, ONI-08]', () => {
    const ride = prepareRide('away/middleman');
    const [m1] = ride.middlemen;
    answer(ride);
    away(ride, m1!);
    offer(ride);
    pass(ride, 40 * minuteMs);
    expect(offers(ride)).toBe(0);
    back(ride, m1!);
    wait(ride, 'the reply is home', () => offers(ride) === 1);
    choose(ride);
    wait(ride, 'the contact opens', () => see(ride.customer, 'job')!.job.contactText === 'Ola');
    confirm(ride);
    expect(faultsOf(ride)).toEqual([]);
  });

  test('who holds it starts again: the disk remembers it [REL-06]', () => {
    const ride = prepareRide('away/disk');
    const [m1, m2] = ride.middlemen;
    answer(ride);
    away(ride, m1!);
    offer(ride);
    pass(ride, minuteMs);
    m2!.crash();
    m2!.restart();
    pass(ride, minuteMs);
    back(ride, m1!);
    wait(ride, 'the reply is home', () => offers(ride) === 1, 5 * minuteMs);
    expect(faultsOf(ride)).toEqual([]);
  });

  test('its connection dies under it: it is said again, and twice is as good as once [REL-06]', () => {
    const ride = prepareRide('away/flight');
    const [m1, m2] = ride.middlemen;
    answer(ride);
    offer(ride);
    // m2 holds nothing back: it has sent the reply, and the link is dead already.
    const sent = () => see(m2!, 'carried') !== undefined;
    wait(ride, 'm2 has it', sent);
    away(ride, m1!);
    pass(ride, 5 * minuteMs);
    back(ride, m1!);
    wait(ride, 'the reply is home', () => offers(ride) > 0);
    away(ride, m1!);
    pass(ride, minuteMs);
    back(ride, m1!);
    pass(ride, minuteMs);
    // m1 was asked anew as well, which may be another way home, with a promise of its own: one offer all the same.
    const { offers: all } = see(ride.customer, 'job')!.job;
    expect(new Set(all.map(({ promiseId }) => promiseId)).size).toBe(all.length);
    expect(new Set(all.map(({ offerId }) => offerId)).size).toBe(1);
    expect(faultsOf(ride)).toEqual([]);
  });

  test('a middleman never comes back: it is held for as long as the promise holds [REL-06]', () => {
    const ride = prepareRide('away/never');
    const [m1] = ride.middlemen;
    answer(ride);
    away(ride, m1!);
    offer(ride);
    pass(ride, limits.heldMs + minuteMs);
    back(ride, m1!);
    pass(ride, minuteMs);
    expect(offers(ride)).toBe(0);
  });
});

describe('the customer', () => {
  test('is away while the key is revealed: the contact opens when it is back [REL-02, REL-06]', () => {
    const ride = prepareRide('away/customer');
    const { customer } = ride;
    answer(ride);
    offer(ride);
    wait(ride, 'the reply is home', () => offers(ride) === 1);
    choose(ride);
    const held = () => see(ride.worker, 'offerMade')?.offer.stage === 'held';
    wait(ride, 'the price is held', held);
    away(ride, customer);
    pass(ride, 30 * minuteMs);
    back(ride, customer);
    const open = () => see(customer, 'job')!.job.contactText === 'Ola';
    wait(ride, 'the contact opens', open, 2 * minuteMs);
    confirm(ride);
  });

  test('says thanks when all is paid, to a worker who is away for an hour [REL-06]', () => {
    const ride = prepareRide('away/chat');
    const { customer, worker } = ride;
    answer(ride);
    offer(ride);
    wait(ride, 'the reply is home', () => offers(ride) === 1);
    choose(ride);
    wait(ride, 'the contact opens', () => see(customer, 'job')!.job.contactText === 'Ola');
    confirm(ride);
    const promiseId = see(customer, 'job')!.job.chosen!;
    away(ride, worker);
    pass(ride, minuteMs);
    customer.command({ command: 'say', promiseId, text: 'Thank you!' });
    pass(ride, 60 * minuteMs);
    back(ride, worker);
    const read = () => see(worker, 'offerMade')!.offer.chat.map(({ text }) => text);
    wait(ride, 'it is read', () => read().includes('Thank you!'), 20 * minuteMs);
    expect(read()).toEqual(['Thank you!']);
  });
});
