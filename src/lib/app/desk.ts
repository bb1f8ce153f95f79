/** The settler's desk: which promises to show, in what order, and what is due next. */
import { compare } from './journey.ts';
import type { MembershipView, SettlementView } from './types.ts';

export type DeskFilter = 'open' | 'held' | 'ended' | 'all';
export type DeskColumn = 'promise' | 'stage' | 'gig' | 'fee' | 'deadline';
export type DeadlineName = 'unlockBy' | 'claimBy' | 'paysAt' | 'ruleBy' | 'decideBy';

export interface Deadline {
  readonly name: DeadlineName;
  readonly height: number;
}

const ended: readonly SettlementView['stage'][] = ['settled', 'refunded', 'aborted', 'expired'];
const order: readonly SettlementView['stage'][] = [
  'disputed',
  'confirmed',
  'claimed',
  'unlocked',
  'held',
  'promised',
  'settled',
  'refunded',
  'aborted',
  'expired',
];

export function hasEnded({ stage }: SettlementView): boolean {
  return ended.includes(stage);
}

export function holdsMoney({ payments }: SettlementView): boolean {
  return payments.some((payment) => payment.state === 'accepted');
}

/** What the settler must have done, and by which block; null when nothing is due. */
export function nextDeadline({ stage, heights, decidedAt }: SettlementView): Deadline | null {
  switch (stage) {
    case 'held':
      return { name: 'unlockBy', height: heights.unlockBy };
    case 'unlocked':
      return { name: 'claimBy', height: heights.claimBy };
    case 'claimed':
      return { name: 'paysAt', height: decidedAt };
    case 'disputed':
      return { name: 'ruleBy', height: decidedAt };
    case 'confirmed':
      return { name: 'decideBy', height: heights.decideBy };
    case 'promised':
    case 'settled':
    case 'refunded':
    case 'aborted':
    case 'expired':
      return null;
  }
}

export function shown(
  settlements: readonly SettlementView[],
  filter: DeskFilter,
): readonly SettlementView[] {
  switch (filter) {
    case 'open':
      return settlements.filter((settlement) => !hasEnded(settlement));
    case 'held':
      return settlements.filter(holdsMoney);
    case 'ended':
      return settlements.filter(hasEnded);
    case 'all':
      return settlements;
  }
}

/** A sorted copy; what is due soonest comes first for deadlines, ties by age. */
export function sorted(
  settlements: readonly SettlementView[],
  column: DeskColumn,
  descending: boolean,
): readonly SettlementView[] {
  const sign = descending ? -1 : 1;
  return [...settlements].sort((a, b) => sign * by(column, a, b) || b.createdAtMs - a.createdAtMs);
}

function by(column: DeskColumn, a: SettlementView, b: SettlementView): number {
  switch (column) {
    case 'promise':
      return a.promiseId < b.promiseId ? -1 : 1;
    case 'stage':
      return order.indexOf(a.stage) - order.indexOf(b.stage);
    case 'gig':
      return compare(a.gigAmountMsat, b.gigAmountMsat);
    case 'fee':
      return compare(a.networkFeeMsat, b.networkFeeMsat);
    case 'deadline':
      return (nextDeadline(a)?.height ?? Infinity) === (nextDeadline(b)?.height ?? Infinity)
        ? 0
        : (nextDeadline(a)?.height ?? Infinity) - (nextDeadline(b)?.height ?? Infinity);
  }
}

export type MemberFilter = 'active' | 'revoked' | 'refused' | 'all';

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
