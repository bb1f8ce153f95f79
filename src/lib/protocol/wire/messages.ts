/**
 * Every message of gig-gossip.proto with its lengths and bounds, as the core sees it. What a message *means* is told by the
 * file in `job/` that has its name.
 */
import type {
  ApplicationId,
  AskId,
  OfferId,
  PartyKey,
  PayloadId,
  PaymentHash,
  PeerKey,
  PromiseId,
} from '../ids.ts';
import { limits } from '../limits.ts';
import {
  big,
  bytes,
  bytesOrNone,
  bytesUpTo,
  flag,
  hex,
  hexOrNone,
  list,
  message,
  optional,
  required,
  text,
  time,
  uint,
  word,
  type CoreOf,
  type Field,
} from './codec.ts';
import * as pb from './gig-gossip_pb.js';

const askId = hex<AskId>(16);
const payloadId = hex<PayloadId>(32);
const promiseId = hex<PromiseId>(32);
const offerId = hex<OfferId>(16);
const draftId = hex<string>(16);
const applicationId = hex<ApplicationId>(16);
const paymentHash = hex<PaymentHash>(32);
const partyKey = hex<PartyKey>(32);
const peerKey = hex<PeerKey>(33);
const hash = hex<string>(32);
const onion = bytes(832);
const invoice = text(limits.invoiceBytes);
const addresses = list(text(limits.addressBytes), limits.addresses);
const scheme = text(16);

export const networks = ['mainnet', 'testnet', 'regtest'] as const;
export const topicKinds = ['taxi'] as const;
export const declineReasons = ['seen', 'kind', 'busy', 'not-now'] as const;
export const unlockRules = ['both-accepted', 'preimage'] as const;
export const settleRules = ['service', 'contact'] as const;
export const results = ['paid', 'refunded'] as const;
export const abortReasons = ['sender', 'replier', 'too-late', 'other-route', 'settler'] as const;
export const outcomeReasons = ['confirmed', 'nobody-claimed', 'settler'] as const;

export const Signed = message(pb.SignedSchema, {
  body: bytesUpTo(limits.signedBytes),
  signature: bytes(64),
});
/** The exact bytes of a body and a signature over them. */
export type Signed = CoreOf<typeof Signed>;

export const TaxiTopic = message(pb.TaxiTopicSchema, {
  pickupGeohash: text(12),
  dropoffGeohash: text(12),
  pickupAfterMs: time,
  dropoffBeforeMs: time,
});
export type TaxiTopic = CoreOf<typeof TaxiTopic>;

const Property = message(pb.PropertySchema, { name: text(64), value: text(256) });

export const Certificate = message(pb.CertificateSchema, {
  publicKey: partyKey,
  certificateName: text(32),
  certificateValue: list(Property, 16),
  notValidBeforeMs: time,
  notValidAfterMs: time,
  certAuthName: text(64),
  certAuthKey: partyKey,
  peerKey: hexOrNone<PeerKey>(33),
  addresses,
});
export type Certificate = CoreOf<typeof Certificate>;

const Chain = message(pb.CertificateChainSchema, { certificates: list(Signed, limits.chain) });
const CertificateChain: Field<CertificateChain> = {
  read: (wire) => Chain.read(wire).certificates,
  write: (core) => Chain.write({ certificates: core }),
};
/** Leaf first; the last one is signed by a root key. */
export type CertificateChain = readonly Signed[];

export const RevocationHead = message(pb.RevocationHeadSchema, {
  certAuthKey: partyKey,
  seq: big,
  listRoot: hash,
  issuedMs: time,
  nextMs: time,
});
export type RevocationHead = CoreOf<typeof RevocationHead>;

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
});

const WorkRequest = message(pb.WorkRequestSchema, {
  powScheme: scheme,
  powTarget: bytes(32),
  challenge: bytes(16),
});
export const POWBroadcastConditionsFrame = message(pb.POWBroadcastConditionsFrameSchema, {
  askId,
  validForMs: uint,
  workRequest: required(WorkRequest),
  timestampToleranceMs: uint,
  routingFeeMsat: big,
});
export const DeclineFrame = message(pb.DeclineFrameSchema, { askId, reason: word(declineReasons) });

export const RequestPayload = message(pb.RequestPayloadSchema, {
  taxi: required(TaxiTopic),
  senderCertificate: required(CertificateChain),
  nonce: bytes(16),
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
export const POWBroadcastFrame = message(pb.POWBroadcastFrameSchema, {
  askId,
  broadcastPayload: bytesUpTo(limits.requestBytes + 1_024),
  proofOfWork: required(ProofOfWork),
});

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
  replierCertificate: required(CertificateChain),
  revocationHead: required(Signed),
  signedRequestPayload: required(Signed),
  lockedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  terms: bytesUpTo(512),
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
  settlerCertificate: required(CertificateChain),
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

export const SettlerInfoRequestFrame = message(pb.SettlerInfoRequestFrameSchema, {});
export const SettlerInfoFrame = message(pb.SettlerInfoFrameSchema, {
  settlerCertificate: required(CertificateChain),
  revocationHead: required(Signed),
  feeMsat: big,
});

export const CertificateApplication = message(pb.CertificateApplicationSchema, {
  applicationId,
  publicKey: partyKey,
  certificateName: text(32),
  statement: text(limits.statementBytes),
  settlerKey: partyKey,
});
export type CertificateApplication = CoreOf<typeof CertificateApplication>;
export const CertificateApplicationFrame = message(pb.CertificateApplicationFrameSchema, {
  application: required(Signed),
});
export const CertificateDecisionFrame = message(pb.CertificateDecisionFrameSchema, {
  applicationId,
  certificate: optional(CertificateChain),
  revocationHead: optional(Signed),
  refusal: text(limits.reasonBytes),
});

export const DraftRequest = message(pb.DraftRequestSchema, {
  draftId,
  payloadId,
  offerId,
  replierCertificate: required(CertificateChain),
  senderKey: partyKey,
  amountMsat: big,
  sealedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  jobBlocks: uint,
});
export type DraftRequest = CoreOf<typeof DraftRequest>;
export const DraftRequestFrame = message(pb.DraftRequestFrameSchema, { request: required(Signed) });
export const DraftFrame = message(pb.DraftFrameSchema, {
  draftId,
  promiseId,
  networkPaymentHash: paymentHash,
  lockedReplyMessage: bytesUpTo(limits.lockedMessageBytes),
  terms: bytesUpTo(512),
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
});
export type StatementsFrame = CoreOf<typeof StatementsFrame>;

export const NetworkAccepted = message(pb.NetworkAcceptedSchema, { promiseId, height: uint });
export type NetworkAccepted = CoreOf<typeof NetworkAccepted>;
export const ReplyAccepted = message(pb.ReplyAcceptedSchema, { promiseId, settleDeadline: uint });
export type ReplyAccepted = CoreOf<typeof ReplyAccepted>;
export const Word = message(pb.WordSchema, { promiseId });
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
