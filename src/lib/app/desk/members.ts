/** People a desk decided about, found by standing and words. */
import type { MembershipView } from '../types.ts';

export const memberFilters = ['active', 'revoked', 'refused', 'all'] as const;
export type MemberFilter = (typeof memberFilters)[number];

/** Members of a standing whose statement, face name or key has the words looked for; the latest first. */
export function findMembers(
  members: readonly MembershipView[],
  filter: MemberFilter,
  search: string,
  nameOf: (key: string) => string,
): MembershipView[] {
  const wanted = search.trim().toLowerCase();
  return members
    .filter((one) => filter === 'all' || one.state === filter)
    .filter(({ statement, publicKey }) =>
      [statement, nameOf(publicKey), publicKey].some((text) => text.toLowerCase().includes(wanted)),
    )
    .sort((a, b) => b.receivedAtMs - a.receivedAtMs);
}
