/** The rides whose towns are kept on file: between them every role is in every state that it stores. */
import { driveOn as driveUnsettled, kindOf, madeOf, takenOf } from '../protocol/thank-you-ride.ts';
import { driveOn, ride, type Ride } from '../protocol/town.ts';
import { kindsOn, saveTown, statesOn, type SavedTown } from './worlds.ts';

export interface Kept {
  readonly ride: string;
  /** States of roles, and kinds of what else is stored, that no town before it shows. */
  readonly shows: readonly string[];
  readonly town: SavedTown;
}

const promiseIdOf = ({ settler }: Ride) => [...settler.node.settlements.keys()][0]!;
const payloadIdOf = ({ customer }: Ride) => [...customer.node.jobs.keys()][0]!;
const offerIdOf = ({ worker }: Ride) => [...worker.node.offers.values()][0]!.offer.offerId;

/** Drives a new ride that is watched from its first step. */
const rides: Readonly<Record<string, (made: Ride) => void>> = {
  happy(made) {
    for (const stage of ['posted', 'offered', 'matched', 'confirmed'] as const) {
      driveOn(stage, made);
    }
  },
  'paid for a claim'(made) {
    matched(made);
    const { town, worker } = made;
    town.command(worker, { command: 'announceDone', offerId: offerIdOf(made) });
    blocks(made, 60);
  },
  disputed(made) {
    matched(made);
    const { town, customer, settler } = made;
    const promiseId = promiseIdOf(made);
    town.command(customer, { command: 'dispute', promiseId, text: 'Nobody came.' });
    blocks(made, 12);
    const ruling = { gig: 'refunded', network: 'refunded' } as const;
    town.command(settler, { command: 'rulePromise', promiseId, ...ruling });
    blocks(made, 6);
  },
  'called off together'(made) {
    matched(made);
    const { town, customer, worker } = made;
    const promiseId = promiseIdOf(made);
    town.command(worker, { command: 'cancelTogether', promiseId });
    town.command(customer, { command: 'cancelTogether', promiseId });
    blocks(made, 6);
  },
  'nobody claims'(made) {
    matched(made);
    blocks(made, 200);
  },
  'cancelled while it locks'(made) {
    const { town, customer, worker } = made;
    driveOn('posted', made);
    driveOn('offered', made);
    // The worker is away, so that the gig is paid for and not accepted.
    town.onFrame = (from, to, bytes) => (from === worker || to === worker ? null : bytes);
    driveOn('matched', made);
    town.command(customer, { command: 'cancelJob', payloadId: payloadIdOf(made) });
    blocks(made, 30);
  },
  'unlocked by the preimage'(made) {
    driveOn('posted', made);
    const { town, worker } = made;
    const [payloadId] = worker.node.heard.keys();
    const wish = { priceMsat: 12_000_000n, contactText: 'Ola', unlock: 'preimage' } as const;
    town.command(worker, { command: 'makeOffer', payloadId: payloadId!, ...wish });
    driveOn('matched', made);
    driveOn('confirmed', made);
  },
  'without a settler'(made) {
    withoutSettler(made);
    driveUnsettled('met', made);
    made.town.pass(60_000);
  },
  'thanked and not called'(made) {
    const { town, customer } = made;
    withoutSettler(made);
    town.onFrame = (_from, to, bytes) =>
      to === customer && kindOf(bytes) === 'contactKey' ? null : bytes;
    driveUnsettled('met', made);
    town.pass(7 * 3_600_000);
  },
  'thanked and taken back'(made) {
    const { town, customer, worker } = made;
    withoutSettler(made);
    // The worker is away, so that nobody pays for the thank you.
    town.onFrame = (from, to, bytes) => (from === worker || to === worker ? null : bytes);
    town.command(customer, { command: 'thank', digest: takenOf(made).reply.digest });
    town.command(customer, { command: 'cancelJob', payloadId: payloadIdOf(made) });
    blocks(made, 30);
  },
  'taken back without a settler'(made) {
    withoutSettler(made);
    const { town, worker } = made;
    const { offerId } = madeOf(made).offer;
    town.command(worker, { command: 'withdrawUnsettled', offerId });
    town.pass(60_000);
  },
  'paid in place of work'(made) {
    postAtPrice(made, 0);
  },
  'worked for, though it has a price'(made) {
    postAtPrice(made, 2_000);
    made.town.pass(60 * 60_000);
  },
  'unable to pay in place of work'(made) {
    const { town, customer } = made;
    town.onBank = (seat, effect) => {
      if (seat !== customer || effect.do !== 'payInvoice') return effect;
      const { paymentHash } = effect;
      town.hear(seat, { on: 'paymentFailed', paymentHash, reason: 'none', nothingLeft: true });
      return { ...effect, mayBegin: false, invoice: '' };
    };
    postAtPrice(made, 0);
  },
  'vouched for no longer'(made) {
    const { town, settler } = made;
    for (const stage of ['posted', 'offered'] as const) driveOn(stage, made);
    for (const [applicationId, { name }] of settler.node.memberships) {
      if (name !== 'worker') continue;
      const wish = { command: 'revokeMembership', applicationId, reason: 'Licence lost.' } as const;
      town.command(settler, { ...wish, atOnce: true });
    }
    town.command(made.customer, { command: 'cancelJob', payloadId: payloadIdOf(made) });
    town.pass(60_000);
  },
  withdrawn(made) {
    const { town, customer } = made;
    driveOn('posted', made);
    driveOn('offered', made);
    town.command(customer, { command: 'cancelJob', payloadId: payloadIdOf(made) });
    town.pass(60_000);
  },
};

/** Posts where the first neighbour takes sats; the customer would rather pay when work takes longer than that. */
function postAtPrice(made: Ride, payAboveMs: number): void {
  const { town, customer, m1 } = made;
  const policy = { maxPayMsat: 20_000n, maxPayPerDayMsat: 50_000n, payAboveMs };
  town.command(customer, { command: 'setPolicy', policy });
  town.command(m1, { command: 'setPolicy', policy: { priceMsat: 5_000n } });
  driveOn('posted', made);
}

function withoutSettler(made: Ride): void {
  for (const seat of [made.customer, made.worker]) {
    made.town.command(seat, { command: 'setPolicy', policy: { withoutSettler: true } });
  }
  for (const stage of ['posted', 'replied'] as const) driveUnsettled(stage, made);
}

function matched(made: Ride): void {
  for (const stage of ['posted', 'offered', 'matched'] as const) driveOn(stage, made);
}

function blocks({ town }: Ride, count: number): void {
  for (let mined = 0; mined < count; mined += 3) {
    town.mine(3);
    town.pass(30_000);
  }
}

/** Towns at every step after which some role is in a state that was not seen before. */
export function keepTowns(): Kept[] {
  const seen = new Set<string>();
  const kept: Kept[] = [];
  for (const [name, drive] of Object.entries(rides)) {
    const made = ride();
    const { town } = made;
    town.ledger.tellsUnpaid = true;
    town.onStep = ({ disk }, effects) => {
      if (!effects.some((effect) => effect.do === 'store')) return;
      const shows = [...statesOn(disk), ...kindsOn(disk)].filter((shown) => !seen.has(shown));
      for (const state of shows) seen.add(state);
      if (shows.length > 0) kept.push({ ride: name, shows, town: saveTown(town) });
    };
    drive(made);
  }
  return kept;
}
