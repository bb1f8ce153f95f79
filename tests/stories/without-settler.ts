/** What the stories of rides without a settler have in common. */
import type { PayloadId, ReplyDigest } from '../../src/lib/protocol/index.ts';
import { see, topic, wait, type Ride } from './ride.ts';

const priceMsat = 12_000_000n;
const replyLimitMsat = 100_000n;
const contactText = 'Ola, white Skoda, 600 100 200';

export const thanksOf = (ride: Ride) => see(ride.customer, 'thankYou')?.thankYou;
export const replyOf = (ride: Ride) => see(ride.worker, 'unsettledOffer')?.offer;

/** Both sides' rules allow it; the customer posts, the worker replies. */
export function replied(ride: Ride): { payloadId: PayloadId; digest: ReplyDigest } {
  const { customer, worker } = ride;
  for (const person of [customer, worker]) {
    person.command({ command: 'setPolicy', policy: { withoutSettler: true } });
  }
  customer.command({ command: 'postJob', topic, acceptsThankYou: true });
  wait(ride, 'the worker hears of it', () => see(worker, 'heard') !== undefined);
  const { payloadId } = see(worker, 'heard')!.heard;
  worker.command({
    command: 'offerUnsettled',
    payloadId,
    priceMsat,
    replyLimitMsat,
    contactText,
  });
  wait(ride, 'the reply arrives', () => thanksOf(ride) !== undefined);
  return { payloadId, digest: thanksOf(ride)!.digest };
}

/** The customer says thank you, and the two meet. */
export function met(ride: Ride, withinMs?: number): void {
  const { digest } = replied(ride);
  ride.customer.command({ command: 'thank', digest });
  waitMet(ride, withinMs);
}

export const hasMet = (ride: Ride) =>
  thanksOf(ride)?.validated === true && replyOf(ride)?.stage === 'met';

export function waitMet(ride: Ride, withinMs?: number): void {
  wait(ride, 'the two have met', () => hasMet(ride), withinMs);
}

export function rest({ world }: Ride, ms = 60_000): void {
  world.clock.runUntil(world.clock.now() + ms);
}

/** What everybody has more or less than before, msat. */
export function gained(ride: Ride, before: Readonly<Record<string, bigint>>) {
  const after = ride.world.ledger.balances();
  return Object.fromEntries(ride.people.map(({ name }) => [name, after[name]! - before[name]!]));
}
