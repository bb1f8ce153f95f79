/**
 * Work that is paid in parts: every part is confirmed and paid on its own, and whatever becomes of one leaves the others alone.
 * Architecture, decision 3: "Long jobs use milestones, each its own reply invoice."
 */
import { expect, test } from 'vitest';
import {
  limits,
  type JobView,
  type OfferMadeView,
  type PayloadId,
  type TopicView,
} from '../../src/lib/protocol/index.ts';
import type { Person } from '../../src/simulator/world.ts';
import { prepareRide, see, startMs, wait, type Ride } from './ride.ts';

const hour = 3_600_000;
const priceMsat = 12_000_000n;
const work = {
  kind: 'freelance',
  category: 'software',
  skills: ['web'],
  hours: '20',
  deadlineMs: startMs + 8 * 24 * hour,
  remote: true,
  area: '',
  language: 'pl',
  openUntilMs: startMs + 6 * hour,
  parts: 3,
  part: 1,
  firstPart: null,
} as const;

const jobs = ({ views }: Person): readonly JobView[] =>
  [...views.values()].flatMap((notice) => (notice.view === 'job' ? [notice.job] : []));
const partOf = (job: JobView) => ('part' in job.topic ? job.topic.part : 0);
const part = ({ customer }: Ride, number: number) =>
  jobs(customer).findLast((job) => partOf(job) === number);
const offers = ({ worker }: Ride): readonly OfferMadeView[] =>
  [...worker.views.values()].flatMap((seen) => (seen.view === 'offerMade' ? [seen.offer] : []));

function rest(ride: Ride, ms = 60_000): void {
  ride.world.clock.runUntil(ride.world.clock.now() + ms);
}

/** What everybody has more or less than before, in sats. */
function balances({ world }: Ride, before: Readonly<Record<string, bigint>>) {
  const after = world.ledger.balances();
  return Object.fromEntries(
    Object.keys(before).map((name) => [name, Number(after[name]! - before[name]!) / 1_000]),
  );
}

function hire(ride: Ride, number: number): PayloadId {
  wait(ride, `an offer for part ${number}`, () => (part(ride, number)?.offers.length ?? 0) > 0);
  const { payloadId, offers: made } = part(ride, number)!;
  ride.customer.command({ command: 'chooseReply', payloadId, promiseId: made[0]!.promiseId });
  wait(ride, 'the contact opens', () => part(ride, number)!.contactText !== null);
  return payloadId;
}

function pay(ride: Ride, number: number): void {
  const { payloadId } = part(ride, number)!;
  ride.customer.command({ command: 'confirmJob', payloadId });
  wait(ride, `part ${number} is paid`, () => part(ride, number)!.stage === 'settled');
  rest(ride);
}

function next(ride: Ride, number: number): void {
  const { payloadId } = part(ride, number - 1)!;
  ride.customer.command({ command: 'postNextPart', payloadId });
  rest(ride, 10);
}

function begun(
  name: string,
  topic: TopicView = work,
): Ride & { readonly before: Record<string, bigint> } {
  const ride = prepareRide(`milestones/${name}`);
  const { customer, worker, world } = ride;
  const before = { ...world.ledger.balances() };
  customer.command({ command: 'postJob', topic });
  wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
  const { payloadId } = see(worker, 'heard')!.heard;
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
  hire(ride, 1);
  return { ...ride, before };
}

test('three parts, each locked, confirmed and paid on its own [TOP-12, PAY-12, STL-07]', () => {
  const ride = begun('three');
  const { customer, world, before } = ride;
  const fee = Number(part(ride, 1)!.offers[0]!.networkFeeMsat) / 1_000;
  expect(fee).toBeGreaterThan(10);
  pay(ride, 1);
  expect(balances(ride, before)).toMatchObject({ customer: -12_000 - fee, worker: 12_000 });

  for (const number of [2, 3]) {
    next(ride, number);
    hire(ride, number);
    // Nobody is in between any more: the network is the settler alone.
    expect(part(ride, number)!.offers).toHaveLength(1);
    expect(part(ride, number)!.offers[0]).toMatchObject({ priceMsat, networkFeeMsat: 10_000n });
    expect(balances(ride, before)).toMatchObject({ worker: (number - 1) * 12_000 });
    pay(ride, number);
  }
  const { m1, m2, ...sides } = balances(ride, before);
  expect(sides).toEqual({ customer: -36_000 - fee - 20, worker: 36_000, settler: 30 });
  expect(m1! + m2!).toBe(fee - 10);
  expect(world.ledger.inFlight()).toEqual([]);
  expect(ride.middlemen.map((one) => [...one.views.keys()].filter(isHeard).length)).toEqual([1, 1]);

  next(ride, 4);
  expect(customer.notices.findLast(({ view }) => view === 'rejected')).toMatchObject({
    command: 'postNextPart',
    code: 'WRONG_TIME',
  });
});

const isHeard = (key: string) => key.startsWith('heard/');

test('everybody starts again between and in the middle of the parts [PAY-17, NET-13]', () => {
  const ride = begun('restarts');
  const { people, before, world } = ride;
  const again = () => {
    for (const person of people) person.crash();
    rest(ride);
    for (const person of people) person.restart();
    rest(ride);
  };
  again();
  pay(ride, 1);
  again();
  next(ride, 2);
  again();
  const asked = part(ride, 2)!;
  if (asked.offers.length === 0) rest(ride, 2 * hour);
  if (part(ride, 2)!.offers.length === 0) next(ride, 2);
  hire(ride, 2);
  again();
  pay(ride, 2);
  const { worker, settler } = balances(ride, before);
  expect({ worker, settler }).toEqual({ worker: 24_000, settler: 20 });
  expect(world.ledger.inFlight()).toEqual([]);
});

test('a part that is refunded leaves the paid one alone, and may be asked for again [STL-07]', () => {
  const ride = begun('refunded');
  const { customer, worker, world, before } = ride;
  pay(ride, 1);
  next(ride, 2);
  const payloadId = hire(ride, 2);
  rest(ride);
  customer.command({ command: 'reportNoContact', payloadId });
  const latest = () => offers(ride).at(-1)!;
  wait(ride, 'the worker is told', () => latest().case?.noContactAt != null, 90_000);
  worker.command({ command: 'concede', offerId: latest().offerId });
  wait(ride, 'it goes back', () => part(ride, 2)!.stage === 'refunded');
  rest(ride);
  expect(balances(ride, before)).toMatchObject({ worker: 12_000, settler: 10 });
  expect(world.ledger.inFlight()).toEqual([]);

  next(ride, 2);
  hire(ride, 2);
  pay(ride, 2);
  expect(balances(ride, before)).toMatchObject({ worker: 24_000, settler: 20 });
});

test('a worker who takes the answer to a part back is shown it, and names another price [RPL-04]', () => {
  const ride = begun('price');
  const { worker, before } = ride;
  pay(ride, 1);
  next(ride, 2);
  wait(ride, 'it is answered', () => part(ride, 2)!.offers.length > 0);
  const { offerId } = offers(ride).at(-1)!;
  worker.command({ command: 'withdrawOffer', offerId });
  rest(ride);
  expect(offers(ride).at(-1)!.stage).toBe('withdrawn');
  // What was taken back is not offered again by itself, however often the customer asks.
  ride.customer.command({ command: 'cancelJob', payloadId: part(ride, 2)!.payloadId });
  rest(ride);
  next(ride, 2);
  rest(ride);
  expect(part(ride, 2)!.offers).toEqual([]);
  const { payloadId } = part(ride, 2)!;
  const dearer = { payloadId, priceMsat: 15_000_000n, contactText: 'Ola' } as const;
  worker.command({ command: 'makeOffer', ...dearer });
  hire(ride, 2);
  pay(ride, 2);
  expect(balances(ride, before)).toMatchObject({ worker: 27_000, settler: 20 });
});

test('a stay is booked with its first part, and paid on while it lasts [TOP-12]', () => {
  const today = Math.floor(startMs / (24 * hour));
  const ride = begun('stay', {
    kind: 'stay',
    area: 'u2yhv',
    checkInDay: today + 1,
    checkOutDay: today + 5,
    guests: 2,
    beds: 1,
    lodging: 'room',
    openUntilMs: startMs + 6 * hour,
    parts: 2,
    part: 1,
    firstPart: null,
  });
  pay(ride, 1);
  rest(ride, 48 * hour);
  next(ride, 2);
  hire(ride, 2);
  pay(ride, 2);
  expect(balances(ride, ride.before)).toMatchObject({ worker: 24_000, settler: 20 });
});

test('the next part waits until this one is paid, and is asked for once [PAY-20]', () => {
  const ride = begun('order');
  const refusals = () => ride.customer.notices.filter(({ view }) => view === 'rejected').length;
  next(ride, 2);
  expect(refusals()).toBe(1);
  expect(part(ride, 2)).toBeUndefined();
  pay(ride, 1);
  next(ride, 2);
  expect(refusals()).toBe(1);
  next(ride, 2);
  expect(refusals()).toBe(2);
});

test('work longer than money can be held is not posted in one part [TOP-10, PAY-08]', () => {
  const ride = prepareRide('milestones/too-long');
  const { customer } = ride;
  customer.command({ command: 'postJob', topic: { ...work, parts: 1 } });
  rest(ride, 10);
  expect(customer.notices.findLast(({ view }) => view === 'rejected')).toMatchObject({
    code: 'HOLD_TOO_LONG',
  });
  expect(jobs(customer)).toEqual([]);
});

test('long work pays the network for the contact, the gig when it is done [PAY-14]', () => {
  const ride = begun('contact');
  const { world, before } = ride;
  const fee = Number(part(ride, 1)!.offers[0]!.networkFeeMsat) / 1_000;
  expect(part(ride, 1)!.offers[0]!.settleOn).toBe('contact');
  for (let block = 0; block < 18; block++) {
    world.ledger.mine(1);
    rest(ride);
  }
  expect(balances(ride, before)).toMatchObject({ worker: 0, settler: 10 });
  expect(part(ride, 1)!.stage).toBe('matched');
  pay(ride, 1);
  expect(balances(ride, before)).toMatchObject({ customer: -12_000 - fee, worker: 12_000 });
});

test('the worker drops for good after the network was paid: the gig comes back [REL-03, PAY-14]', () => {
  const ride = begun('dropped');
  const { world, worker, before } = ride;
  const { offers: made } = part(ride, 1)!;
  const fee = Number(made[0]!.networkFeeMsat) / 1_000;
  const pass = (blocks: number) => {
    for (let block = 0; block < blocks; block += 6) {
      world.ledger.mine(6);
      rest(ride);
    }
  };
  pass(18);
  expect(balances(ride, before)).toMatchObject({ customer: -12_000 - fee, settler: 10 });
  worker.crash();
  pass(made[0]!.heights.decideBy - world.ledger.height + 6);
  expect(part(ride, 1)!.stage).toBe('refunded');
  // Nobody is there to give it back: it comes back by its time lock.
  pass(limits.maxFinalCltv);
  expect(balances(ride, before)).toMatchObject({ customer: -fee, worker: 0 });
  expect(world.ledger.inFlight()).toEqual([]);
});
