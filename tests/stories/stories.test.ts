/** The rides, told. Each text in this folder is what happens, to the byte. */
import { expect, test } from 'vitest';
import type { HeightsView, PayloadId, PromiseId } from '../../src/lib/protocol/index.ts';
import { see, topic, wait, type Ride } from './ride.ts';
import { tell } from './transcript.ts';

const priceMsat = 12_000_000n;
const contactText = 'Ola, white Skoda, 600 100 200';

interface Offered {
  readonly payloadId: PayloadId;
  readonly promiseId: PromiseId;
  readonly heights: HeightsView;
}

/** Posts a ride and waits for the worker's offer. */
function offered(ride: Ride): Offered {
  const { customer, worker } = ride;
  customer.command({ command: 'postJob', topic });
  wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
  const { payloadId } = see(worker, 'heard')!.heard;
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText });
  wait(ride, 'an offer arrives', () => see(customer, 'job')!.job.offers.length > 0);
  const { promiseId, heights } = see(customer, 'job')!.job.offers[0]!;
  return { payloadId, promiseId, heights };
}

/** Takes the offer and waits for the contact. */
function matched(ride: Ride): Offered {
  const offer = offered(ride);
  const { payloadId, promiseId } = offer;
  ride.customer.command({ command: 'chooseReply', payloadId, promiseId });
  wait(ride, 'the contact opens', () => see(ride.customer, 'job')!.job.contactText !== null);
  return offer;
}

/** Lets everything come to rest. */
function rest(ride: Ride): void {
  ride.world.clock.runUntil(ride.world.clock.now() + 60_000);
}

function balances(ride: Ride): Record<string, bigint> {
  return { ...ride.world.ledger.balances() };
}

test('one job: posted, offered, locked, done, settled', () => {
  tell('one-job', (ride) => {
    const { customer, worker } = ride;
    const { payloadId, promiseId } = matched(ride);
    customer.command({ command: 'say', promiseId, text: 'I wait at the corner.' });
    wait(ride, 'the worker reads it', () => see(worker, 'offerMade')!.offer.chat.length === 1);
    worker.command({ command: 'say', promiseId, text: 'Two minutes.' });
    wait(ride, 'the customer reads it', () => see(customer, 'job')!.job.chat.length === 2);
    worker.command({ command: 'announceDone', offerId: see(worker, 'offerMade')!.offer.offerId });
    wait(ride, 'the customer is told', () => see(customer, 'job')!.job.workerSaysDone);
    customer.command({ command: 'confirmJob', payloadId });
    wait(ride, 'it is settled', () => see(customer, 'job')!.job.stage === 'settled');
    wait(ride, 'the worker is paid', () => see(worker, 'offerMade')!.offer.stage === 'paid');
    rest(ride);
  });
});

test('the customer withdraws the job before choosing: everybody hears of it [BRC-12]', () => {
  tell('withdrawn', (ride) => {
    const { customer, worker, world } = ride;
    const before = balances(ride);
    const { payloadId } = offered(ride);
    customer.command({ command: 'cancelJob', payloadId });
    wait(ride, 'the worker knows', () => see(worker, 'offerMade')!.offer.stage === 'calledOff');
    rest(ride);
    expect(balances(ride)).toEqual(before);
    expect(world.ledger.inFlight()).toEqual([]);
  });
});

test('the customer cancels while the money is being locked: everything comes back [PAY-15]', () => {
  tell('cancelled-while-locking', (ride) => {
    const { customer, settler, world } = ride;
    const before = balances(ride);
    const { payloadId, promiseId } = offered(ride);
    customer.command({ command: 'chooseReply', payloadId, promiseId });
    wait(
      ride,
      'the network is held',
      () => see(settler, 'settlement')!.settlement.stage === 'held',
    );
    customer.command({ command: 'cancelJob', payloadId });
    wait(ride, 'it is refunded', () => see(customer, 'job')!.job.stage === 'refunded');
    rest(ride);
    expect(balances(ride)).toEqual(before);
    expect(world.ledger.inFlight()).toEqual([]);
  });
});

test('the worker vanishes before it accepted: the settler aborts at unlock_by [PAY-15]', () => {
  tell('worker-vanishes', (ride) => {
    const { customer, worker, world } = ride;
    const before = balances(ride);
    const { payloadId, promiseId, heights } = offered(ride);
    worker.crash();
    customer.command({ command: 'chooseReply', payloadId, promiseId });
    rest(ride);
    expect(see(customer, 'job')!.job.contactText).toBeNull();
    world.ledger.mine(heights.unlockBy + 1 - world.ledger.height);
    rest(ride);
    worker.restart();
    wait(ride, 'it is refunded', () => see(customer, 'job')!.job.stage === 'refunded', 600_000);
    rest(ride);
    expect(balances(ride)).toEqual(before);
    expect(world.ledger.inFlight()).toEqual([]);
  });
});

test('nobody claims: the gig is refunded, the network is paid at decide_by', () => {
  tell('nobody-claims', (ride) => {
    const { customer, worker, world } = ride;
    const before = balances(ride);
    const { heights } = matched(ride);
    world.ledger.mine(heights.claimBy + 1 - world.ledger.height);
    wait(ride, 'the gig is given back', () => see(worker, 'offerMade')!.offer.stage === 'refunded');
    rest(ride);
    const payments = see(customer, 'job')!.job.payments;
    expect(payments.map(({ purpose, state }) => [purpose, state])).toEqual([
      ['network', 'accepted'],
      ['gig', 'cancelled'],
    ]);
    world.ledger.mine(heights.decideBy - world.ledger.height);
    wait(ride, 'it is over', () => see(customer, 'job')!.job.stage === 'refunded');
    rest(ride);
    const after = balances(ride);
    const change = (name: string) => Number(after[name]! - before[name]!);
    expect(change('worker')).toBe(0);
    expect(['m1', 'm2', 'settler'].map(change)).toEqual([13_000, 12_000, 10_000]);
    expect(change('customer')).toBe(-35_000);
  });
});

test('everybody crashes after the match and starts again: the ride goes on [PAY-21]', () => {
  tell('all-restart', (ride) => {
    const { customer, worker, people } = ride;
    const { payloadId } = matched(ride);
    for (const person of people) person.crash();
    rest(ride);
    for (const person of people) person.restart();
    rest(ride);
    customer.command({ command: 'confirmJob', payloadId });
    wait(ride, 'it is settled', () => see(customer, 'job')!.job.stage === 'settled', 600_000);
    wait(
      ride,
      'the worker is paid',
      () => see(worker, 'offerMade')!.offer.stage === 'paid',
      600_000,
    );
    rest(ride);
  });
});
