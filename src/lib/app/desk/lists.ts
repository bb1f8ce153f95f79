/**
 * What a settler publishes, and until when it holds. The node signs heads and keys by itself whenever it is asked; here is what its
 * owner has to know: how long it may be away. Times restate the protocol's, and a test keeps them equal.
 */
import type { MembershipView } from '../types.ts';
import type { LogLine } from './log.ts';

const dayMs = 24 * 3_600_000;
/** A revocation head lets nobody be paid once it is older; a certificate lives no longer than that many days. */
export const publishing = { headMs: dayMs, certificateDays: 7 } as const;

/** If the device goes off now: when the last head that it signed is too old for anybody. */
export function headHoldsUntil(nowMs: number): number {
  return nowMs + publishing.headMs;
}

/** When the next weekly signing key is made. */
export function nextKeyAt(nowMs: number): number {
  const weekMs = publishing.certificateDays * dayMs;
  return (Math.floor(nowMs / weekMs) + 1) * weekMs;
}

export interface Listed {
  readonly member: MembershipView;
  readonly sinceMs: number;
  /** By then its last certificate has run out, and it need not be listed any more. */
  readonly untilMs: number;
  /** Its certificates are on the list; if not, they only run out. */
  readonly takenBack: boolean;
}

/** Members whose certificates may still be about although they are vouched for no longer, the latest first. */
export function revokedLately(
  members: readonly MembershipView[],
  lines: readonly LogLine[],
  nowMs: number,
): Listed[] {
  const atOnce = new Set(lines.filter(({ did }) => did === 'takenBack').map(({ about }) => about));
  return members
    .filter(({ state }) => state === 'revoked')
    .map((member): Listed => {
      const sinceMs = member.audit.findLast(({ did }) => did === 'revoked')?.atMs ?? 0;
      const untilMs = sinceMs + publishing.certificateDays * dayMs;
      return { member, sinceMs, untilMs, takenBack: atOnce.has(member.applicationId) };
    })
    .filter(({ untilMs }) => nowMs < untilMs)
    .sort((a, b) => b.sinceMs - a.sinceMs);
}
