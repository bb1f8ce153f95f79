/**
 * Replier: the gig worker who answers a topic. Gets a promise from a settler, sends the reply back through the onion, and is
 * paid when the job is done. One `OfferMade` per offer id. Whitepaper: "Replying".
 *
 *   Settler                 Replier                                  the peer that broadcast to us
 *     |<-- DraftRequest ------|  Drafting
 *     |--- Draft ------------>|  Drafting -> Invoicing   (makes the reply invoice)
 *     |<-- SealedReply -------|  Invoicing -> Sealed
 *     |--- Promise ---------->|  Sealed -> Sent  ------ ReplyFrame ------>|
 *     |<-- ReplyAccepted -----|  Sent -> Held    (the gig's price is locked)
 *     |--- Unlock ----------->|  Held -> Matched         (Refunding if the key does not open what we sealed)
 *     |<-- Claim, Dispute ----|  Matched                 (replier-case.ts)
 *     |--- Outcome, preimage >|  Matched -> Settling -> Paid, or Refunding -> Lost
 */
import { equal, hexOf } from '../bytes.ts';
import { hash, unlock } from '../crypto.ts';
import { fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import { openChannel, receive, say } from '../job/contact.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { readStatement } from '../job/settlement.ts';
import { limits } from '../limits.ts';
import type { Effect, Step } from '../machine.ts';
import { isFault } from '../wire/codec.ts';
import {
  type OfferTerms,
  type OfferMade,
  type OfferEvent,
  type OfferContext,
  type State,
} from './replier-states.ts';
import {
  sealedReply,
  callOther,
  askForDraft,
  issue,
  follow,
  watch,
  repeat,
  takeBack,
  withdrawal,
  report,
  settleEffects,
  cancelEffects,
  wakeAt,
  blame,
  fail,
  refund,
  saved,
  speak,
} from './replier-effects.ts';
import { onDraft, onInvoice, onPromise } from './replier-draft.ts';
import { nothingSaid, readNews, sayToSettler } from './replier-case.ts';

export * from './replier-states.ts';

export function startOffer(offer: OfferTerms, ctx: OfferContext): Step<OfferMade> {
  const untilMs = ctx.nowMs + limits.settlerMs;
  const drafting: OfferMade = { state: 'Drafting', offer, untilMs };
  return [drafting, [askForDraft(offer, ctx), wakeAt(offer, untilMs)]];
}

export function stepOffer(made: OfferMade, event: OfferEvent, ctx: OfferContext): Step<OfferMade> {
  switch (made.state) {
    case 'Drafting':
      if (event.on === 'draft') return onDraft(made, event.frame, ctx);
      if (event.on === 'refused') return fail(made, event.reason);
      if (event.on === 'withdraw') return fail(made, 'withdrawn');
      if (event.on === 'calledOff') return fail(made, event.reason);
      if (event.on === 'wake' && ctx.nowMs >= made.untilMs) return fail(made, 'settler-silent');
      return [made, []];
    case 'Invoicing':
      if (event.on === 'invoiceIssued') return onInvoice(made, event.invoice, ctx);
      if (event.on === 'walletFailed') return takeBack(made, event.code, ctx);
      if (event.on === 'withdraw') return takeBack(made, 'withdrawn', ctx);
      if (event.on === 'calledOff') return takeBack(made, event.reason, ctx);
      if (event.on === 'resume') return [made, [issue(made)]];
      return [made, []];
    case 'Sealed':
      if (event.on === 'promise') return onPromise(made, event.frame, ctx);
      if (event.on === 'withdraw') return takeBack(made, 'withdrawn', ctx);
      if (event.on === 'calledOff') return takeBack(made, event.reason, ctx);
      if (event.on === 'wake' && ctx.nowMs >= made.untilMs)
        return takeBack(made, 'settler-silent', ctx);
      if (event.on === 'resume')
        return [made, [sealedReply(made), wakeAt(made.offer, made.untilMs)]];
      return [made, []];
    case 'Sent':
      return onSent(made, event, ctx);
    case 'Held':
      return onHeld(made, event, ctx);
    case 'Matched':
      if (isSaying(event)) {
        const said = sayToSettler(made, event, ctx);
        return said === null ? [made, []] : saved(said, speak(said, ctx));
      }
      return onHeld(made, event, ctx);
    case 'Settling':
      if (event.on === 'invoiceSettled') return onPaid(made, ctx);
      if (event.on === 'wake' || event.on === 'resume') return [made, settleEffects(made, ctx)];
      return onTalk(made, event, ctx);
    case 'Refunding':
      if (event.on === 'invoiceCancelled') return saved({ ...made, state: 'Lost' }, []);
      if (event.on === 'wake' || event.on === 'resume') return [made, cancelEffects(made, ctx)];
      return [made, []];
    case 'Paid':
      if (event.on === 'wake' || event.on === 'resume') return [made, report(made, ctx)];
      if (event.on === 'statements') return onReported(made, event.frame);
      return onTalk(made, event, ctx);
    case 'Lost':
    case 'Failed':
      return [made, []];
  }
}

// ------------------------------------------------------------------------------ towards the money

type Saying = Parameters<typeof sayToSettler>[1];

function isSaying(event: OfferEvent): event is Saying {
  return ['claim', 'dispute', 'concede', 'cancel'].includes(event.on);
}

function onSent(made: State<'Sent'>, event: OfferEvent, ctx: OfferContext): Step<OfferMade> {
  switch (event.on) {
    case 'invoiceAccepted':
      return onAccepted(made, event.settleDeadline, ctx);
    case 'invoiceCancelled':
      return saved({ ...made, state: 'Lost', channel: null, lost: true }, []);
    case 'statements':
      return onAbort(made, event.frame, ctx) ?? [made, []];
    case 'withdraw':
      return takeBack(made, 'withdrawn', ctx);
    case 'calledOff':
      return takeBack(made, event.reason, ctx);
    case 'wake':
      if (ctx.nowMs >= made.expiryMs) return refund(made, 'lost', ctx);
      return [made, watch(made, ctx, made.expiryMs - ctx.nowMs)];
    case 'resume':
      return [made, [follow(made), ...watch(made, ctx, made.expiryMs - ctx.nowMs)]];
    default:
      return [made, []];
  }
}

/** The price is locked. It counts only if we could still collect after the last ruling. */
function onAccepted(
  made: State<'Sent'>,
  settleDeadline: number,
  ctx: OfferContext,
): Step<OfferMade> {
  const { heights, promiseId } = made.draft;
  const late = ctx.height > heights.unlockBy;
  if (late || heights.decideBy > settleDeadline - limits.replierMarginBlocks) {
    return takeBack(made, 'too-late', ctx);
  }
  const { channelKey: key } = made.offer;
  const side = { promiseId, side: 'replier', peer: null, addresses: [], key } as const;
  const { expiryMs: _over, ...rest } = made;
  const held: State<'Held'> = {
    ...rest,
    state: 'Held',
    settleDeadline,
    channel: openChannel(side),
  };
  return saved(held, repeat(held, ctx));
}

function onHeld(
  made: State<'Held' | 'Matched'>,
  event: OfferEvent,
  ctx: OfferContext,
): Step<OfferMade> {
  switch (event.on) {
    case 'statements':
      return onHeldStatements(made, event.frame, ctx);
    case 'withdraw':
      if (made.state === 'Matched') return [made, []];
      return [made, [...withdrawal(made, ctx)]];
    case 'exposed':
      // Whoever talked to us has the contact, whatever is proven.
      return made.channel.peer === null ? refund(made, 'contact-broken', ctx) : [made, []];
    case 'invoiceCancelled':
      return saved({ ...made, state: 'Lost', lost: true, reason: 'expired' }, []);
    case 'wake':
      return [made, repeat(made, ctx)];
    case 'resume':
      return [made, [follow(made), ...repeat(made, ctx)]];
    default:
      return onTalk(made, event, ctx);
  }
}

function onHeldStatements(
  made: State<'Held' | 'Matched'>,
  frame: FrameOf<'statements'>,
  ctx: OfferContext,
): Step<OfferMade> {
  const by = { key: made.offer.settlerKey, network: ctx.network };
  const outcome = readStatement('outcome', frame, by);
  if (isFault(outcome)) return [made, [blame(outcome, made.offer)]];
  if (outcome?.gig === 'paid') return onPreimage(made, frame.replyPreimage, ctx);
  if (outcome?.gig === 'refunded') return refund(made, outcome.reason, ctx);
  const aborted = onAbort(made, frame, ctx);
  if (aborted) return aborted;
  const opened = readStatement('unlock', frame, by);
  if (isFault(opened)) return [made, [blame(opened, made.offer)]];
  if (made.state === 'Matched') {
    const news = readNews(made, frame, ctx);
    if (isFault(news)) return [made, [blame(news, made.offer)]];
    return news === made ? [made, []] : saved(news, []);
  }
  if (opened === null) return [made, []];
  if (!opensOurs(made, opened.unlockingKey)) {
    const [next, effects] = refund(made, 'contact-broken', ctx);
    const lie = fault('LOCK_FRAUD', made.draft.promiseId);
    return [next, [...effects, blame(lie, made.offer)]];
  }
  const unsaid = { said: nothingSaid, receipts: {}, otherCancels: false };
  const matched: State<'Matched'> = { ...made, ...unsaid, state: 'Matched' };
  return saved(matched, repeat(matched, ctx));
}

/** Is this the key that was promised, and does it open the lock to what we sealed? */
function opensOurs({ draft, terms, offer }: State<'Held'>, key: Uint8Array): boolean {
  if (hexOf(hash(key)) !== terms.unlockingKeyHash) return false;
  const sealed = unlock(key, draft.lockedReplyMessage);
  return sealed !== null && equal(sealed, offer.sealedMessage);
}

function onAbort(
  made: State<'Sent' | 'Held' | 'Matched'>,
  frame: FrameOf<'statements'>,
  ctx: OfferContext,
): Step<OfferMade> | null {
  const abort = readStatement('abort', frame, { key: made.offer.settlerKey, network: ctx.network });
  if (abort === null) return null;
  if (isFault(abort)) return [made, [blame(abort, made.offer)]];
  return refund(made, abort.reason, ctx);
}

function onPreimage(
  made: State<'Held' | 'Matched'>,
  preimage: Uint8Array | null,
  ctx: OfferContext,
): Step<OfferMade> {
  if (preimage === null) return [made, []];
  if (!isPreimageOf(preimage, made.terms.replyPaymentHash)) {
    return [made, [blame(fault('PREIMAGE_MISMATCH', made.terms.replyPaymentHash), made.offer)]];
  }
  const settling: State<'Settling'> = { ...made, state: 'Settling', preimage };
  return saved(settling, settleEffects(settling, ctx));
}

function onPaid(made: State<'Settling'>, ctx: OfferContext): Step<OfferMade> {
  const paid: State<'Paid'> = { ...made, state: 'Paid', reported: false };
  return saved(paid, report(paid, ctx));
}

function onReported(made: State<'Paid'>, frame: FrameOf<'statements'>): Step<OfferMade> {
  if (made.reported || frame.settledReport === null) return [made, []];
  return saved({ ...made, reported: true }, []);
}

// ----------------------------------------------------------------------------------- the contact

function onTalk(
  made: State<'Held' | 'Matched' | 'Settling' | 'Paid'>,
  event: OfferEvent,
  ctx: OfferContext,
): Step<OfferMade> {
  if (event.on === 'contact') {
    const met = receive(made.channel, event.frame, event.from, ctx.nowMs);
    if (isFault(met)) return [made, [{ do: 'fault', ...met, peer: event.from }]];
    const { channel, answer } = met;
    const effects: Effect[] = answer ? [{ do: 'send', to: event.from, frame: answer }] : [];
    return saved({ ...made, channel }, effects);
  }
  if (event.on !== 'say') return [made, []];
  const channel = say(made.channel, event, ctx.nowMs);
  if (channel === null) return [made, []];
  return saved({ ...made, channel }, callOther(channel));
}
