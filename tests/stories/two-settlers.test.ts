/**
 * Customer and worker vouched for by settlers of their own. Whoever is asked trusts both; the worker's settles, and the
 * customer's has no part in the money. Whitepaper: "Payment settler" (many settlers, the parties choose).
 */
import { expect, test } from 'vitest';
import type { PartyKey } from '../../src/lib/protocol/index.ts';
import { createWorld, type Person } from '../../src/simulator/world.ts';
import { see, startMs, topic } from './ride.ts';

const priceMsat = 12_000_000n;

function twoUnions(seed: string, strangers: readonly string[] = []) {
  const world = createWorld({ seed, startMs });
  const { clock, ledger } = world;
  const approve = { policy: { approveAutomatically: true, allowPeers: [] } };
  const riders = world.person('riders', approve);
  const drivers = world.person('drivers', approve);
  const customer = world.person('customer');
  const middleman = world.person('middleman');
  const worker = world.person('worker');
  const line = [customer, middleman, worker];
  const people = [riders, drivers, ...line];
  const wait = (what: string, holds: () => boolean) => clock.runUntilTrue(holds, 60_000, what);
  wait('nodes start', () => people.every((person) => see(person, 'node')));
  for (const [index, person] of line.entries()) {
    const near = [line[index - 1], line[index + 1]].flatMap((one) => (one ? [one.peer] : []));
    person.command({ command: 'setPolicy', policy: { allowPeers: near } });
  }
  for (const person of people) {
    person.command({ command: 'connectWallet', uri: ledger.uri(person.name) });
  }
  const root = (settler: Person): PartyKey => see(settler, 'node')!.node.settlerRoot!;
  for (const settler of [riders, drivers]) {
    settler.command({ command: 'becomeSettler', name: settler.name });
    wait('the settler is one', () => see(settler, 'node')?.node.isSettler === true);
    for (const person of line) {
      if (strangers.includes(`${person.name} ${settler.name}`)) continue;
      const addresses = [settler.address];
      person.command({
        command: 'addSettler',
        root: root(settler),
        peer: settler.peer,
        addresses,
      });
    }
  }
  wait('wallets are ready', () =>
    people.every((person) => see(person, 'wallet')?.wallet.state === 'ready'),
  );
  const certify = (person: Person, settler: Person, name: 'customer' | 'worker') => {
    const view = () => person.views.get(`settler/${root(settler)}`);
    const settlerView = () => {
      const seen = view();
      return seen?.view === 'settler' ? seen.settler : undefined;
    };
    wait('the settler is known', () => settlerView()?.known === true);
    person.command({
      command: 'applyForCertificate',
      root: root(settler),
      name,
      statement: 'It is me.',
    });
    wait('it vouches', () => (settlerView()!.memberships[0]?.left ?? 0) > 0);
  };
  certify(customer, riders, 'customer');
  certify(worker, drivers, 'worker');
  for (const person of people) {
    person.command({ command: 'useRelays', relays: ['/dns4/relay.example/tcp/443/wss'] });
  }
  clock.runUntil(clock.now() + 10_000);
  return { world, riders, drivers, customer, middleman, worker, wait };
}

test('customer and worker have different settlers: the worker’s settles [STL-06, STL-09]', () => {
  const { world, riders, drivers, customer, worker, wait } = twoUnions('two-settlers');
  const before = { ...world.ledger.balances() };
  customer.command({ command: 'postJob', topic });
  wait('the worker hears of it', () => see(worker, 'heard') !== undefined);
  const { payloadId, sender } = see(worker, 'heard')!.heard;
  expect(sender.certAuthName).toBe('riders');
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
  wait('an offer arrives', () => see(customer, 'job')!.job.offers.length > 0);
  const offer = see(customer, 'job')!.job.offers[0]!;
  expect(offer.settler.certAuthName).toBe('drivers');
  customer.command({ command: 'chooseReply', payloadId, promiseId: offer.promiseId });
  wait('the contact opens', () => see(customer, 'job')!.job.contactText === 'Ola');
  customer.command({ command: 'confirmJob', payloadId });
  wait('everybody is paid', () => see(worker, 'offerMade')!.offer.stage === 'paid');
  world.clock.runUntil(world.clock.now() + 60_000);

  const after = world.ledger.balances();
  const gained = Object.fromEntries(
    Object.keys(before).map((name) => [name, after[name]! - before[name]!]),
  );
  expect(gained).toEqual({
    customer: -(priceMsat + offer.networkFeeMsat),
    middleman: offer.networkFeeMsat - 10_000n,
    worker: priceMsat,
    riders: 0n,
    drivers: 10_000n,
  });
  expect(see(drivers, 'settlement')!.settlement.stage).toBe('settled');
  expect(see(riders, 'settlement')).toBeUndefined();
  expect(world.ledger.inFlight()).toEqual([]);
});

test('a neighbour that does not trust the worker’s settler carries no promise of it [STL-06]', () => {
  const { world, customer, worker, wait } = twoUnions('stranger', ['middleman drivers']);
  customer.command({ command: 'postJob', topic });
  wait('the worker hears of it', () => see(worker, 'heard') !== undefined);
  const { payloadId } = see(worker, 'heard')!.heard;
  worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
  wait('the offer leaves', () => see(worker, 'offerMade')?.offer.stage === 'sent');
  world.clock.runUntil(world.clock.now() + 60_000);
  expect(see(customer, 'job')!.job.offers).toEqual([]);
  expect(world.ledger.inFlight()).toEqual([]);
});
