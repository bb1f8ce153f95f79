/**
 * The desk's log: what its owner did, what the parties said and what became of the money, a line each, in the order in which this
 * desk saw it. Lines are only ever added. The node keeps the present state of a case, not when each thing was said, so this is the
 * only history there is. Here is what a line says and when there is a new one; `keeper.svelte.ts` keeps them on the disk.
 */
import type { Command, MembershipView, SettlementView } from '../types.ts';

/** What a case can come to; each of these is said once of a promise. */
export const caseFacts = [
  'promised',
  'held',
  'unlocked',
  'claimed',
  'noContact',
  'senderDisputed',
  'replierDisputed',
  'confirmed',
  'settled',
  'refunded',
  'aborted',
  'expired',
  'earned',
] as const;
export type CaseFact = (typeof caseFacts)[number];

/** What happens to a member, what the owner asked of the node, and what the node did not take. */
export type Did =
  | CaseFact
  | 'applied'
  | 'approved'
  | 'refused'
  | 'revoked'
  | 'takenBack'
  | 'askedRule'
  | 'askedSettle'
  | 'askedAbort'
  | 'changedRules'
  | 'notTaken';

export interface LogLine {
  readonly atMs: number;
  /** The block that the desk knew of, or that a receipt names; 0 if it knew none. */
  readonly height: number;
  readonly by: 'owner' | 'desk' | 'party';
  readonly did: Did;
  /** A promise's or an application's id; '' for the desk itself. */
  readonly about: string;
  /** A code or somebody's words; '' if there is nothing to add. */
  readonly detail: string;
  /** msat in decimal, '' where no money is spoken of: JSON knows no bigint. */
  readonly msat: string;
}

/** Lines kept, the oldest go first: some 2,500 cases from the first line to the last. */
export const mostLines = 20_000;

export interface Now {
  readonly nowMs: number;
  readonly height: number;
}

/** Which lines there are, so that none is said twice, and since when; a case older than that, and over, is not begun again. */
export class Known {
  readonly #said = new Set<string>();
  readonly #subjects = new Set<string>();
  /** Time of the newest line that was dropped. */
  droppedMs = -Infinity;

  has(line: Pick<LogLine, 'did' | 'about'>, atMs: number | null = null): boolean {
    return this.#said.has(keyOf(line, atMs));
  }

  knows(about: string): boolean {
    return this.#subjects.has(about);
  }

  add(line: LogLine): void {
    this.#said.add(keyOf(line, isOfMember(line.did) ? line.atMs : null));
    this.#subjects.add(line.about);
  }
}

function isOfMember(did: Did): boolean {
  return did === 'applied' || did === 'approved' || did === 'refused' || did === 'revoked';
}

function keyOf({ did, about }: Pick<LogLine, 'did' | 'about'>, atMs: number | null): string {
  return `${about} ${did} ${atMs ?? ''}`;
}

const over = ['settled', 'refunded', 'aborted', 'expired'] as const;
/** Why a case ended: by whose word. What is not here nobody said: a block came. */
const byReason: Readonly<Record<string, LogLine['by']>> = {
  ruled: 'owner',
  settler: 'owner',
  confirmed: 'party',
  claimed: 'party',
  cancelled: 'party',
  conceded: 'party',
  sender: 'party',
  replier: 'party',
};

/** The facts that a view tells, the earliest first. */
function factsOf(one: SettlementView): readonly (readonly [CaseFact, Partial<LogLine>])[] {
  const { stage, claimedAt, noContactAt, senderEvidence, replierEvidence, reason } = one;
  const gig = String(one.gigAmountMsat);
  const facts: (readonly [CaseFact, Partial<LogLine>])[] = [['promised', { msat: gig }]];
  const reached = (...wanted: readonly SettlementView['stage'][]) => wanted.includes(stage);
  const fee = one.payments.find(({ purpose }) => purpose === 'network');
  const wasHeld = fee?.state === 'accepted' || fee?.state === 'settled';
  if (wasHeld) facts.push(['held', { msat: String(one.networkFeeMsat), by: 'party' }]);
  if (reached('unlocked', 'claimed', 'disputed', 'confirmed')) facts.push(['unlocked', {}]);
  const party = { by: 'party' } as const;
  if (claimedAt !== null) facts.push(['claimed', { ...party, height: claimedAt }]);
  if (noContactAt !== null) facts.push(['noContact', { ...party, height: noContactAt }]);
  if (senderEvidence !== null) facts.push(['senderDisputed', { ...party, detail: senderEvidence }]);
  if (replierEvidence !== null) {
    facts.push(['replierDisputed', { ...party, detail: replierEvidence }]);
  }
  if (stage === 'confirmed') facts.push(['confirmed', party]);
  const end = over.find((name) => name === stage);
  if (end !== undefined) {
    facts.push([end, { detail: reason, by: byReason[reason] ?? 'desk', msat: gig }]);
  }
  if (fee?.state === 'settled') facts.push(['earned', { msat: String(fee.amountMsat) }]);
  return facts;
}

/** Most promises nobody ever pays for: a worker gets one for each way its offer goes. They are no history. */
function matters({ stage, reason, payments }: SettlementView): boolean {
  const wasPaid = payments.some(({ purpose, state }) => {
    return purpose === 'network' && (state === 'accepted' || state === 'settled');
  });
  return wasPaid || stage === 'settled' || stage === 'refunded' || reason === 'settler';
}

/** Lines that a case has and the log lacks. */
export function newsOfCase(one: SettlementView, known: Known, { nowMs, height }: Now): LogLine[] {
  const about = one.promiseId;
  const isNew = !known.knows(about);
  const isOver = over.some((name) => name === one.stage);
  if (isNew && (!matters(one) || (isOver && one.createdAtMs <= known.droppedMs))) return [];
  return factsOf(one)
    .filter(([did]) => !known.has({ did, about }))
    .map(([did, more]) => ({
      // What was over before the log began happened when, nobody knows: not now.
      ...((isNew && isOver) || did === 'promised'
        ? { atMs: one.createdAtMs, height: 0 }
        : { atMs: nowMs, height }),
      by: 'desk' as const,
      detail: '',
      msat: '',
      ...more,
      did,
      about,
    }));
}

/** The same of a member. The node keeps when each thing was decided; batches of certificates stay in its own record. */
export function newsOfMember(one: MembershipView, known: Known, { height }: Now): LogLine[] {
  const about = one.applicationId;
  const applied = one.audit.find(({ did }) => did === 'applied')?.atMs;
  return one.audit.flatMap(({ atMs, did, detail }): LogLine[] => {
    if (did === 'issued' || atMs <= known.droppedMs || known.has({ did, about }, atMs)) return [];
    // Approved in the very step in which it came: by the rule that everybody is.
    const isRule = did === 'approved' && atMs === applied;
    const by = did === 'applied' ? 'party' : isRule ? 'desk' : 'owner';
    const said = did === 'applied' ? one.statement : detail;
    return [{ atMs, height, by, did, about, detail: said, msat: '' }];
  });
}

/** What the owner asks of the node, if it belongs in the log. */
export function lineOfCommand(command: Command, { nowMs, height }: Now): LogLine | null {
  const line = (did: Did, about: string, detail = ''): LogLine => {
    return { atMs: nowMs, height, by: 'owner', did, about, detail, msat: '' };
  };
  switch (command.command) {
    case 'rulePromise': {
      const { gig, network } = command;
      return line('askedRule', command.promiseId, `gig ${gig}, network ${network}`);
    }
    case 'settlePromise':
      return line('askedSettle', command.promiseId);
    case 'abortPromise':
      return line('askedAbort', command.promiseId);
    case 'revokeMembership':
      return command.atOnce ? line('takenBack', command.applicationId, command.reason) : null;
    case 'setPolicy': {
      const said = settlersRules
        .filter((name) => command.policy[name] !== undefined)
        .map((name) => `${name} ${valueText(command.policy[name])}`);
      return said.length === 0 ? null : line('changedRules', '', said.join(', '));
    }
    default:
      return null;
  }
}

const settlersRules = [
  'settlerFeeMsat',
  'approveAutomatically',
  'approveWith',
  'settleAutomatically',
] as const;

function valueText(value: unknown): string {
  return Array.isArray(value)
    ? value
        .map(({ name, value: said }: { name: string; value: string }) => `${name}=${said}`)
        .join(' ')
    : String(value);
}

/** The desk's commands, whose refusals belong in the log. */
export const deskCommands = [
  'rulePromise',
  'settlePromise',
  'abortPromise',
  'approveApplication',
  'refuseApplication',
  'revokeMembership',
] as const;
