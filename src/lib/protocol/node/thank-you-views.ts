/** What customer and worker are shown of replies without a settler. Nothing here changes anything. */
import { channelIdOf } from '../job/thank-you.ts';
import { backByHeight } from '../job/payment-chain.ts';
import type { UnsettledOffer } from '../roles/thank-you-replier.ts';
import type { ThankYou } from '../roles/thank-you-sender.ts';
import type { ThankYouView, UnsettledOfferView } from '../thank-you-views.ts';
import type { PaymentView } from '../view-parts.ts';
import { certificateView, chatView } from './views.ts';

const thankYouStages = {
  Received: 'offered',
  Issuing: 'asking',
  Asking: 'asking',
  Releasing: 'thanked',
  Released: 'thanked',
  Met: 'met',
  Cancelling: 'ended',
  Ended: 'ended',
} as const;

export function thankYouView(thank: ThankYou): ThankYouView {
  const { digest, payloadId, statement, replier, replierRoot, receivedAtMs } = thank.reply;
  const met = thank.state === 'Met' ? thank : null;
  return {
    digest,
    payloadId,
    promiseId: channelIdOf(digest),
    priceMsat: statement.amountMsat,
    replier: certificateView(replier, replierRoot),
    stage: thankYouStages[thank.state],
    state: thank.state,
    receivedAtMs,
    expiryMs: statement.expiryMs,
    validTillMs: ('thanks' in thank && thank.thanks?.validTillMs) || 0,
    contactText: met?.contactText ?? null,
    validated: met?.channel.validated ?? false,
    chat: chatView(met?.channel ?? null),
    reason: 'reason' in thank ? thank.reason : '',
  };
}

const unsettledStages = {
  Sent: 'sent',
  Paying: 'paying',
  Opening: 'paid',
  Met: 'met',
  Unmet: 'unmet',
  Ended: 'ended',
} as const;

export function unsettledOfferView(made: UnsettledOffer, shadowBlocks: number): UnsettledOfferView {
  const { offerId, digest, payloadId, topic, priceMsat, replyLimitMsat, expiryMs } = made.offer;
  return {
    offerId,
    digest,
    payloadId,
    promiseId: channelIdOf(digest),
    topic,
    priceMsat,
    replyLimitMsat,
    stage: unsettledStages[made.state],
    state: made.state,
    expiryMs,
    payments: replyPayments(made, shadowBlocks),
    chat: chatView('channel' in made ? made.channel : null),
    reason: 'reason' in made ? made.reason : '',
  };
}

function replyPayments(made: UnsettledOffer, shadowBlocks: number): PaymentView[] {
  if (!('price' in made) || made.price === null) return [];
  const { paymentHash, amountMsat, paidAt, finalCltv } = made.price;
  const held = made.state === 'Paying';
  return [
    {
      paymentHash,
      direction: 'out',
      purpose: 'network',
      amountMsat,
      state: held ? 'pending' : made.state === 'Ended' ? 'cancelled' : 'settled',
      backByHeight: held ? backByHeight(paidAt, finalCltv, shadowBlocks) : 0,
    },
  ];
}
