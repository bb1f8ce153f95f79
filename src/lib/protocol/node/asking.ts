/**
 * A node that asks: which neighbours are told of a topic, what the right to ask costs, and the answers to its asks. The sender's
 * own jobs and the topics carried for others go this way alike. Whitepaper: "Asking For Broadcast", "Broadcast with POW".
 */
import { hexOf } from '../bytes.ts';
import { fault } from '../faults.ts';
import type { AskId, PayloadId, PeerKey } from '../ids.ts';
import { expectedMs, patienceFor, referenceRates } from '../job/difficulty.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import { isOpen, onOwnWork, workForPeer } from '../overlay/session.ts';
import {
  askKey,
  isAlive,
  startAsk,
  stepAsk,
  type AskEvent,
  type AskTerms,
} from '../roles/originator.ts';
import type { Job } from '../roles/sender.ts';
import { buyFavour, mayPayMsat } from './favour-buying.ts';
import { isAllowed, remember, type Turn } from './state.ts';
import { blame, markJob, perform, tellJob } from './turn.ts';

/** Tells a job to neighbours: to one at first, to the fanout when it is no longer quiet. */
export function spread(turn: Turn, job: Job): void {
  const { node } = turn;
  const { payloadId, request, onion, topic, only } = job.job;
  if (only !== null) return askWorker(turn, job, only);
  const asked = node.broadcastTo.get(payloadId) ?? new Map<PeerKey, bigint>();
  const isOfJob = (ask: Pick<AskTerms, 'payloadId'>) => ask.payloadId === payloadId;
  const started = [...node.asks.values()].filter(({ ask }) => isOfJob(ask));
  const hopeful = started.filter((ask) => isAlive(ask) || ask.state === 'Broadcast');
  const waiting = [...node.waitingAsks].filter(([, asks]) => asks.some(isOfJob)).map(([to]) => to);
  const wanted = node.quiet.has(payloadId) ? 1 : node.policy.fanout;
  const left = wanted - hopeful.length - waiting.length;
  const tried = new Set([...asked.keys(), ...waiting, ...started.map(({ ask }) => ask.peer)]);
  for (const peer of choosePeers(turn, tried, left)) {
    startAsking(turn, { payloadId, request, onion, expiryMs: expiryOf(topic), own: true }, peer);
  }
  markJob(turn, payloadId);
}

/** Asks the one worker a later part is for, once it is there; calls it again until it was told. */
function askWorker(turn: Turn, job: Job, worker: NonNullable<Job['job']['only']>): void {
  const { node, ctx } = turn;
  const { payloadId, request, onion, topic } = job.job;
  const { peer, addresses } = worker;
  markJob(turn, payloadId);
  if (job.state !== 'Broadcasting' || node.broadcastTo.get(payloadId)?.has(peer)) return;
  const key = `quiet/${payloadId}`;
  turn.effects.push({ do: 'wake', atMs: ctx.nowMs + limits.partCallMs, key });
  const asks = [...node.asks.values()].filter(({ ask }) => ask.payloadId === payloadId);
  const waiting = node.waitingAsks.get(peer)?.some((ask) => ask.payloadId === payloadId);
  if (waiting || asks.some((ask) => isAlive(ask) || ask.state === 'Declined')) return;
  const session = node.sessions.get(peer);
  if (session === undefined) turn.effects.push({ do: 'dial', peer, addresses });
  else if (isOpen(session)) {
    startAsking(turn, { payloadId, request, onion, expiryMs: expiryOf(topic), own: true }, peer);
  }
}

/** Open, allowed neighbours in random order, without those in `except`. */
export function choosePeers(turn: Turn, except: ReadonlySet<PeerKey>, count: number): PeerKey[] {
  const { node, ctx } = turn;
  const open = [...node.sessions.values()].filter(
    (session) => isOpen(session) && !except.has(session.peer) && isAllowed(turn, session.peer),
  );
  const drawn = open.map(({ peer }) => ({ peer, order: hexOf(ctx.random(8)) }));
  drawn.sort((a, b) => (a.order < b.order ? -1 : 1));
  return drawn.slice(0, Math.max(0, count)).map(({ peer }) => peer);
}

/** Every ask costs one of the asks that session work bought; without any, the work comes first. */
export function startAsking(
  turn: Turn,
  terms: Omit<AskTerms, 'askId' | 'peer' | 'wouldPay'>,
  peer: PeerKey,
): void {
  const { node, ctx } = turn;
  const session = node.sessions.get(peer);
  if (session === undefined || !isOpen(session) || terms.expiryMs <= ctx.nowMs) return;
  const wouldPay = mayPayMsat(turn, { ...terms, peer }) > 0n;
  const ask = { ...terms, peer, wouldPay, askId: hexOf(ctx.random(16)) as AskId };
  const { hello } = session;
  if (hello.credit > 0) {
    node.sessions.set(peer, { ...session, hello: { ...hello, credit: hello.credit - 1 } });
    const [asking, effects] = startAsk(ask, ctx);
    remember(node.asks, ask.askId, asking, limits.openAsks);
    const unsure = { ask, atMs: ctx.nowMs, lost: false };
    remember(node.unsureAsks, ask.askId, unsure, limits.openAsks);
    return perform(turn, effects);
  }
  const waiting = node.waitingAsks.get(peer) ?? [];
  if (waiting.length >= limits.openAsksPerPeer) return;
  node.waitingAsks.set(peer, [...waiting, ask]);
  if (hello.working) return;
  node.sessions.set(peer, { ...session, hello: { ...hello, working: true } });
  const { inner, target } = workForPeer(session, node);
  const workMs = expectedMs(target, 'sha256', referenceRates);
  const validTillMs = ctx.nowMs + patienceFor(workMs, false).validForMs;
  const id = `session/${peer}`;
  turn.effects.push({ do: 'mine', id, scheme: 'sha256', inner, target, validTillMs, own: true });
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
  for (const { askId: _askId, ...terms } of waiting) {
    startAsking(turn, terms, peer);
  }
}

export function onAskAnswer(turn: Turn, peer: PeerKey, askId: AskId, event: AskEvent): void {
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
  if (next.state === 'AwaitingPayment' && ask.state !== 'AwaitingPayment') buyFavour(turn, next);
  const { payloadId, peer } = next.ask;
  if (next.state === 'Declined') node.unsureAsks.delete(askId);
  if (next.state === 'Broadcast' && ask.state !== 'Broadcast' && node.unsureAsks.has(askId)) {
    node.unsureAsks.set(askId, { ask: next.ask, atMs: ctx.nowMs, lost: false });
  }
  if (next.state === 'Broadcast' && ask.state !== 'Broadcast') {
    const { routingFeeMsat } = next;
    const told = node.broadcastTo.get(payloadId) ?? new Map<PeerKey, bigint>();
    const known = told.get(peer) ?? 0n;
    told.set(peer, known > routingFeeMsat ? known : routingFeeMsat);
    remember(node.broadcastTo, payloadId, told, limits.knownPayloads);
    tellJob(turn, payloadId, { on: 'told', peer, routingFeeMsat });
  }
  const job = node.jobs.get(payloadId);
  if (job !== undefined) {
    markJob(turn, payloadId);
    // Who declined or fell silent leaves room for another.
    const over = isAlive(ask) && (next.state === 'Declined' || next.state === 'Lapsed');
    if (over && job.state === 'Broadcasting' && job.job.only === null) spread(turn, job);
  }
  if (job !== undefined) return;
  // A late answer to an ask that is over is nobody's fault, so it is known for a little longer.
  if (isAlive(ask) && !isAlive(next)) {
    turn.effects.push({ do: 'wake', atMs: ctx.nowMs + limits.conditionsMs, key: askKey(askId) });
  } else if (!isAlive(ask) && event.on === 'wake') node.asks.delete(askId);
}

/** The topic goes to nobody else: asks for it end where they are. */
export function stopAsking(turn: Turn, payloadId: PayloadId): void {
  const { node } = turn;
  node.quiet.delete(payloadId);
  for (const [peer, asks] of node.waitingAsks) {
    node.waitingAsks.set(
      peer,
      asks.filter((ask) => ask.payloadId !== payloadId),
    );
  }
  for (const [askId, { ask }] of node.asks) {
    if (ask.payloadId === payloadId) tellAsk(turn, askId, { on: 'over' });
  }
}
