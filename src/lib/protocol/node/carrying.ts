/**
 * A node that is asked: what it agrees to carry, the broadcast it gets for that, and the jobs it heard this way. Whitepaper:
 * "Asking For Broadcast", "Broadcast with POW".
 */
import { fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { AskId, PeerKey } from '../ids.ts';
import { loaded, loadNow, noLoad, workMsFor } from '../job/difficulty.ts';
import { thanklessBits } from '../job/thank-you.ts';
import { limits } from '../limits.ts';
import type { OpenSession } from '../overlay/session.ts';
import { ruleFor, type Policy } from '../policy.ts';
import { agreeToBroadcast, isPaid, onBroadcast, quote, type Passage } from '../roles/middleman.ts';
import { isFault } from '../wire/codec.ts';
import type { PowScheme } from '../job/proof-of-work.ts';
import { firstPartOf, kindOfNumber } from '../job/topic.ts';
import type { TopicKind } from '../wire/messages.ts';
import { tellCancelled } from './cancelling.ts';
import { isCarriedEnough, timesCarried } from './carried.ts';
import { sellFavour } from './favour-selling.ts';
import { choosePeers, spread, startAsking } from './asking.ts';
import { openHolds } from './holding.ts';
import { hearPart, isCustomerOf } from './parts.ts';
import { isAllowed, remember, trustOf, type Node, type Turn } from './state.ts';
import { send } from './outbox.ts';
import { blame, markNode, perform } from './turn.ts';
import { keepHeard } from './heard.ts';
import { answerRoute } from './routes.ts';

export function onAsk(turn: Turn, session: OpenSession, frame: FrameOf<'askForBroadcast'>): void {
  const { node, ctx } = turn;
  const { peer } = session;
  if (session.allowance < 1) return blame(turn, peer, fault('ASK_WITHOUT_WORK', frame.askId));
  node.sessions.set(peer, { ...session, allowance: session.allowance - 1 });
  const { askId, payloadId } = frame;
  const job = node.jobs.get(payloadId);
  if (job !== undefined && node.quiet.delete(payloadId)) spread(turn, job);
  const kind = kindOfNumber(frame.topicKind);
  const reason = refusal(turn, peer, frame, kind);
  tellCancelled(turn, payloadId, peer);
  if (reason !== null) return send(turn, peer, { kind: 'decline', askId, reason });
  const rule = ruleFor(node.policy, kind);
  const asked = { askId, payloadId, originator: peer };
  const { dearer, ...asksFor } = workFor(turn, peer, rule.workMs);
  const rules = { ...rule, ...asksFor };
  if (sellFavour(turn, asked, frame, { rule: rules, dearer })) return;
  const [passage, effects] = agreeToBroadcast(
    asked,
    { topicKind: frame.topicKind, coarseArea: frame.coarseArea, size: frame.size },
    rules,
    ctx,
  );
  remember(node.passages, askId, passage, limits.passages);
  perform(turn, effects);
}

/**
 * The work asked now, and how many times what it is when it is quiet: a price in place of it rises as much. Who fills our slots with payments works for it, and so does whose topics brought replies that nobody
 * thanked for (Sweet-Gossip: "Lack of Thank you"); the more asks come, the harder it gets, most of all for who sends them.
 */
function workFor({ node, ctx }: Turn, peer: PeerKey, workMs: number) {
  const { nowMs } = ctx;
  const open = openAsks(node);
  const crowded = open.length > limits.openAsks / 2;
  const asks = open.length + loadNow(node.asked, nowMs);
  const ofPeer = node.askedBy.get(peer) ?? noLoad;
  const asksOfPeer = ofThis(open, peer) + loadNow(ofPeer, nowMs);
  node.asked = loaded(node.asked, nowMs);
  remember(node.askedBy, peer, loaded(ofPeer, nowMs), limits.peers);
  const doublings = openHolds(node).length + thanklessBits(node.thankless.get(peer), nowMs);
  const work = (ms: number) => workMsFor({ workMs: ms, doublings, asks, asksOfPeer });
  return { workMs: work(workMs), crowded, dearer: work(1) };
}

/** Asks that wait for their broadcast. */
function openAsks(node: Node): Exclude<Passage, { state: 'Carrying' }>[] {
  return [...node.passages.values()].filter((passage) => passage.state !== 'Carrying');
}

function ofThis(open: readonly Passage[], peer: PeerKey): number {
  return open.filter(({ originator }) => originator === peer).length;
}

function refusal(
  turn: Turn,
  peer: PeerKey,
  frame: FrameOf<'askForBroadcast'>,
  kind: TopicKind | null,
) {
  const { node } = turn;
  if (kind === null) return 'kind';
  if (!isCustomerOf(node, peer)) {
    if (!node.policy.carry || !isAllowed(turn, peer)) return 'not-now';
    if (!ruleFor(node.policy, kind).carry) return 'kind';
  }
  if (frame.size > limits.requestBytes) return 'kind';
  if (node.cancelled.has(frame.payloadId)) return 'withdrawn';
  if (isCarriedEnough(node, frame.payloadId)) return 'seen';
  const open = openAsks(node);
  const ofPeer = ofThis(open, peer);
  const isDear = (scheme: PowScheme) => scheme !== 'sha256';
  const dear = open.filter((passage) => isDear(schemeOf(passage))).length;
  const isFull = isDear(ruleFor(node.policy, kind).workScheme) && dear >= limits.openDearAsks;
  const isBusy = ofPeer >= limits.openAsksPerPeer || open.length >= limits.openAsks;
  return isBusy || isFull ? 'busy' : null;
}

/** Nobody answered in time, our own wallet or whoever asked. */
export function onPassageWake(turn: Turn, askId: AskId): void {
  const { node, ctx } = turn;
  const passage = node.passages.get(askId);
  if (passage === undefined || passage.state === 'Carrying') return;
  if (ctx.nowMs < passage.untilMs) return;
  if (passage.state === 'AwaitingBroadcast') {
    node.passages.delete(askId);
    return;
  }
  const [waiting, effects] = quote(passage, null, ctx);
  node.passages.set(askId, waiting);
  perform(turn, effects);
}

function schemeOf(passage: Exclude<Passage, { state: 'Carrying' }>): PowScheme {
  return passage.state === 'AwaitingInvoice'
    ? passage.rule.workScheme
    : passage.conditions.workRequest.powScheme;
}

export function onBroadcastFrame(
  turn: Turn,
  session: OpenSession,
  frame: FrameOf<'broadcast'>,
): void {
  const { node, ctx } = turn;
  const { peer } = session;
  const passage = node.passages.get(frame.askId);
  const mine = passage?.state === 'AwaitingBroadcast' && passage.originator === peer;
  if (!mine) return blame(turn, peer, fault('ASK_UNKNOWN', frame.askId));
  node.passages.delete(frame.askId);
  const { payloadId } = passage;
  const known = node.payloads.get(payloadId);
  if (known === 'bad') return blame(turn, peer, fault('PAYLOAD_KNOWN_BAD', payloadId));
  if (node.cancelled.has(payloadId)) return tellCancelled(turn, payloadId, peer);
  // What was paid for is carried, though others brought it meanwhile.
  if (isCarriedEnough(node, payloadId) && !isPaid(passage)) return;
  const own = {
    onionSecret: node.onionSecret,
    clockOffsetMs: session.hello.clockOffsetMs,
    trust: trustOf(node),
  };
  const carried = onBroadcast(passage, frame, own, ctx);
  if (isFault(carried)) {
    if (carried.code === 'REQUEST_SIGNATURE_INVALID') {
      remember(node.payloads, payloadId, 'bad', limits.knownPayloads);
    }
    return blame(turn, peer, carried);
  }
  carryOn(turn, carried);
}

function carryOn(
  turn: Turn,
  carried: Exclude<ReturnType<typeof onBroadcast>, { code: string }>,
): void {
  const { node, ctx } = turn;
  const { passage, broadcast } = carried;
  const { payloadId, askId, originator, expiryMs, slot } = passage;
  remember(node.payloads, payloadId, timesCarried(node, payloadId) + 1, limits.knownPayloads);
  const { topic } = broadcast.payload;
  const heard = { broadcast, payloadId, from: originator, atMs: ctx.nowMs };
  if (firstPartOf(topic) !== null) return hearPart(turn, heard);
  // A customer of ours may ask in spite of the owner's rules, but only for a part.
  const carries = node.policy.carry && ruleFor(node.policy, topic.kind).carry;
  if (!carries || !isAllowed(turn, originator)) return;
  remember(node.passages, askId, passage, limits.passages);
  remember(node.passageSlots, slot, askId, limits.passages);
  keepHeard(turn, heard);
  answerRoute(turn, payloadId, { upstream: originator, rest: passage.rest });
  if (!passesOn(node.policy, topic.kind)) return;
  node.carriedTopics++;
  markNode(turn);
  const { request, backwardOnion: onion } = broadcast;
  // Never back to where this copy came from; who brought another copy may know another way on.
  for (const peer of choosePeers(turn, new Set([originator]), node.policy.fanout)) {
    startAsking(turn, { payloadId, request, onion, expiryMs, own: false }, peer);
  }
}

/** "If instead the middleman is interested in accepting the job": its owner may keep it to itself, and answer all the same. */
export function passesOn(policy: Policy, kind: TopicKind): boolean {
  const keepsIt = !policy.carryWanted && policy.interests.includes(kind);
  return policy.carry && ruleFor(policy, kind).carry && !keepsIt;
}
