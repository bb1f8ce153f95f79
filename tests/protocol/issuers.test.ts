/** Several settlers, one vouching for another, and what a stranger can tell from two topics. Whitepaper: "Digital Certificates". */
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame } from '../../src/lib/protocol/frame.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { settlerRoot } from '../../src/lib/protocol/node/state.ts';
import { Certificate } from '../../src/lib/protocol/wire/messages.ts';
import { read } from './samples.ts';
import { Town, type Seat } from './town.ts';

function settlerOf(town: Town, name: string): Seat {
  const seat = town.seat(name, { approveAutomatically: true });
  town.command(seat, { command: 'becomeSettler', name });
  town.bank(seat);
  return seat;
}

function trust(town: Town, seat: Seat, settler: Seat): PartyKey {
  const root = settlerRoot(settler.node);
  const { self: peer } = settler.node;
  const addresses = [`/memory/${settler.name}`];
  town.command(seat, { command: 'addSettler', root, peer, addresses });
  return root;
}

function join(town: Town, seat: Seat, root: PartyKey, name: 'customer' | 'worker' | 'settler') {
  const statement = 'It is me.';
  town.command(seat, { command: 'applyForCertificate', root, name, statement });
}

function person(town: Town, name: string): Seat {
  const seat = town.seat(name);
  town.bank(seat);
  return seat;
}

/** A customer who trusts the state alone, and a worker whom a union vouches for, which the state vouches for. */
function twoSettlers() {
  const town = new Town();
  const [state, union] = [settlerOf(town, 'state'), settlerOf(town, 'union')];
  const stateRoot = trust(town, union, state);
  join(town, union, stateRoot, 'settler');
  const [customer, worker] = [person(town, 'customer'), person(town, 'worker')];
  join(town, customer, trust(town, customer, state), 'customer');
  trust(town, worker, state);
  join(town, worker, trust(town, worker, union), 'worker');
  for (const settler of [state, union]) {
    town.command(settler, { command: 'setPolicy', policy: { allowPeers: [] } });
  }
  town.connect(customer, worker);
  return { town, state, union, customer, worker };
}

type Two = ReturnType<typeof twoSettlers>;

function post(town: Town, customer: Seat): void {
  const window = { pickupAfterMs: town.nowMs, dropoffBeforeMs: town.nowMs + 3_600_000 };
  const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
  const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;
  town.command(customer, { command: 'postJob', topic });
}

function offer({ town, worker }: Two): void {
  const payloadId = [...worker.node.heard.keys()].at(-1)!;
  const wish = { priceMsat: 12_000_000n, contactText: 'Ola' };
  town.command(worker, { command: 'makeOffer', payloadId, ...wish });
}

const lastJob = ({ node }: Seat) => [...node.jobs.values()].at(-1)!;
const done = ({ life }: Seat) => life.flatMap(({ effects }) => effects);
const faults = (seat: Seat) =>
  done(seat).flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));

function choose({ town, customer }: Two): void {
  const { job, offers } = lastJob(customer);
  const { promiseId } = offers[0]!;
  town.command(customer, { command: 'chooseReply', payloadId: job.payloadId, promiseId });
}

describe('a settler that another settler vouches for [CRT-04, CRT-08, CRT-10]', () => {
  test('has its word taken by those who trust the other one alone, up to the payment', () => {
    const made = twoSettlers();
    const { town, customer, worker, state, union } = made;
    post(town, customer);
    offer(made);
    const [taken] = lastJob(customer).offers;
    expect(taken!.replierRoot).toBe(settlerRoot(state.node));
    expect(taken!.vouched.authorities).toEqual([settlerRoot(union.node), settlerRoot(state.node)]);
    choose(made);
    expect(done(customer).some((effect) => effect.do === 'payInvoice')).toBe(true);
    expect([...faults(customer), ...faults(worker)]).toEqual([]);
  });

  test('loses it with the other one’s, for everybody it vouched for [CRT-05]', () => {
    const made = twoSettlers();
    const { town, customer, state } = made;
    post(town, customer);
    offer(made);
    const members = [...state.node.memberships.values()];
    const { applicationId } = members.find(({ name }) => name === 'settler')!;
    const wish = { applicationId, reason: 'Struck off.', atOnce: true } as const;
    town.command(state, { command: 'revokeMembership', ...wish });
    choose(made);
    post(town, customer);
    offer(made);
    expect(done(customer).some((effect) => effect.do === 'payInvoice')).toBe(false);
    expect(faults(customer)).toEqual(['CERTIFICATE_REVOKED']);
  });

  test('is asked for its list by those who do not have it; no answer, no payment', () => {
    const made = twoSettlers();
    const { town, customer, union } = made;
    const other = person(town, 'other');
    join(town, other, trust(town, other, union), 'worker');
    const { applicationId } = [...union.node.memberships.values()].at(-1)!;
    const wish = { applicationId, reason: 'Licence lost.', atOnce: true } as const;
    town.command(union, { command: 'revokeMembership', ...wish });
    town.onFrame = (_from, to, bytes) => {
      const frame = decodeFrame(bytes);
      const kind = 'kind' in frame ? frame.kind : '';
      return to === customer && ['settlerInfo', 'revocationList'].includes(kind) ? null : bytes;
    };
    post(town, customer);
    offer(made);
    expect(lastJob(customer).offers).toHaveLength(1);
    choose(made);
    expect(done(customer).some((effect) => effect.do === 'payInvoice')).toBe(false);
    town.onFrame = (_from, _to, bytes) => bytes;
    choose(made);
    choose(made);
    expect(done(customer).some((effect) => effect.do === 'payInvoice')).toBe(true);
  });

  test('keeps a chain of four at most, and its root key to itself', () => {
    const { union, worker, state } = twoSettlers();
    const [own] = worker.node.ownMemberships.values();
    const chain = [own!.certificates[0]!, ...own!.issuers].map(({ body }) =>
      read(Certificate, body),
    );
    expect(chain).toHaveLength(limits.chain);
    expect(chain[2]).toMatchObject({ publicKey: settlerRoot(union.node), peerKey: null });
    const [record] = [...state.node.memberships.values()].filter(({ name }) => name === 'settler');
    expect(record!.publicKey).toBe(settlerRoot(union.node));
  });
});

describe('settlers of one’s own choice [CRT-10, CRT-02]', () => {
  test('several side by side: each vouches for its own, and none for the other’s', () => {
    const town = new Town();
    const [north, south] = [settlerOf(town, 'north'), settlerOf(town, 'south')];
    const both = person(town, 'both');
    join(town, both, trust(town, both, north), 'worker');
    join(town, both, trust(town, both, south), 'worker');
    const own = [...both.node.ownMemberships.values()];
    expect(own.map(({ state, certificates }) => [state, certificates.length])).toEqual(
      Array(2).fill(['active', limits.batch]),
    );
    const stranger = person(town, 'stranger');
    join(town, stranger, trust(town, stranger, south), 'customer');
    const far = person(town, 'far');
    trust(town, far, north);
    town.connect(stranger, far);
    post(town, stranger);
    expect(faults(far)).toEqual(['CERTIFICATE_ISSUER_UNKNOWN']);
  });
});

test('two topics of one customer have nothing in common that another customer’s has not [TOP-09, NET-05]', () => {
  const town = new Town();
  const settler = settlerOf(town, 'settler');
  const [one, other] = [person(town, 'one'), person(town, 'other')];
  for (const seat of [one, other]) join(town, seat, trust(town, seat, settler), 'customer');
  post(town, one);
  post(town, one);
  post(town, other);
  const told = (seat: Seat) =>
    [...seat.node.jobs.values()].map(({ job: { request, payloadId, onion, slot } }) =>
      [hexOf(request.body), hexOf(request.signature), payloadId, hexOf(onion), slot].join(' '),
    );
  const windows = (text: string) => {
    const all = text
      .split(' ')
      .flatMap((part) =>
        Array.from({ length: part.length / 2 - 7 }, (_, i) => part.slice(2 * i, 2 * i + 16)),
      );
    return new Set(all);
  };
  const [first, second, stranger] = [...told(one), ...told(other)].map(windows);
  const shared = [...first!].filter((window) => second!.has(window));
  expect(shared.length).toBeGreaterThan(0);
  expect(shared.filter((window) => !stranger!.has(window))).toEqual([]);
});
