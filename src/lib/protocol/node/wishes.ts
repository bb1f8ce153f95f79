/** The owner's wishes as customer and as gig worker: post, choose, offer, talk. Bad ones are answered with a code. */
import { hexOf, utf8 } from '../bytes.ts';
import type { OfferId, PayloadId } from '../ids.ts';
import { payloadIdOf } from '../job/ask-for-broadcast.ts';
import { verifyChain } from '../job/certificate.ts';
import { peelOnion, startOnion } from '../job/onion-route.ts';
import { signBody } from '../job/signed.ts';
import {
  expiryOf,
  maySettleOn,
  firstPartOf,
  planOf,
  settleOnOf,
  topicProblem,
} from '../job/topic.ts';
import { standingOf } from '../job/standing.ts';
import { limits } from '../limits.ts';
import type { OfferTerms } from '../roles/replier.ts';
import { isChoosable, startJob, type JobTerms } from '../roles/sender.ts';
import type { Command, RejectionCode } from '../commands.ts';
import { isFault } from '../wire/codec.ts';
import { RequestPayload, Topic, topicKinds } from '../wire/messages.ts';
import { xOnlyOf } from '../crypto.ts';
import { spread, stopAsking } from './asking.ts';
import { freshCertificate, useCertificate, type JobCertificate } from './certifying.ts';
import { holdTo } from './evidence.ts';
import { isDistrusted } from './fraud-states.ts';
import { partySecret, remember, trustOf, type Turn } from './state.ts';
import { lookUp } from './revoking.ts';
import { begin, onRoute, routesOf, sealMessage, waysOf } from './routes.ts';
import { send } from './outbox.ts';
import { keepJob, tellJob, tellOffer } from './turn.ts';
import { endThankYous, isJobThanking, sayThanked } from './thank-you-machines.ts';
import { isLive, isOffered, leadOf } from './views.ts';

export type Of<C extends Command['command']> = Extract<Command, { command: C }>;
/** Null when taken, else why not. */
export type Answer = RejectionCode | null;
/** What the codec cannot carry, a word of no list say, is as bad as what no node would. */
export function checkTopic(topic: Topic, nowMs: number): Answer {
  if (!topicKinds.includes(topic.kind)) return 'VALUE_OUT_OF_RANGE';
  const problem = topicProblem(topic, nowMs);
  if (problem) return problem;
  return isFault(Topic.decode(Topic.encode(topic))) ? 'VALUE_OUT_OF_RANGE' : null;
}

/** A job begins with its first part; the others follow by `postNextPart`. */
export function postJob(turn: Turn, topic: Topic, acceptsThankYou: boolean): Answer {
  if (firstPartOf(topic) !== null) return 'VALUE_OUT_OF_RANGE';
  return postTopic(turn, { topic, acceptsThankYou }, null);
}

export function postTopic(
  turn: Turn,
  { topic, acceptsThankYou }: { readonly topic: Topic; readonly acceptsThankYou: boolean },
  only: JobTerms['only'],
): Answer {
  const { node, ctx } = turn;
  const bad = checkTopic(topic, ctx.nowMs);
  if (bad) return bad;
  // A stay is booked with the payment; whatever else takes longer is to be split.
  if (topic.kind !== 'stay' && !planOf(topic, ctx.nowMs).whole) return 'HOLD_TOO_LONG';
  if (node.wallet.state !== 'ready') return 'NO_WALLET';
  if (acceptsThankYou && !node.policy.withoutSettler) return 'AGAINST_RULES';
  if (acceptsThankYou && !node.wallet.canHold) return 'WALLET_CANNOT_HOLD';
  const certificate = freshCertificate(turn, 'customer', { untilMs: expiryOf(topic) });
  if (typeof certificate === 'string') return certificate;
  const live = [...node.jobs.values()].filter(
    ({ state }) => state !== 'Ended' && state !== 'Withdrawn',
  );
  if (live.length >= limits.jobs) return 'TOO_MANY';
  const job = { ...makeJob(turn, { topic, acceptsThankYou }, certificate), only };
  useCertificate(turn, certificate);
  remember(node.payloads, job.payloadId, Infinity, limits.knownPayloads);
  remember(node.jobSlots, job.slot, job.payloadId, limits.jobs);
  keepJob(turn, startJob(job));
  if (only === null) {
    node.quiet.add(job.payloadId);
    const key = `quiet/${job.payloadId}`;
    turn.effects.push({ do: 'wake', atMs: ctx.nowMs + limits.quietStartMs, key });
  }
  const posted = node.jobs.get(job.payloadId);
  if (posted !== undefined) spread(turn, posted);
  return null;
}

export function makeJob(
  turn: Turn,
  { topic, acceptsThankYou }: { readonly topic: Topic; readonly acceptsThankYou: boolean },
  { key, chain }: JobCertificate,
): Omit<JobTerms, 'only'> {
  const { node, ctx } = turn;
  const { network, random, nowMs } = ctx;
  const payload: RequestPayload = {
    topic,
    senderCertificate: chain,
    nonce: random(16),
    acceptsThankYou,
  };
  const secret = partySecret(node, key);
  const request = signBody(RequestPayload, payload, { type: 'request', secret, network, random });
  const payloadId = payloadIdOf(request);
  const expirySeconds = Math.ceil(expiryOf(topic) / 1_000);
  const to = xOnlyOf(node.onionSecret);
  const onion = startOnion({ to, payloadId, random, expirySeconds });
  const peeled = peelOnion(onion, { secret: node.onionSecret, payloadId, random });
  if (isFault(peeled)) throw new Error('own onion does not open');
  const { slot } = peeled;
  return {
    payloadId,
    request,
    topic,
    acceptsThankYou,
    certificate: key,
    onion,
    slot,
    postedAtMs: nowMs,
  };
}

export function chooseReply(turn: Turn, { payloadId, promiseId }: Of<'chooseReply'>): Answer {
  const job = turn.node.jobs.get(payloadId);
  if (job === undefined) return 'UNKNOWN_JOB';
  if (job.state !== 'Broadcasting') return 'WRONG_TIME';
  const offer = job.offers.find((other) => other.promiseId === promiseId);
  if (offer === undefined) return 'UNKNOWN_OFFER';
  if (turn.node.wallet.state !== 'ready') return 'NO_WALLET';
  if (isDistrusted(turn.node.frauds, offer.settlerRoot)) return 'SETTLER_LIED';
  if (!isChoosable(offer, turn.ctx)) return 'TOO_LATE';
  const standing = standingOf(offer.vouched, trustOf(turn.node), turn.ctx.nowMs);
  if (standing === 'revoked') return 'CERTIFICATE_REVOKED';
  if (standing === 'unknown') {
    send(
      turn,
      offer.settlerPeer,
      { kind: 'settlerInfoRequest' },
      { addresses: offer.settlerAddresses },
    );
    return 'NO_FRESH_HEAD';
  }
  if (turn.node.wallet.balanceMsat < offer.networkMsat + offer.terms.amountMsat) {
    return 'BALANCE_TOO_SMALL';
  }
  if (isJobThanking(turn.node, payloadId)) return 'WRONG_TIME';
  tellJob(turn, payloadId, { on: 'choose', promiseId });
  holdTo(turn, offer);
  endThankYous(turn, payloadId);
  stopAsking(turn, payloadId);
  return null;
}

export function tellOpenJob(turn: Turn, payloadId: PayloadId, on: 'cancel' | 'confirm'): Answer {
  const job = turn.node.jobs.get(payloadId);
  if (job === undefined) return 'UNKNOWN_JOB';
  const times = {
    cancel: ['Broadcasting', 'PayingNetwork', 'PayingReply', 'Cancelling'],
    confirm: ['Matched'],
  };
  if (!times[on].includes(job.state)) return 'WRONG_TIME';
  tellJob(turn, payloadId, { on });
  if (on === 'cancel') {
    stopAsking(turn, payloadId);
    endThankYous(turn, payloadId);
  }
  return null;
}

export function makeOffer(turn: Turn, command: Of<'makeOffer'>): Answer {
  const { node, ctx } = turn;
  const { payloadId, priceMsat } = command;
  const heard = node.heard.get(payloadId);
  if (heard === undefined) return 'UNKNOWN_JOB';
  const { topic } = heard.broadcast.payload;
  if (!maySettleOn(topic, command.settleOn ?? 'service')) return 'SETTLE_TOO_EARLY';
  if (expiryOf(topic) <= ctx.nowMs) return 'TOO_LATE';
  if (priceMsat < limits.minPriceMsat) return 'AMOUNT_TOO_SMALL';
  if (priceMsat > limits.maxPriceMsat) return 'AMOUNT_TOO_LARGE';
  const contactText = command.contactText.trim();
  if (contactText === '') return 'TEXT_EMPTY';
  if (utf8(contactText).length > limits.contactTextBytes) return 'TEXT_TOO_LONG';
  if (node.wallet.state !== 'ready') return 'NO_WALLET';
  if (!node.wallet.canHold) return 'WALLET_CANNOT_HOLD';
  const made = [...node.offers.values()];
  if (isOffered(node, payloadId)) return 'WRONG_TIME';
  const live = new Set(made.filter(isLive).map(({ offer }) => offer.offerId));
  if (live.size >= limits.offers) return 'TOO_MANY';
  if (lookUp(turn, heard.broadcast.sender) === 'revoked') return 'CERTIFICATE_REVOKED';
  const { root: prefer } = heard.broadcast.sender;
  const untilMs = ctx.nowMs + limits.promiseMs;
  const certificate = freshCertificate(turn, 'worker', { untilMs, prefer });
  if (typeof certificate === 'string') return certificate;
  if (isDistrusted(node.frauds, certificate.own.root)) return 'SETTLER_LIED';
  const offer = offerTerms(turn, { ...command, contactText }, certificate);
  if (offer === null) return 'NO_SETTLER';
  useCertificate(turn, certificate);
  begin(turn, offer);
  for (const route of routesOf(node, payloadId)) {
    if (route.rest !== offer.rest) begin(turn, onRoute(turn, offer, route));
  }
  return null;
}

export function offerTerms(
  turn: Turn,
  wish: Omit<Of<'makeOffer'>, 'command'>,
  { own, key, chain }: JobCertificate,
): OfferTerms | null {
  const { node, ctx } = turn;
  const { random } = ctx;
  const heard = node.heard.get(wish.payloadId);
  const settler = node.settlers.get(own.root);
  const settlerKey =
    settler?.chain && verifyChain(settler.chain, 'settler', trustOf(node), ctx.nowMs);
  if (!heard || !settler?.head || !settlerKey || isFault(settlerKey)) return null;
  const { request, payload, sender, peeled } = heard.broadcast;
  const senderKey = sender.leaf.publicKey;
  const offerId = hexOf(random(16)) as OfferId;
  const channelKey = random(32);
  const { payloadId, contactText, priceMsat } = wish;
  const told = { payloadId, offerId, contactText, channelKey, senderKey, certificate: key };
  return {
    offerId,
    draftId: hexOf(random(16)),
    payloadId,
    request,
    topic: payload.topic,
    senderKey,
    priceMsat,
    contactText,
    channelKey,
    sealedMessage: sealMessage(turn, told),
    certificate: key,
    chain,
    revocationHead: settler.head,
    settlerPeer: settler.peer,
    settlerAddresses: settler.addresses,
    settlerName: settler.name,
    settlerKey: settlerKey.leaf.publicKey,
    upstream: heard.from,
    rest: peeled.rest,
    jobBlocks: planOf(payload.topic, ctx.nowMs).blocks,
    unlock: wish.unlock ?? 'both-accepted',
    settleOn: wish.settleOn ?? settleOnOf(payload.topic),
    madeAtMs: ctx.nowMs,
  };
}

export function tellMadeOffer(
  turn: Turn,
  offerId: OfferId,
  event: Extract<Parameters<typeof tellOffer>[2], { on: 'withdraw' | 'say' }>,
): Answer {
  const made = leadOf(turn.node, offerId);
  if (made === null) return 'UNKNOWN_OFFER';
  const withdrawable = ['Drafting', 'Invoicing', 'Sealed', 'Sent', 'Held'];
  const talking = ['Matched', 'Settling', 'Paid'];
  const times = event.on === 'withdraw' ? withdrawable : talking;
  if (!times.includes(made.state)) return 'WRONG_TIME';
  if (event.on === 'say') tellOffer(turn, made.offer.draftId, event);
  else for (const [draftId] of waysOf(turn.node, offerId)) tellOffer(turn, draftId, event);
  return null;
}

export function say(turn: Turn, { promiseId, text: said }: Of<'say'>): Answer {
  const text = said.trim();
  if (text === '') return 'TEXT_EMPTY';
  if (utf8(text).length > limits.chatTextBytes) return 'TEXT_TOO_LONG';
  for (const [payloadId, job] of turn.node.jobs) {
    if (!('chosen' in job) || job.chosen.promiseId !== promiseId) continue;
    if (job.channel === null) return 'WRONG_TIME';
    if (job.channel.lines.length >= limits.chatLines) return 'TOO_MANY';
    tellJob(turn, payloadId, { on: 'say', text });
    return null;
  }
  for (const made of turn.node.offers.values()) {
    if (!('draft' in made) || made.draft.promiseId !== promiseId) continue;
    return tellMadeOffer(turn, made.offer.offerId, { on: 'say', text, done: false });
  }
  return sayThanked(turn, promiseId, text);
}
