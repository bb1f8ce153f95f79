/**
 * What a settler may say that it checked, for the desk's tick boxes. It restates `propertyKinds` of the protocol, whose module
 * would bring the core into the page; a test keeps the two equal.
 */
import type { Applicant, Property } from './types.ts';

const checked = ['checked'];
const kinds: readonly (readonly [name: string, of: 'all' | 'both' | 'worker', values: string[]])[] =
  [
    ['known_to_settler', 'all', checked],
    ['identity', 'all', checked],
    ['driving_licence', 'worker', checked],
    ['no_criminal_record', 'worker', checked],
    ['vehicle_insured', 'worker', checked],
    ['trade_qualification', 'worker', checked],
    ['right_to_work', 'worker', checked],
    ['rating', 'both', ['good', 'excellent']],
  ];

const mayBeSaid: Readonly<Record<Applicant, readonly string[]>> = {
  customer: ['all', 'both'],
  worker: ['all', 'both', 'worker'],
  settler: ['all'],
};

/** Everything that may be said of such a member, or of anybody. */
export function sayable(member: Applicant | 'anybody'): Property[] {
  return kinds
    .filter(([, of]) => member === 'anybody' || mayBeSaid[member].includes(of))
    .flatMap(([name, , values]) => values.map((value) => ({ name, value })));
}

/** Ticks or unticks one; of two values of one name only the later stays. */
export function toggled(said: readonly Property[], one: Property): Property[] {
  const had = said.some(({ name, value }) => name === one.name && value === one.value);
  const others = said.filter(({ name }) => name !== one.name);
  return had ? others : [...others, one];
}
