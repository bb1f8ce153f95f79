/**
 * Requests that their customers took back: believed only when signed by the request's own key, then told to everybody this node
 * told of the request, once. Whitepaper: silent; beside "Broadcast with POW".
 *
 *   Sender                    Middleman                    its own peers
 *     | CancelBroadcastFrame ---->|                             |     to whom it was broadcast
 *     |                           | CancelBroadcastFrame ------>|     never back where it came from
 */
import type { FrameOf } from '../frame.ts';
import type { PayloadId, PeerKey } from '../ids.ts';
import { chosenHash, readCancellation, verifyCancellation } from '../job/cancel-broadcast.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import { cancellationOf } from '../roles/sender.ts';
import { isFault } from '../wire/codec.ts';
import type { CancelBroadcast } from '../wire/messages.ts';
import { stopAsking } from './asking.ts';
import { forgetHeard } from './heard.ts';
import { remember, type Turn } from './state.ts';
import { tellUnsettled } from './thank-you-machines.ts';
import { release, send } from './outbox.ts';
import { blame, jobContext, tellOffer } from './turn.ts';

/** A node that never heard the request has nothing to end, nobody to tell, and no key to check with. */
export function onCancelBroadcast(
  turn: Turn,
  peer: PeerKey,
  frame: FrameOf<'cancelBroadcast'>,
): void {
  const { node, ctx } = turn;
  const read = readCancellation(frame.cancellation);
  if (isFault(read)) return blame(turn, peer, read);
  const { payloadId } = read;
  const heard = node.heard.get(payloadId);
  if (heard === undefined) return;
  const { sender, payload } = heard.broadcast;
  const by = { network: ctx.network, key: sender.leaf.publicKey };
  const cancelled = verifyCancellation(frame.cancellation, by);
  if (isFault(cancelled)) return blame(turn, peer, cancelled);
  const untilMs = expiryOf(payload.topic);
  remember(node.cancelled, payloadId, { frame, untilMs }, limits.cancellations);
  stopAsking(turn, payloadId);
  release(turn, `payload/${payloadId}`);
  endOffers(turn, cancelled);
  forgetHeard(turn, payloadId, cancelled.reason);
  for (const told of node.broadcastTo.get(payloadId)?.keys() ?? []) {
    if (told !== peer) send(turn, told, frame);
  }
}

/** Of our own offers the chosen one goes on; where money is held, the settler's word counts and not this one. */
function endOffers(turn: Turn, { payloadId, reason, chosen }: CancelBroadcast): void {
  for (const [draftId, { offer }] of turn.node.offers) {
    if (offer.payloadId !== payloadId) continue;
    if (chosenHash(payloadId, offer.offerId) === chosen) continue;
    const why = reason === 'taken' ? 'lost' : 'called-off';
    tellOffer(turn, draftId, { on: 'calledOff', reason: why });
  }
  for (const [offerId, { offer }] of turn.node.unsettledOffers) {
    if (offer.payloadId === payloadId) tellUnsettled(turn, offerId, { on: 'calledOff' });
  }
}

/** Who asks for a request that was taken back has not heard of it. */
export function tellCancelled(turn: Turn, payloadId: PayloadId, peer: PeerKey): void {
  const cancelled = turn.node.cancelled.get(payloadId);
  if (cancelled !== undefined) send(turn, peer, cancelled.frame);
}

/** A peer is back: what it may have missed of the requests it was told. */
export function repeatCancellations(turn: Turn, peer: PeerKey): void {
  const { node } = turn;
  for (const payloadId of node.cancelled.keys()) {
    if (node.broadcastTo.get(payloadId)?.has(peer)) tellCancelled(turn, payloadId, peer);
  }
  for (const job of node.jobs.values()) {
    if (!job.told.some((told) => told.peer === peer)) continue;
    const frame = cancellationOf(job, jobContext(turn, job));
    if (frame !== null) send(turn, peer, frame);
  }
}
