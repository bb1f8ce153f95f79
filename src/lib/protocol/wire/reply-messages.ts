/** Messages of "Replying". */
import { limits } from '../limits.ts';
import {
  big,
  bytes,
  bytesUpTo,
  message,
  required,
  text,
  time,
  uint,
  word,
  type CoreOf,
} from './codec.ts';
import {
  payloadId,
  promiseId,
  offerId,
  paymentHash,
  partyKey,
  peerKey,
  hash,
  onion,
  invoice,
  addresses,
} from './fields.ts';
import { networks, unlockRules, settleRules, results } from './fields.ts';
import { CertificateChainField, Signed } from './certificate-messages.ts';
import * as pb from './gig-gossip_pb.js';

export const ReplyMessage = message(pb.ReplyMessageSchema, {
  payloadId,
  offerId,
  contactText: text(limits.contactTextBytes),
  peerKey,
  addresses,
  channelKey: bytes(32),
});
export type ReplyMessage = CoreOf<typeof ReplyMessage>;

export const Terms = message(pb.TermsSchema, {
  replyPaymentHash: paymentHash,
  amountMsat: big,
  unlockingKeyHash: hash,
  lockedMessageHash: hash,
  sealedMessageHash: hash,
  offerId,
  unlock: word(unlockRules),
  disputeBlocks: uint,
});
export type Terms = CoreOf<typeof Terms>;

export const ReplyStatement = message(pb.ReplyStatementSchema, {
  payloadId,
  promiseId,
  senderKey: partyKey,
  termsHash: hash,
  replyInvoice: invoice,
});
export type ReplyStatement = CoreOf<typeof ReplyStatement>;

export const ReplyPayload = message(pb.ReplyPayloadSchema, {
  replierCertificate: required(CertificateChainField),
  revocationHead: required(Signed),
  signedRequestPayload: required(Signed),
  lockedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  terms: bytesUpTo(limits.termsBytes),
  salt: bytes(32),
  statement: required(Signed),
});
export type ReplyPayload = CoreOf<typeof ReplyPayload>;

export const Heights = message(pb.HeightsSchema, {
  unlockBy: uint,
  startBy: uint,
  earliestClaim: uint,
  claimBy: uint,
  decideBy: uint,
});
/** Absolute block heights, each greater than the one before it. */
export type Heights = CoreOf<typeof Heights>;

export const SettlementPromise = message(pb.SettlementPromiseSchema, {
  version: uint,
  network: word(networks),
  promiseId,
  payloadId,
  settlerCertificate: required(CertificateChainField),
  networkPaymentHash: paymentHash,
  settlerAmountMsat: big,
  settlerFinalCltv: uint,
  encryptedPayloadHash: hash,
  termsHash: hash,
  heights: required(Heights),
  settleOn: word(settleRules),
  defaultOutcome: word(results),
  publicationAddress: text(limits.addressBytes),
  expiryMs: time,
});
export type SettlementPromise = CoreOf<typeof SettlementPromise>;

export const ReplyFrame = message(pb.ReplyFrameSchema, {
  encryptedReplyPayload: bytesUpTo(limits.replyPayloadBytes),
  signedSettlementPromise: required(Signed),
  forwardOnion: onion,
  networkInvoice: invoice,
  settlerHead: required(Signed),
});
export type ReplyFrame = CoreOf<typeof ReplyFrame>;
