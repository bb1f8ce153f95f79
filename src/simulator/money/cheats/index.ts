/** All cheats, by name and by who can be one. */
import type { MakeCheat, Role } from './cheat.ts';
import * as favours from './favours.ts';
import * as frauds from './frauds.ts';
import * as neighbours from './neighbours.ts';
import * as parties from './parties.ts';
import * as settlers from './settlers.ts';
import * as thanks from './thank-yous.ts';

const anybody = {
  replays: neighbours.replays,
  garbles: neighbours.garbles,
  forges: neighbours.forges,
  'collects late': neighbours.collectsLate,
} as const;

const byRole = {
  settler: {
    'reveals early': settlers.revealsEarly,
    'pays the worker early': settlers.paysEarly,
    'locks with another key': settlers.locksWithAnotherKey,
    'lets everything hang': settlers.letsHang,
    'says nothing': settlers.saysNothing,
    'says two things': settlers.saysTwoThings,
    'accepts two routes': settlers.acceptsTwoRoutes,
    'collects what goes back': settlers.collectsWhatGoesBack,
    'promises nonsense': settlers.promisesNonsense,
  },
  customer: {
    'takes every offer': parties.takesEveryOffer,
    'asks for the key unpaid': parties.asksForTheKeyUnpaid,
    'pays and says nothing': parties.paysAndSaysNothing,
    undoes: parties.undoes,
    'takes the contact': parties.takesTheContact,
  },
  worker: {
    'accepts unpaid': parties.acceptsUnpaid,
    'takes the contact': parties.takesTheContact,
    'cancels what it holds': parties.cancelsWhatItHolds,
    'asks for more': parties.asksForMore,
    'locks wrongly': neighbours.locksWrongly,
  },
  middleman: {
    overcharges: neighbours.overcharges,
    'is stuck': neighbours.isStuck,
    'locks wrongly': neighbours.locksWrongly,
    'swaps invoices': neighbours.swapsInvoices,
    'gives back at once': neighbours.givesBackAtOnce,
  },
} as const;

/** In towns where some take sats in place of work. */
const aboutFavours = {
  'passes nothing on': favours.passesNothingOn,
  'names a lower price': favours.namesALowerPrice,
  'sells one invoice twice': favours.sellsOneInvoiceTwice,
  'shows an old preimage': favours.showsAnOldPreimage,
} as const;

/** Where there is no settler. Drawn apart, like the oddities they belong to. */
const withoutSettler = {
  settler: {},
  customer: {
    'withholds the thank-you': thanks.withholdsTheThankYou,
    'thanks and never calls': thanks.thanksAndNeverCalls,
    'thanks from nowhere': thanks.thanksFromNowhere,
    'thanks all with one secret': thanks.thanksAllWithOneSecret,
  },
  worker: {
    'funds nothing': thanks.fundsNothing,
    'brings no key': thanks.bringsNoKey,
    'brings another key': thanks.bringsAnotherKey,
    'never acks': thanks.neverAcks,
    'takes the gig': thanks.takesTheGig,
  },
  middleman: {
    'brings no thank-yous': thanks.bringsNoThankYous,
    'swaps thank-yous': thanks.swapsThankYous,
    'pockets thank-yous': thanks.pocketsThankYous,
  },
} as const;

/** What can be proven, and what only seems so. Drawn apart too. */
const provable = {
  settler: {
    'contradicts itself': frauds.contradictsItself,
    'promises twice': frauds.promisesTwice,
    'publishes two lists': frauds.publishesTwoLists,
  },
  customer: { accuses: frauds.accuses },
  worker: { accuses: frauds.accuses, 'seals badly': frauds.sealsBadly },
  middleman: { accuses: frauds.accuses },
} as const;

type Names<T> = T extends unknown ? keyof T : never;
export type CheatName =
  | Names<(typeof byRole)[Role]>
  | Names<(typeof withoutSettler | typeof provable)[Role]>
  | keyof typeof anybody
  | keyof typeof aboutFavours;

export const favourCheats = Object.keys(aboutFavours) as (keyof typeof aboutFavours)[];

export function cheatsOf(role: Role): readonly CheatName[] {
  return [...Object.keys(byRole[role]), ...Object.keys(anybody)] as CheatName[];
}

export function thankYouCheatsOf(role: Role): readonly CheatName[] {
  return Object.keys(withoutSettler[role]) as CheatName[];
}

/** What a settler says twice or takes back is provable as well. */
export function fraudCheatsOf(role: Role): readonly CheatName[] {
  const lies = ['says two things', 'collects what goes back', 'locks with another key'] as const;
  const names = Object.keys(provable[role]) as CheatName[];
  return role === 'settler' ? [...names, ...lies] : names;
}

export function makerOf(name: CheatName): MakeCheat {
  for (const cheats of [
    anybody,
    aboutFavours,
    ...Object.values(byRole),
    ...Object.values(withoutSettler),
    ...Object.values(provable),
  ]) {
    const make = (cheats as Partial<Record<CheatName, MakeCheat>>)[name];
    if (make) return make;
  }
  throw new Error(`no cheat ${name}`);
}

export type { Cheat, Role, Tools } from './cheat.ts';
