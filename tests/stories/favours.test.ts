/** A job that is passed on for sats in place of work, told, and a device that dies right after it paid. */
import { expect, test } from 'vitest';
import { see, topic, wait, type Ride } from './ride.ts';
import { tell } from './transcript.ts';
import { gained, rest } from './without-settler.ts';

const priceMsat = 5_000n;
const pays = { maxPayMsat: 20_000n, maxPayPerDayMsat: 50_000n, payAboveMs: 0 };

/** The first middleman takes 5 sat; the second one 7; the customer pays, the first middleman works. */
function rules({ customer, middlemen: [m1, m2] }: Ride): void {
  customer.command({ command: 'setPolicy', policy: pays });
  m1!.command({ command: 'setPolicy', policy: { priceMsat } });
  m2!.command({ command: 'setPolicy', policy: { priceMsat: 7_000n } });
}

const nobody = ({ people }: Ride) => Object.fromEntries(people.map(({ name }) => [name, 0n]));

test('passed on for 5 sat: the neighbour has them, and everybody behind it works [WRK-03, WRK-18]', () => {
  tell('sats-for-work', (ride) => {
    const { customer, worker, middlemen, world } = ride;
    rules(ride);
    const before = { ...world.ledger.balances() };
    customer.command({ command: 'postJob', topic });
    wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
    rest(ride, 60_000);
    expect(gained(ride, before)).toEqual({ ...nobody(ride), customer: -5_000n, m1: 5_000n });
    const [m1] = middlemen;
    expect(see(customer, 'job')!.job.asks).toMatchObject([
      { state: 'broadcast', paysMsat: priceMsat },
    ]);
    expect(see(m1!, 'node')!.node.favours).toEqual({ soldMsat: priceMsat, boughtMsat: 0n });
    expect(see(customer, 'node')!.node.favours).toEqual({ soldMsat: 0n, boughtMsat: priceMsat });
    expect(world.ledger.inFlight()).toEqual([]);
  });
});

test('a device dies right after it paid: paid once, told again with work, and nothing is left in the air [WRK-03]', () => {
  tell('sats-for-work-crash', (ride) => {
    const { customer, worker, world } = ride;
    rules(ride);
    const before = { ...world.ledger.balances() };
    customer.command({ command: 'postJob', topic });
    wait(ride, 'the payment is on its way', () => world.ledger.inFlight().length === 1);
    customer.crash();
    rest(ride, 10_000);
    customer.restart();
    wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
    rest(ride, 60_000);
    expect(gained(ride, before)).toEqual({ ...nobody(ride), customer: -5_000n, m1: 5_000n });
    expect(world.ledger.inFlight()).toEqual([]);
  });
});
