/**
 * What a settler can say that it checked of somebody: a closed set of names and values, so that certificates tell no two
 * people apart who were checked alike. Whitepaper: "Digital Certificates": "For a taxi driver, the screening requires having
 * a valid driving licence and no criminal record."
 */
import { fault, type Fault } from '../faults.ts';
import type { Property } from '../wire/messages.ts';

export type { Property };

/** Whom a settler gives job certificates to. */
export type MemberName = 'customer' | 'worker';
/** Whom a settler vouches for: other settlers too, for whom one certificate is for their root key. */
export type Applicant = MemberName | 'settler';

interface Kind {
  readonly of: readonly Applicant[];
  readonly values: readonly string[];
}

const both = ['customer', 'worker'] as const;
const everybody = ['customer', 'worker', 'settler'] as const;
const checked = ['checked'] as const;

/** Name of a property: whom it may be said of, and with which values. */
export const propertyKinds: Readonly<Record<string, Kind>> = {
  known_to_settler: { of: everybody, values: checked },
  identity: { of: everybody, values: checked },
  driving_licence: { of: ['worker'], values: checked },
  no_criminal_record: { of: ['worker'], values: checked },
  vehicle_insured: { of: ['worker'], values: checked },
  trade_qualification: { of: ['worker'], values: checked },
  right_to_work: { of: ['worker'], values: checked },
  rating: { of: both, values: ['good', 'excellent'] },
};

/** May this be said of such a member? */
export function isPropertyOf({ name, value }: Property, member: Applicant): boolean {
  const kind = Object.hasOwn(propertyKinds, name) ? propertyKinds[name] : undefined;
  return kind !== undefined && kind.of.includes(member) && kind.values.includes(value);
}

/** Each at most once, in the order of `propertyKinds`; what may not be said of such a member is left out. */
export function orderedProperties(said: readonly Property[], member: Applicant): Property[] {
  return Object.keys(propertyKinds).flatMap((name) => {
    const found = said.find((property) => property.name === name && isPropertyOf(property, member));
    return found === undefined ? [] : [{ name, value: found.value }];
  });
}

/** Only known properties, each once, in their order: anything else could be a name tag. Fault: CERTIFICATE_NOT_ENTITLED. */
export function verifyProperties(said: readonly Property[], member: Applicant): Fault | null {
  const ordered = orderedProperties(said, member);
  const same =
    ordered.length === said.length &&
    ordered.every(({ name, value }, i) => said[i]!.name === name && said[i]!.value === value);
  return same ? null : fault('CERTIFICATE_NOT_ENTITLED', 'properties out of the closed set');
}
