/**
 * What a settler remembers of those it settled for: how often they claimed, disputed, could not be reached, and had to be
 * ruled on. Whitepaper: "Payment settler". One record per member, under their
 * long-lived key: every job has a key of its own. Counted once per promise, with its outcome.
 */
import type { PartyKey } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Settlement } from '../roles/settler.ts';
import { store } from '../stored.ts';
import type { RecordView } from '../views.ts';
import type { Node, Turn } from './state.ts';

export type PartyRecord = RecordView;

const clean: PartyRecord = { jobs: 0, claims: 0, disputes: 0, noContacts: 0, rulings: 0 };

/** What is remembered of whoever `key`, a job's or a member's, belongs to. */
export function recordOf(node: Node, key: PartyKey): PartyRecord {
  return node.records.get(memberKeyOf(node, key)) ?? clean;
}

/** The long-lived key of the member that a job key was certified for; the key itself if that is not known. */
export function memberKeyOf(node: Node, key: PartyKey): PartyKey {
  const applicationId = node.issued.get(key)?.applicationId;
  const member = applicationId === undefined ? undefined : node.memberships.get(applicationId);
  return member?.publicKey ?? key;
}

/** Counts a promise in both records in the step in which its outcome is signed. */
export function countOutcome(turn: Turn, before: Settlement, after: Settlement): void {
  if (before.published.outcome || !after.published.outcome) return;
  const { deal, file } = after;
  const reason = 'outcome' in after ? after.outcome.reason : 'reason' in after ? after.reason : '';
  const both = {
    jobs: 1,
    noContacts: file.noContactAt === null ? 0 : 1,
    rulings: reason === 'ruled' || reason === 'no-ruling' ? 1 : 0,
  };
  const disputes = (evidence: string | null) => (evidence === null ? 0 : 1);
  add(turn, deal.senderKey, { ...both, claims: 0, disputes: disputes(file.senderEvidence) });
  const claims = file.claimedAt === null ? 0 : 1;
  add(turn, deal.replierKey, { ...both, claims, disputes: disputes(file.replierEvidence) });
}

function add({ node, effects }: Turn, jobKey: PartyKey, more: PartyRecord): void {
  const key = memberKeyOf(node, jobKey);
  const known = recordOf(node, key);
  const sum: PartyRecord = {
    jobs: known.jobs + more.jobs,
    claims: known.claims + more.claims,
    disputes: known.disputes + more.disputes,
    noContacts: known.noContacts + more.noContacts,
    rulings: known.rulings + more.rulings,
  };
  node.records.delete(key); // whoever was counted last is forgotten last
  node.records.set(key, sum);
  effects.push(store(`record/${key}`, { key, record: sum }));
  if (node.records.size <= limits.records) return;
  const [oldest] = node.records.keys();
  if (oldest === undefined) return;
  node.records.delete(oldest);
  effects.push(store(`record/${oldest}`, null));
}
