/**
 * What becomes of the money of one case: by each decision that its owner may take now, and by nobody's. A screen says it in sats
 * before anything is signed. It restates what the settler's machine does, and decides nothing.
 */
import type { Command, SettlementView } from '../types.ts';
import { feeIsDue, hasEnded, networkBy } from './cases.ts';

/** What the owner may do; `rule...` only in a dispute. */
export type Decision = 'rulePaid' | 'ruleRefunded' | 'ruleAllBack' | 'settle' | 'abort';

/** Where the sats of a case end up. */
export interface Ending {
  readonly gig: 'worker' | 'customer' | 'neverLocked';
  /** This desk's own fee; the carriers' go the same way. */
  readonly network: 'paid' | 'customer' | 'neverLocked' | 'paidAlready';
}

function feeOf({ payments }: SettlementView): SettlementView['payments'][number] | undefined {
  return payments.find(({ purpose }) => purpose === 'network');
}

/** The network's payment is over: no ruling brings it back. */
function networkIsPaid(one: SettlementView): boolean {
  return feeOf(one)?.state === 'settled';
}

/** The decisions that are open, the one that the stage asks for first. */
export function decisions(one: SettlementView): readonly Decision[] {
  switch (one.stage) {
    case 'disputed':
      return networkIsPaid(one)
        ? ['rulePaid', 'ruleRefunded']
        : ['rulePaid', 'ruleRefunded', 'ruleAllBack'];
    case 'confirmed':
      return ['settle'];
    case 'promised':
    case 'held':
      return one.state === 'Invoicing' ? [] : ['abort'];
    case 'refunded':
      return feeIsDue(one) ? ['settle'] : [];
    default:
      return [];
  }
}

export function endingOf(one: SettlementView, decision: Decision): Ending {
  const network = networkIsPaid(one) ? 'paidAlready' : 'paid';
  switch (decision) {
    case 'rulePaid':
      return { gig: 'worker', network };
    case 'ruleRefunded':
      return { gig: 'customer', network };
    case 'ruleAllBack':
      return { gig: 'customer', network: networkIsPaid(one) ? 'paidAlready' : 'customer' };
    case 'settle':
      return { gig: one.stage === 'confirmed' ? 'worker' : 'customer', network };
    case 'abort':
      return {
        gig: 'neverLocked',
        network: one.stage === 'held' ? 'customer' : 'neverLocked',
      };
  }
}

export function commandFor({ promiseId }: SettlementView, decision: Decision): Command {
  switch (decision) {
    case 'rulePaid':
      return { command: 'rulePromise', promiseId, gig: 'paid', network: 'paid' };
    case 'ruleRefunded':
      return { command: 'rulePromise', promiseId, gig: 'refunded', network: 'paid' };
    case 'ruleAllBack':
      return { command: 'rulePromise', promiseId, gig: 'refunded', network: 'refunded' };
    case 'settle':
      return { command: 'settlePromise', promiseId };
    case 'abort':
      return { command: 'abortPromise', promiseId };
  }
}

/** What happens if nobody does anything more: a sentence's name, and the block by which it does. */
export type Silence =
  | { readonly then: 'over' }
  | { readonly then: 'lapses' }
  | {
      readonly then:
        | 'feeReturns'
        | 'gigReturns'
        | 'allReturns'
        | 'pays'
        | 'unruled'
        | 'paysConfirmed'
        | 'feePays';
      readonly height: number;
    };

export function ifNobodyActs(one: SettlementView): Silence {
  const { stage, heights, decidedAt, noContactAt } = one;
  if (hasEnded(one)) return { then: 'over' };
  switch (stage) {
    case 'promised':
      return { then: 'lapses' };
    case 'held':
      return { then: 'feeReturns', height: heights.unlockBy };
    case 'unlocked':
      return noContactAt === null
        ? { then: 'gigReturns', height: heights.claimBy }
        : { then: 'allReturns', height: decidedAt };
    case 'claimed':
      return { then: 'pays', height: decidedAt };
    case 'disputed':
      return { then: 'unruled', height: decidedAt };
    case 'confirmed':
      return { then: 'paysConfirmed', height: heights.claimBy + 1 };
    default:
      return { then: 'feePays', height: networkBy(one) };
  }
}
