/** Disks of every release, in every state of every role, load on today's code after a blackout, and everybody goes on. */
import { describe, expect, test } from 'vitest';
import type { FavourBought } from '../../src/lib/protocol/roles/favour-bought.ts';
import type { FavourSold } from '../../src/lib/protocol/roles/favour-sold.ts';
import type { Leg } from '../../src/lib/protocol/roles/leg.ts';
import type { OfferMade } from '../../src/lib/protocol/roles/replier.ts';
import type { Job } from '../../src/lib/protocol/roles/sender.ts';
import type { Settlement } from '../../src/lib/protocol/roles/settler.ts';
import type { UnsettledOffer } from '../../src/lib/protocol/roles/thank-you-replier.ts';
import type { ThankYou } from '../../src/lib/protocol/roles/thank-you-sender.ts';
import { storedVersion, upgrades } from '../../src/lib/protocol/stored.ts';
import { priceMsat, replyLimitMsat } from '../protocol/thank-you-ride.ts';
import { objection, readRelease, readTowns, versions } from './files.ts';
import { goOn, unfinished } from './go-on.ts';
import { keepTowns } from './rides.ts';
import { shapesOf } from './shapes.ts';
import { loadTown, type SavedTown } from './worlds.ts';

/** The states that reach a disk; drafts that are only asked for do not. */
const stored: { [K in keyof States]: readonly States[K][] } = {
  job: [
    ...(['Broadcasting', 'PayingNetwork', 'PayingReply', 'Cancelling', 'Matched'] as const),
    ...(['Confirmed', 'Closing', 'Ended', 'Withdrawn'] as const),
  ],
  offer: [
    ...(['Invoicing', 'Sealed', 'Sent', 'Held', 'Matched', 'Settling'] as const),
    ...(['Paid', 'Refunding', 'Lost'] as const),
  ],
  leg: ['Issuing', 'Offered', 'Paying', 'Consulting', 'Settling', 'Cancelling', 'Ended'],
  settlement: [
    ...(['Invoicing', 'Drafted', 'Promised', 'NetworkHeld', 'Refunded'] as const),
    ...(['Unlocked held', 'Unlocked settling', 'Unlocked settled'] as const),
    ...(['Settling', 'Returning', 'Aborting', 'Ended'] as const),
  ],
  'thank-you': [
    ...(['Received', 'Issuing', 'Asking', 'Releasing', 'Released'] as const),
    ...(['Met', 'Cancelling', 'Ended'] as const),
  ],
  unsettled: ['Sent', 'Paying', 'Opening', 'Met', 'Unmet', 'Ended'],
  'favour-sold': ['Offered', 'Settling', 'Cancelling'],
  'favour-bought': ['Paying', 'Paid', 'Failed'],
};
const others = [
  ...['policy', 'settler', 'settler-role', 'own-list', 'issued', 'member', 'membership', 'record'],
  ...['revocation', 'evidence', 'wallet-relays', 'wallet-refusals', 'favour-sums'],
];
interface States {
  job: Job['state'];
  offer: OfferMade['state'];
  leg: Leg['state'];
  settlement: Settlement['state'] | `Unlocked ${string}`;
  'thank-you': ThankYou['state'];
  unsettled: UnsettledOffer['state'];
  'favour-sold': FavourSold['state'];
  'favour-bought': FavourBought['state'];
}

const kept = keepTowns();
const shapes = shapesOf(kept.map(({ town }) => town));

/** Everybody starts again at once; in the end nothing is open, and every sat is where it should be. */
function expectGoodEnd(saved: SavedTown): void {
  const town = loadTown(saved);
  goOn(town);
  expect(unfinished(town)).toEqual([]);
  const { customer = 0n, worker = 0n, m1 = 0n, m2 = 0n, settler = 0n } = town.ledger.gains();
  expect([m1, m2, settler].filter((gain) => gain < 0n)).toEqual([]);
  expect(customer + worker + m1 + m2 + settler).toBe(0n);
  const replies = [...town.named('worker').node.unsettledOffers.values()];
  if (replies.length === 0) expect([0n, priceMsat]).toContain(worker);
  else expect(worker).toBeGreaterThanOrEqual(-replyLimitMsat * BigInt(replies.length));
  const paid = [...town.named('settler').node.settlements.values()].some(
    (made) => made.state === 'Ended' && made.end === 'settled' && made.reason === 'confirmed',
  );
  if (paid) expect(worker).toBe(priceMsat);
}

/** Files of a version that is not released may be older than the code: what they would be is looked at instead. */
const today = versions().includes(storedVersion) ? readRelease(storedVersion) : null;
const isCurrent =
  today !== null && (today.released || JSON.stringify(today.shapes) === JSON.stringify(shapes));

const nowadays = kept.map(({ ride, shows, town }) => {
  const copy = JSON.parse(JSON.stringify(town)) as SavedTown;
  return [`${shows.join(', ')} (${ride})`, copy] as const;
});

describe.each(versions())('a disk of version %i', (version) => {
  const isFile = version < storedVersion || isCurrent;
  const towns: readonly (readonly [string, SavedTown])[] = isFile
    ? Object.entries(readTowns(version))
    : nowadays;

  test.each(towns)('%s: everybody starts again and comes to a good end', (_name, town) => {
    expectGoodEnd(town);
  });

  test('is one of today, or there is a way on from it', () => {
    expect(version).toBeLessThanOrEqual(storedVersion);
    if (version < storedVersion) expect(upgrades).toHaveProperty(`${version}`);
  });
});

describe('what is stored now', () => {
  test('shows every role in every state it stores', () => {
    const shown = kept.flatMap(({ shows }) => shows);
    for (const [kind, states] of Object.entries(stored)) {
      for (const state of states) expect(shown).toContainEqual(`${kind}: ${state}`);
    }
  });

  test('shows what else is stored of people, promises and sats', () => {
    const shown = kept.flatMap(({ shows }) => shows);
    for (const kind of others) expect(shown).toContain(kind);
  });

  test('has the shape of its version, once that is released', () => {
    expect(today, 'run `npm run stored -- --write`').not.toBeNull();
    expect(objection(today, shapes)).toBeNull();
  });
});

describe('a change of what is stored', () => {
  const release = { version: storedVersion, released: true, shapes };
  const [first, ...rest] = shapes;

  test('is none if nothing changed', () => {
    expect(objection(release, shapes)).toBeNull();
    expect(objection(null, shapes)).toBeNull();
  });

  test.each([
    ['a field more', [...shapes, 'job/Matched.mood: string']],
    ['a field less', rest],
    ['a field of another type', [`${first!.split(':')[0]!}: bigint`, ...rest]],
  ])('is refused without another version -- %s', (_name, changed) => {
    expect(objection(release, changed)).toMatch('raise storedVersion');
  });

  test('is none if there is a kind more, which older disks lack', () => {
    expect(objection(release, [...shapes, 'mood.of: string', 'mood.since: number'])).toBeNull();
  });

  test('may come and go before a release', () => {
    expect(objection({ ...release, released: false }, rest)).toBeNull();
  });
});
