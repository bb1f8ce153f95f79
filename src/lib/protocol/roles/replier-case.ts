/**
 * The replier between Unlock and the outcome: it claims that the job is done, disputes, concedes, or offers to call it off,
 * and repeats that until the settler's receipt or outcome is there. Whitepaper: "Replying" (the replier asks the settler to
 * settle).
 */
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import { readReceipts, readStatement, sealEvidence, signStatement } from '../job/settlement.ts';
import { isFault } from '../wire/codec.ts';
import type { StatementsFrame } from '../wire/messages.ts';
import type { OfferContext, OfferEvent, ReplierWords, State } from './replier-states.ts';

export const nothingSaid: ReplierWords = {
  claims: false,
  evidence: null,
  concedes: false,
  cancels: false,
};

type Matched = State<'Matched'>;
type Saying = Extract<OfferEvent, { on: 'claim' | 'dispute' | 'concede' | 'cancel' }>;

/** The offer with the owner's new word in it, or null if that was said before. */
export function sayToSettler(made: Matched, event: Saying, ctx: OfferContext): Matched | null {
  const { said } = made;
  switch (event.on) {
    case 'claim':
      return said.claims ? null : { ...made, said: { ...said, claims: true } };
    case 'dispute': {
      if (said.evidence !== null) return null;
      const to = { settlerKey: made.offer.settlerKey, promiseId: made.draft.promiseId };
      const evidence = sealEvidence(event.text, to, ctx.random);
      return { ...made, said: { ...said, evidence } };
    }
    case 'concede':
      return said.concedes ? null : { ...made, said: { ...said, concedes: true } };
    case 'cancel':
      return said.cancels ? null : { ...made, said: { ...said, cancels: true } };
  }
}

/** Receipts of the settler, and the other side's wish to call it off; the same offer if there is nothing new. */
export function readNews(
  made: Matched,
  frame: FrameOf<'statements'>,
  ctx: OfferContext,
): Matched | Fault {
  const { settlerKey, senderKey } = made.offer;
  const { network } = ctx;
  const receipts = readReceipts(frame, made.receipts, { key: settlerKey, network });
  if (isFault(receipts)) return receipts;
  let { otherCancels } = made;
  if (!otherCancels) {
    const cancel = readStatement('senderCancel', frame, { key: senderKey, network });
    if (isFault(cancel)) return cancel;
    otherCancels = cancel !== null;
  }
  const isOld = receipts === made.receipts && otherCancels === made.otherCancels;
  return isOld ? made : { ...made, receipts, otherCancels };
}

/**
 * What the settler may not have heard yet. A claim waits for its window, and goes on after it: a settler that was away then
 * still takes it.
 */
export function words(
  { draft, said, receipts }: Matched,
  ctx: OfferContext,
): Partial<Omit<StatementsFrame, 'promiseId'>> {
  const { promiseId, heights } = draft;
  const { secret, network, random } = ctx;
  const by = { secret, network, random };
  const word = (kind: 'claim' | 'concession' | 'replierCancel', says: boolean) =>
    says ? { [kind]: signStatement(kind, { promiseId }, by) } : {};
  const { evidence } = said;
  const isDisputing = evidence !== null && receipts.replierDispute === undefined;
  return {
    ...word('claim', said.claims && ctx.height >= heights.earliestClaim && !receipts.claim),
    ...word('concession', said.concedes),
    ...word('replierCancel', said.cancels),
    ...(isDisputing
      ? { replierDispute: signStatement('replierDispute', { promiseId, evidence }, by) }
      : {}),
  };
}
