/** All cheats, by name and by who can be one. */
import type { MakeCheat, Role } from './cheat.ts';
import * as favours from './favours.ts';
import * as neighbours from './neighbours.ts';
import * as parties from './parties.ts';
import * as settlers from './settlers.ts';

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

type Names<T> = T extends unknown ? keyof T : never;
export type CheatName =
  Names<(typeof byRole)[Role]> | keyof typeof anybody | keyof typeof aboutFavours;

export const favourCheats = Object.keys(aboutFavours) as (keyof typeof aboutFavours)[];

export function cheatsOf(role: Role): readonly CheatName[] {
  return [...Object.keys(byRole[role]), ...Object.keys(anybody)] as CheatName[];
}

export function makerOf(name: CheatName): MakeCheat {
  for (const cheats of [anybody, aboutFavours, ...Object.values(byRole)]) {
    const make = (cheats as Partial<Record<CheatName, MakeCheat>>)[name];
    if (make) return make;
  }
  throw new Error(`no cheat ${name}`);
}

export type { Cheat, Role, Tools } from './cheat.ts';
