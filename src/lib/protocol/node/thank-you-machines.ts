/**
 * The machines of replies without a settler, kept and told by their node: a `ThankYou` per reply to a job of ours, an
 * `UnsettledOffer` per reply of ours. Sweet-Gossip: "Reply", "Validation and Verification", "Thank you".
 */
import type { RejectionCode } from '../commands.ts';
import type { FrameOf } from '../frame.ts';
import type { OfferId, PayloadId, PaymentHash, PeerKey, PromiseId, ReplyDigest } from '../ids.ts';
import { channelIdOf } from '../job/thank-you.ts';
import { limits } from '../limits.ts';
import type { Step, WalletEvent } from '../machine.ts';
import {
  isUnsettledLive,
  stepUnsettled,
  unsettledKey,
  type UnsettledEvent,
  type UnsettledOffer,
} from '../roles/thank-you-replier.ts';
import {
  isThanking,
  stepThankYou,
  thankYouKey,
  type ThankYou,
  type ThankYouEvent,
} from '../roles/thank-you-sender.ts';
import { store } from '../stored.ts';
import { release } from './outbox.ts';
import { partySecret, shadowBlocksOf, type Node, type Turn } from './state.ts';
import { thankYouView, unsettledOfferView } from './thank-you-views.ts';
import { perform, tellJob } from './turn.ts';

export function keepThankYou(turn: Turn, [thank, effects]: Step<ThankYou>): void {
  const { digest } = thank.reply;
  turn.node.thankYous.set(digest, thank);
  perform(turn, effects);
  markThankYou(turn, digest);
}

export function tellThankYou(turn: Turn, digest: ReplyDigest, event: ThankYouEvent): void {
  const { node, ctx } = turn;
  const thank = node.thankYous.get(digest);
  if (thank === undefined) return;
  const secret = partySecret(node, thank.reply.certificate);
  const step = stepThankYou(thank, event, { ...ctx, secret });
  keepThankYou(turn, step);
  if (step[0].state !== 'Met' || thank.state === 'Met') return;
  tellJob(turn, thank.reply.payloadId, { on: 'thanked' });
  endThankYous(turn, thank.reply.payloadId);
}

export function markThankYou(turn: Turn, digest: ReplyDigest): void {
  turn.views.set(thankYouKey(digest), () => {
    const thank = turn.node.thankYous.get(digest);
    return thank === undefined ? null : { view: 'thankYou', thankYou: thankYouView(thank) };
  });
}

/** Replies of ours are kept until there are too many; then the oldest goes of which nothing is to come. */
export function makeRoomForReply({ node, ctx, effects }: Turn): boolean {
  const { unsettledOffers } = node;
  if (unsettledOffers.size < limits.unsettledOffers) return true;
  const over = [...unsettledOffers].find(
    ([, made]) => !isUnsettledLive(made) && ctx.nowMs >= made.offer.expiryMs,
  );
  if (over === undefined) return false;
  unsettledOffers.delete(over[0]);
  effects.push(store(unsettledKey(over[0]), null));
  return true;
}

export function keepUnsettled(turn: Turn, [made, effects]: Step<UnsettledOffer>): void {
  const { offerId } = made.offer;
  const before = turn.node.unsettledOffers.get(offerId);
  if (before?.state === 'Sent' && made.state !== 'Sent') release(turn, unsettledKey(offerId));
  turn.node.unsettledOffers.set(offerId, made);
  perform(turn, effects);
  markUnsettled(turn, offerId);
}

export function tellUnsettled(turn: Turn, offerId: OfferId, event: UnsettledEvent): void {
  const { node, ctx } = turn;
  const made = node.unsettledOffers.get(offerId);
  if (made === undefined) return;
  const secret = partySecret(node, made.offer.certificate);
  keepUnsettled(turn, stepUnsettled(made, event, { ...ctx, secret }));
}

export function markUnsettled(turn: Turn, offerId: OfferId): void {
  turn.views.set(unsettledKey(offerId), () => {
    const made = turn.node.unsettledOffers.get(offerId);
    if (made === undefined) return null;
    return { view: 'unsettledOffer', offer: unsettledOfferView(made, shadowBlocksOf(turn.node)) };
  });
}

/** A contact frame without a promise may be of one of these. */
export function onThankYouContact(
  turn: Turn,
  peer: PeerKey,
  frame: FrameOf<'contact'>,
): 'taken' | 'unknown' {
  const { node } = turn;
  for (const digest of node.thankYous.keys()) {
    if (channelIdOf(digest) !== frame.promiseId) continue;
    tellThankYou(turn, digest, { on: 'contact', frame, from: peer });
    return 'taken';
  }
  for (const [offerId, { offer }] of node.unsettledOffers) {
    if (channelIdOf(offer.digest) !== frame.promiseId) continue;
    tellUnsettled(turn, offerId, { on: 'contact', frame, from: peer });
    return 'taken';
  }
  return 'unknown';
}

/** A payment of ours that belongs to a thank you; a leg's is told by its own. */
export function onThankYouPayment(
  turn: Turn,
  event: Extract<WalletEvent, { readonly paymentHash: PaymentHash | null }>,
): void {
  const { node } = turn;
  for (const [digest, thank] of node.thankYous) {
    if ('thanks' in thank && thank.thanks?.paymentHash === event.paymentHash) {
      tellThankYou(turn, digest, event);
    }
  }
  for (const [offerId, made] of node.unsettledOffers) {
    if ('price' in made && made.price?.paymentHash === event.paymentHash) {
      tellUnsettled(turn, offerId, event);
    }
  }
}

/** After a start, or when the wallet is back. */
export function resumeThankYous(turn: Turn): void {
  const { node } = turn;
  for (const digest of node.thankYous.keys()) tellThankYou(turn, digest, { on: 'resume' });
  for (const id of node.unsettledOffers.keys()) tellUnsettled(turn, id, { on: 'resume' });
}

/** The job is taken back, taken otherwise or over: no thank you is asked for any more. What was released goes on. */
export function endThankYous(turn: Turn, payloadId: PayloadId): void {
  for (const [digest, { reply, state }] of turn.node.thankYous) {
    if (reply.payloadId !== payloadId || state === 'Released') continue;
    tellThankYou(turn, digest, { on: 'stop' });
  }
}

/** Is a thank you for this job on its way? Then it cannot be taken otherwise. */
export function isJobThanking(node: Node, payloadId: PayloadId): boolean {
  return [...node.thankYous.values()].some(
    (thank) => thank.reply.payloadId === payloadId && isThanking(thank),
  );
}

/** A block: what waits for one looks again. */
export function onThankYouHeight(turn: Turn): void {
  for (const [digest, thank] of turn.node.thankYous) {
    if (isThanking(thank)) tellThankYou(turn, digest, { on: 'wake' });
  }
}

/** Says something to the other side of a contact that no promise names. */
export function sayThanked(turn: Turn, channelId: PromiseId, text: string): RejectionCode | null {
  const { node } = turn;
  for (const [digest, thank] of node.thankYous) {
    if (channelIdOf(digest) !== channelId) continue;
    if (thank.state !== 'Met') return 'WRONG_TIME';
    if (thank.channel.lines.length >= limits.chatLines) return 'TOO_MANY';
    tellThankYou(turn, digest, { on: 'say', text });
    return null;
  }
  for (const [offerId, made] of node.unsettledOffers) {
    if (channelIdOf(made.offer.digest) !== channelId) continue;
    if (made.state !== 'Met') return 'WRONG_TIME';
    if (made.channel.lines.length >= limits.chatLines) return 'TOO_MANY';
    tellUnsettled(turn, offerId, { on: 'say', text });
    return null;
  }
  return 'UNKNOWN_PROMISE';
}
