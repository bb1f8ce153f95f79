/** One reply without a settler, from the message to the thank you: every part can be changed, and what is made from it follows. */
import { hash, lock, seal } from '../../src/lib/protocol/crypto.ts';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { payloadIdOf } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { onionBytes } from '../../src/lib/protocol/job/onion-route.ts';
import { packSigned } from '../../src/lib/protocol/job/reply.ts';
import {
  messageDigestOf,
  replyDigestOf,
  sealContactKey,
  sealSenderContact,
  senderFinalCltv,
} from '../../src/lib/protocol/job/thank-you.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { UnsettledTerms } from '../../src/lib/protocol/roles/thank-you-replier.ts';
import type { TakenReply } from '../../src/lib/protocol/roles/thank-you-sender.ts';
import {
  Certificate,
  ReplyMessage,
  ThankYouHash,
  ThankYouPayload,
  ThankYouStatement,
} from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';

const { customer, devices, worker } = cast;

/** The customer's request, in which it takes replies without a settler too. */
export const request = cast.makeRequest({ acceptsThankYou: true });
export const payloadId = payloadIdOf(request);

export const contactKey = cast.seedOf('contact key');
export const channelKey = cast.seedOf('thank-you channel');
export const secret = cast.seedOf('thank-you secret');
export const paymentHash = paymentHashOf(secret);
export const expiryMs = cast.nowMs + limits.promiseMs;
export const limitMsat = 100_000n;

export interface Change {
  readonly message?: Partial<ReplyMessage>;
  readonly messageBy?: cast.Party;
  readonly lockedWith?: Uint8Array;
  readonly statement?: Partial<ThankYouStatement>;
  readonly statementBy?: cast.Party;
  readonly payload?: Partial<ThankYouPayload>;
  readonly sealedTo?: cast.Party;
}

export function makeThankYouReply(change: Change = {}) {
  const message: ReplyMessage = {
    payloadId,
    offerId: deal.offerId,
    contactText: 'Ola, white Skoda',
    peerKey: devices.worker.peer,
    addresses: devices.worker.addresses,
    channelKey,
    ...change.message,
  };
  const signed = cast.signed(ReplyMessage, message, 'reply-message', change.messageBy ?? worker);
  const lockedMessage = lock(change.lockedWith ?? contactKey, packSigned(signed));
  const statement: ThankYouStatement = {
    payloadId,
    offerId: deal.offerId,
    senderKey: customer.key,
    amountMsat: deal.priceMsat,
    contactKeyHash: hexOf(hash(contactKey)),
    lockedMessageHash: hexOf(hash(lockedMessage)),
    expiryMs,
    ...change.statement,
  };
  const payload: ThankYouPayload = {
    replierCertificate: cast.workerChain,
    revocationHead: cast.revocationHead(),
    signedRequestPayload: request,
    lockedReplyMessage: lockedMessage,
    statement: cast.signed(
      ThankYouStatement,
      statement,
      'thank-you-statement',
      change.statementBy ?? worker,
    ),
    ...change.payload,
  };
  const encryptedPayload = seal({
    purpose: 'thank-you',
    to: (change.sealedTo ?? customer).key,
    context: bytesOf(payloadId),
    plaintext: ThankYouPayload.encode(payload),
    random: cast.seedOf('thank-you payload'),
  });
  const frame: FrameOf<'thankYouReply'> = {
    kind: 'thankYouReply',
    encryptedPayload,
    forwardOnion: cast.dice('onion')(onionBytes),
  };
  const digest = replyDigestOf(encryptedPayload);
  return { message, lockedMessage, statement, payload, frame, digest };
}

export const honest = makeThankYouReply();
export const { digest, statement } = honest;

/** The reply as its sender keeps it. */
export const taken: TakenReply = {
  digest,
  payloadId,
  statement,
  lockedMessage: honest.lockedMessage,
  replier: Certificate.decodeCanonical(cast.workerChain[0]!.body) as Certificate,
  replierRoot: cast.root.key,
  certificate: cast.idOf('application', 16),
  firstHop: devices.m1.peer,
  receivedAtMs: cast.nowMs,
};

/** The reply as its replier keeps it. */
export const unsettled: UnsettledTerms = {
  offerId: deal.offerId,
  digest,
  payloadId,
  topic: cast.topic,
  senderKey: customer.key,
  priceMsat: deal.priceMsat,
  replyLimitMsat: limitMsat,
  contactText: honest.message.contactText,
  contactKey,
  channelKey,
  messageDigest: messageDigestOf(honest.message),
  certificate: cast.idOf('application', 16),
  upstream: devices.m2.peer,
  expiryMs,
  madeAtMs: cast.nowMs,
};

const { peer: peerKey, addresses } = devices.customer;
export const senderContact = { peerKey, addresses };
export const sealedContact = sealSenderContact(senderContact, {
  replierKey: worker.key,
  thankYouSecret: secret,
  digest,
  random: cast.dice('sender contact'),
});
export const thankYou: ThankYouHash = {
  payloadId,
  replyDigest: digest,
  paymentHash,
  fundBy: cast.height + limits.unlockBlocks,
  validTillMs: cast.nowMs + limits.thankYouMs,
  sealedContact,
};

export function signedThankYou(change: Partial<ThankYouHash> = {}, who = customer) {
  return cast.signed(ThankYouHash, { ...thankYou, ...change }, 'thank-you-hash', who);
}

/** The invoice of whoever is nearer to the sender: the sender's own, unless something else is said. */
export function invoice(change: Parameters<typeof deal.invoice>[0] = {}): string {
  return deal.invoice({
    paymentHash,
    amountMsat: limits.thankYouMsat,
    minFinalCltv: senderFinalCltv + limits.finalCltvSlack,
    description: 'Gig-Gossip: a thank you',
    ...change,
  });
}

export function hashFrame(
  change: Partial<ThankYouHash> = {},
  thankYouInvoice = invoice(),
  who = customer,
): FrameOf<'thankYouHash'> {
  const thankYouHash = signedThankYou(change, who);
  return { kind: 'thankYouHash', thankYouHash, thankYouInvoice };
}

export function keyFrame(key = contactKey, to = customer): FrameOf<'contactKey'> {
  return sealContactKey(key, { senderKey: to.key, digest, random: cast.dice('contact key') });
}
