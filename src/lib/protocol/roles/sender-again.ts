/**
 * A sender whose choice came to nothing before the contact opened: the job is open again, with the replies it still has, those on
 * other ways of the same offer included, and its customer may choose once more. Whitepaper: "Replying" (the sender picks one of
 * several replies, the cheapest first).
 *
 * Money comes first. A wallet's word that a payment failed does not open a job again: one that was shut down in mid-payment may
 * say so of what is in the air. It is open again once the wallet calls failed whatever was paid, and nobody can be paid with it
 * any more: either the settler signed an Abort of that promise, which it is asked for, or the wallet refused at once, and
 * nothing ever left. Until the contact opens or the last chance is gone, no other worker is told that the job is taken.
 */
import type { FrameOf } from '../frame.ts';
import type { PromiseId } from '../ids.ts';
import { cancelBroadcast } from '../job/cancel-broadcast.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import type { Context, Effect } from '../machine.ts';
import type { Job, JobContext, Money, Offer, TakenJob } from './sender-states.ts';

/** The owner wants no other worker either. */
export const calledOff = 'cancelled';

/** Can this offer still be taken? */
export function isChoosable(offer: Offer, ctx: Context): boolean {
  return ctx.nowMs < offer.expiryMs && ctx.height < offer.heights.unlockBy;
}

/** May this job still be open again? Until it may not, nobody is told that it is taken. */
export function isOpenToOthers(job: Job): boolean {
  switch (job.state) {
    case 'Broadcasting':
      return true;
    case 'PayingNetwork':
    case 'PayingReply':
    case 'Cancelling':
      return hasOthers(job);
    case 'Closing':
      return job.outcome === null && job.contactText === null && hasOthers(job);
    default:
      return false;
  }
}

function hasOthers(job: TakenJob): boolean {
  return job.reason !== calledOff && without(job.offers, job.chosen.promiseId).length > 0;
}

/** Is there another reply to choose, and time to? */
export function mayTryAnother(job: TakenJob, ctx: Context): boolean {
  if (!isOpenToOthers(job) || ctx.nowMs >= expiryOf(job.job.topic)) return false;
  return without(job.offers, job.chosen.promiseId).some((offer) => isChoosable(offer, ctx));
}

/** Its settler signed an Abort, or nothing ever left: what failed stays failed. */
export function isUndone({ state, money }: TakenJob): boolean {
  const paidNothing = (leg: keyof Pick<Money, 'network' | 'reply'>) =>
    money[leg] === 'planned' || money[leg] === 'failed';
  return state === 'Closing' && paidNothing('network') && paidNothing('reply');
}

/** The job as it was before that choice, without what was chosen; its neighbours' neighbours may be asked once more. */
export function openAgain(taken: TakenJob, ctx: Context): [Job, Effect[]] {
  const { job, told, reason } = taken;
  const offers = without(taken.offers, taken.chosen.promiseId);
  const { payloadId, topic } = job;
  return [
    { state: 'Broadcasting', job, told, offers, reason },
    [
      { do: 'wake', atMs: expiryOf(topic), key: `job/${payloadId}` },
      { do: 'wake', atMs: ctx.nowMs, key: `quiet/${payloadId}` },
    ],
  ];
}

/** The other ways of this offer are called off with it: by its settler, or by its worker. */
export function withoutOtherWays(job: TakenJob): TakenJob {
  const { promiseId, terms } = job.chosen;
  const offers = job.offers.filter(
    (other) => other.promiseId === promiseId || other.terms.offerId !== terms.offerId,
  );
  return { ...job, offers };
}

function without(offers: readonly Offer[], promiseId: PromiseId): readonly Offer[] {
  return offers.filter((offer) => offer.promiseId !== promiseId);
}

/**
 * The network's payment is neither held nor back: somebody on the way may wait for the settler's word. Not where that payment buys
 * the key: whoever asks for it back may have the contact already, and then wants to lock the gig.
 */
export function isOverdue(job: TakenJob, ctx: Context): boolean {
  const { state, money, chosen, chosenAtMs = ctx.nowMs } = job;
  const buysKey = chosen.terms.unlock === 'preimage';
  const isOut = state === 'PayingNetwork' && money.network === 'pending' && !buysKey;
  return isOut && ctx.nowMs >= chosenAtMs + limits.networkPatienceMs;
}

export function isInTheAir({ money }: TakenJob): boolean {
  return money.network === 'pending' || money.reply === 'pending';
}

/** Nothing is in the air, nothing can come any more, and the settler said nothing. */
export function isForgotten(job: TakenJob, ctx: Context): boolean {
  const late = ctx.height > job.chosen.heights.decideBy;
  return job.state === 'PayingNetwork' && !isInTheAir(job) && late;
}

/** Tells everybody who was told of the job. */
export function callBack(job: Job, ctx: JobContext): Effect[] {
  const frame = cancellationOf(job, ctx);
  return frame === null ? [] : job.told.map(({ peer: to }) => ({ do: 'send', to, frame }));
}

/** What those who carry this job are told: that it is withdrawn or taken; null while it is open, or over for everybody. */
export function cancellationOf(job: Job, ctx: JobContext): FrameOf<'cancelBroadcast'> | null {
  if (isOpenToOthers(job) || ctx.nowMs >= expiryOf(job.job.topic)) return null;
  const chosen = 'chosen' in job ? job.chosen.terms.offerId : null;
  return cancelBroadcast(job.job.payloadId, chosen, ctx);
}
