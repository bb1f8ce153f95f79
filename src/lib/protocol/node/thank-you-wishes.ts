/** The owner's wishes about replies without a settler, as gig worker and as customer. Bad ones are answered with a code. */
import { hexOf, utf8 } from '../bytes.ts';
import type { OfferId } from '../ids.ts';
import { messageDigestOf, replyDigestOf, sealThankYouReply } from '../job/thank-you.ts';
import { expiryOf } from '../job/topic.ts';
import { limits } from '../limits.ts';
import {
  isUnsettledLive,
  startUnsettled,
  type UnsettledTerms,
} from '../roles/thank-you-replier.ts';
import { isThankable } from '../roles/thank-you-sender.ts';
import type { ReplyMessage } from '../wire/messages.ts';
import { partySecret, type Heard, type Turn } from './state.ts';
import {
  isJobThanking,
  keepUnsettled,
  makeRoomForReply,
  tellThankYou,
  tellUnsettled,
} from './thank-you-machines.ts';
import { isOffered } from './views.ts';
import { freshCertificate, useCertificate } from './certifying.ts';
import { lookUp } from './revoking.ts';
import type { Answer, Of } from './wishes.ts';

export function offerUnsettled(turn: Turn, command: Of<'offerUnsettled'>): Answer {
  const { node, ctx } = turn;
  const { payloadId, priceMsat, replyLimitMsat } = command;
  const heard = node.heard.get(payloadId);
  if (heard === undefined) return 'UNKNOWN_JOB';
  const { payload } = heard.broadcast;
  if (!node.policy.withoutSettler) return 'AGAINST_RULES';
  if (!payload.acceptsThankYou) return 'SETTLER_WANTED';
  if (expiryOf(payload.topic) <= ctx.nowMs) return 'TOO_LATE';
  if (priceMsat < limits.minPriceMsat || replyLimitMsat < limits.thankYouMsat) {
    return 'AMOUNT_TOO_SMALL';
  }
  if (priceMsat > limits.maxPriceMsat || replyLimitMsat > limits.maxPriceMsat) {
    return 'AMOUNT_TOO_LARGE';
  }
  const contactText = command.contactText.trim();
  if (contactText === '') return 'TEXT_EMPTY';
  if (utf8(contactText).length > limits.contactTextBytes) return 'TEXT_TOO_LONG';
  if (node.wallet.state !== 'ready') return 'NO_WALLET';
  if (node.wallet.balanceMsat < replyLimitMsat) return 'BALANCE_TOO_SMALL';
  const made = [...node.unsettledOffers.values()].filter(isUnsettledLive);
  if (isOffered(node, payloadId)) return 'WRONG_TIME';
  if (made.length >= limits.offers || !makeRoomForReply(turn)) return 'TOO_MANY';
  return reply(turn, heard, { ...command, contactText });
}

/** A fresh contact key locks the message; the reply goes back with the onion that the job came with. */
function reply(turn: Turn, heard: Heard, wish: Of<'offerUnsettled'>): Answer {
  const { node, ctx } = turn;
  const { random, nowMs, network } = ctx;
  if (lookUp(turn, heard.broadcast.sender) === 'revoked') return 'CERTIFICATE_REVOKED';
  const { root: prefer } = heard.broadcast.sender;
  const untilMs = expiryOf(heard.broadcast.payload.topic);
  const certificate = freshCertificate(turn, 'worker', { untilMs, prefer });
  if (typeof certificate === 'string') return certificate;
  const { own, key, chain } = certificate;
  const revocationHead = node.settlers.get(own.root)?.head;
  if (!revocationHead) return 'NO_SETTLER';
  const { payloadId, priceMsat, replyLimitMsat, contactText } = wish;
  const { request, payload, sender, peeled } = heard.broadcast;
  const [contactKey, channelKey] = [random(32), random(32)];
  const message: ReplyMessage = {
    payloadId,
    offerId: hexOf(random(16)) as OfferId,
    contactText,
    peerKey: node.self,
    addresses: node.addresses.slice(0, limits.addresses),
    channelKey,
  };
  const senderKey = sender.leaf.publicKey;
  const expiryMs = Math.min(expiryOf(payload.topic), nowMs + limits.promiseMs);
  const parts = { message, contactKey, amountMsat: priceMsat, expiryMs, senderKey };
  const by = { secret: partySecret(node, key), network, random };
  const encryptedPayload = sealThankYouReply({ ...parts, request, chain, revocationHead }, by);
  const offer: UnsettledTerms = {
    offerId: message.offerId,
    digest: replyDigestOf(encryptedPayload),
    payloadId,
    topic: payload.topic,
    senderKey,
    priceMsat,
    replyLimitMsat,
    contactText,
    contactKey,
    channelKey,
    messageDigest: messageDigestOf(message),
    certificate: key,
    upstream: heard.from,
    expiryMs,
    madeAtMs: nowMs,
  };
  const frame = { kind: 'thankYouReply', encryptedPayload, forwardOnion: peeled.rest } as const;
  useCertificate(turn, certificate);
  keepUnsettled(turn, startUnsettled(offer, frame));
  return null;
}

export function withdrawUnsettled(turn: Turn, offerId: OfferId): Answer {
  const made = turn.node.unsettledOffers.get(offerId);
  if (made === undefined) return 'UNKNOWN_OFFER';
  if (made.state !== 'Sent') return 'WRONG_TIME';
  tellUnsettled(turn, offerId, { on: 'withdraw' });
  return null;
}

/** One at a time: every thank you that is asked for costs a worker the price of its reply. */
export function thank(turn: Turn, { digest }: Of<'thank'>): Answer {
  const { node, ctx } = turn;
  const chosen = node.thankYous.get(digest);
  if (chosen === undefined) return 'UNKNOWN_OFFER';
  const { payloadId } = chosen.reply;
  if (chosen.state !== 'Received') return 'WRONG_TIME';
  if (node.jobs.get(payloadId)?.state !== 'Broadcasting') return 'WRONG_TIME';
  if (!isThankable(chosen, ctx)) return 'TOO_LATE';
  if (node.wallet.state !== 'ready') return 'NO_WALLET';
  if (!node.wallet.canHold) return 'WALLET_CANNOT_HOLD';
  if (isJobThanking(node, payloadId)) return 'WRONG_TIME';
  tellThankYou(turn, digest, { on: 'thank' });
  return null;
}

export function stopThanking(turn: Turn, { digest }: Of<'stopThanking'>): Answer {
  const thanked = turn.node.thankYous.get(digest);
  if (thanked === undefined) return 'UNKNOWN_OFFER';
  if (!['Received', 'Issuing', 'Asking', 'Released'].includes(thanked.state)) return 'WRONG_TIME';
  tellThankYou(turn, digest, { on: 'stop' });
  return null;
}
