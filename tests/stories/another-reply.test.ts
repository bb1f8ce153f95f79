/**
 * A first payment that fails does not end the job: what was paid comes back, and the customer takes another reply, on another way of
 * the same offer or of another worker. Whitepaper: "Replying".
 */
import { expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/index.ts';
import { answered, byTotal, choose, confirm, gains, prices, type TwoWays } from './two-ways.ts';

const settlerMsat = 10_000n;

function expectOpen({ world, job }: TwoWays): void {
  expect(job()).toMatchObject({ stage: 'offers', chosen: null, payments: [], contactText: null });
  expect(world.ledger.inFlight()).toEqual([]);
}

test('a hop that cannot pay onward: the dear way of the same offer is taken [RPL-11, BRC-06, BRC-11]', () => {
  const ways = answered('again/hop', 'ola');
  const { world, wait, job } = ways;
  const [cheap, dear] = byTotal(job());
  expect(cheap!.offerId).toBe(dear!.offerId);
  // Every forwarder on its way to the settler fails, as Lightning's do.
  world.ledger.setAlive('settler', false);
  choose(ways, cheap!);
  wait('money leaves', () => world.ledger.inFlight().length > 0);
  world.clock.runUntil(world.clock.now() + 30_000);
  world.ledger.setAlive('settler', true);
  expect(job().stage).toBe('locking');
  expect(gains(ways).customer).toBe(-cheap!.networkFeeMsat);

  // The neighbour holds what it was paid until the settler's Abort. Nobody waits an hour for that.
  wait('the job is open again', () => job().stage === 'offers', limits.networkPatienceMs + 60_000);
  expect(job().reason).toBe('not-held');
  expect(job().offers.map(({ promiseId }) => promiseId)).toEqual([dear!.promiseId]);
  expectOpen(ways);
  expect(gains(ways)).toEqual({});

  choose(ways, dear!);
  wait('the contact opens', () => job().contactText === 'ola');
  expect(job().reason).toBe('');
  confirm(ways);
  expect(gains(ways)).toEqual({
    customer: -(prices.ola + dear!.networkFeeMsat),
    ola: prices.ola,
    dear: dear!.networkFeeMsat - settlerMsat,
    settler: settlerMsat,
  });
});

test('a worker who cannot be paid: another worker’s reply is taken [RPL-11, PAY-12]', () => {
  const ways = answered('again/worker', 'ola', 'kim');
  const { world, wait, job } = ways;
  const [first] = byTotal(job());
  expect(first!.priceMsat).toBe(prices.ola);
  world.ledger.setAlive('ola', false);
  choose(ways, first!);
  wait('the job is open again', () => job().stage === 'offers');
  // Her settler lets one way of an offer win, so her others are off with it.
  expect(job().offers.map(({ priceMsat }) => priceMsat)).toEqual([prices.kim, prices.kim]);
  expectOpen(ways);
  expect(gains(ways)).toEqual({});

  const [second] = byTotal(job());
  choose(ways, second!);
  wait('the contact opens', () => job().contactText === 'kim');
  confirm(ways);
  expect(gains(ways)).toEqual({
    customer: -(prices.kim + second!.networkFeeMsat),
    kim: prices.kim,
    cheap: second!.networkFeeMsat - settlerMsat,
    settler: settlerMsat,
  });
});

test('the customer’s device starts again in the middle of it, and pays nothing twice [PAY-21]', () => {
  const ways = answered('again/crash', 'ola', 'kim');
  const { world, customer, wait, job } = ways;
  world.ledger.setAlive('settler', false);
  choose(ways, byTotal(job())[0]!);
  wait('money leaves', () => world.ledger.inFlight().length > 0);
  customer.crash();
  world.clock.runUntil(world.clock.now() + limits.networkPatienceMs / 2);
  world.ledger.setAlive('settler', true);
  customer.restart();
  wait('the job is open again', () => job().stage === 'offers', limits.networkPatienceMs + 60_000);
  expectOpen(ways);
  customer.crash();
  customer.restart();
  wait('the job is there', () => job().stage === 'offers');
  world.clock.runUntil(world.clock.now() + 20_000);

  const second = byTotal(job())[0]!;
  choose(ways, second);
  wait('the contact opens', () => job().contactText !== null);
  confirm(ways);
  expect(gains(ways)).toMatchObject({
    customer: -(second.priceMsat + second.networkFeeMsat),
    settler: settlerMsat,
  });
});

test('a customer without the money is told no contact, and nobody starts for it [STL-08, PAY-12]', () => {
  const networkMsat = 26_000n;
  // As much as everything costs, but for what the wallet pays to have it forwarded.
  const wallet = { balanceMsat: prices.ola + networkMsat, feeMsat: () => 1_000n };
  const ways = answered({ seed: 'again/poor', wallet }, 'ola');
  const { world, people, wait, job } = ways;
  const [cheap] = byTotal(job());
  expect(cheap!.networkFeeMsat).toBe(networkMsat);
  choose(ways, cheap!);
  wait('it is over', () => job().stage === 'refunded');
  wait('nothing is in the air', () => world.ledger.inFlight().length === 0, 600_000);
  expect(job()).toMatchObject({ contactText: null, reason: 'insufficient balance' });
  const stages = people.flatMap(({ name, notices }) =>
    notices.flatMap((seen) => (seen.view === 'offerMade' ? [`${name} ${seen.offer.stage}`] : [])),
  );
  expect(stages).toContain('ola sent');
  expect(stages.filter((stage) => /held|matched|paid/.test(stage))).toEqual([]);
  expect(gains(ways)).toEqual({});
});

test('where there is no other reply the job ends, and everything came back', () => {
  const ways = answered('again/alone', 'ola');
  const { world, wait, job } = ways;
  world.ledger.setAlive('ola', false);
  choose(ways, byTotal(job())[0]!);
  wait('it is over', () => job().stage === 'refunded');
  wait('nothing is in the air', () => world.ledger.inFlight().length === 0, 600_000);
  expect(gains(ways)).toEqual({});
});
