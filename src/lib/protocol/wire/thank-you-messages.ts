/** Messages of the mode without a settler. Sweet-Gossip: "Reply", "Validation and Verification", "Thank you". */
import { limits } from '../limits.ts';
import { big, bytes, bytesUpTo, message, required, time, uint, type CoreOf } from './codec.ts';
import {
  addresses,
  hash,
  invoice,
  offerId,
  onion,
  partyKey,
  payloadId,
  paymentHash,
  peerKey,
  replyDigest,
} from './fields.ts';
import { CertificateChainField, Signed } from './certificate-messages.ts';
import * as pb from './gig-gossip_pb.js';

export const ThankYouPayload = message(pb.ThankYouPayloadSchema, {
  replierCertificate: required(CertificateChainField),
  revocationHead: required(Signed),
  signedRequestPayload: required(Signed),
  lockedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  statement: required(Signed),
});
export type ThankYouPayload = CoreOf<typeof ThankYouPayload>;

export const ThankYouStatement = message(pb.ThankYouStatementSchema, {
  payloadId,
  offerId,
  senderKey: partyKey,
  amountMsat: big,
  contactKeyHash: hash,
  lockedMessageHash: hash,
  expiryMs: time,
});
export type ThankYouStatement = CoreOf<typeof ThankYouStatement>;

export const ThankYouReplyFrame = message(pb.ThankYouReplyFrameSchema, {
  encryptedPayload: bytesUpTo(limits.replyPayloadBytes),
  forwardOnion: onion,
});

export const ThankYouHash = message(pb.ThankYouHashSchema, {
  payloadId,
  replyDigest,
  paymentHash,
  fundBy: uint,
  validTillMs: time,
  sealedContact: bytesUpTo(limits.sealedContactBytes),
});
export type ThankYouHash = CoreOf<typeof ThankYouHash>;

export const ThankYouHashFrame = message(pb.ThankYouHashFrameSchema, {
  thankYouHash: required(Signed),
  thankYouInvoice: invoice,
});

export const SenderContact = message(pb.SenderContactSchema, { peerKey, addresses });
export type SenderContact = CoreOf<typeof SenderContact>;

export const ContactKeyFrame = message(pb.ContactKeyFrameSchema, {
  replyDigest,
  sealedContactKey: bytes(32 + 80),
});
