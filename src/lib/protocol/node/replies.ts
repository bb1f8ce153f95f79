/** Replies on their way back: carried on for others, or arrived at their own sender. Whitepaper: "Replying". */
import { hexOf } from '../bytes.ts';
import { publicKeyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import { type FrameOf } from '../frame.ts';
import type { PayloadId, PeerKey } from '../ids.ts';
import { openReply, verifyReplyFrame } from '../job/reply.ts';
import { onionSlotBytes } from '../job/onion-route.ts';
import { limits } from '../limits.ts';
import { isHeld, startLeg } from '../roles/leg.ts';
import { onReply, type Carriage } from '../roles/middleman.ts';
import type { Offer } from '../roles/sender.ts';
import { isFault } from '../wire/codec.ts';
import { learnHead, partySecret, trustOf, type Turn } from './state.ts';
import { blame, markLeg, perform, send, tellJob } from './turn.ts';

export function onReplyFrame(turn: Turn, peer: PeerKey, frame: FrameOf<'reply'>): void {
  const { node, ctx } = turn;
  const slot = hexOf(frame.forwardOnion.subarray(0, onionSlotBytes));
  const job = node.jobSlots.get(slot);
  if (job !== undefined) return onOwnReply(turn, job, peer, frame);
  const askId = node.passageSlots.get(slot);
  const passage = askId && node.passages.get(askId);
  if (!passage || passage.state !== 'Carrying') {
    return blame(turn, peer, fault('ONION_SLOT_UNKNOWN'));
  }
  if (!node.broadcastTo.get(passage.payloadId)?.has(peer)) {
    return blame(turn, peer, fault('REPLY_NOT_BROADCAST_TO', passage.payloadId));
  }
  // Its customer took the request back; the reply crossed that word on its way.
  if (node.cancelled.has(passage.payloadId)) return;
  const carriage = onReply(passage, frame, trustOf(node), ctx);
  if (isFault(carriage)) return blame(turn, peer, carriage);
  node.passages.set(passage.askId, carriage.passage);
  learnHead(node, carriage.verified.head);
  forward(turn, carriage);
}

/** On to the originator: with an invoice of our own, or as it came where we cannot or must not hold. */
export function forward(turn: Turn, { passage, frame, leg, verified }: Carriage): void {
  const { node } = turn;
  if (node.legs.has(verified.promise.networkPaymentHash)) return;
  const held = [...node.legs.values()].filter(isHeld);
  const ofUpstream = held.filter(({ terms }) => terms.upstream === passage.originator).length;
  const ofSettler = held.filter(({ terms }) => terms.settler?.key === verified.settlerKey).length;
  const crowded =
    held.length >= limits.openHolds ||
    ofUpstream >= limits.openHoldsPerPeer ||
    ofSettler >= limits.openHoldsPerSettler;
  if (leg === null || crowded) return send(turn, passage.originator, frame);
  const [started, effects] = startLeg(leg, frame);
  node.legs.set(leg.paymentHash, started);
  perform(turn, effects);
  markLeg(turn, leg.paymentHash);
}

/** The route ends here: the reply is for our own job. */
export function onOwnReply(
  turn: Turn,
  payloadId: PayloadId,
  peer: PeerKey,
  frame: FrameOf<'reply'>,
): void {
  const { node, ctx } = turn;
  const job = node.jobs.get(payloadId);
  if (job === undefined || job.state !== 'Broadcasting') return;
  if (!node.broadcastTo.get(payloadId)?.has(peer)) {
    return blame(turn, peer, fault('REPLY_NOT_BROADCAST_TO', payloadId));
  }
  const trust = trustOf(node);
  const { nowMs, height, network } = ctx;
  const verified = verifyReplyFrame(frame, { payloadId, trust, network, nowMs, height });
  if (isFault(verified)) return blame(turn, peer, verified);
  const secret = partySecret(node, job.job.certificate);
  const publicKey = publicKeyOf(secret);
  const { request } = job.job;
  const reply = openReply(frame, verified, { secret, publicKey, request, trust, nowMs, height });
  if (isFault(reply)) return blame(turn, peer, reply);
  const { promise, settler, settlerKey, settlerPeer, invoice } = verified;
  const offer: Offer = {
    promiseId: promise.promiseId,
    settlerKey,
    settlerPeer,
    settlerAddresses: settler.leaf.addresses,
    settler: settler.leaf,
    settlerRoot: settler.root,
    replier: reply.replier.leaf,
    replierRoot: reply.replier.root,
    heights: promise.heights,
    terms: reply.terms,
    lockedMessage: reply.payload.lockedReplyMessage,
    networkPaymentHash: promise.networkPaymentHash,
    networkInvoice: frame.networkInvoice,
    networkMsat: invoice.amountMsat,
    networkFinalCltv: invoice.minFinalCltv,
    replyInvoice: reply.replyInvoice,
    replyFinalCltv: reply.replyInvoiceFields.minFinalCltv,
    expiryMs: promise.expiryMs,
    receivedAtMs: nowMs,
  };
  tellJob(turn, payloadId, { on: 'offer', offer });
}
