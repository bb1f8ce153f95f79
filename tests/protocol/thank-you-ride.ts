/** A ride without a settler's promise, in a town: the worker's reply, the customer's thank you, and the meeting. */
import { decodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import type { PayloadId } from '../../src/lib/protocol/ids.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { nowMs } from './cast.ts';
import { ride, type Ride, type Seat, type Town } from './town.ts';

export const priceMsat = 12_000_000n;
export const replyLimitMsat = 100_000n;

/** How far it may be driven. */
export const stages = ['posted', 'replied', 'met'] as const;
export type Stage = (typeof stages)[number];

/** Customer, two middlemen and worker in a line, whose rules allow jobs without a settler. */
export function unsettledRide(doubled = false): Ride {
  const made = ride(doubled);
  for (const seat of [made.customer, made.worker]) {
    made.town.command(seat, { command: 'setPolicy', policy: { withoutSettler: true } });
  }
  return made;
}

export function driveTo(stage: Stage, made: Ride = unsettledRide()): Ride {
  for (const name of stages.slice(0, stages.indexOf(stage) + 1)) driveOn(name, made);
  return made;
}

/** Drives a ride to the stage after the one it is at. */
export function driveOn(stage: Stage, made: Ride): void {
  const { town, customer, worker } = made;
  switch (stage) {
    case 'posted':
      return post(made);
    case 'replied': {
      const payloadId = [...worker.node.heard.keys()].at(-1)!;
      const wish = { payloadId, priceMsat, replyLimitMsat, contactText: 'Ola, white Skoda' };
      return town.command(worker, { command: 'offerUnsettled', ...wish });
    }
    case 'met':
      return town.command(customer, { command: 'thank', digest: takenOf(made).reply.digest });
  }
}

export function post({ town, customer }: Ride, acceptsThankYou = true): void {
  const window = {
    pickupAfterMs: Math.max(nowMs, town.nowMs),
    dropoffBeforeMs: town.nowMs + 2 * 3_600_000,
  };
  const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
  const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;
  town.command(customer, { command: 'postJob', topic, acceptsThankYou });
}

/** The latest reply that the customer has. */
export const takenOf = ({ customer }: Ride) => [...customer.node.thankYous.values()].at(-1)!;
/** The latest reply that the worker made. */
export const madeOf = ({ worker }: Ride) => [...worker.node.unsettledOffers.values()].at(-1)!;
export const jobOf = ({ customer }: Ride) => [...customer.node.jobs.values()].at(-1)!;
export const payloadOf = (made: Ride): PayloadId => jobOf(made).job.payloadId;

export const seatsOf = (town: Town) => [...town.seats.values()];
export const kindOf = (bytes: Uint8Array): Frame['kind'] | null => {
  const frame = decodeFrame(bytes);
  return 'kind' in frame ? frame.kind : null;
};
export const done = (seat: Seat, name: Effect['do']) =>
  seat.life.flatMap(({ effects }) => effects.filter((effect) => effect.do === name));
export const faults = ({ town }: Ride) =>
  seatsOf(town).flatMap((seat) =>
    done(seat, 'fault').map((effect) => ('code' in effect ? effect.code : '')),
  );
export const rejections = (seat: Seat) =>
  done(seat, 'notify').flatMap((effect) =>
    'notice' in effect && effect.notice.view === 'rejected' ? [effect.notice.code] : [],
  );

/** Where everybody's part of it ended. */
export function endsOf({ customer, m1, m2, worker }: Ride) {
  const states = (machines: ReadonlyMap<unknown, { readonly state: string }>) =>
    [...machines.values()].map(({ state }) => state);
  return {
    thank: states(customer.node.thankYous),
    m1: [...m1.node.legs.values()].map((leg) => ('end' in leg ? leg.end : leg.state)),
    m2: [...m2.node.legs.values()].map((leg) => ('end' in leg ? leg.end : leg.state)),
    worker: states(worker.node.unsettledOffers),
  };
}
