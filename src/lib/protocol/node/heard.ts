/** Jobs this node heard, as a gig worker sees them: from the broadcast to the end of their window, or to their customer's word. */
import type { PayloadId } from '../ids.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import type { HeardEnd } from '../views.ts';
import { remember, type Heard, type Turn } from './state.ts';
import { heardView } from './views.ts';

export function keepHeard(turn: Turn, heard: Heard): void {
  const { node } = turn;
  const { payloadId, broadcast } = heard;
  if (node.heard.has(payloadId)) return;
  remember(node.heard, payloadId, heard, limits.heard);
  turn.views.set(`heard/${payloadId}`, () => ({ view: 'heard', heard: heardView(node, heard) }));
  const atMs = expiryOf(broadcast.payload.topic);
  turn.effects.push({ do: 'wake', atMs, key: `heard/${payloadId}` });
}

/** Its window is over, or its customer says so: nobody can answer it any more. */
export function forgetHeard(turn: Turn, payloadId: PayloadId, reason: HeardEnd): void {
  turn.node.heard.delete(payloadId);
  turn.effects.push({ do: 'notify', notice: { view: 'heardGone', payloadId, reason } });
}

/** A heard job's window may be over. */
export function onHeardWake(turn: Turn, payloadId: PayloadId): void {
  const { node, ctx } = turn;
  const cancelled = node.cancelled.get(payloadId);
  if (cancelled !== undefined && cancelled.untilMs <= ctx.nowMs) node.cancelled.delete(payloadId);
  const heard = node.heard.get(payloadId);
  if (heard === undefined || expiryOf(heard.broadcast.payload.topic) > ctx.nowMs) return;
  forgetHeard(turn, payloadId, 'over');
}
