/**
 * What is over is remembered as long as somebody may ask for it, but never without bound: the oldest goes first, from memory and
 * from disk. Whitepaper: silent. Nothing that holds or owes money is ever forgotten.
 */
import type { PaymentHash, PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import { legKey, type Leg } from '../roles/leg.ts';
import { settlementKey, type Settlement } from '../roles/settler-states.ts';
import { store } from '../stored.ts';
import type { Turn } from './state.ts';

/** A settlement ended: of too many, one that nobody ever paid is forgotten, or the oldest. */
export function forgetSettlements({ node, effects }: Turn): void {
  const { settlements, watchers } = node;
  const over = [...settlements].filter(([, made]) => made.state === 'Ended');
  if (over.length <= limits.endedSettlements) return;
  const unpaid = over.find(([, made]) => neverPaid(made));
  const [promiseId] = (unpaid ?? over[0]) as [PromiseId, Settlement];
  settlements.delete(promiseId);
  watchers.delete(promiseId);
  effects.push(store(settlementKey(promiseId), null));
}

function neverPaid(made: Settlement): boolean {
  return made.state === 'Ended' && made.end === 'expired';
}

/** A leg ended: of too many, one that carried nothing is forgotten, or the oldest. */
export function forgetLegs({ node, effects }: Turn): void {
  const over = [...node.legs].filter(([, leg]) => leg.state === 'Ended');
  if (over.length <= limits.endedLegs) return;
  const idle = over.find(([, leg]) => leg.state === 'Ended' && leg.end !== 'settled');
  const [hash] = (idle ?? over[0]) as [PaymentHash, Leg];
  node.legs.delete(hash);
  effects.push(store(legKey(hash), null));
}
