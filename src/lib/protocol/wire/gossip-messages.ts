/** Messages of a session and of "Asking For Broadcast", "Broadcast with POW". */
import { limits } from '../limits.ts';
import {
  big,
  bytes,
  bytesUpTo,
  hexOrNone,
  flag,
  message,
  oneOf,
  optional,
  required,
  text,
  time,
  uint,
  word,
  type CoreOf,
} from './codec.ts';
import { askId, invoice, onion, paymentHash, payloadId, scheme } from './fields.ts';
import { cancelReasons, declineReasons, networks } from './fields.ts';
import { CertificateChainField, Signed } from './certificate-messages.ts';
import { Topic } from './topic-messages.ts';
import * as pb from './gig-gossip_pb.js';

export const HelloFrame = message(pb.HelloFrameSchema, {
  version: uint,
  network: word(networks),
  onionKey: bytes(32),
  challenge: bytes(16),
  clockMs: time,
});
export const SessionWorkFrame = message(pb.SessionWorkFrameSchema, { nonce: bytes(8) });

export const AskForBroadcastFrame = message(pb.AskForBroadcastFrameSchema, {
  askId,
  payloadId,
  topicKind: uint,
  coarseArea: text(4),
  size: uint,
  wouldPay: flag,
});

const WorkRequest = message(pb.WorkRequestSchema, {
  powScheme: scheme,
  powTarget: bytes(32),
  challenge: bytes(16),
});
const PaymentRequest = message(pb.PaymentRequestSchema, {
  priceMsat: big,
  paymentHash,
  invoice,
});
export type PaymentRequest = CoreOf<typeof PaymentRequest>;

export const POWBroadcastConditionsFrame = message(pb.POWBroadcastConditionsFrameSchema, {
  askId,
  validForMs: uint,
  workRequest: required(WorkRequest),
  timestampToleranceMs: uint,
  routingFeeMsat: big,
  paymentRequest: optional(PaymentRequest),
});
export const DeclineFrame = message(pb.DeclineFrameSchema, { askId, reason: word(declineReasons) });

export const RequestPayload = message(pb.RequestPayloadSchema, {
  topic: required(Topic),
  senderCertificate: required(CertificateChainField),
  nonce: bytes(16),
  acceptsThankYou: flag,
});
export type RequestPayload = CoreOf<typeof RequestPayload>;

export const BroadcastPayload = message(pb.BroadcastPayloadSchema, {
  signedRequestPayload: required(Signed),
  backwardOnion: onion,
  timestampMs: time,
});
const ProofOfWork = message(pb.ProofOfWorkSchema, {
  powScheme: scheme,
  powTarget: bytes(32),
  nonce: bytes(8),
});
const ProofOfPayment = message(pb.ProofOfPaymentSchema, { preimage: bytes(32) });

export const POWBroadcastFrame = message(pb.POWBroadcastFrameSchema, {
  askId,
  broadcastPayload: bytesUpTo(limits.requestBytes + 1_024),
  proof: oneOf({ proofOfWork: ProofOfWork, proofOfPayment: ProofOfPayment }),
});

export const CancelBroadcast = message(pb.CancelBroadcastSchema, {
  payloadId,
  reason: word(cancelReasons),
  chosen: hexOrNone<string>(32),
});
export type CancelBroadcast = CoreOf<typeof CancelBroadcast>;

export const CancelBroadcastFrame = message(pb.CancelBroadcastFrameSchema, {
  cancellation: required(Signed),
});
