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
  for (const { broadcast, payloadId, from, atMs } of node.heard.values()) {
    const { request, backwardOnion: onion, payload } = broadcast;
    const isYoung = ctx.nowMs < atMs + limits.carryFurtherMs;
    if (!isYoung || from === peer || !isCarried(node, payloadId, from)) continue;
    const told = toldOf(node, payloadId);
    if (told.has(peer) || told.size >= node.policy.fanout) continue;
    if (!passesOn(node.policy, payload.topic.kind)) continue;
    const expiryMs = expiryOf(payload.topic);
    startAsking(turn, { payloadId, request, onion, expiryMs, own: false }, peer);
  }
}

/** Its reply would find its way back. */
function isCarried({ passages }: Node, payloadId: PayloadId, from: PeerKey): boolean {
  return [...passages.values()].some(
    (passage) =>
      passage.state === 'Carrying' &&
      passage.payloadId === payloadId &&
      passage.originator === from,
  );
}

/** Who has this topic of us, or is about to. */
function toldOf(node: Node, payloadId: PayloadId): ReadonlySet<PeerKey> {
  const open = [...node.asks.values()].filter((ask) => isAlive(ask));
  const asked = open.filter(({ ask }) => ask.payloadId === payloadId).map(({ ask }) => ask.peer);
  const waiting = [...node.waitingAsks].filter(([, asks]) =>
    asks.some((ask) => ask.payloadId === payloadId),
  );
  const told = node.broadcastTo.get(payloadId)?.keys() ?? [];
  return new Set([...told, ...asked, ...waiting.map(([peer]) => peer)]);
}
