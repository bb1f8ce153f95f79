/**
 * The owner's wishes between Unlock and the outcome: the parties' claims and disputes, and the settler's rulings. Whitepaper:
 * "Replying", "Payment settler". A wish that cannot be met is answered with a code and changes nothing.
 */
import { utf8 } from '../bytes.ts';
import type { OfferId, PayloadId, PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import { mayRule } from '../roles/settler-case.ts';
import type { Turn } from './state.ts';
import { leadOf } from './views.ts';
import { tellJob, tellOffer, tellSettlement } from './turn.ts';
import { tellMadeOffer, type Answer, type Of } from './wishes.ts';

/** Tells the customer in the contact, and the settler by a claim. */
export function announceDone(turn: Turn, offerId: OfferId): Answer {
  const made = leadOf(turn.node, offerId);
  if (made?.state === 'Matched') {
    if (turn.ctx.height > made.draft.heights.claimBy) return 'TOO_LATE';
    tellOffer(turn, made.offer.draftId, { on: 'claim' });
  }
  return tellMadeOffer(turn, offerId, { on: 'say', text: '', done: true });
}

/** Only against a complaint: otherwise calling it off together is the way. */
export function concede(turn: Turn, offerId: OfferId): Answer {
  const made = leadOf(turn.node, offerId);
  if (made === null) return 'UNKNOWN_OFFER';
  if (made.state !== 'Matched') return 'WRONG_TIME';
  const { noContact, senderDispute } = made.receipts;
  if (noContact === undefined && senderDispute === undefined) return 'WRONG_TIME';
  tellOffer(turn, made.offer.draftId, { on: 'concede' });
  return null;
}

export function reportNoContact(turn: Turn, payloadId: PayloadId): Answer {
  const job = turn.node.jobs.get(payloadId);
  if (job === undefined) return 'UNKNOWN_JOB';
  if (job.state !== 'Matched') return 'WRONG_TIME';
  if (turn.ctx.height > job.chosen.heights.claimBy) return 'TOO_LATE';
  tellJob(turn, payloadId, { on: 'noContact' });
  return null;
}

export function dispute(turn: Turn, command: Of<'dispute'>): Answer {
  const text = command.text.trim();
  if (text === '') return 'TEXT_EMPTY';
  if (utf8(text).length > limits.evidenceBytes) return 'TEXT_TOO_LONG';
  return tellParty(turn, command.promiseId, { on: 'dispute', text });
}

export function cancelTogether(turn: Turn, promiseId: PromiseId): Answer {
  return tellParty(turn, promiseId, { on: 'cancel' });
}

/** Whichever side of the deal this node is on. */
function tellParty(
  turn: Turn,
  promiseId: PromiseId,
  event: { readonly on: 'cancel' } | { readonly on: 'dispute'; readonly text: string },
): Answer {
  for (const [payloadId, job] of turn.node.jobs) {
    if (!('chosen' in job) || job.chosen.promiseId !== promiseId) continue;
    if (job.state !== 'Matched') return 'WRONG_TIME';
    tellJob(turn, payloadId, event);
    return null;
  }
  for (const [draftId, made] of turn.node.offers) {
    if (!('draft' in made) || made.draft.promiseId !== promiseId) continue;
    if (made.state !== 'Matched') return 'WRONG_TIME';
    tellOffer(turn, draftId, event);
    return null;
  }
  return 'UNKNOWN_PROMISE';
}

// --------------------------------------------------------------------------------------- the settler

/** Pays what the customer confirmed, or the network of a gig that went back, before its time. */
export function settlePromise(turn: Turn, promiseId: PromiseId): Answer {
  const made = turn.node.settlements.get(promiseId);
  if (made === undefined) return 'UNKNOWN_PROMISE';
  const isConfirmed = made.state === 'Unlocked' && made.file.confirmed;
  if (!isConfirmed && made.state !== 'Refunded') return 'WRONG_TIME';
  tellSettlement(turn, promiseId, { on: 'settle' });
  return null;
}

export function rulePromise(turn: Turn, command: Of<'rulePromise'>): Answer {
  const { promiseId, gig, network } = command;
  const made = turn.node.settlements.get(promiseId);
  if (made === undefined) return 'UNKNOWN_PROMISE';
  if (!mayRule(made, turn.ctx.height)) return 'WRONG_TIME';
  if (gig === 'paid' && network === 'refunded') return 'WRONG_TIME';
  tellSettlement(turn, promiseId, { on: 'rule', gig, network });
  return null;
}

export function abortPromise(turn: Turn, promiseId: PromiseId): Answer {
  const made = turn.node.settlements.get(promiseId);
  if (made === undefined) return 'UNKNOWN_PROMISE';
  if (!['Drafted', 'Promised', 'NetworkHeld'].includes(made.state)) return 'WRONG_TIME';
  tellSettlement(turn, promiseId, { on: 'abort' });
  return null;
}
