/**
 * A node among its peers: sessions, asks, broadcasts carried on, replies carried back. Whitepaper: "Gig-gossip P2P Network" to
 * "Replying".
 */
import { hexOf } from '../bytes.ts';
import { xOnlyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import { decodeFrame, type Frame, type FrameOf } from '../frame.ts';
import type { AskId, PayloadId, PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import type { NetworkEvent } from '../machine.ts';
import {
  helloOf,
  isOpen,
  onHello,
  onOwnWork,
  onPeerWork,
  openSession,
  takeToken,
  workForPeer,
  type OpenSession,
} from '../overlay/session.ts';
import { agreeToBroadcast, onBroadcast } from '../roles/middleman.ts';
import { isAlive, startAsk, stepAsk, type AskEvent, type AskTerms } from '../roles/originator.ts';
import type { Job } from '../roles/sender.ts';
import { isFault } from '../wire/codec.ts';
import { topicKinds } from '../wire/messages.ts';
import { onSettlerFrame } from './settling.ts';
import { remember, trustOf, type Turn } from './state.ts';
import { blame, markJob, markNode, markPeer, peerRecord, perform, send, tellJob } from './turn.ts';
import { heardView } from './views.ts';
import { onReplyFrame } from './replies.ts';

// ---------------------------------------------------------------------------------------- sessions

export function onConnected(turn: Turn, event: Extract<NetworkEvent, { on: 'connected' }>): void {
  const { node, ctx } = turn;
  const { peer, direct, dialled } = event;
  const session = openSession(peer, { direct, dialled }, ctx);
  node.sessions.set(peer, session);
  Object.assign(peerRecord(turn, peer), { connected: true, direct, dialled });
  const hello = helloOf(session, xOnlyOf(node.onionSecret), ctx);
  turn.effects.push({ do: 'send', to: peer, frame: hello });
  markPeer(turn, peer);
}

export function onDisconnected(turn: Turn, peer: PeerKey): void {
  const { node } = turn;
  node.sessions.delete(peer);
  node.waitingAsks.delete(peer);
  peerRecord(turn, peer).connected = false;
  turn.effects.push({ do: 'cancelMining', id: `session/${peer}` });
  for (const [askId, ask] of node.asks) {
    if (ask.ask.peer === peer && isAlive(ask)) tellAsk(turn, askId, { on: 'gone' });
  }
  for (const watchers of node.watchers.values()) watchers.delete(peer);
  markPeer(turn, peer);
}

/** Gossip needs a few neighbours; introductions are taken up while there are too few. */
export function onIntroduced(turn: Turn, event: Extract<NetworkEvent, { on: 'introduced' }>): void {
  const { node } = turn;
  for (const { peer, addresses } of event.peers) {
    if (peer === node.self) continue;
    peerRecord(turn, peer).addresses = addresses.slice(0, limits.addresses);
    const wanted = isAllowed(turn, peer) && node.sessions.size < limits.contacts;
    if (wanted && !node.sessions.has(peer)) turn.effects.push({ do: 'dial', peer, addresses });
  }
}

export function isAllowed(turn: Turn, peer: PeerKey): boolean {
  const { allowPeers } = turn.node.policy;
  return allowPeers === null || allowPeers.includes(peer);
}

/** The order of checks that every frame passes: size, shape, rate, hello first; then what its kind asks for. */
export function onReceived(turn: Turn, peer: PeerKey, bytes: Uint8Array): void {
  const { node, ctx } = turn;
  const session = node.sessions.get(peer);
  if (session === undefined) return;
  const paid = takeToken(session, ctx.nowMs);
  if (isFault(paid)) return blame(turn, peer, paid);
  node.sessions.set(peer, paid);
  const frame = decodeFrame(bytes);
  if (isFault(frame)) return blame(turn, peer, frame);
  if (frame.kind === 'hello') {
    const open = onHello(paid, frame, ctx);
    if (isFault(open)) return blame(turn, peer, open);
    return onSessionOpen(turn, open);
  }
  if (!isOpen(paid))
    return blame(turn, peer, fault('FRAME_UNEXPECTED', `${frame.kind} before hello`));
  onFrame(turn, paid, frame);
}

function onSessionOpen(turn: Turn, session: OpenSession): void {
  const { node, ctx } = turn;
  const { peer } = session;
  node.sessions.set(peer, session);
  const waiting = node.outbox.get(peer) ?? [];
  node.outbox.delete(peer);
  for (const { frame, untilMs } of waiting) {
    if (untilMs > ctx.nowMs) turn.effects.push({ do: 'send', to: peer, frame });
  }
  if (!isAllowed(turn, peer)) return;
  for (const job of node.jobs.values()) {
    if (job.state === 'Broadcasting') spread(turn, job);
  }
}

function onFrame(turn: Turn, session: OpenSession, frame: Frame): void {
  const { peer } = session;
  switch (frame.kind) {
    case 'hello':
      return;
    case 'sessionWork': {
      const worked = onPeerWork(session, frame.nonce, turn.node.self);
      if (isFault(worked)) return blame(turn, peer, worked);
      turn.node.sessions.set(peer, worked);
      return;
    }
    case 'askForBroadcast':
      return onAsk(turn, session, frame);
    case 'conditions': {
      const { onionKey } = session.hello;
      return onAskAnswer(turn, peer, frame.askId, { on: 'conditions', frame, onionKey });
    }
    case 'decline':
      return onAskAnswer(turn, peer, frame.askId, { on: 'decline', frame });
    case 'broadcast':
      return onBroadcastFrame(turn, session, frame);
    case 'reply':
      return onReplyFrame(turn, peer, frame);
    default:
      return onSettlerFrame(turn, peer, frame);
  }
}

// ----------------------------------------------------------------------------- asking: originator

/** Tells a job to neighbours: to one at first, to the fanout when it is no longer quiet. */
export function spread(turn: Turn, job: Job): void {
  const { node } = turn;
  const { payloadId, request, onion, topic } = job.job;
  const asked = node.broadcastTo.get(payloadId) ?? new Set<PeerKey>();
  const isOfJob = (ask: Omit<AskTerms, 'peer'>) => ask.payloadId === payloadId;
  const started = [...node.asks.values()].filter(({ ask }) => isOfJob(ask));
  const hopeful = started.filter((ask) => isAlive(ask) || ask.state === 'Broadcast');
  const waiting = [...node.waitingAsks].filter(([, asks]) => asks.some(isOfJob)).map(([to]) => to);
  const wanted = node.quiet.has(payloadId) ? 1 : limits.fanout;
  const left = wanted - hopeful.length - waiting.length;
  const tried = new Set([...asked, ...waiting, ...started.map(({ ask }) => ask.peer)]);
  for (const peer of choosePeers(turn, tried, left)) {
    startAsking(turn, { payloadId, request, onion, expiryMs: topic.dropoffBeforeMs }, peer);
  }
  markJob(turn, payloadId);
}

/** Open, allowed neighbours in random order, without those in `except`. */
function choosePeers(turn: Turn, except: ReadonlySet<PeerKey>, count: number): PeerKey[] {
  const { node, ctx } = turn;
  const open = [...node.sessions.values()].filter(
    (session) => isOpen(session) && !except.has(session.peer) && isAllowed(turn, session.peer),
  );
  const drawn = open.map(({ peer }) => ({ peer, order: hexOf(ctx.random(8)) }));
  drawn.sort((a, b) => (a.order < b.order ? -1 : 1));
  return drawn.slice(0, Math.max(0, count)).map(({ peer }) => peer);
}

/** Every ask costs one of the asks that session work bought; without any, the work comes first. */
function startAsking(turn: Turn, terms: Omit<AskTerms, 'askId' | 'peer'>, peer: PeerKey): void {
  const { node, ctx } = turn;
  const session = node.sessions.get(peer);
  if (session === undefined || !isOpen(session)) return;
  const ask = { ...terms, peer, askId: hexOf(ctx.random(16)) as AskId };
  const { hello } = session;
  if (hello.credit > 0) {
    node.sessions.set(peer, { ...session, hello: { ...hello, credit: hello.credit - 1 } });
    const [asking, effects] = startAsk(ask, ctx);
    remember(node.asks, ask.askId, asking, limits.openAsks);
    return perform(turn, effects);
  }
  const waiting = node.waitingAsks.get(peer) ?? [];
  if (waiting.length >= limits.openAsksPerPeer) return;
  node.waitingAsks.set(peer, [...waiting, ask]);
  if (hello.working) return;
  node.sessions.set(peer, { ...session, hello: { ...hello, working: true } });
  const { inner, target } = workForPeer(session, node.self);
  const validTillMs = ctx.nowMs + limits.askValidForMs;
  turn.effects.push({ do: 'mine', id: `session/${peer}`, inner, target, validTillMs });
}

/** The work that buys asks is found, or will not be. */
export function onSessionWork(turn: Turn, peer: PeerKey, nonce: Uint8Array | null): void {
  const { node } = turn;
  const session = node.sessions.get(peer);
  const waiting = node.waitingAsks.get(peer) ?? [];
  node.waitingAsks.delete(peer);
  if (session === undefined || !isOpen(session)) return;
  if (nonce === null) {
    node.sessions.set(peer, { ...session, hello: { ...session.hello, working: false } });
    return;
  }
  node.sessions.set(peer, onOwnWork(session, nonce));
  turn.effects.push({ do: 'send', to: peer, frame: { kind: 'sessionWork', nonce } });
  for (const { payloadId, request, onion, expiryMs } of waiting) {
    startAsking(turn, { payloadId, request, onion, expiryMs }, peer);
  }
}

function onAskAnswer(turn: Turn, peer: PeerKey, askId: AskId, event: AskEvent): void {
  if (turn.node.asks.get(askId)?.ask.peer === peer) return tellAsk(turn, askId, event);
  blame(turn, peer, fault('ASK_UNKNOWN', askId));
}

export function tellAsk(turn: Turn, askId: AskId, event: AskEvent): void {
  const { node, ctx } = turn;
  const ask = node.asks.get(askId);
  if (ask === undefined) return;
  const [next, effects] = stepAsk(ask, event, ctx);
  node.asks.set(askId, next);
  perform(turn, effects);
  const { payloadId, peer } = next.ask;
  if (next.state === 'Broadcast' && ask.state !== 'Broadcast') {
    const told = node.broadcastTo.get(payloadId) ?? new Set();
    remember(node.broadcastTo, payloadId, told.add(peer), limits.knownPayloads);
    tellJob(turn, payloadId, { on: 'told', peer });
  }
  const job = node.jobs.get(payloadId);
  if (job !== undefined) {
    markJob(turn, payloadId);
    // Who declined or fell silent leaves room for another.
    const over = isAlive(ask) && (next.state === 'Declined' || next.state === 'Lapsed');
    if (over && job.state === 'Broadcasting') spread(turn, job);
  }
  if (job === undefined && next !== ask && !isAlive(next)) node.asks.delete(askId);
}

// ---------------------------------------------------------------------------- asked: middleman

function onAsk(turn: Turn, session: OpenSession, frame: FrameOf<'askForBroadcast'>): void {
  const { node, ctx } = turn;
  const { peer } = session;
  if (session.allowance < 1) return blame(turn, peer, fault('ASK_WITHOUT_WORK', frame.askId));
  node.sessions.set(peer, { ...session, allowance: session.allowance - 1 });
  const { askId, payloadId } = frame;
  const job = node.jobs.get(payloadId);
  if (job !== undefined && node.quiet.delete(payloadId)) spread(turn, job);
  const reason = refusal(turn, peer, frame);
  if (reason !== null) return send(turn, peer, { kind: 'decline', askId, reason });
  const asked = { askId, payloadId, originator: peer };
  const [passage, effects] = agreeToBroadcast(
    asked,
    { coarseArea: frame.coarseArea, size: frame.size },
    ctx,
  );
  remember(node.passages, askId, passage, limits.passages);
  perform(turn, effects);
}

function refusal(turn: Turn, peer: PeerKey, frame: FrameOf<'askForBroadcast'>) {
  const { node } = turn;
  if (!node.policy.carry || !isAllowed(turn, peer)) return 'not-now';
  if (topicKinds[frame.topicKind - 1] === undefined) return 'kind';
  if (frame.size > limits.requestBytes) return 'kind';
  if (node.payloads.has(frame.payloadId)) return 'seen';
  const open = [...node.passages.values()].filter(
    (passage) => passage.state === 'AwaitingBroadcast',
  );
  const ofPeer = open.filter(({ originator }) => originator === peer).length;
  return ofPeer >= limits.openAsksPerPeer || open.length >= limits.openAsks ? 'busy' : null;
}

function onBroadcastFrame(turn: Turn, session: OpenSession, frame: FrameOf<'broadcast'>): void {
  const { node, ctx } = turn;
  const { peer } = session;
  const passage = node.passages.get(frame.askId);
  const mine = passage?.state === 'AwaitingBroadcast' && passage.originator === peer;
  if (!mine) return blame(turn, peer, fault('ASK_UNKNOWN', frame.askId));
  node.passages.delete(frame.askId);
  const { payloadId } = passage;
  const known = node.payloads.get(payloadId);
  if (known === 'bad') return blame(turn, peer, fault('PAYLOAD_KNOWN_BAD', payloadId));
  if (known === 'carried') return;
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
  remember(node.payloads, payloadId, 'carried', limits.knownPayloads);
  remember(node.passages, askId, passage, limits.passages);
  remember(node.passageSlots, slot, askId, limits.passages);
  const heard = { broadcast, payloadId, from: originator, atMs: ctx.nowMs };
  remember(node.heard, payloadId, heard, limits.heard);
  turn.views.set(`heard/${payloadId}`, () => ({ view: 'heard', heard: heardView(node, heard) }));
  turn.effects.push({ do: 'wake', atMs: expiryMs, key: `heard/${payloadId}` });
  node.carriedTopics++;
  markNode(turn);
  const { request, backwardOnion: onion } = broadcast;
  for (const peer of choosePeers(turn, new Set([originator]), limits.fanout)) {
    startAsking(turn, { payloadId, request, onion, expiryMs }, peer);
  }
}

export function forgetHeard(turn: Turn, payloadId: PayloadId): void {
  const heard = turn.node.heard.get(payloadId);
  if (heard === undefined || heard.broadcast.payload.taxi.dropoffBeforeMs > turn.ctx.nowMs) return;
  turn.node.heard.delete(payloadId);
  turn.effects.push({ do: 'notify', notice: { view: 'heardGone', payloadId } });
}

// ------------------------------------------------------------------------------ replies on the way
