/**
 * A node among its peers: sessions, and what becomes of every frame that arrives. Whitepaper: "Gig-gossip P2P Network".
 */
import { xOnlyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import { decodeFrame, type Frame } from '../frame.ts';
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import type { NetworkEvent } from '../machine.ts';
import {
  helloOf,
  isOpen,
  onHello,
  onPeerWork,
  openSession,
  takeToken,
  type OpenSession,
} from '../overlay/session.ts';
import { isAlive } from '../roles/originator.ts';
import { isFault } from '../wire/codec.ts';
import { askAgain, loseAsks } from './asked-again.ts';
import { onAskAnswer, spread, tellAsk } from './asking.ts';
import { onAsk, onBroadcastFrame } from './carrying.ts';
import { carryFurther } from './carrying-further.ts';
import { onCancelBroadcast, repeatCancellations } from './cancelling.ts';
import { mayPayFor } from './favour-buying.ts';
import { onFraudFrame, tellFrauds } from './frauds.ts';
import { forgetLanded, holdAgain, sendHeld } from './outbox.ts';
import { learnRelay } from './relays.ts';
import { onReplyFrame } from './replies.ts';
import { onThankYouFrame } from './thanking.ts';
import { onSettlerFrame } from './settling.ts';
import { isAllowed, type Turn } from './state.ts';
import { talkOn } from './talk.ts';
import { blame, markPeer, peerRecord } from './turn.ts';

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
  loseAsks(turn, peer);
  node.sessions.delete(peer);
  node.waitingAsks.delete(peer);
  peerRecord(turn, peer).connected = false;
  turn.effects.push({ do: 'cancelMining', id: `session/${peer}` });
  for (const [askId, ask] of node.asks) {
    if (ask.ask.peer === peer && isAlive(ask)) tellAsk(turn, askId, { on: 'gone' });
  }
  for (const watchers of node.watchers.values()) watchers.delete(peer);
  holdAgain(turn, peer);
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

/** The order of checks that every frame passes: size, shape, rate, hello first; then what its kind asks for. */
export function onReceived(turn: Turn, peer: PeerKey, bytes: Uint8Array): void {
  const { node, ctx } = turn;
  const session = node.sessions.get(peer);
  if (session === undefined) return;
  const paid = takeToken(session, ctx.nowMs);
  if (isFault(paid)) return blame(turn, peer, paid);
  node.sessions.set(peer, paid);
  forgetLanded(turn, peer);
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
  const { node } = turn;
  const { peer } = session;
  node.sessions.set(peer, session);
  sendHeld(turn, peer);
  talkOn(turn, peer);
  repeatCancellations(turn, peer);
  learnRelay(turn, peer);
  tellFrauds(turn, peer);
  askAgain(turn, peer);
  for (const job of node.jobs.values()) {
    const { only } = job.job;
    const isFor = only === null ? isAllowed(turn, peer) : only.peer === peer;
    if (job.state === 'Broadcasting' && isFor) spread(turn, job);
  }
  carryFurther(turn, peer);
}

function onFrame(turn: Turn, session: OpenSession, frame: Frame): void {
  const { peer } = session;
  switch (frame.kind) {
    case 'hello':
      return;
    case 'sessionWork': {
      const worked = onPeerWork(session, frame.nonce, turn.node);
      if (isFault(worked)) return blame(turn, peer, worked);
      turn.node.sessions.set(peer, worked);
      return;
    }
    case 'askForBroadcast':
      return onAsk(turn, session, frame);
    case 'conditions': {
      const { onionKey } = session.hello;
      return onAskAnswer(turn, peer, frame.askId, {
        on: 'conditions',
        frame,
        onionKey,
        mayPayMsat: mayPayFor(turn, frame),
      });
    }
    case 'decline':
      return onAskAnswer(turn, peer, frame.askId, { on: 'decline', frame });
    case 'broadcast':
      return onBroadcastFrame(turn, session, frame);
    case 'cancelBroadcast':
      return onCancelBroadcast(turn, peer, frame);
    case 'reply':
      return onReplyFrame(turn, peer, frame);
    case 'lockFraud':
    case 'sealFraud':
    case 'equivocation':
    case 'twoLists':
    case 'missingRuling':
      return onFraudFrame(turn, peer, frame);
    case 'thankYouReply':
    case 'thankYouHash':
    case 'contactKey':
      return onThankYouFrame(turn, peer, frame);
    default:
      return onSettlerFrame(turn, peer, frame);
  }
}
