/**
 * Replies without a settler, whichever part in them this node has: it hears them as sender, carries them, and is thanked for
 * its own. Sweet-Gossip: "Reply", "Validation and Verification", "Thank you".
 */
import { hexOf } from '../bytes.ts';
import { publicKeyOf } from '../crypto.ts';
import { fault } from '../faults.ts';
import type { Frame, FrameOf } from '../frame.ts';
import type { AskId, PayloadId, PeerKey } from '../ids.ts';
import { onionSlotBytes } from '../job/onion-route.ts';
import {
  openThankYouReply,
  replyDigestOf,
  thanked,
  verifyThankYouHash,
  withheld,
  type Thankless,
} from '../job/thank-you.ts';
import { limits } from '../limits.ts';
import { isHeld, startLeg, type Leg } from '../roles/leg.ts';
import {
  carryThankYou,
  carryThankYouReply,
  type CarriedReply,
} from '../roles/thank-you-middleman.ts';
import type { UnsettledOffer } from '../roles/thank-you-replier.ts';
import { isForgettable, startThankYou, thankYouKey } from '../roles/thank-you-sender.ts';
import type { Job } from '../roles/sender.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import { ThankYouHash } from '../wire/messages.ts';
import { isCrowded } from './holding.ts';
import { isTaken } from './taken.ts';
import { partySecret, remember, trustOf, type Node, type Turn } from './state.ts';
import { keepThankYou, tellThankYou, tellUnsettled } from './thank-you-machines.ts';
import { send } from './outbox.ts';
import { blame, markLeg, perform } from './turn.ts';

export function onThankYouFrame(
  turn: Turn,
  peer: PeerKey,
  frame: Extract<Frame, { kind: 'thankYouReply' | 'thankYouHash' | 'contactKey' }>,
): void {
  switch (frame.kind) {
    case 'thankYouReply':
      return onReply(turn, peer, frame);
    case 'thankYouHash':
      return onThankYouHash(turn, peer, frame);
    case 'contactKey':
      if (turn.node.thankYous.has(frame.replyDigest)) {
        return tellThankYou(turn, frame.replyDigest, { on: 'contactKey', frame, from: peer });
      }
      return blame(turn, peer, fault('THANK_YOU_UNKNOWN', frame.replyDigest));
  }
}

// ------------------------------------------------------------------------------- replies on the way

function onReply(turn: Turn, peer: PeerKey, frame: FrameOf<'thankYouReply'>): void {
  const { node, ctx } = turn;
  const slot = hexOf(frame.forwardOnion.subarray(0, onionSlotBytes));
  const own = node.jobSlots.get(slot);
  const job = own && node.jobs.get(own);
  if (job) return onOwnReply(turn, job, peer, frame);
  const askId = node.passageSlots.get(slot);
  const passage = askId && node.passages.get(askId);
  const heard = passage && node.heard.get(passage.payloadId);
  if (!passage || passage.state !== 'Carrying' || !heard) {
    if (ctx.nowMs < node.forgotUntilMs) return;
    return blame(turn, peer, fault('ONION_SLOT_UNKNOWN'));
  }
  if (!node.broadcastTo.get(passage.payloadId)?.has(peer)) {
    return blame(turn, peer, fault('REPLY_NOT_BROADCAST_TO', passage.payloadId));
  }
  // It came once and was carried: a connection died, and it is said again.
  const known = node.carriedReplies.get(replyDigestOf(frame.encryptedPayload));
  if (known?.bringer === peer && known.askId === passage.askId) return;
  const carried = carryThankYouReply(passage, frame, peer, heard.broadcast);
  if (isFault(carried)) return blame(turn, peer, carried);
  node.passages.set(passage.askId, carried.passage);
  // It came home on two ways: the first goes on.
  if (node.carriedReplies.has(carried.reply.digest)) return;
  remember(node.carriedReplies, carried.reply.digest, carried.reply, limits.thankYouReplies);
  const { expiryMs: untilMs } = passage;
  const owner = `payload/${passage.payloadId}`;
  send(turn, passage.originator, carried.frame, { untilMs, owner });
  const key = `thanks-due/${passage.askId}`;
  turn.effects.push({ do: 'wake', atMs: passage.expiryMs + limits.thankYouMs, key });
}

/** The route ends here: the reply is for our own job. */
function onOwnReply(turn: Turn, job: Job, peer: PeerKey, frame: FrameOf<'thankYouReply'>): void {
  const { node, ctx } = turn;
  const { payloadId, request, certificate, acceptsThankYou } = job.job;
  if (job.state !== 'Broadcasting') return;
  if (!node.broadcastTo.get(payloadId)?.has(peer)) {
    return blame(turn, peer, fault('REPLY_NOT_BROADCAST_TO', payloadId));
  }
  if (!acceptsThankYou) return blame(turn, peer, fault('THANK_YOU_UNWANTED', payloadId));
  if (node.thankYous.has(replyDigestOf(frame.encryptedPayload))) return;
  const secret = partySecret(node, certificate);
  const own = { secret, publicKey: publicKeyOf(secret), payloadId, request };
  const opened = openThankYouReply(frame, { ...own, trust: trustOf(node), nowMs: ctx.nowMs });
  if (isFault(opened)) return blame(turn, peer, opened);
  const ofJob = [...node.thankYous.values()].filter(({ reply }) => reply.payloadId === payloadId);
  if (ofJob.length >= limits.offersPerJob || !makeRoom(turn)) return;
  const { digest, statement, lockedMessage, replier } = opened;
  const reply = {
    digest,
    payloadId,
    statement,
    lockedMessage,
    replier: replier.leaf,
    replierRoot: replier.root,
    certificate,
    firstHop: peer,
    receivedAtMs: ctx.nowMs,
  };
  keepThankYou(turn, startThankYou(reply));
}

/** Replies are kept until there are too many; then the oldest goes that nothing can come of. */
function makeRoom(turn: Turn): boolean {
  const { thankYous } = turn.node;
  if (thankYous.size < limits.thankYous) return true;
  const over = [...thankYous].find(([, thank]) => isForgettable(thank, turn.ctx));
  if (over === undefined) return false;
  thankYous.delete(over[0]);
  turn.effects.push(store(thankYouKey(over[0]), null));
  return true;
}

// -------------------------------------------------------------------------- the thank you, going out

/** From the sender down the route: ours to pay, or to carry on. */
function onThankYouHash(turn: Turn, peer: PeerKey, frame: FrameOf<'thankYouHash'>): void {
  const { node } = turn;
  const body = ThankYouHash.decodeCanonical(frame.thankYouHash.body);
  if (isFault(body)) return blame(turn, peer, body);
  for (const made of node.unsettledOffers.values()) {
    if (made.offer.digest === body.replyDigest) return onThankYou(turn, made, peer, frame);
  }
  const reply = node.carriedReplies.get(body.replyDigest);
  // Started again, we know the money that is on its hash and no longer the reply.
  if (reply === undefined && node.legs.has(body.paymentHash)) return;
  if (reply === undefined || reply.originator !== peer) {
    return blame(turn, peer, fault('THANK_YOU_UNKNOWN', body.replyDigest));
  }
  carry(turn, reply, peer, frame);
}

function carry(
  turn: Turn,
  reply: CarriedReply,
  peer: PeerKey,
  frame: FrameOf<'thankYouHash'>,
): void {
  const { node, ctx } = turn;
  const carried = carryThankYou(reply, frame, ctx);
  if (isFault(carried)) return blame(turn, peer, carried);
  const { leg } = carried;
  const { paymentHash } = carried.reply;
  if (reply.paymentHash === null) {
    if (isTaken(node, paymentHash)) return;
    node.carriedReplies.set(reply.digest, carried.reply);
  }
  const known = node.legs.get(paymentHash);
  if (known) return sayAgain(turn, known, frame);
  if (leg === null || isCrowded(node, leg)) return send(turn, reply.bringer, frame);
  if (reply.paymentHash !== null) return;
  const [started, effects] = startLeg(leg, frame);
  node.legs.set(leg.paymentHash, started);
  perform(turn, effects);
  markLeg(turn, leg.paymentHash);
}

/** The sender asks again: who pays us may not have heard. */
function sayAgain(turn: Turn, leg: Leg, frame: FrameOf<'thankYouHash'>): void {
  if (leg.state !== 'Offered') return;
  send(turn, leg.terms.upstream, { ...frame, thankYouInvoice: leg.invoice });
}

/** The thank you for our own reply: paid for if it is what we said it may cost. */
function onThankYou(
  turn: Turn,
  made: UnsettledOffer,
  peer: PeerKey,
  frame: FrameOf<'thankYouHash'>,
): void {
  const { digest, payloadId, senderKey, upstream, offerId } = made.offer;
  if (peer !== upstream) return blame(turn, peer, fault('THANK_YOU_UNKNOWN', digest));
  if (made.state !== 'Sent') return;
  const { network, nowMs, height } = turn.ctx;
  const about = { digest, payloadId, senderKey, network, nowMs, height };
  const verified = verifyThankYouHash(frame, { ...about, maxAmountMsat: limits.maxPriceMsat });
  if (isFault(verified)) return blame(turn, peer, verified);
  if (isTaken(turn.node, verified.thankYou.paymentHash)) return;
  tellUnsettled(turn, offerId, { on: 'thankYou', verified, frame });
}

// -------------------------------------------------------------------------- "Lack of Thank you"

/** A topic is over: did the peer that brought it thank for any of the replies we carried to it? */
export function countThankYous(turn: Turn, askId: AskId): void {
  const { node, ctx } = turn;
  const replies = [...node.carriedReplies.values()].filter((reply) => reply.askId === askId);
  for (const { digest } of replies) node.carriedReplies.delete(digest);
  if (replies.length === 0) return;
  const { originator, payloadId } = replies[0]!;
  const known = node.thankless.get(originator);
  const fates = replies.map((reply) => fateOf(node, reply));
  if (fates.includes('thanked') || isPaidOtherwise(node, payloadId)) {
    return keepThankless(turn, originator, thanked(known, ctx.nowMs));
  }
  if (fates.every((fate) => fate === 'unpaid')) return;
  keepThankless(turn, originator, withheld(known, ctx.nowMs));
}

function keepThankless({ node, effects }: Turn, peer: PeerKey, count: Thankless | null): void {
  if (count === null && !node.thankless.has(peer)) return;
  if (count === null) node.thankless.delete(peer);
  else remember(node.thankless, peer, count, limits.thankless);
  effects.push(store(`thankless/${peer}`, count));
}

/**
 * Passed through counts as thanked: where we put no invoice of our own we do not see how it ended. `unpaid`: a thank you was
 * asked for and the side of the replier never paid, which is not the sender's fault.
 */
function fateOf(node: Node, { paymentHash }: CarriedReply): 'thanked' | 'unpaid' | 'withheld' {
  if (paymentHash === null) return 'withheld';
  const leg = node.legs.get(paymentHash);
  if (leg === undefined) return 'thanked';
  if (leg.state === 'Ended' && leg.end === 'settled') return 'thanked';
  if (leg.state === 'Settling') return 'thanked';
  return wasHeld(leg) ? 'withheld' : 'unpaid';
}

/** Was our invoice ever paid? What was cancelled while nobody had paid it only ran out. */
function wasHeld(leg: Leg): boolean {
  if (leg.state === 'Ended') return leg.end === 'cancelled';
  return isHeld(leg);
}

/** The topic brought us a fee with a settler. */
function isPaidOtherwise(node: Node, payloadId: PayloadId): boolean {
  return [...node.legs.values()].some(
    (leg) =>
      leg.terms.payloadId === payloadId &&
      (leg.state === 'Settling' || leg.state === 'Ended') &&
      (leg.state === 'Settling' || leg.end === 'settled'),
  );
}
