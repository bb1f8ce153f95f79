/** A ride without a settler in which one device dies right after one thing it did, and starts again a little later. */
import { expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/index.ts';
import { prepareRide, wait, type Ride } from './ride.ts';
import { gained, hasMet, replied, replyOf, rest } from './without-settler.ts';

/** What each of them does between the reply's arrival and the meeting, in order. */
const actions = {
  customer: ['issueInvoice', 'thankYouHash', 'settleInvoice', 'contact'],
  m1: ['issueInvoice', 'thankYouHash', 'payInvoice', 'settleInvoice'],
  m2: ['issueInvoice', 'thankYouHash', 'payInvoice', 'settleInvoice'],
  worker: ['payInvoice', 'contactKey', 'contact'],
} as const;
type Name = keyof typeof actions;

/** A middleman remembers the money, not the reply: what was on its way when it died is not said again, and all comes back. */
const missed: readonly string[] = ['m1 thankYouHash', 'm2 thankYouHash'];

const cases = Object.entries(actions).flatMap(([name, did]) =>
  did.map((what) => [name as Name, what] as const),
);

test.each(cases)('%s dies after its %s: nobody loses more than was agreed', (name, what) => {
  let armed = false;
  let ride: Ride | null = null;
  const strike = (who: string, did: string) => {
    if (!armed || who !== name || did !== what) return;
    armed = false;
    const person = ride!.people.find((each) => each.name === name)!;
    const { clock } = ride!.world;
    clock.at(clock.now(), () => person.crash());
    clock.at(clock.now() + 5_000, () => person.restart());
  };
  ride = prepareRide(`thank-you-crash/${name}/${what}`, {
    frame: (from, _to, frame) => strike(from, frame.kind),
    wallet: (who, effect) => strike(who, effect.do),
  });
  const before = { ...ride.world.ledger.balances() };
  const { digest } = replied(ride);
  armed = true;
  ride.customer.command({ command: 'thank', digest });
  wait(ride, 'it dies', () => !armed);
  rest(ride, 2 * limits.thankYouMs);
  ride.world.ledger.mine(600);
  rest(ride);

  const { customer, m1, m2, worker, settler } = gained(ride, before);
  expect(ride.world.ledger.inFlight()).toEqual([]);
  expect(settler).toBe(0n);
  expect(customer! + m1! + m2! + worker!).toBe(0n);
  expect(hasMet(ride)).toBe(!missed.includes(`${name} ${what}`));
  if (hasMet(ride)) {
    expect(customer).toBe(limits.thankYouMsat);
    expect([m1! >= 0n, m2! >= 0n]).toEqual([true, true]);
    expect(-worker!).toBeLessThanOrEqual(replyOf(ride)!.replyLimitMsat);
  } else {
    expect([customer, m1, m2, worker]).toEqual([0n, 0n, 0n, 0n]);
  }
});
