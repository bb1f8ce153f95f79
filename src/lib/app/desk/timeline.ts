/** A case as it went, from its log, and what is still to come, by its heights. */
import type { SettlementView } from '../types.ts';
import { hasEnded, nextDeadline, type DeadlineName } from './cases.ts';
import type { Did, LogLine } from './log.ts';

export interface Past {
  readonly did: Did;
  readonly atMs: number;
  readonly height: number;
  readonly by: LogLine['by'];
  readonly detail: string;
}

export interface Coming {
  readonly name: DeadlineName | 'decideBy';
  readonly height: number;
}

/** Everything known of a case, the earliest first. A log that does not have it yet leaves the day it began. */
export function pastOf(one: SettlementView, lines: readonly LogLine[]): readonly Past[] {
  const ofCase = lines.filter(({ about, did }) => about === one.promiseId && did !== 'earned');
  if (ofCase.length > 0) return ofCase;
  return [{ did: 'promised', atMs: one.createdAtMs, height: 0, by: 'desk', detail: '' }];
}

/** The blocks that matter from now on, the next first; the last one is when no money may be held any more. */
export function comingOf(one: SettlementView): readonly Coming[] {
  if (hasEnded(one)) return [];
  const next = nextDeadline(one);
  const last: Coming = { name: 'decideBy', height: one.heights.decideBy };
  const isKept = one.stage !== 'promised' && (next === null || next.height < last.height);
  return [...(next === null ? [] : [next]), ...(isKept ? [last] : [])];
}
