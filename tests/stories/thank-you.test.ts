/** Rides without a settler, told: the thank you that pays for the reply, and the one that is withheld. */
import { expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/index.ts';
import { see, wait, type Ride } from './ride.ts';
import { tell } from './transcript.ts';
import { gained, met, replied, replyOf, rest, thanksOf } from './without-settler.ts';

test('a ride without a settler: replied, thanked, met [THX-02, THX-03, THX-04, THX-06, THX-07]', () => {
  tell('thank-you', (ride) => {
    const { customer, worker, world } = ride;
    const before = { ...world.ledger.balances() };
    met(ride);
    const { promiseId } = thanksOf(ride)!;
    customer.command({ command: 'say', promiseId, text: 'I wait at the corner.' });
    wait(ride, 'the worker reads it', () => replyOf(ride)!.chat.length === 1);
    worker.command({ command: 'say', promiseId, text: 'Two minutes.' });
    wait(ride, 'the customer reads it', () => thanksOf(ride)!.chat.length === 2);
    rest(ride);
    const { customer: thanks, m1, m2, worker: price, settler } = gained(ride, before);
    expect(thanks).toBe(limits.thankYouMsat);
    expect([m1! > 0n, m2! > 0n, settler]).toEqual([true, true, 0n]);
    expect(-price!).toBe(thanks! + m1! + m2!);
    expect(-price!).toBeLessThanOrEqual(replyOf(ride)!.replyLimitMsat);
    expect(see(ride.settler, 'settlement')).toBeUndefined();
    expect(world.ledger.inFlight()).toEqual([]);
  });
});

test('a thank you that is withheld: the worker has its money back, and the topic is dearer next time [THX-08]', () => {
  tell('thank-you-withheld', (ride) => {
    const { customer, world } = ride;
    const before = { ...world.ledger.balances() };
    const { digest } = replied(ride);
    customer.command({ command: 'thank', digest });
    wait(ride, 'the worker pays', () => replyOf(ride)!.stage === 'paying');
    // Its device dies while the payment is held for it, and wakes up when the thank you is worth nothing any more.
    wait(ride, 'all is held', () => world.ledger.inFlight().length === 3);
    customer.crash();
    world.ledger.mine(limits.unlockBlocks + 1);
    rest(ride, limits.thankYouMs);
    expect(gained(ride, before)).toMatchObject({ settler: 0n });
    world.ledger.mine(600);
    rest(ride);
    expect(replyOf(ride)).toMatchObject({ stage: 'ended', reason: 'unthanked' });
    expect(gained(ride, before)).toEqual(nobody(ride));
    expect(world.ledger.inFlight()).toEqual([]);
  });
});

const nobody = ({ people }: Ride) => Object.fromEntries(people.map(({ name }) => [name, 0n]));
