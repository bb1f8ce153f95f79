/** Messages with a settler, and between the parties. */
import { Heights } from './reply-messages.ts';
import { sealOverhead } from '../crypto.ts';
import { limits } from '../limits.ts';
import {
  big,
  bytes,
  bytesOrNone,
  bytesUpTo,
  flag,
  message,
  optional,
  required,
  text,
  uint,
  word,
  type CoreOf,
} from './codec.ts';
import {
  payloadId,
  promiseId,
  offerId,
  draftId,
  paymentHash,
  partyKey,
  hash,
  invoice,
} from './fields.ts';
import { settleRules, unlockRules } from './fields.ts';
import { results, abortReasons, outcomeReasons, receiptKinds } from './fields.ts';
import { CertificateChainField, Signed } from './certificate-messages.ts';
import * as pb from './gig-gossip_pb.js';

export const SettlerInfoRequestFrame = message(pb.SettlerInfoRequestFrameSchema, {});
export const SettlerInfoFrame = message(pb.SettlerInfoFrameSchema, {
  settlerCertificate: required(CertificateChainField),
  revocationHead: required(Signed),
  feeMsat: big,
});

export const DraftRequest = message(pb.DraftRequestSchema, {
  draftId,
  payloadId,
  offerId,
  replierCertificate: required(CertificateChainField),
  senderKey: partyKey,
  amountMsat: big,
  sealedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  jobBlocks: uint,
  unlock: word(unlockRules),
  settleOn: word(settleRules),
});
export type DraftRequest = CoreOf<typeof DraftRequest>;
export const DraftRequestFrame = message(pb.DraftRequestFrameSchema, { request: required(Signed) });
export const DraftFrame = message(pb.DraftFrameSchema, {
  draftId,
  promiseId,
  networkPaymentHash: paymentHash,
  lockedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  terms: bytesUpTo(limits.termsBytes),
  salt: bytes(32),
  networkInvoice: invoice,
  heights: required(Heights),
});
export type DraftFrame = CoreOf<typeof DraftFrame>;
export const DraftRefusalFrame = message(pb.DraftRefusalFrameSchema, {
  draftId,
  reason: text(limits.reasonBytes),
});
export const SealedReplyFrame = message(pb.SealedReplyFrameSchema, {
  promiseId,
  encryptedPayloadHash: hash,
});
export const PromiseFrame = message(pb.PromiseFrameSchema, {
  promise: required(Signed),
  revocationHead: required(Signed),
});
export const WatchFrame = message(pb.WatchFrameSchema, { promiseId });

export const StatementsFrame = message(pb.StatementsFrameSchema, {
  promiseId,
  networkAccepted: optional(Signed),
  replyAccepted: optional(Signed),
  keyRequest: optional(Signed),
  unlock: optional(Signed),
  abortRequest: optional(Signed),
  withdrawal: optional(Signed),
  abort: optional(Signed),
  confirmation: optional(Signed),
  outcome: optional(Signed),
  settledReport: optional(Signed),
  networkPreimage: bytesOrNone(32),
  replyPreimage: bytesOrNone(32),
  claim: optional(Signed),
  senderDispute: optional(Signed),
  replierDispute: optional(Signed),
  noContact: optional(Signed),
  concession: optional(Signed),
  senderCancel: optional(Signed),
  replierCancel: optional(Signed),
  claimReceipt: optional(Signed),
  senderDisputeReceipt: optional(Signed),
  replierDisputeReceipt: optional(Signed),
  noContactReceipt: optional(Signed),
});
export type StatementsFrame = CoreOf<typeof StatementsFrame>;

export const NetworkAccepted = message(pb.NetworkAcceptedSchema, { promiseId, height: uint });
export type NetworkAccepted = CoreOf<typeof NetworkAccepted>;
export const ReplyAccepted = message(pb.ReplyAcceptedSchema, { promiseId, settleDeadline: uint });
export type ReplyAccepted = CoreOf<typeof ReplyAccepted>;
export const Word = message(pb.WordSchema, { promiseId });
export const Dispute = message(pb.DisputeSchema, {
  promiseId,
  evidence: bytesUpTo(limits.evidenceBytes + sealOverhead),
});
export type Dispute = CoreOf<typeof Dispute>;
export const Receipt = message(pb.ReceiptSchema, {
  promiseId,
  about: word(receiptKinds),
  statementHash: hash,
  height: uint,
});
export type Receipt = CoreOf<typeof Receipt>;
export const Unlock = message(pb.UnlockSchema, {
  promiseId,
  unlockingKey: bytes(32),
  height: uint,
});
export type Unlock = CoreOf<typeof Unlock>;
export const Abort = message(pb.AbortSchema, {
  promiseId,
  reason: word(abortReasons),
  height: uint,
});
export type Abort = CoreOf<typeof Abort>;
export const Outcome = message(pb.OutcomeSchema, {
  promiseId,
  gig: word(results),
  network: word(results),
  reason: word(outcomeReasons),
  height: uint,
});
export type Outcome = CoreOf<typeof Outcome>;

export const ContactFrame = message(pb.ContactFrameSchema, {
  promiseId,
  seq: big,
  box: bytesUpTo(limits.chatTextBytes + 64),
});
export const ContactBody = message(pb.ContactBodySchema, {
  text: text(limits.chatTextBytes),
  done: flag,
  ack: big,
});
export type ContactBody = CoreOf<typeof ContactBody>;
