/** Replies on their way back: carried on for others, or arrived at their own sender. Whitepaper: "Replying". */
import { hexOf } from '../bytes.ts';
import { hash, publicKeyOf } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import { encodeFrame, type FrameOf } from '../frame.ts';
import type { PayloadId, PeerKey } from '../ids.ts';
import { vouchedBy } from '../job/standing.ts';
import { openReply, verifyReplyFrame, verifyRouteFee } from '../job/reply.ts';
import { onionSlotBytes } from '../job/onion-route.ts';
import { maySettleOn } from '../job/topic.ts';
import { onReply } from '../roles/middleman.ts';
import type { Offer, Papers } from '../roles/sender.ts';
import { isFault } from '../wire/codec.ts';
import { SettlementPromise, type ReplyPayload } from '../wire/messages.ts';
import { compareHead, comparePromise, keepEvidence, meetHead } from './evidence.ts';
import { isDistrusted, isLiar } from './fraud-states.ts';
import { forward, hasCrossed } from './holding.ts';
import { wayHome } from './routes.ts';
import { learnHead, lookUp } from './revoking.ts';
import { partySecret, trustOf, type Turn } from './state.ts';
import { isOfFavour } from './taken.ts';
import { blame, tellFault, tellJob } from './turn.ts';

export function onReplyFrame(turn: Turn, peer: PeerKey, frame: FrameOf<'reply'>): void {
  const { node, ctx } = turn;
  const slot = hexOf(frame.forwardOnion.subarray(0, onionSlotBytes));
  const job = node.jobSlots.get(slot);
  if (job !== undefined) return onOwnReply(turn, job, peer, frame);
  const askId = node.passageSlots.get(slot);
  const named = askId && node.passages.get(askId);
  if (!named || named.state !== 'Carrying') {
    if (ctx.nowMs < node.forgotUntilMs) return;
    return blame(turn, peer, fault('ONION_SLOT_UNKNOWN'));
  }
  const mark = `${peer}/${hexOf(hash(encodeFrame(frame)))}`;
  // A connection died and it is sent again, to be sure.
  if (named.brought?.includes(mark)) return;
  const passage = wayHome(node, named);
  const quoteMsat = node.broadcastTo.get(passage.payloadId)?.get(peer);
  if (quoteMsat === undefined) {
    return blame(turn, peer, fault('REPLY_NOT_BROADCAST_TO', passage.payloadId));
  }
  // Its customer took the request back; the reply crossed that word on its way.
  if (node.cancelled.has(passage.payloadId)) return;
  const carriage = onReply(passage, frame, { trust: trustOf(node), quoteMsat }, ctx);
  if (isFault(carriage)) return refuse(turn, peer, frame, carriage);
  if (carriage === null) return;
  const { promise, settler, settlerKey, head } = carriage.verified;
  const crossed = hasCrossed(node, promise.networkPaymentHash);
  node.passages.set(passage.askId, carriage.passage);
  const now = passage === named ? carriage.passage : named;
  node.passages.set(named.askId, { ...now, brought: [...(now.brought ?? []), mark] });
  learnHead(turn, head);
  meetHead(turn, frame.settlerHead);
  comparePromise(turn, promise.networkPaymentHash, frame.signedSettlementPromise);
  // Nothing is carried for a settler that lied.
  if (crossed || isDistrusted(node.frauds, settler.root)) return;
  forward(turn, carriage);
  if (!node.legs.has(promise.networkPaymentHash)) return;
  const signed = { promise: frame.signedSettlementPromise, bought: null };
  keepEvidence(turn, promise, settlerKey, signed);
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
  const quoteMsat = node.broadcastTo.get(payloadId)?.get(peer);
  if (quoteMsat === undefined) {
    return blame(turn, peer, fault('REPLY_NOT_BROADCAST_TO', payloadId));
  }
  const trust = trustOf(node);
  const { nowMs, height, network } = ctx;
  const verified = verifyReplyFrame(frame, { payloadId, trust, network, nowMs, height });
  if (isFault(verified)) return refuse(turn, peer, frame, verified);
  const dear = verifyRouteFee(verified, quoteMsat);
  if (dear) return blame(turn, peer, dear);
  const secret = partySecret(node, job.job.certificate);
  const publicKey = publicKeyOf(secret);
  const { request } = job.job;
  const reply = openReply(frame, verified, { secret, publicKey, request, trust, nowMs, height });
  // Whoever carried it could not read it.
  if (isFault(reply)) {
    const hidden = reply.code === 'CERTIFICATE_REVOKED';
    return hidden ? tellFault(turn, peer, reply) : blame(turn, peer, reply);
  }
  learnHead(turn, verified.head);
  learnHead(turn, reply.head);
  lookUp(turn, reply.replier, verified.settler);
  const { promise, settler, settlerKey, settlerPeer, invoice } = verified;
  meetHead(turn, frame.settlerHead);
  comparePromise(turn, promise.networkPaymentHash, frame.signedSettlementPromise);
  if (isLiar(node.frauds, reply.replier.leaf.publicKey)) return;
  // Its money would be mistaken for what a neighbour was paid.
  const hashes = [promise.networkPaymentHash, reply.terms.replyPaymentHash];
  if (hashes.some((hash) => isOfFavour(node, hash))) return;
  if (!maySettleOn(job.job.topic, promise.settleOn)) {
    return blame(turn, peer, fault('PROMISE_MISMATCH', `${promise.settleOn} for a short job`));
  }
  const offer: Offer = {
    promiseId: promise.promiseId,
    settlerKey,
    settlerPeer,
    settlerAddresses: settler.leaf.addresses,
    settler: settler.leaf,
    settlerRoot: settler.root,
    replier: reply.replier.leaf,
    replierRoot: reply.replier.root,
    vouched: vouchedBy(reply.replier, settler),
    heights: promise.heights,
    terms: reply.terms,
    lockedMessage: reply.payload.lockedReplyMessage,
    papers: papersOf(frame, reply.payload),
    networkPaymentHash: promise.networkPaymentHash,
    networkInvoice: frame.networkInvoice,
    networkMsat: invoice.amountMsat,
    networkFinalCltv: invoice.minFinalCltv,
    replyInvoice: reply.replyInvoice,
    replyFinalCltv: reply.replyInvoiceFields.minFinalCltv,
    settleOn: promise.settleOn,
    expiryMs: promise.expiryMs,
    receivedAtMs: nowMs,
  };
  tellJob(turn, payloadId, { on: 'offer', offer });
}

function refuse(turn: Turn, peer: PeerKey, frame: FrameOf<'reply'>, found: Fault): void {
  blame(turn, peer, found);
  const signed = frame.signedSettlementPromise;
  const promise = SettlementPromise.decode(signed.body);
  if (isFault(promise)) return;
  const { settlerCertificate, networkPaymentHash } = promise;
  if (found.code === 'REVOCATION_HEAD_INVALID') {
    compareHead(turn, settlerCertificate, frame.settlerHead);
  }
  // Only against one that was verified.
  const isMet = turn.node.promisesMet.has(networkPaymentHash);
  if (found.code === 'REPLY_REPEATED' && isMet) comparePromise(turn, networkPaymentHash, signed);
}

function papersOf(frame: FrameOf<'reply'>, payload: ReplyPayload): Papers {
  const { terms, salt, replierCertificate, statement } = payload;
  return { promise: frame.signedSettlementPromise, terms, salt, replierCertificate, statement };
}
