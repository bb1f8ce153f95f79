/** A settler's office for tests: who applies, what it decided, what its members hold. */
import type { RejectionCode } from '../../src/lib/protocol/commands.ts';
import { decodeFrame, type Frame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { ApplicationId, PartyKey } from '../../src/lib/protocol/ids.ts';
import type { Policy } from '../../src/lib/protocol/policy.ts';
import { Certificate, RequestPayload } from '../../src/lib/protocol/wire/messages.ts';
import { read } from './samples.ts';
import { Town, type Seat } from './town.ts';

export const checkedAll = [
  { name: 'identity', value: 'checked' },
  { name: 'driving_licence', value: 'checked' },
];
export const automatic = { approveAutomatically: true, approveWith: checkedAll };

/** A settler, and people who trust it and have applied. */
export function office(policy: Partial<Policy> = automatic) {
  const town = new Town();
  const settler = town.seat('settler', policy);
  town.command(settler, { command: 'becomeSettler', name: 'Couriers Union' });
  const root = [...lastNotices(settler)].findLast(({ view }) => view === 'node')!;
  const rootKey = root.view === 'node' ? root.node.settlerRoot! : ('' as PartyKey);
  const join = (name: string) => {
    const seat = town.seat(name);
    town.bank(seat);
    const { self: peer } = settler.node;
    const addresses = ['/memory/settler'];
    town.command(seat, { command: 'addSettler', root: rootKey, peer, addresses });
    return seat;
  };
  const [customer, worker] = [join('customer'), join('worker')];
  const apply = { command: 'applyForCertificate', root: rootKey, statement: 'Me.' } as const;
  town.command(customer, { ...apply, name: 'customer' });
  town.command(worker, { ...apply, name: 'worker' });
  return { town, settler, customer, worker, root: rootKey };
}

export type Office = ReturnType<typeof office>;

export function lastNotices(seat: Seat) {
  return seat.life.flatMap(({ effects }) =>
    effects.flatMap((effect) => (effect.do === 'notify' ? [effect.notice] : [])),
  );
}

export function rejections(seat: Seat): RejectionCode[] {
  return lastNotices(seat).flatMap((notice) => (notice.view === 'rejected' ? [notice.code] : []));
}

export function post(town: Town, customer: Seat): void {
  const window = { pickupAfterMs: town.nowMs, dropoffBeforeMs: town.nowMs + 3_600_000 };
  const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
  const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;
  town.command(customer, { command: 'postJob', topic });
}

/** The certificates under which a customer's jobs went out. */
export function senders(customer: Seat): Certificate[] {
  return [...customer.node.jobs.values()].map(({ job }) => {
    const { senderCertificate } = read(RequestPayload, job.request.body);
    return read(Certificate, senderCertificate[0]!.body);
  });
}

export const ownOf = (seat: Seat) => [...seat.node.ownMemberships.values()].at(-1)!;
export const membershipOf = (settler: Seat, name: string) =>
  [...settler.node.memberships.values()].find((one) => one.name === name)!;
export const judge = (settler: Seat, name: string): ApplicationId =>
  membershipOf(settler, name).applicationId;

export function got<K extends Frame['kind']>(seat: Seat, kind: K): FrameOf<K>[] {
  return seat.life.flatMap(({ event }) => {
    const frame = event.on === 'received' ? decodeFrame(event.bytes) : null;
    return frame && 'kind' in frame && frame.kind === kind ? [frame as FrameOf<K>] : [];
  });
}
