/** Proofs that somebody lied, for anybody who trusts the root that vouched. */
import { limits } from '../limits.ts';
import {
  bytes,
  bytesOrNone,
  bytesUpTo,
  bytesUpToOrNone,
  message,
  optional,
  required,
  type CoreOf,
} from './codec.ts';
import { CertificateChainField, Signed } from './certificate-messages.ts';
import * as pb from './gig-gossip_pb.js';

const locked = {
  promise: required(Signed),
  terms: bytesUpTo(limits.termsBytes),
  salt: bytes(32),
  lockedMessage: bytesUpTo(limits.lockedMessageBytes),
  unlockingKey: bytes(32),
};

export const LockFraudFrame = message(pb.LockFraudFrameSchema, {
  ...locked,
  unlock: optional(Signed),
});
export type LockFraudFrame = CoreOf<typeof LockFraudFrame>;

export const SealFraudFrame = message(pb.SealFraudFrameSchema, {
  ...locked,
  replierCertificate: required(CertificateChainField),
  statement: required(Signed),
  sharedPoint: bytesOrNone(33),
  sharedProof: bytesOrNone(64),
});
export type SealFraudFrame = CoreOf<typeof SealFraudFrame>;

export const EquivocationFrame = message(pb.EquivocationFrameSchema, {
  promise: required(Signed),
  otherPromise: optional(Signed),
  unlock: optional(Signed),
  abort: optional(Signed),
  outcome: optional(Signed),
  otherOutcome: optional(Signed),
  networkPreimage: bytesOrNone(32),
  replyPreimage: bytesOrNone(32),
  terms: bytesUpToOrNone(limits.termsBytes),
  salt: bytesOrNone(32),
});
export type EquivocationFrame = CoreOf<typeof EquivocationFrame>;

export const TwoListsFrame = message(pb.TwoListsFrameSchema, {
  settlerCertificate: required(CertificateChainField),
  head: required(Signed),
  otherHead: required(Signed),
});
export type TwoListsFrame = CoreOf<typeof TwoListsFrame>;

export const MissingRulingFrame = message(pb.MissingRulingFrameSchema, {
  promise: required(Signed),
  receipt: required(Signed),
  otherReceipt: optional(Signed),
  outcome: required(Signed),
});
export type MissingRulingFrame = CoreOf<typeof MissingRulingFrame>;
