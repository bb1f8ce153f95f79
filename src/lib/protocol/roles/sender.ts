/**
 * Sender: the customer whose job it is. Posts a topic, collects replies, pays the network, then the gig, opens the contact,
 * and confirms. One `Job` per payload id. Whitepaper: "The protocol", 1-5, "Replying", "Paying for the reply message".
 *
 *   Broadcasting --choose--> PayingNetwork --NetworkAccepted--> PayingReply --Unlock--> Matched --confirm--> Confirmed
 *        |                        '------- cancel -------> Cancelling <------'             |                    |
 *        '--cancel, window over--> Ended <---both payments final--- Closing <--Abort or Outcome-----------------'
 *
 * Differs from the paper: the contact opens with the settler's key K once both payments are held, and the network's money
 * settles with the gig (architecture, decisions 2 and 3).
 */
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PaymentHash, PeerKey, PromiseId } from '../ids.ts';
import { cancelBroadcast } from '../job/cancel-broadcast.ts';
import { openChannel, receive, say, undelivered } from '../job/contact.ts';
import { backByHeight } from '../job/payment-chain.ts';
import { openContact } from '../job/reply.ts';
import { readStatement, signStatement, statementsFrame } from '../job/settlement.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import type { Context, Effect, Step } from '../machine.ts';
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

export * from './sender-states.ts';

export function startJob(job: JobTerms): Step<Job> {
  const posted: Job = { state: 'Broadcasting', job, told: [], offers: [], reason: '' };
  return saved(posted, [{ do: 'wake', atMs: expiryOf(job.topic), key: jobKey(job.payloadId) }]);
}

export function stepJob(job: Job, event: JobEvent, ctx: JobContext): Step<Job> {
  switch (job.state) {
    case 'Broadcasting':
      if (event.on === 'told') return saved({ ...job, told: [...job.told, event.peer] }, []);
      if (event.on === 'offer') return onOffer(job, event.offer);
      if (event.on === 'choose') return onChoose(job, event.promiseId, ctx);
      if (event.on === 'cancel') return withdraw(job, 'cancelled', ctx);
      if (event.on === 'wake' || event.on === 'resume') return onWindow(job, ctx);
      return [job, []];
    case 'PayingNetwork':
    case 'PayingReply':
    case 'Cancelling':
      if (event.on === 'cancel') return onCancel(job, ctx);
      return onTaken(job, event, ctx);
    case 'Matched':
      if (event.on === 'confirm') return onConfirm(job, ctx);
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

type Open = Extract<Job, { state: 'Broadcasting' }>;

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
    chosen,
    money,
    channel: null,
    contactText: null,
  };
  const effects = [payNetwork(chosen, true), ...repeat(taken, ctx)];
  return saved(taken, [...effects, ...callBack(taken, ctx)]);
}

/** Can this offer still be taken? */
export function isChoosable(offer: Offer, ctx: Context): boolean {
  return ctx.nowMs < offer.expiryMs && ctx.height < offer.heights.unlockBy;
}

function onWindow(job: Open, ctx: JobContext): Step<Job> {
  if (ctx.nowMs >= expiryOf(job.job.topic)) return withdraw(job, 'expired', ctx);
  const key = jobKey(job.job.payloadId);
  return [job, [{ do: 'wake', atMs: expiryOf(job.job.topic), key }]];
}

function withdraw(job: Open, reason: 'cancelled' | 'expired', ctx: JobContext): Step<Job> {
  const withdrawn: Job = { ...job, state: 'Withdrawn', reason };
  return saved(withdrawn, callBack(withdrawn, ctx));
}

function callBack(job: Job, ctx: JobContext): Effect[] {
  const frame = cancellationOf(job, ctx);
  return frame === null ? [] : job.told.map((to) => ({ do: 'send', to, frame }));
}

/** What those who carry this job are told: that it is withdrawn or taken; null while it is open, or over for everybody. */
export function cancellationOf(job: Job, ctx: JobContext): FrameOf<'cancelBroadcast'> | null {
  if (job.state === 'Broadcasting' || ctx.nowMs >= expiryOf(job.job.topic)) return null;
  const chosen = job.state === 'Withdrawn' ? null : job.chosen.terms.offerId;
  return cancelBroadcast(job.job.payloadId, chosen, ctx);
}

// ------------------------------------------------------------------------------- after the choice

function onTaken(job: TakenJob, event: JobEvent, ctx: JobContext): Step<Job> {
  switch (event.on) {
    case 'statements':
      return onStatements(job, event.frame, ctx);
    case 'paymentSettled':
      return onPayment(job, event.paymentHash, 'settled', ctx);
    case 'paymentFailed':
      return onPayment(job, event.paymentHash, 'failed', ctx, event.reason);
    case 'contact':
      return onContact(job, event.frame, event.from, ctx);
    case 'say':
      return onSay(job, event.text, ctx);
    case 'wake':
      return [job, repeat(job, ctx)];
    case 'resume':
      return [job, [...payAgain(job, ctx), ...repeat(job, ctx)]];
    default:
      return [job, []];
  }
}

function onCancel(job: TakenJob, ctx: JobContext): Step<Job> {
  const reason = job.reason || 'cancelled';
  const cancelling: TakenJob = { ...job, state: 'Cancelling', reason };
  return saved(cancelling, repeat(cancelling, ctx));
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
  let state: TakenJob = job;
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
  if (read.abort && isBeforeUnlock(state)) then(close(state, null, ctx));
  if (read.outcome && !isFault(read.outcome) && !isDecided(state)) {
    then(close(state, read.outcome, ctx));
  }
  return [state, effects];
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
  if (ctx.height > chosen.heights.unlockBy) return onCancel(job, ctx);
  const replyBackBy = backByHeight(ctx.height, chosen.replyFinalCltv, ctx.shadowBlocks);
  const money: Money = { ...job.money, reply: 'pending', replyBackBy };
  const paying: TakenJob = { ...job, state: 'PayingReply', money };
  return saved(paying, [payGig(chosen, true), ...repeat(paying, ctx)]);
}

function onUnlock(job: TakenJob, unlockingKey: Uint8Array, ctx: JobContext): Step<Job> {
  const { chosen } = job;
  const { terms, lockedMessage } = chosen;
  const offer = { terms, lockedMessage, replierKey: chosen.replier.publicKey };
  const own = { secret: ctx.secret, payloadId: job.job.payloadId, network: ctx.network };
  const contact = openContact(offer, unlockingKey, own);
  if (isFault(contact)) {
    const unread: TakenJob = { ...job, state: 'Matched', reason: contact.code };
    return saved(unread, [blame(contact, job), ...repeat(unread, ctx)]);
  }
  const { contactText, peerKey: peer, addresses, channelKey: key } = contact;
  const { promiseId } = chosen;
  const channel = openChannel({ promiseId, side: 'sender', peer, addresses, key });
  const matched: TakenJob = { ...job, state: 'Matched', channel, contactText };
  return saved(matched, repeat(matched, ctx));
}

function close(job: TakenJob, outcome: Outcome | null, ctx: JobContext): Step<Job> {
  const reason = outcome === null ? job.reason || 'aborted' : outcome.reason;
  const closing: TakenJob = { ...job, state: 'Closing', outcome, reason };
  return finish(closing, repeat(closing, ctx));
}

function onPayment(
  job: TakenJob,
  hash: PaymentHash,
  state: 'settled' | 'failed',
  ctx: JobContext,
  why = '',
): Step<Job> {
  const leg = hash === job.chosen.networkPaymentHash ? 'network' : 'reply';
  if (job.money[leg] === state) return [job, []];
  const next: TakenJob = { ...job, money: { ...job.money, [leg]: state } };
  if (state === 'settled' || !isBeforeUnlock(job)) return finish(next, []);
  if (job.state === 'PayingReply') return onCancel({ ...next, reason: why }, ctx);
  const reason = job.reason || why;
  const closing: TakenJob = { ...next, state: 'Closing', outcome: null, reason };
  return finish(job.state === 'PayingNetwork' ? closing : next, []);
}

/** Ends a job once nothing of it is in the air; the settler's silence keeps nobody's job open. */
function finish(job: TakenJob, effects: readonly Effect[]): Step<Job> {
  const { network, reply } = job.money;
  const open = network === 'pending' || reply === 'pending';
  if (open || job.state === 'PayingNetwork') return saved(job, effects);
  const outcome = job.state === 'Closing' ? job.outcome : null;
  return saved({ ...job, state: 'Ended', outcome }, []);
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

function payNetwork(offer: Offer, mayBegin: boolean): Effect {
  const { networkPaymentHash, networkInvoice, networkMsat } = offer;
  return {
    do: 'payInvoice',
    paymentHash: networkPaymentHash,
    invoice: networkInvoice,
    amountMsat: networkMsat,
    mayBegin,
  };
}

function payGig({ terms, replyInvoice }: Offer, mayBegin: boolean): Effect {
  const { replyPaymentHash: paymentHash, amountMsat } = terms;
  return { do: 'payInvoice', paymentHash, invoice: replyInvoice, amountMsat, mayBegin };
}

/** After a restart: the wallet goes on with what was begun; it never pays a hash twice, and nothing late. */
function payAgain(job: TakenJob, ctx: Context): Effect[] {
  const { network, reply } = job.money;
  const isWanted = job.state === 'PayingNetwork' || job.state === 'PayingReply';
  const mayBegin = isWanted && ctx.height <= job.chosen.heights.unlockBy;
  const effects: Effect[] = [];
  if (network === 'pending') effects.push(payNetwork(job.chosen, mayBegin));
  if (reply === 'pending') effects.push(payGig(job.chosen, mayBegin));
  return effects;
}

/** Says again what the settler and the worker may not have heard, until it had its effect. */
function repeat(job: TakenJob, ctx: JobContext): Effect[] {
  const { chosen } = job;
  const { promiseId } = chosen;
  const sign = (kind: 'keyRequest' | 'abortRequest' | 'confirmation') => {
    const { secret, network, random } = ctx;
    return { [kind]: signStatement(kind, { promiseId }, { secret, network, random }) };
  };
  const said =
    job.state === 'PayingReply'
      ? sign('keyRequest')
      : job.state === 'Cancelling'
        ? sign('abortRequest')
        : job.state === 'Confirmed'
          ? sign('confirmation')
          : null;
  const to = { to: chosen.settlerPeer, addresses: chosen.settlerAddresses };
  const frames: Effect[] = [];
  if (job.state !== 'Ended') {
    frames.push({ do: 'send', ...to, frame: { kind: 'watch', promiseId } });
  }
  if (said) frames.push({ do: 'send', ...to, frame: statementsFrame(promiseId, said) });
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
