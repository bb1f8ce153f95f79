/**
 * Asks and broadcasts that a dying connection may have taken with it: the peer is asked anew when it is back. Whitepaper:
 * "Broadcast with POW"; silent on peers that come and go.
 */
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { isAlive } from '../roles/originator.ts';
import { startAsking } from './asking.ts';
import type { UnsureAsk } from './peer-states.ts';
import { remember, type Turn } from './state.ts';

/** The connection is gone; what was said long before the peer was last heard has arrived. */
export function loseAsks({ node }: Turn, peer: PeerKey): void {
  const heardMs = node.sessions.get(peer)?.tokensAtMs ?? 0;
  for (const waiting of node.waitingAsks.get(peer) ?? []) {
    const unsure = { ask: waiting, atMs: Infinity, lost: true };
    remember(node.unsureAsks, waiting.askId, unsure, limits.openAsks);
  }
  for (const [askId, unsure] of node.unsureAsks) {
    if (unsure.ask.peer !== peer || unsure.lost) continue;
    if (unsure.atMs + limits.flightMs <= heardMs) node.unsureAsks.delete(askId);
    else node.unsureAsks.set(askId, { ...unsure, lost: true });
  }
}

/** The peer is back: asked for what is still worth it. */
export function askAgain(turn: Turn, peer: PeerKey): void {
  const { node } = turn;
  const again = new Map<string, UnsureAsk['ask']>();
  for (const [askId, { ask, lost }] of node.unsureAsks) {
    if (ask.peer !== peer || !lost) continue;
    node.unsureAsks.delete(askId);
    again.set(ask.payloadId, ask);
  }
  for (const ask of again.values()) {
    const { askId: _askId, peer: _peer, wouldPay: _wouldPay, ...terms } = ask;
    if (isWanted(turn, ask)) startAsking(turn, terms, peer);
  }
}

function isWanted({ node }: Turn, { payloadId, peer, own }: UnsureAsk['ask']): boolean {
  if (node.cancelled.has(payloadId)) return false;
  if (!own) return true;
  const job = node.jobs.get(payloadId);
  // A later part is for one worker, who is called on its own.
  if (job?.state !== 'Broadcasting' || job.job.only !== null) return false;
  const others = [...node.asks.values()].filter(
    (each) =>
      each.ask.payloadId === payloadId &&
      each.ask.peer !== peer &&
      (isAlive(each) || each.state === 'Broadcast'),
  );
  return others.length < (node.quiet.has(payloadId) ? 1 : node.policy.fanout);
}
