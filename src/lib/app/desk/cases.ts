/**
 * The settler's cases: which are shown, in what order, and what is due next. A thousand of them are open at once on a busy desk,
 * so everything here is one pass and a sort, and the screen gets a page.
 */
import { compare } from '../journey.ts';
import type { SettlementView } from '../types.ts';

export const caseFilters = ['needs', 'disputed', 'held', 'open', 'ended', 'all'] as const;
export const caseOrders = ['danger', 'newest', 'gig', 'fee', 'stage'] as const;
export type CaseFilter = (typeof caseFilters)[number];
export type CaseOrder = (typeof caseOrders)[number];

/** Rows of one page: what a screen shows and a hand scrolls through. */
export const pageRows = 25;
/** Fewer blocks than this to a deadline of the owner's are a danger. */
export const soonBlocks = 6;
/** As `limits.ts` has them; a test keeps them equal. */
export const blocks = { dispute: 18, ruling: 18 } as const;

export type DeadlineName = 'openBy' | 'claimBy' | 'paysAt' | 'returnsAt' | 'ruleBy' | 'feeAt';

export interface Deadline {
  readonly name: DeadlineName;
  readonly height: number;
}

const stages: readonly SettlementView['stage'][] = [
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

/** Its gig went back, and the fee is still held: it is paid at its block. */
export function feeIsDue({ stage, state }: SettlementView): boolean {
  return stage === 'refunded' && state === 'Refunded';
}

export function hasEnded(one: SettlementView): boolean {
  return ['settled', 'refunded', 'aborted', 'expired'].includes(one.stage) && !feeIsDue(one);
}

export function holdsMoney({ payments }: SettlementView): boolean {
  return payments.some((payment) => payment.state === 'accepted');
}

/** Nothing goes on, or not as it should, unless the owner does something. */
export function needsOwner({ stage }: SettlementView, settlesAlone: boolean): boolean {
  return stage === 'disputed' || (stage === 'confirmed' && !settlesAlone);
}

/** The last block of the network's own payment. */
export function networkBy({ heights, settleOn }: SettlementView): number {
  const contact = heights.unlockBy + 2 * blocks.dispute + blocks.ruling;
  return settleOn === 'service' ? heights.decideBy : Math.min(heights.decideBy, contact);
}

/** What comes next, and at which block; null when nothing is due. */
export function nextDeadline(one: SettlementView): Deadline | null {
  const { stage, heights, decidedAt, noContactAt } = one;
  switch (stage) {
    case 'held':
      return { name: 'openBy', height: heights.unlockBy };
    case 'unlocked':
      if (noContactAt !== null) return { name: 'returnsAt', height: decidedAt };
      return { name: 'claimBy', height: heights.claimBy };
    case 'claimed':
      return { name: 'paysAt', height: decidedAt };
    case 'disputed':
      return { name: 'ruleBy', height: decidedAt };
    case 'confirmed':
      return { name: 'paysAt', height: heights.claimBy + 1 };
    case 'refunded':
      return feeIsDue(one) ? { name: 'feeAt', height: networkBy(one) } : null;
    case 'promised':
    case 'settled':
    case 'aborted':
    case 'expired':
      return null;
  }
}

/** Blocks to the next deadline; null where none is due or the height is not known yet. */
export function blocksLeft(one: SettlementView, nowHeight: number): number | null {
  const due = nextDeadline(one);
  return due === null || nowHeight === 0 ? null : due.height - nowHeight;
}

export interface DeskNow {
  /** What the wallet last reported, 0 when it has not. */
  readonly height: number;
  /** By the settler's rules a confirmed job is settled without the owner. */
  readonly settlesAlone: boolean;
}

export function isIn(filter: CaseFilter, one: SettlementView, settlesAlone: boolean): boolean {
  switch (filter) {
    case 'needs':
      return needsOwner(one, settlesAlone);
    case 'disputed':
      return one.stage === 'disputed';
    case 'held':
      return holdsMoney(one);
    case 'open':
      return !hasEnded(one);
    case 'ended':
      return hasEnded(one);
    case 'all':
      return true;
  }
}

/** How many there are of each kind. */
export function counts(
  all: readonly SettlementView[],
  settlesAlone: boolean,
): Readonly<Record<CaseFilter, number>> {
  const found = { needs: 0, disputed: 0, held: 0, open: 0, ended: 0, all: 0 };
  for (const one of all) {
    for (const filter of caseFilters) if (isIn(filter, one, settlesAlone)) found[filter] += 1;
  }
  return found;
}

/** Ids, what the two sides wrote, and the stage as the screen calls it; any part of a word will do. */
export function findCases(
  all: readonly SettlementView[],
  search: string,
  stageWords: Readonly<Record<SettlementView['stage'], string>>,
): readonly SettlementView[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return all;
  return all.filter((one) => {
    const { promiseId, offerId, payloadId, senderEvidence, replierEvidence, stage, reason } = one;
    const texts = [promiseId, offerId, payloadId, senderEvidence, replierEvidence, reason];
    const text = [...texts, stageWords[stage]].join(' ').toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A sorted copy. By danger: what waits for the owner first, then what is due soonest; ties by age, the latest first. */
export function sortCases(
  all: readonly SettlementView[],
  order: CaseOrder,
  { settlesAlone }: Pick<DeskNow, 'settlesAlone'>,
): SettlementView[] {
  const keyed = all.map((one) => ({
    one,
    owner: needsOwner(one, settlesAlone) ? 0 : 1,
    due: nextDeadline(one)?.height ?? Number.MAX_SAFE_INTEGER,
  }));
  keyed.sort((a, b) => {
    const first =
      order === 'danger'
        ? a.owner - b.owner || a.due - b.due
        : order === 'gig'
          ? compare(b.one.gigAmountMsat, a.one.gigAmountMsat)
          : order === 'fee'
            ? compare(b.one.networkFeeMsat, a.one.networkFeeMsat)
            : order === 'stage'
              ? stages.indexOf(a.one.stage) - stages.indexOf(b.one.stage)
              : 0;
    return (
      first || b.one.createdAtMs - a.one.createdAtMs || (a.one.promiseId < b.one.promiseId ? -1 : 1)
    );
  });
  return keyed.map(({ one }) => one);
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** From 0; the last one there is, if fewer are left than one asked for. */
  readonly page: number;
  readonly pages: number;
}

export function pageOf<Row>(all: readonly Row[], wanted: number, size = pageRows): Page<Row> {
  const pages = Math.max(1, Math.ceil(all.length / size));
  const page = Math.min(Math.max(0, wanted), pages - 1);
  return { rows: all.slice(page * size, (page + 1) * size), page, pages };
}

/** Sats of others that wait for this settler's word, its own fees with them, and in how many cases. */
export function inCare(all: readonly SettlementView[]): {
  readonly gigMsat: bigint;
  readonly feeMsat: bigint;
  readonly cases: number;
} {
  let [gigMsat, feeMsat, cases] = [0n, 0n, 0];
  for (const { payments } of all) {
    const held = payments.filter(({ state }) => state === 'accepted');
    if (held.length > 0) cases += 1;
    for (const { purpose, amountMsat } of held) {
      if (purpose === 'gig') gigMsat += amountMsat;
      else feeMsat += amountMsat;
    }
  }
  return { gigMsat, feeMsat, cases };
}
