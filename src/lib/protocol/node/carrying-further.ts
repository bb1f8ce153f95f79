/**
 * A neighbour that comes, or comes back, a short while after a topic: it is asked to carry what went to fewer neighbours than the
 * fanout. Whitepaper: "Asking For Broadcast", which is silent on neighbours that are away for a moment.
 */
import type { PayloadId, PeerKey } from '../ids.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import { isAlive } from '../roles/originator.ts';
import { startAsking } from './asking.ts';
import { passesOn } from './carrying.ts';
import { isAllowed, type Node, type Turn } from './state.ts';

/** Its session is open. Whoever was told before is not asked again. */
export function carryFurther(turn: Turn, peer: PeerKey): void {
  const { node, ctx } = turn;
  if (!isAllowed(turn, peer)) return;
  const young = [...node.heard.values()].filter(
    ({ from, atMs }) => ctx.nowMs < atMs + limits.carryFurtherMs && from !== peer,
  );
  if (young.length === 0) return;
  const carried = carriedOf(node);
  const asked = askedOf(node);
  for (const { broadcast, payloadId, from } of young) {
    const { request, backwardOnion: onion, payload } = broadcast;
    if (!carried.has(wayOf(payloadId, from))) continue;
    const told = new Set(asked.get(payloadId));
    for (const before of node.broadcastTo.get(payloadId)?.keys() ?? []) told.add(before);
    if (told.has(peer) || told.size >= node.policy.fanout) continue;
    if (!passesOn(node.policy, payload.topic.kind)) continue;
    const expiryMs = expiryOf(payload.topic);
    startAsking(turn, { payloadId, request, onion, expiryMs, own: false }, peer);
  }
}

const wayOf = (payloadId: PayloadId, from: PeerKey) => `${payloadId} ${from}`;

/** What is carried, and for whom: its reply would find its way back. */
function carriedOf({ passages }: Node): ReadonlySet<string> {
  const carrying = [...passages.values()].filter(({ state }) => state === 'Carrying');
  return new Set(carrying.map(({ payloadId, originator }) => wayOf(payloadId, originator)));
}

/** Who is being asked to carry a topic, or will be. */
function askedOf({ asks, waitingAsks }: Node): ReadonlyMap<PayloadId, ReadonlySet<PeerKey>> {
  const open = [...asks.values()].filter((ask) => isAlive(ask)).map(({ ask }) => ask);
  const waiting = [...waitingAsks].flatMap(([peer, later]) =>
    later.map(({ payloadId }) => ({ payloadId, peer })),
  );
  const asked = new Map<PayloadId, Set<PeerKey>>();
  for (const { payloadId, peer } of [...open, ...waiting]) {
    asked.set(payloadId, (asked.get(payloadId) ?? new Set()).add(peer));
  }
  return asked;
}
