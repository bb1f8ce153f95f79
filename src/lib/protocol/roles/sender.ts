/**
 * Sender: the customer whose job it is. Posts a topic, collects replies, pays the network, then the gig, opens the contact,
 * and confirms. One `Job` per payload id. Whitepaper: "The protocol", 1-5, "Replying", "Paying for the reply message".
 *
 *   Broadcasting --choose--> PayingNetwork --NetworkAccepted--> PayingReply --Unlock--> Matched --confirm--> Confirmed
 *        |                        '-- cancel, late, failed --> Cancelling <--'             |                    |
 *        '--cancel, window over--> Ended <---both payments final--- Closing <--Abort or Outcome-----------------'
 *
 * What comes to nothing before Unlock leaves the job open with its other replies, if it has any: `sender-again.ts`.
 * While Matched it may dispute, say that nobody came, or call it off together with the replier (`sender-case.ts`).
 * Where K does not open the contact it is Matched without one, and says so at once: no contact, so both payments are to go back;
 * the proof goes its own way (`node/frauds.ts`), and an honest replier that hears of it cancels its invoice.
 * Differs from the paper: the contact opens with the settler's key K once both payments are held; with `unlock: preimage` the
 * network's preimage opens it, as in the paper, and the gig is locked then (architecture, decisions 2 and 3).
 */
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PaymentHash, PeerKey, PromiseId } from '../ids.ts';
import { openChannel, receive, say, undelivered } from '../job/contact.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { backByHeight } from '../job/payment-chain.ts';
import { openContact } from '../job/reply.ts';
import { readStatement, statementsFrame } from '../job/settlement.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import type { Effect, Step } from '../machine.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import type { Outcome } from '../wire/messages.ts';
import {
  type Offer,
  type Money,
  type JobTerms,
  type Job,
  type TakenJob,
  type JobEvent,
  type JobContext,
  jobKey,
} from './sender-states.ts';
import {
  callBack,
  calledOff,
  isChoosable,
  isForgotten,
  isInTheAir,
  isOpenToOthers,
  isOverdue,
  isUndone,
  mayTryAnother,
  openAgain,
  withoutOtherWays,
} from './sender-again.ts';
import { payAgain, payGig, payNetwork } from './sender-effects.ts';
import { nothingSaid, readNews, sayToSettler, words } from './sender-case.ts';

export * from './sender-states.ts';
export { cancellationOf, isChoosable, isOpenToOthers } from './sender-again.ts';

export function startJob(job: JobTerms): Step<Job> {
  const posted: Job = { state: 'Broadcasting', job, told: [], offers: [], reason: '' };
  return saved(posted, [{ do: 'wake', atMs: expiryOf(job.topic), key: jobKey(job.payloadId) }]);
}

/** One event; whoever carries the job is told once that nobody else can have it any more. */
export function stepJob(job: Job, event: JobEvent, ctx: JobContext): Step<Job> {
  const [next, effects] = stepInState(job, event, ctx);
  const isTaken = isOpenToOthers(job) && !isOpenToOthers(next);
  return [next, isTaken ? [...effects, ...callBack(next, ctx)] : effects];
}

function stepInState(job: Job, event: JobEvent, ctx: JobContext): Step<Job> {
  switch (job.state) {
    case 'Broadcasting':
      if (event.on === 'told') return onTold(job, event);
      if (event.on === 'offer') return onOffer(job, event.offer);
      if (event.on === 'choose') return onChoose(job, event.promiseId, ctx);
      if (event.on === 'cancel') return withdraw(job, calledOff);
      if (event.on === 'thanked') return withdraw(job, 'thanked');
      if (event.on === 'wake' || event.on === 'resume') return onWindow(job, ctx);
      return [job, []];
    case 'PayingNetwork':
    case 'PayingReply':
    case 'Cancelling':
      if (event.on === 'cancel') return askBack(job, calledOff, ctx);
      return onTaken(job, event, ctx);
    case 'Matched':
      if (event.on === 'confirm') return onConfirm(job, ctx);
      if (event.on === 'dispute' || event.on === 'noContact' || event.on === 'cancel') {
        const said = sayToSettler(job, event, ctx);
        return said === null ? [job, []] : saved(said, repeat(said, ctx));
      }
      return onTaken(job, event, ctx);
    case 'Confirmed':
    case 'Closing':
      return onTaken(job, event, ctx);
    case 'Ended':
      if (event.on === 'contact' || event.on === 'say') return onTaken(job, event, ctx);
      return [job, []];
    case 'Withdrawn':
      return [job, []];
  }
}

// ------------------------------------------------------------------------------ before the choice

type Told = Extract<JobEvent, { on: 'told' }>;
type Open = Extract<Job, { state: 'Broadcasting' }>;

function onTold(job: Open, { peer, routingFeeMsat }: Told): Step<Job> {
  const others = job.told.filter((told) => told.peer !== peer);
  return saved({ ...job, told: [...others, { peer, routingFeeMsat }] }, []);
}

function onOffer(job: Open, offer: Offer): Step<Job> {
  const known = job.offers.some((other) => other.promiseId === offer.promiseId);
  if (known || job.offers.length >= limits.offersPerJob) return [job, []];
  return saved({ ...job, offers: [...job.offers, offer] }, []);
}

function onChoose(job: Open, promiseId: PromiseId, ctx: JobContext): Step<Job> {
  const chosen = job.offers.find((offer) => offer.promiseId === promiseId);
  if (chosen === undefined || !isChoosable(chosen, ctx)) return [job, []];
  const money: Money = {
    network: 'pending',
    reply: 'planned',
    networkBackBy: backByHeight(ctx.height, chosen.networkFinalCltv, ctx.shadowBlocks),
    replyBackBy: 0,
  };
  const taken: TakenJob = {
    ...job,
    state: 'PayingNetwork',
    reason: '',
    chosen,
    chosenAtMs: ctx.nowMs,
    money,
    networkPreimage: null,
    said: nothingSaid,
    receipts: {},
    otherCancels: false,
    channel: null,
    contactText: null,
  };
  return saved(taken, [payNetwork(chosen, true), ...repeat(taken, ctx)]);
}

function onWindow(job: Open, ctx: JobContext): Step<Job> {
  if (ctx.nowMs >= expiryOf(job.job.topic)) return withdraw(job, 'expired');
  const key = jobKey(job.job.payloadId);
  return [job, [{ do: 'wake', atMs: expiryOf(job.job.topic), key }]];
}

function withdraw(job: Open, reason: string): Step<Job> {
  return saved({ ...job, state: 'Withdrawn', reason }, []);
}

// ------------------------------------------------------------------------------- after the choice

function onTaken(job: TakenJob, event: JobEvent, ctx: JobContext): Step<Job> {
  switch (event.on) {
    case 'statements':
      return onStatements(job, event.frame, ctx);
    case 'paymentSettled':
      return onPaid(job, event.paymentHash, event.preimage, ctx);
    case 'paymentFailed':
      return onFailed(job, event, ctx);
    case 'contact':
      return onContact(job, event.frame, event.from, ctx);
    case 'say':
      return onSay(job, event.text, ctx);
    case 'wake':
      return onWake(job, ctx);
    case 'resume':
      return [job, [...payAgain(job, ctx), ...repeat(job, ctx)]];
    default:
      return [job, []];
  }
}

function onWake(job: TakenJob, ctx: JobContext): Step<Job> {
  if (isForgotten(job, ctx)) return finish({ ...job, reason: 'settler-silent' }, [], ctx);
  if (isOverdue(job, ctx)) return askBack(job, 'not-held', ctx);
  const waits = job.state === 'Cancelling' && !isInTheAir(job) && !mayTryAnother(job, ctx);
  return waits ? finish(job, [], ctx) : [job, repeat(job, ctx)];
}

/** Nothing is paid any more; the settler is asked for an Abort, with which whatever is held comes back. */
function askBack(job: TakenJob, reason: string, ctx: JobContext): Step<Job> {
  const cancelling: TakenJob = { ...job, state: 'Cancelling', reason };
  return finish(cancelling, repeat(cancelling, ctx), ctx);
}

function onConfirm(job: TakenJob, ctx: JobContext): Step<Job> {
  const confirmed: TakenJob = { ...job, state: 'Confirmed' };
  return saved(confirmed, repeat(confirmed, ctx));
}

/** What the settler published, one statement after the other; what does not fit the state is old news. */
function onStatements(job: TakenJob, frame: FrameOf<'statements'>, ctx: JobContext): Step<Job> {
  const by = { key: job.chosen.settlerKey, network: ctx.network };
  const read = {
    networkAccepted: readStatement('networkAccepted', frame, by),
    unlock: readStatement('unlock', frame, by),
    abort: readStatement('abort', frame, by),
    outcome: readStatement('outcome', frame, by),
  };
  const bad = Object.values(read).find(isFault);
  if (bad) return [job, [blame(bad, job)]];
  const news = readNews(job, frame, ctx);
  if (isFault(news)) return [job, [blame(news, job)]];
  let state = news;
  const effects: Effect[] = [];
  const then = ([next, more]: Step<Job>) => {
    state = next as TakenJob;
    effects.push(...more);
  };
  const isOver = read.abort !== null || read.outcome !== null;
  if (read.networkAccepted && !isOver && state.state === 'PayingNetwork') {
    then(payReply(state, ctx));
  }
  if (read.unlock && !isFault(read.unlock) && isBeforeUnlock(state)) {
    then(onUnlock(state, read.unlock.unlockingKey, ctx));
  }
  if (read.abort && !isFault(read.abort) && isBeforeUnlock(state)) {
    const bySender = read.abort.reason === 'sender';
    then(close(bySender ? state : withoutOtherWays(state), null, ctx));
  }
  if (read.outcome && !isFault(read.outcome) && !isDecided(state)) {
    then(close(state, read.outcome, ctx));
  }
  return state === news && news !== job ? saved(news, effects) : [state, effects];
}

function isBeforeUnlock(job: Job): boolean {
  return ['PayingNetwork', 'PayingReply', 'Cancelling'].includes(job.state);
}

function isDecided(job: Job): boolean {
  return job.state === 'Closing' || job.state === 'Ended';
}

/** Only now is the gig's amount locked, and only while there is time to open the contact. */
function payReply(job: TakenJob, ctx: JobContext): Step<Job> {
  const { chosen } = job;
  if (ctx.height > chosen.heights.unlockBy) return askBack(job, 'too-late', ctx);
  // `unlock: preimage`: the contact comes first, with the network's preimage.
  if (chosen.terms.unlock === 'preimage') return [job, []];
  // The settler lets one way of an offer win: this one.
  const paying: TakenJob = { ...lockGig(withoutOtherWays(job), ctx), state: 'PayingReply' };
  return saved(paying, [payGig(chosen, true), ...repeat(paying, ctx)]);
}

/** K opens the contact. Whoever has it before the gig is locked locks it now, if there is still time. */
function onUnlock(job: TakenJob, unlockingKey: Uint8Array, ctx: JobContext): Step<Job> {
  const { chosen } = job;
  const { terms, lockedMessage } = chosen;
  const offer = { terms, lockedMessage, replierKey: chosen.replier.publicKey };
  const own = { secret: ctx.secret, payloadId: job.job.payloadId, network: ctx.network };
  const contact = openContact(offer, unlockingKey, own);
  if (isFault(contact)) {
    // Without a contact there is no job: the settler is told so at once, and everything is to come back.
    const said = { ...job.said, noContact: true };
    const unread: TakenJob = { ...job, state: 'Matched', reason: contact.code, said };
    return finish(unread, [blame(contact, job), ...repeat(unread, ctx)], ctx);
  }
  const { contactText, peerKey: peer, addresses, channelKey: key } = contact;
  const { promiseId } = chosen;
  const channel = openChannel({ promiseId, side: 'sender', peer, addresses, key });
  const matched: TakenJob = { ...job, state: 'Matched', channel, contactText };
  const isLate = ctx.height > chosen.heights.unlockBy;
  if (job.state === 'Cancelling' || job.money.reply !== 'planned' || isLate) {
    return finish(matched, repeat(matched, ctx), ctx);
  }
  const locking = lockGig(matched, ctx);
  return saved(locking, [payGig(chosen, true), ...repeat(locking, ctx)]);
}

function lockGig(job: TakenJob, ctx: JobContext): TakenJob {
  const replyBackBy = backByHeight(ctx.height, job.chosen.replyFinalCltv, ctx.shadowBlocks);
  return { ...job, money: { ...job.money, reply: 'pending', replyBackBy } };
}

function close(job: TakenJob, outcome: Outcome | null, ctx: JobContext): Step<Job> {
  const reason = outcome === null ? job.reason || 'aborted' : outcome.reason;
  const closing: TakenJob = { ...job, state: 'Closing', outcome, reason };
  return finish(closing, repeat(closing, ctx), ctx);
}

function legOf(job: TakenJob, hash: PaymentHash): 'network' | 'reply' {
  return hash === job.chosen.networkPaymentHash ? 'network' : 'reply';
}

/** Paid, if the preimage is one. Where the network's is the key, the contact opens with it; elsewhere it earns the key. */
function onPaid(
  job: TakenJob,
  hash: PaymentHash,
  preimage: Uint8Array,
  ctx: JobContext,
): Step<Job> {
  const leg = legOf(job, hash);
  if (!isPreimageOf(preimage, hash) || job.money[leg] === 'settled') return [job, []];
  const paid: TakenJob = { ...job, money: { ...job.money, [leg]: 'settled' } };
  if (leg === 'reply') return finish({ ...paid, replyPreimage: preimage }, [], ctx);
  const known: TakenJob = { ...paid, networkPreimage: preimage };
  if (!isBeforeUnlock(job)) return finish(known, [], ctx);
  if (job.chosen.terms.unlock === 'preimage') return onUnlock(known, preimage, ctx);
  return finish(known, repeat(known, ctx), ctx);
}

function onFailed(
  job: TakenJob,
  { paymentHash: hash, reason: why, nothingLeft }: Extract<JobEvent, { on: 'paymentFailed' }>,
  ctx: JobContext,
): Step<Job> {
  const leg = legOf(job, hash);
  if (job.money[leg] === 'failed') return [job, []];
  const next: TakenJob = { ...job, money: { ...job.money, [leg]: 'failed' } };
  if (!isBeforeUnlock(job) || job.state === 'Cancelling') return finish(next, [], ctx);
  if (job.state === 'PayingReply') return askBack(next, why, ctx);
  const reason = job.reason || why;
  // Where another reply may be paid for, only the settler's word is sure enough, or a wallet that never began.
  if (!nothingLeft && mayTryAnother(next, ctx)) return askBack(next, reason, ctx);
  return finish({ ...next, state: 'Closing', outcome: null, reason }, [], ctx);
}

/** Ends a job once nothing of it is in the air, or opens it again; the settler's silence keeps nobody's job open. */
function finish(job: TakenJob, effects: readonly Effect[], ctx: JobContext): Step<Job> {
  const waits =
    job.state === 'Cancelling'
      ? mayTryAnother(job, ctx)
      : job.state === 'PayingNetwork' && job.reason !== 'settler-silent';
  if (isInTheAir(job) || waits) return saved(job, effects);
  const faults = effects.filter((effect) => effect.do === 'fault');
  if (isUndone(job) && mayTryAnother(job, ctx)) {
    const [open, more] = openAgain(job, ctx);
    return saved(open, [...faults, ...more]);
  }
  const outcome = job.state === 'Closing' ? job.outcome : null;
  return saved({ ...job, state: 'Ended', outcome }, faults);
}

// ----------------------------------------------------------------------------------- the contact

function onContact(
  job: TakenJob,
  frame: FrameOf<'contact'>,
  from: PeerKey,
  ctx: JobContext,
): Step<Job> {
  if (job.channel === null) return [job, []];
  const met = receive(job.channel, frame, from, ctx.nowMs);
  if (isFault(met)) return [job, [{ do: 'fault', ...met, peer: from }]];
  const effects: Effect[] = met.answer ? [{ do: 'send', to: from, frame: met.answer }] : [];
  return saved({ ...job, channel: met.channel }, effects);
}

function onSay(job: TakenJob, text: string, ctx: JobContext): Step<Job> {
  const channel = job.channel && say(job.channel, { text, done: false }, ctx.nowMs);
  if (!channel) return [job, []];
  const said = { ...job, channel };
  return saved(said, callOther(said));
}

function callOther(job: TakenJob): Effect[] {
  const { channel } = job;
  if (channel === null || channel.peer === null) return [];
  const { peer: to, addresses } = channel;
  return undelivered(channel).map((frame) => ({ do: 'send', to, frame, addresses }));
}

// --------------------------------------------------------------------------------------- effects

/** Says again what the settler and the worker may not have heard, until it had its effect. */
function repeat(job: TakenJob, ctx: JobContext): Effect[] {
  const { chosen } = job;
  const { promiseId } = chosen;
  const said = words(job, ctx);
  const to = { to: chosen.settlerPeer, addresses: chosen.settlerAddresses };
  const frames: Effect[] = [];
  if (job.state !== 'Ended') {
    frames.push({ do: 'send', ...to, frame: { kind: 'watch', promiseId } });
  }
  if (Object.keys(said).length > 0) {
    frames.push({ do: 'send', ...to, frame: statementsFrame(promiseId, said) });
  }
  const waitMs = isBeforeUnlock(job) ? limits.repeatMs : limits.repeatMs * 6;
  const key = jobKey(job.job.payloadId);
  return [...frames, ...callOther(job), { do: 'wake', atMs: ctx.nowMs + waitMs, key }];
}

function blame(found: Fault, job: TakenJob): Effect {
  return { do: 'fault', code: found.code, detail: found.detail, peer: job.chosen.settlerPeer };
}

function saved(job: Job, effects: readonly Effect[]): Step<Job> {
  return [job, [store(jobKey(job.job.payloadId), job), ...effects]];
}
