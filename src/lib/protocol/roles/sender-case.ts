/**
 * The sender between Unlock and the outcome: it confirms, disputes, says that nobody came, or offers to call it off, and
 * repeats that until the settler's receipt or outcome is there. Whitepaper: "Replying" (the settler asks for claims).
 */
import { isFault } from '../wire/codec.ts';
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import { readReceipts, readStatement, sealEvidence, signStatement } from '../job/settlement.ts';
import type { StatementsFrame } from '../wire/messages.ts';
import type { JobContext, JobEvent, SenderWords, TakenJob } from './sender-states.ts';

export const nothingSaid: SenderWords = { evidence: null, noContact: false, cancels: false };

type Saying = Extract<JobEvent, { on: 'dispute' | 'noContact' | 'cancel' }>;

/** The job with the owner's new word in it, or null if that was said before. */
export function sayToSettler(job: TakenJob, event: Saying, ctx: JobContext): TakenJob | null {
  const { said, chosen } = job;
  switch (event.on) {
    case 'dispute': {
      if (said.evidence !== null) return null;
      const evidence = sealEvidence(event.text, chosen, ctx.random);
      return { ...job, said: { ...said, evidence } };
    }
    case 'noContact':
      return said.noContact ? null : { ...job, said: { ...said, noContact: true } };
    case 'cancel':
      return said.cancels ? null : { ...job, said: { ...said, cancels: true } };
  }
}

/** Receipts of the settler, and the other side's wish to call it off; the same job if there is nothing new. */
export function readNews(
  job: TakenJob,
  frame: FrameOf<'statements'>,
  ctx: JobContext,
): TakenJob | Fault {
  const { chosen, network } = { chosen: job.chosen, network: ctx.network };
  const receipts = readReceipts(frame, job.receipts, { key: chosen.settlerKey, network });
  if (isFault(receipts)) return receipts;
  let { otherCancels } = job;
  if (!otherCancels) {
    const by = { key: chosen.replier.publicKey, network };
    const cancel = readStatement('replierCancel', frame, by);
    if (isFault(cancel)) return cancel;
    otherCancels = cancel !== null;
  }
  const isOld = receipts === job.receipts && otherCancels === job.otherCancels;
  return isOld ? job : { ...job, receipts, otherCancels };
}

type Statements = Partial<Omit<StatementsFrame, 'promiseId'>>;

/** What the settler may not have heard yet. */
export function words(job: TakenJob, ctx: JobContext): Statements {
  const { chosen, said, receipts, networkPreimage } = job;
  const { promiseId } = chosen;
  const { secret, network, random } = ctx;
  const by = { secret, network, random };
  const word = (kind: 'keyRequest' | 'abortRequest' | 'confirmation' | 'noContact') => ({
    [kind]: signStatement(kind, { promiseId }, by),
  });
  switch (job.state) {
    case 'PayingNetwork':
      // Paid for already: with the preimage in hand the key may be asked for.
      return networkPreimage === null ? {} : { ...word('keyRequest'), networkPreimage };
    case 'PayingReply':
      return networkPreimage === null
        ? word('keyRequest')
        : { ...word('keyRequest'), networkPreimage };
    case 'Cancelling':
      return word('abortRequest');
    case 'Confirmed':
      return word('confirmation');
    case 'Matched': {
      const { evidence } = said;
      const dispute =
        evidence !== null && receipts.senderDispute === undefined
          ? { senderDispute: signStatement('senderDispute', { promiseId, evidence }, by) }
          : {};
      const absent = said.noContact && receipts.noContact === undefined ? word('noContact') : {};
      const cancel = said.cancels
        ? { senderCancel: signStatement('senderCancel', { promiseId }, by) }
        : {};
      return { ...dispute, ...absent, ...cancel };
    }
    default:
      return {};
  }
}
