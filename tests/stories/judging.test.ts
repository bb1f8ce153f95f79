/** Rides on which the two sides do not simply agree: who claims, disputes or calls it off, and where the money ends up. */
import { expect, test } from 'vitest';
import type { HeightsView, OfferId, PayloadId, PromiseId } from '../../src/lib/protocol/index.ts';
import { prepareRide, see, topic, wait, type Ride } from './ride.ts';

const priceMsat = 12_000_000n;

interface Matched extends Ride {
  readonly payloadId: PayloadId;
  readonly promiseId: PromiseId;
  readonly offerId: OfferId;
  readonly heights: HeightsView;
  readonly before: Readonly<Record<string, bigint>>;
}

function matched(name: string, how: { unlock?: 'preimage' } = {}): Matched {
  const ride = prepareRide(`judging/${name}`);
  const { customer, worker, world } = ride;
  const before = { ...world.ledger.balances() };
  customer.command({ command: 'postJob', topic });
  wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
  const { payloadId } = see(worker, 'heard')!.heard;
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola', ...how });
  wait(ride, 'an offer arrives', () => see(customer, 'job')!.job.offers.length > 0);
  const { promiseId, heights, offerId } = see(customer, 'job')!.job.offers[0]!;
  customer.command({ command: 'chooseReply', payloadId, promiseId });
  wait(ride, 'the contact opens', () => see(customer, 'job')!.job.contactText !== null);
  wait(ride, 'the worker is hired', () => see(worker, 'offerMade')!.offer.stage === 'matched');
  return { ...ride, payloadId, promiseId, offerId, heights, before };
}

function rest({ world }: Ride): void {
  world.clock.runUntil(world.clock.now() + 60_000);
}

/** Blocks come one by one, with time for everybody to speak in between. */
function mineTo(ride: Ride, height: number): void {
  while (ride.world.ledger.height < height) {
    ride.world.ledger.mine(1);
    ride.world.clock.runUntil(ride.world.clock.now() + 31_000);
  }
}

/** What everybody has more or less than before, in sats. */
function gained({ world, before }: Matched): Record<string, number> {
  const after = world.ledger.balances();
  return Object.fromEntries(
    Object.keys(before).map((name) => [name, Number(after[name]! - before[name]!) / 1_000]),
  );
}

function reason(ride: Ride): string {
  return see(ride.settler, 'settlement')!.settlement.reason;
}

const nobodyGained = { customer: 0, m1: 0, m2: 0, worker: 0, settler: 0 };

function expectOver(ride: Matched, why: string): void {
  rest(ride);
  expect(reason(ride)).toBe(why);
  expect(ride.world.ledger.inFlight()).toEqual([]);
}

test('the customer vanishes: an undisputed claim pays the worker [STL-07, PAY-13]', () => {
  const ride = matched('vanished');
  const { customer, worker, heights } = ride;
  worker.command({ command: 'announceDone', offerId: ride.offerId });
  customer.crash();
  mineTo(ride, heights.earliestClaim + 19);
  wait(ride, 'the worker is paid', () => see(worker, 'offerMade')!.offer.stage === 'paid');
  customer.restart();
  expectOver(ride, 'claimed');
  expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
});

/** A claim in its window, disputed by the customer. */
function disputed(name: string): Matched {
  const ride = matched(name);
  const { customer, worker, settler, offerId, promiseId, heights } = ride;
  worker.command({ command: 'announceDone', offerId });
  mineTo(ride, heights.earliestClaim + 1);
  customer.command({ command: 'dispute', promiseId, text: 'Nobody came.' });
  const stage = () => see(settler, 'settlement')!.settlement.stage;
  wait(ride, 'the settler has it', () => stage() === 'disputed');
  wait(ride, 'the worker is told', () => {
    return see(worker, 'offerMade')!.offer.case?.senderDisputedAt !== null;
  });
  expect(see(settler, 'settlement')!.settlement.senderEvidence).toBe('Nobody came.');
  return ride;
}

test('a dispute ruled for the worker pays it [STL-07]', () => {
  const ride = disputed('ruled-paid');
  const { settler, promiseId } = ride;
  settler.command({ command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' });
  expectOver(ride, 'ruled');
  expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
  const { sender, replier } = see(settler, 'settlement')!.settlement;
  expect(sender).toEqual({ jobs: 1, claims: 0, disputes: 1, noContacts: 0, rulings: 1 });
  expect(replier).toEqual({ jobs: 1, claims: 1, disputes: 0, noContacts: 0, rulings: 1 });
});

test('a dispute ruled for the customer gives everything back: bad work is not paid [STL-07, STL-08]', () => {
  const ride = disputed('ruled-refunded');
  const { settler, promiseId } = ride;
  settler.command({ command: 'rulePromise', promiseId, gig: 'refunded', network: 'refunded' });
  expectOver(ride, 'ruled');
  expect(gained(ride)).toEqual(nobodyGained);
});

test('a dispute that nobody rules on is refunded at decide_by [STL-07]', () => {
  const ride = disputed('no-ruling');
  mineTo(ride, ride.heights.decideBy);
  expectOver(ride, 'no-ruling');
  expect(gained(ride)).toMatchObject({ worker: 0, settler: 10 });
});

test('both call it off: both payments go back', () => {
  const ride = matched('cancelled-together');
  const { customer, worker, promiseId } = ride;
  customer.command({ command: 'cancelTogether', promiseId });
  wait(
    ride,
    'it is asked',
    () => see(worker, 'offerMade')!.offer.case?.otherCancels === true,
    90_000,
  );
  worker.command({ command: 'cancelTogether', promiseId });
  expectOver(ride, 'cancelled');
  expect(gained(ride)).toEqual(nobodyGained);
});

/** The customer says that nobody came, and the worker knows. */
function accused(name: string): Matched {
  const ride = matched(name);
  const { customer, worker, payloadId } = ride;
  customer.command({ command: 'reportNoContact', payloadId });
  const told = () => see(worker, 'offerMade')!.offer.case?.noContactAt;
  wait(ride, 'the worker is told', () => typeof told() === 'number', 90_000);
  return ride;
}

test('nobody came, and the worker concedes: the network goes back too', () => {
  const ride = accused('conceded');
  ride.worker.command({ command: 'concede', offerId: ride.offerId });
  expectOver(ride, 'conceded');
  expect(gained(ride)).toEqual(nobodyGained);
});

test('nobody came, and nobody answers for the dispute blocks', () => {
  const ride = accused('unanswered');
  ride.worker.crash();
  mineTo(ride, ride.world.ledger.height + 18);
  ride.worker.restart();
  expectOver(ride, 'no-contact');
  expect(gained(ride)).toEqual(nobodyGained);
});

test('nobody came, says the customer; the worker contests and is right', () => {
  const ride = accused('contested');
  const { worker, settler, promiseId } = ride;
  worker.command({ command: 'dispute', promiseId, text: 'I was there at nine.' });
  mineTo(ride, ride.world.ledger.height + 19);
  expect(see(settler, 'settlement')!.settlement).toMatchObject({
    stage: 'disputed',
    replierEvidence: 'I was there at nine.',
  });
  settler.command({ command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' });
  expectOver(ride, 'ruled');
  expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
});

test('unlock: preimage opens the contact with the payment of the network [PAY-05, PAY-06]', () => {
  const ride = matched('unlock-preimage', { unlock: 'preimage' });
  const { customer, payloadId } = ride;
  rest(ride);
  expect(gained(ride)).toMatchObject({ worker: 0, settler: 10 });
  customer.command({ command: 'confirmJob', payloadId });
  expectOver(ride, 'confirmed');
  expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
});

test('everybody starts again in the middle of a dispute: it is ruled on all the same', () => {
  const ride = disputed('restarted');
  const { people, settler, promiseId } = ride;
  for (const person of people) person.crash();
  rest(ride);
  for (const person of people) person.restart();
  rest(ride);
  settler.command({ command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' });
  rest(ride);
  expectOver(ride, 'ruled');
  expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
});

test('the settler is away for the whole claim window: a claim made in time is paid [STL-07, PAY-13]', () => {
  const ride = matched('settler-away');
  const { worker, settler, heights, world } = ride;
  mineTo(ride, heights.earliestClaim - 1);
  settler.crash();
  worker.command({ command: 'announceDone', offerId: ride.offerId });
  mineTo(ride, heights.claimBy + 2);
  settler.restart();
  mineTo(ride, world.ledger.height + 19);
  wait(ride, 'the worker is paid', () => see(worker, 'offerMade')!.offer.stage === 'paid');
  expectOver(ride, 'claimed');
  expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
});

test('the settler is away until there is no time to object: the gig is refunded [STL-07]', () => {
  const ride = matched('settler-away-for-long');
  const { worker, settler, heights } = ride;
  mineTo(ride, heights.earliestClaim - 1);
  settler.crash();
  worker.command({ command: 'announceDone', offerId: ride.offerId });
  mineTo(ride, heights.decideBy - 10);
  settler.restart();
  mineTo(ride, heights.decideBy);
  expectOver(ride, 'nobody-claimed');
  expect(gained(ride)).toMatchObject({ worker: 0, settler: 10 });
});
