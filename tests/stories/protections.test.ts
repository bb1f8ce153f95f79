/**
 * What a settler is there for. Whitepaper, "Payment settler as the compliance consistency enforcer": "Gig-gossip has built-in
 * tools for the countermeasure for activities like: 1. Incompetence of the gig worker [...] 2. Making sure that the customer
 * has money to pay the gig worker before the service is provided 3. Disputes between customer and gig worker 4. Criminal acts
 * associated with the service delivery that require law enforcement actions 5. Terrorism funding". One story each, of what the
 * settler does and where every sat ends up.
 */
import { describe, expect, test } from 'vitest';
import type { ApplicationId, Notice, PayloadId } from '../../src/lib/protocol/index.ts';
import type { Person } from '../../src/simulator/world.ts';
import { prepareRide, see, topic, wait, type Ride } from './ride.ts';

const priceMsat = 12_000_000n;
const nobodyGained = { customer: 0, m1: 0, m2: 0, worker: 0, settler: 0 };

interface Town extends Ride {
  readonly before: Readonly<Record<string, bigint>>;
}

function town(name: string): Town {
  const ride = prepareRide(`protections/${name}`);
  return { ...ride, before: { ...ride.world.ledger.balances() } };
}

/** What everybody has more or less than before, in sats. */
function gained({ world, before }: Town): Record<string, number> {
  const after = world.ledger.balances();
  return Object.fromEntries(
    Object.keys(before).map((name) => [name, Number(after[name]! - before[name]!) / 1_000]),
  );
}

function rest({ world }: Ride, ms = 60_000): void {
  world.clock.runUntil(world.clock.now() + ms);
}

/** Why this person's node did not take its last command of that name. */
function refusal(person: Person, command: string): string | undefined {
  const isOne = (notice: Notice) => notice.view === 'rejected' && notice.command === command;
  const notice = person.notices.findLast(isOne);
  return notice?.view === 'rejected' ? notice.code : undefined;
}

function membership({ settler }: Ride, name: 'worker' | 'customer'): ApplicationId {
  const members = [...settler.views.values()].flatMap((notice) =>
    notice.view === 'membership' ? [notice.membership] : [],
  );
  return members.find((one) => one.name === name)!.applicationId;
}

/** A job is posted; answers its id once the worker heard of it. */
function posted(ride: Ride): PayloadId {
  const { customer, worker } = ride;
  const jobs = () => [...customer.views.keys()].filter((key) => key.startsWith('job/')).length;
  const known = jobs();
  customer.command({ command: 'postJob', topic });
  wait(ride, 'it is posted', () => jobs() > known);
  const { payloadId } = see(customer, 'job')!.job;
  wait(ride, 'the worker hears of it', () => worker.views.has(`heard/${payloadId}`));
  return payloadId;
}

function offersOf({ customer }: Ride, payloadId: PayloadId) {
  const notice = customer.views.get(`job/${payloadId}`);
  return notice?.view === 'job' ? notice.job.offers : [];
}

/** The worker makes an offer and the customer takes it; money begins to move. */
function taken(ride: Ride): PayloadId {
  const { customer, worker } = ride;
  const payloadId = posted(ride);
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
  wait(ride, 'an offer arrives', () => offersOf(ride, payloadId).length > 0);
  const { promiseId } = offersOf(ride, payloadId)[0]!;
  customer.command({ command: 'chooseReply', payloadId, promiseId });
  return payloadId;
}

function hired(ride: Ride): PayloadId {
  const payloadId = taken(ride);
  wait(ride, 'the contact opens', () => {
    const notice = ride.customer.views.get(`job/${payloadId}`);
    return notice?.view === 'job' && notice.job.contactText !== null;
  });
  return payloadId;
}

function openCase(ride: Ride) {
  return see(ride.settler, 'settlement')!.settlement;
}

describe('the settler protects against', () => {
  test('the incompetence of the worker: it says what it checked, and lets nobody work whom it does not know [STL-08, CRT-07]', () => {
    const ride = town('incompetence');
    const { customer, worker, m2, settler, root } = { ...ride, m2: ride.middlemen[1]! };
    settler.command({ command: 'setPolicy', policy: { approveAutomatically: false } });
    rest(ride, 1_000);
    const payloadId = posted(ride);
    wait(ride, 'the neighbour hears of it', () => m2.views.has(`heard/${payloadId}`));
    const offer = { command: 'makeOffer', payloadId, priceMsat, contactText: 'Kim' } as const;
    m2.command(offer);
    rest(ride, 1_000);
    expect(refusal(m2, 'makeOffer')).toBe('NO_CERTIFICATE');

    const statement = 'I have no licence, but I drive well.';
    m2.command({ command: 'applyForCertificate', root, name: 'worker', statement });
    const asks = () => see(settler, 'membership')!.membership;
    wait(ride, 'it is asked', () => asks().statement === statement);
    const { applicationId } = asks();
    const properties = [{ name: 'known_to_settler', value: 'checked' }];
    settler.command({ command: 'approveApplication', applicationId, properties });
    wait(ride, 'certificates come', () => {
      return see(m2, 'settler')!.settler.memberships.some(({ left }) => left > 0);
    });
    m2.command(offer);
    worker.command({ ...offer, contactText: 'Ola' });
    const properly = () =>
      offersOf(ride, payloadId).map(({ replier }) => replier.properties.map(({ name }) => name));
    wait(ride, 'both offer', () => new Set(properly().map(String)).size === 2);
    // The customer sees which of the two may drive.
    expect(properly().filter((names) => names.includes('driving_licence'))).not.toEqual([]);
    expect(properly()).toContainEqual(['known_to_settler']);
    expect(see(customer, 'fault')).toBeUndefined();
  });

  test('customers without money: the worker is told to begin only when the whole price is held [STL-08, PAY-12]', () => {
    const ride = town('no-money');
    const { customer, worker, world } = ride;
    const payloadId = taken(ride);
    wait(ride, 'the settler holds the fee', () => openCase(ride).stage !== 'promised');
    const held = () => world.ledger.inFlight().length;
    const stage = () => see(worker, 'offerMade')!.offer.stage;
    wait(ride, 'the worker is hired', () => stage() === 'matched');
    // Every sat that the worker could be owed is locked by now, and none is anybody's yet.
    expect(openCase(ride).payments.map(({ state }) => state)).toEqual(['accepted', 'accepted']);
    expect(held()).toBeGreaterThan(0);
    expect(gained(ride)).toMatchObject({ worker: 0, settler: 0 });
    customer.command({ command: 'confirmJob', payloadId });
    wait(ride, 'the worker is paid', () => stage() === 'paid');
    rest(ride);
    expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
  });

  test('disputes: the money stays where it is until it heard both, and goes where it rules [STL-08, STL-07]', () => {
    const ride = town('dispute');
    const { customer, worker, settler, world } = ride;
    const payloadId = hired(ride);
    const { promiseId, heights } = openCase(ride);
    const { offerId } = see(worker, 'offerMade')!.offer;
    worker.command({ command: 'announceDone', offerId });
    while (world.ledger.height <= heights.earliestClaim) {
      world.ledger.mine(1);
      rest(ride, 31_000);
    }
    customer.command({ command: 'dispute', promiseId, text: 'He never came.' });
    worker.command({ command: 'dispute', promiseId, text: 'She paid with a smile and left.' });
    wait(ride, 'it has both', () => openCase(ride).replierEvidence !== null, 90_000);
    world.ledger.mine(20);
    rest(ride);
    expect(openCase(ride)).toMatchObject({
      stage: 'disputed',
      senderEvidence: 'He never came.',
      replierEvidence: 'She paid with a smile and left.',
    });
    expect(gained(ride)).toMatchObject({ worker: 0, settler: 0 });
    settler.command({ command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' });
    rest(ride);
    expect(gained(ride)).toMatchObject({ worker: 12_000, settler: 10 });
    const notice = customer.views.get(`job/${payloadId}`);
    expect(notice?.view === 'job' && notice.job.reason).toBe('ruled');
  });

  test('crime: it knows the person behind the keys, gives the money back, and that person works no more [STL-08, STL-10, CRT-05]', () => {
    const ride = town('crime');
    const { customer, worker, settler } = ride;
    const first = hired(ride);
    const { promiseId } = openCase(ride);
    customer.command({ command: 'dispute', promiseId, text: 'He robbed me.' });
    wait(ride, 'it is told', () => openCase(ride).stage === 'disputed', 90_000);
    settler.command({ command: 'rulePromise', promiseId, gig: 'refunded', network: 'refunded' });
    rest(ride);
    expect(gained(ride)).toEqual(nobodyGained);

    // Another job, another key, and yet the same person: what the police may ask about.
    const second = hired(ride);
    expect(second).not.toBe(first);
    expect(openCase(ride).replier).toMatchObject({ jobs: 1, rulings: 1 });
    const applicationId = membership(ride, 'worker');
    const reason = 'Reported to the police.';
    settler.command({ command: 'revokeMembership', applicationId, reason, atOnce: true });
    rest(ride, 10_000);
    const third = posted(ride);
    worker.command({ command: 'makeOffer', payloadId: third, priceMsat, contactText: 'Ola' });
    rest(ride);
    expect(refusal(worker, 'makeOffer')).toBe('NO_CERTIFICATE');
    expect(offersOf(ride, third)).toEqual([]);
  });

  test('terrorism funding: it decides whether held money arrives, and nobody that it does not know is paid through it [STL-08, NET-08]', () => {
    const ride = town('terrorism');
    const { worker, settler, world } = ride;
    const payloadId = posted(ride);
    worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
    wait(ride, 'an offer arrives', () => offersOf(ride, payloadId).length > 0);
    const { promiseId } = offersOf(ride, payloadId)[0]!;
    worker.crash();
    ride.customer.command({ command: 'chooseReply', payloadId, promiseId });
    wait(ride, 'money is held', () => openCase(ride).stage === 'held');
    expect(world.ledger.inFlight()).not.toEqual([]);

    settler.command({ command: 'abortPromise', promiseId });
    const applicationId = membership(ride, 'worker');
    const reason = 'On the list of the authorities.';
    settler.command({ command: 'revokeMembership', applicationId, reason, atOnce: true });
    rest(ride);
    worker.restart();
    rest(ride, 600_000);
    expect(world.ledger.inFlight()).toEqual([]);
    expect(gained(ride)).toEqual(nobodyGained);
    expect(openCase(ride)).toMatchObject({ stage: 'aborted', reason: 'settler' });

    const next = posted(ride);
    worker.command({ command: 'makeOffer', payloadId: next, priceMsat, contactText: 'Ola' });
    rest(ride);
    expect(offersOf(ride, next)).toEqual([]);
    expect(gained(ride)).toEqual(nobodyGained);
  });
});
