/** More than a line of nodes: how far a topic gets in a mesh, who is asked how often, and jobs among several settlers. */
import { beforeAll, describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/index.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import { nowMs } from './cast.ts';
import { Town, type Seat } from './town.ts';

const window = { pickupAfterMs: nowMs, dropoffBeforeMs: nowMs + 2 * 3_600_000 };
const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;

interface Settler {
  readonly seat: Seat;
  readonly root: PartyKey;
}

function settlerIn(town: Town, name: string): Settler {
  const seat = town.seat(name, { allowPeers: [], approveAutomatically: true });
  town.command(seat, { command: 'becomeSettler', name });
  const [root] = seat.life.flatMap(({ effects }) =>
    effects.flatMap((effect) =>
      effect.do === 'notify' && effect.notice.view === 'node' && effect.notice.node.settlerRoot
        ? [effect.notice.node.settlerRoot]
        : [],
    ),
  );
  town.bank(seat);
  return { seat, root: root! };
}

function trusts(town: Town, seat: Seat, { seat: settler, root }: Settler): void {
  const { self: peer } = settler.node;
  town.command(seat, { command: 'addSettler', root, peer, addresses: [`/memory/${settler.name}`] });
}

function certified(town: Town, seat: Seat, { root }: Settler, name: 'customer' | 'worker'): void {
  const apply = { command: 'applyForCertificate', root, statement: 'It is me.' } as const;
  town.command(seat, { ...apply, name });
}

describe('a mesh of 12 nodes', () => {
  let seats: Seat[];
  const sent = (seat: Seat, kind: string) =>
    seat.life.flatMap(({ effects }) =>
      effects.flatMap((effect) =>
        effect.do === 'send' && effect.frame.kind === kind ? [effect.to] : [],
      ),
    );

  beforeAll(() => {
    const town = new Town();
    const settler = settlerIn(town, 'settler');
    seats = Array.from({ length: 12 }, (_, i) => town.seat(`n${i}`));
    for (const seat of seats) trusts(town, seat, settler);
    for (const seat of seats) town.bank(seat);
    const [customer] = seats as [Seat];
    certified(town, customer, settler, 'customer');
    // A ring, and chords over 3: four neighbours each.
    for (const [i, seat] of seats.entries()) {
      for (const step of [1, 3]) town.connect(seat, seats[(i + step) % seats.length]!);
    }
    town.command(customer, { command: 'postJob', topic });
    town.pass(limits.quietStartMs);
  }, 60_000);

  test('everybody hears of the job, though each decides alone [NET-15]', () => {
    const [customer, ...others] = seats as [Seat, ...Seat[]];
    const [payloadId] = customer.node.jobs.keys();
    const reached = others.filter(({ node }) => node.heard.has(payloadId!));
    expect(reached).toHaveLength(others.length);
  });

  test('nobody delivers to more than its fanout for each time it carries [NET-16]', () => {
    for (const seat of seats) {
      const { fanout, multibroadcast } = seat.node.policy;
      expect(sent(seat, 'broadcast').length).toBeLessThanOrEqual(fanout * multibroadcast);
    }
    const all = seats.flatMap((seat) => sent(seat, 'broadcast')).length;
    for (const seat of seats) expect(sent(seat, 'broadcast').length).toBeLessThan(all / 3);
  });
});

describe('a worker certified by another settler than the customer', () => {
  function offersTo(trusting: boolean) {
    const town = new Town();
    const [guild, union] = [settlerIn(town, 'guild'), settlerIn(town, 'union')];
    const [customer, worker] = [town.seat('customer'), town.seat('worker')];
    for (const seat of [customer, worker]) town.bank(seat);
    trusts(town, customer, guild);
    if (trusting) trusts(town, customer, union);
    for (const settler of [guild, union]) trusts(town, worker, settler);
    certified(town, customer, guild, 'customer');
    certified(town, worker, union, 'worker');
    town.connect(customer, worker);
    town.command(customer, { command: 'postJob', topic });
    const [payloadId] = worker.node.heard.keys();
    const wish = { priceMsat: 12_000_000n, contactText: 'Ola, white Skoda' };
    town.command(worker, { command: 'makeOffer', payloadId: payloadId!, ...wish });
    const [job] = customer.node.jobs.values();
    return { offers: job!.offers, union, codes: [...customer.node.peers.values()] };
  }

  test('is promised for by its own, and taken by who trusts that one [STL-06, CRT-10]', () => {
    const { offers, union } = offersTo(true);
    expect(offers).toMatchObject([{ settlerRoot: union.root, replierRoot: union.root }]);
  });

  test('is nobody to a customer who does not [STL-06]', () => {
    const { offers, codes } = offersTo(false);
    expect(offers).toEqual([]);
    expect(codes).toContainEqual(
      expect.objectContaining({ lastFault: 'CERTIFICATE_ISSUER_UNKNOWN' }),
    );
  });
});
