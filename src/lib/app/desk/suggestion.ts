/**
 * A suggested ruling, with its reasons: from what is on file and from rules that the settler set for itself, and from nothing
 * else. It is advice to somebody who reads both statements; it signs nothing and nobody else sees it. The same file and the same
 * rules give the same advice, so that a small organisation treats like cases alike.
 */
import type { RecordView, SettlementView } from '../types.ts';
import { endingOf, type Decision } from './outcomes.ts';

/** What the settler holds to. Weights: 0 does not count, 1 a little, 2 much. */
export interface DeskRules {
  /** The worker claimed the job inside its window, or did not. */
  readonly claim: Weight;
  /** The customer reported that nobody came, before any claim of the worker's. */
  readonly absence: Weight;
  /** A side that was accused and told us nothing. */
  readonly silence: Weight;
  /** A customer that complained of at least `oftenPercent` of its jobs, a worker of whom it was said; of at least `leastJobs`. */
  readonly record: Weight;
  readonly oftenPercent: number;
  readonly leastJobs: number;
  /** Who has it when the file says as much for the one as for the other. */
  readonly doubt: 'customer' | 'worker' | 'nobody';
}

export type Weight = 0 | 1 | 2;

export const firstRules: DeskRules = {
  claim: 1,
  absence: 2,
  silence: 2,
  record: 1,
  oftenPercent: 30,
  leastJobs: 5,
  doubt: 'nobody',
};

export type ReasonName =
  | 'claimed'
  | 'neverClaimed'
  | 'absentFirst'
  | 'absentAfterClaim'
  | 'customerSilent'
  | 'workerSilent'
  | 'customerOften'
  | 'workerOften'
  | 'doubt';

export interface Reason {
  readonly name: ReasonName;
  readonly speaksFor: 'customer' | 'worker';
  readonly weight: number;
}

export interface Suggestion {
  /** null: the file does not tell; read what they wrote. */
  readonly decision: Extract<Decision, 'rulePaid' | 'ruleRefunded' | 'ruleAllBack'> | null;
  /** All that was weighed, the heaviest first. */
  readonly reasons: readonly Reason[];
  /** How much more speaks for the one than for the other. */
  readonly lead: number;
}

export function suggest(one: SettlementView, rules: DeskRules): Suggestion {
  const reasons = [
    ...aboutTheClaim(one, rules),
    ...aboutSilence(one, rules),
    ...aboutRecords(one, rules),
  ].filter(({ weight }) => weight > 0);
  const sum = reasons.reduce((all, { speaksFor, weight }) => {
    return all + (speaksFor === 'worker' ? weight : -weight);
  }, 0);
  const heaviestFirst = reasons.sort((a, b) => b.weight - a.weight);
  if (sum !== 0) {
    const decision = sum > 0 ? 'rulePaid' : refund(one, rules);
    return { decision, reasons: heaviestFirst, lead: Math.abs(sum) };
  }
  if (rules.doubt === 'nobody') return { decision: null, reasons: heaviestFirst, lead: 0 };
  const decision = rules.doubt === 'worker' ? 'rulePaid' : refund(one, rules);
  const doubt: Reason = { name: 'doubt', speaksFor: rules.doubt, weight: 0 };
  return { decision, reasons: [...heaviestFirst, doubt], lead: 0 };
}

/** Carriers brought the two together and are paid, unless nobody could be reached: then nothing was delivered to anybody. */
function refund(one: SettlementView, { absence }: DeskRules): 'ruleRefunded' | 'ruleAllBack' {
  const nobodyCame = absence > 0 && saidAbsentFirst(one);
  const mayReturn = endingOf(one, 'ruleAllBack').network === 'customer';
  return nobodyCame && mayReturn ? 'ruleAllBack' : 'ruleRefunded';
}

function saidAbsentFirst({ noContactAt, claimedAt }: SettlementView): boolean {
  return noContactAt !== null && (claimedAt === null || noContactAt < claimedAt);
}

function aboutTheClaim(one: SettlementView, { claim, absence }: DeskRules): Reason[] {
  const { claimedAt, noContactAt } = one;
  const reasons: Reason[] = [
    claimedAt === null
      ? { name: 'neverClaimed', speaksFor: 'customer', weight: claim }
      : { name: 'claimed', speaksFor: 'worker', weight: claim },
  ];
  if (saidAbsentFirst(one)) {
    reasons.push({ name: 'absentFirst', speaksFor: 'customer', weight: absence });
  } else if (noContactAt !== null) {
    reasons.push({ name: 'absentAfterClaim', speaksFor: 'worker', weight: absence });
  }
  return reasons;
}

/** Saying that nobody came, or claiming the job, is an accusation too; a statement is what it is answered with. */
function aboutSilence(one: SettlementView, { silence }: DeskRules): Reason[] {
  const { senderEvidence, replierEvidence, noContactAt, claimedAt } = one;
  const said = (evidence: string | null) => evidence !== null && evidence.trim() !== '';
  const customerSpoke = said(senderEvidence) || noContactAt !== null;
  const workerSpoke = said(replierEvidence) || claimedAt !== null;
  if (customerSpoke && !workerSpoke) {
    return [{ name: 'workerSilent', speaksFor: 'customer', weight: silence }];
  }
  if (said(replierEvidence) && !customerSpoke) {
    return [{ name: 'customerSilent', speaksFor: 'worker', weight: silence }];
  }
  return [];
}

/** A customer that complains of too many jobs, and a worker to whom it is said too often that nobody came. */
function aboutRecords({ sender, replier }: SettlementView, rules: DeskRules): Reason[] {
  const often = ({ jobs }: RecordView, wrong: number) =>
    jobs >= rules.leastJobs && wrong * 100 >= jobs * rules.oftenPercent;
  const customer = often(sender, sender.disputes + sender.noContacts);
  const worker = often(replier, replier.noContacts);
  if (customer === worker) return [];
  return customer
    ? [{ name: 'customerOften', speaksFor: 'worker', weight: rules.record }]
    : [{ name: 'workerOften', speaksFor: 'customer', weight: rules.record }];
}

/** Rules as they were stored; what is missing or makes no sense is as at first. */
export function rulesFrom(text: string | null): DeskRules {
  let stored: Partial<Record<keyof DeskRules, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (typeof parsed === 'object' && parsed !== null) stored = parsed;
  } catch {
    // A damaged memory: the first rules hold.
  }
  const weight = (name: 'claim' | 'absence' | 'silence' | 'record'): Weight => {
    const value = stored[name];
    return value === 0 || value === 1 || value === 2 ? value : firstRules[name];
  };
  const count = (name: 'oftenPercent' | 'leastJobs', least: number, most: number): number => {
    const value = stored[name];
    const sound = typeof value === 'number' && Number.isInteger(value);
    return sound && value >= least && value <= most ? value : firstRules[name];
  };
  const { doubt } = stored;
  return {
    claim: weight('claim'),
    absence: weight('absence'),
    silence: weight('silence'),
    record: weight('record'),
    oftenPercent: count('oftenPercent', 1, 100),
    leastJobs: count('leastJobs', 1, 1_000),
    doubt: doubt === 'customer' || doubt === 'worker' ? doubt : 'nobody',
  };
}
