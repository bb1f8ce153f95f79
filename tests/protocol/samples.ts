/** One value of every frame and of every body that is hashed, signed or sealed: those of one ride, and the empty ones. */
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { Frame, FrameKind } from '../../src/lib/protocol/frame.ts';
import type { ApplicationId, KeyName } from '../../src/lib/protocol/ids.ts';
import { revocationEntry, revocationListRoot } from '../../src/lib/protocol/job/revocation.ts';
import { askForBroadcast } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { cancelBroadcast, chosenHash } from '../../src/lib/protocol/job/cancel-broadcast.ts';
import { openChannel, undelivered } from '../../src/lib/protocol/job/contact.ts';
import { targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import { statementsFrame } from '../../src/lib/protocol/job/settlement.ts';
import { isFault, type CoreOf, type MessageCodec } from '../../src/lib/protocol/wire/codec.ts';
import * as m from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import * as favour from './favour.ts';
import * as frauds from './frauds.ts';
import * as thanks from './thanks.ts';
import {
  askId,
  broadcastNonce,
  hello,
  homeward,
  payload,
  sessionNonce,
  workRequest,
} from './samples-route.ts';
import { topics } from './topics.ts';

export { askId, backwardOnion, payload, senderOnion } from './samples-route.ts';

export const applicationId = cast.idOf<ApplicationId>('application', 16);
export const keyName = `${applicationId}/1/0` as KeyName;
const { devices, payloadId, request } = cast;

const { promiseId, draftId } = deal;

export const draftRequest: CoreOf<typeof m.DraftRequest> = {
  draftId,
  payloadId,
  offerId: deal.offerId,
  replierCertificate: cast.workerChain,
  senderKey: cast.customer.key,
  amountMsat: deal.priceMsat,
  sealedReplyMessage: deal.honest.sealed,
  jobBlocks: deal.jobBlocks,
  unlock: 'both-accepted',
  settleOn: 'service',
};
/** The worker as its settler alone knows it. */
const member = cast.party('worker, to its settler');
const application: CoreOf<typeof m.CertificateApplication> = {
  applicationId,
  publicKey: member.key,
  certificateName: 'worker',
  statement: 'Ola, licence 123, I call on Monday.',
  settlerKey: cast.root.key,
};
const batchRequest: CoreOf<typeof m.BatchRequest> = {
  applicationId,
  batch: 1,
  publicKeys: [cast.worker.key, cast.party('worker again').key],
};
const workerCertificate = read(m.Certificate, cast.workerChain[0]!.body);
const batch = batchRequest.publicKeys.map((publicKey) =>
  cast.certificate({ ...workerCertificate, publicKey }),
);
const revoked = ['a worker of last week', 'a customer of last week'].map((name) =>
  revocationEntry(cast.party(name).key),
);
const decision = { kind: 'certificateDecision', applicationId } as const;
const channel = openChannel({
  promiseId,
  side: 'sender',
  peer: devices.worker.peer,
  addresses: [],
  key: deal.channelKey,
});

const cancelledBy = {
  network: cast.network,
  secret: cast.customer.secret,
  random: cast.dice('cancellation'),
};

/** name: frame. The first word of a name is the frame's kind. */
export const frames: Readonly<Record<string, Frame>> = {
  hello,
  sessionWork: { kind: 'sessionWork', nonce: sessionNonce },
  askForBroadcast: askForBroadcast(askId, request),
  'askForBroadcast: would pay': askForBroadcast(askId, request, true),
  conditions: {
    kind: 'conditions',
    askId,
    validForMs: 30_000,
    workRequest,
    timestampToleranceMs: 10_000,
    routingFeeMsat: 11_000n,
    paymentRequest: null,
  },
  'conditions: or paid': {
    kind: 'conditions',
    askId,
    validForMs: 30_000,
    workRequest: { ...workRequest, powTarget: targetForBits(24) },
    timestampToleranceMs: 10_000,
    routingFeeMsat: 11_000n,
    paymentRequest: favour.request,
  },
  decline: { kind: 'decline', askId, reason: 'not-now' },
  broadcast: {
    kind: 'broadcast',
    askId,
    broadcastPayload: payload,
    proof: {
      kind: 'proofOfWork',
      powScheme: workRequest.powScheme,
      powTarget: workRequest.powTarget,
      nonce: broadcastNonce,
    },
  },
  'broadcast: paid for': {
    kind: 'broadcast',
    askId,
    broadcastPayload: payload,
    proof: { kind: 'proofOfPayment', preimage: favour.preimage },
  },
  reply: { ...deal.honest.frame, forwardOnion: homeward },
  settlerInfoRequest: { kind: 'settlerInfoRequest' },
  settlerInfo: {
    kind: 'settlerInfo',
    settlerCertificate: cast.settlerChain,
    revocationHead: cast.revocationHead(),
    feeMsat: deal.feeMsat,
  },
  certificateApplication: {
    kind: 'certificateApplication',
    application: cast.signed(m.CertificateApplication, application, 'application', member),
  },
  'certificateDecision: active': {
    ...decision,
    standing: 'active',
    properties: workerCertificate.certificateValue,
    reason: '',
  },
  'certificateDecision: refused': {
    ...decision,
    standing: 'refused',
    properties: [],
    reason: 'The licence has expired.',
  },
  batchRequest: {
    kind: 'batchRequest',
    request: cast.signed(m.BatchRequest, batchRequest, 'batch-request', member),
  },
  batch: {
    kind: 'batch',
    applicationId,
    batch: 1,
    certificates: batch,
    issuers: cast.settlerChain,
  },
  revocationListRequest: { kind: 'revocationListRequest', certAuthKey: cast.root.key },
  revocationList: {
    kind: 'revocationList',
    head: cast.revocationHead({ seq: 8n, listRoot: revocationListRoot(revoked) }),
    entries: revoked.toSorted(),
  },
  draftRequest: {
    kind: 'draftRequest',
    request: cast.signed(m.DraftRequest, draftRequest, 'draft-request', cast.worker),
  },
  draft: deal.draft,
  draftRefusal: { kind: 'draftRefusal', draftId, reason: 'too many open promises' },
  sealedReply: {
    kind: 'sealedReply',
    promiseId,
    encryptedPayloadHash: hexOf(hash(deal.honest.frame.encryptedReplyPayload)),
  },
  promise: {
    kind: 'promise',
    promise: deal.honest.promise,
    revocationHead: cast.revocationHead(),
  },
  watch: { kind: 'watch', promiseId },
  'statements: none': statementsFrame(promiseId, {}),
  'statements: networkAccepted': deal.said.networkAccepted,
  'statements: replyAccepted': deal.said.replyAccepted,
  'statements: keyRequest': deal.said.keyRequest,
  'statements: unlock': deal.said.unlock,
  'statements: abortRequest': deal.said.abortRequest,
  'statements: withdrawal': deal.said.withdrawal,
  'statements: abort': deal.said.abort,
  'statements: confirmation': deal.said.confirmation,
  'statements: outcome': deal.said.refunded,
  'statements: settledReport': deal.said.settledReport,
  'statements: claim': deal.said.claim,
  'statements: senderDispute': deal.said.senderDispute,
  'statements: replierDispute': deal.said.replierDispute,
  'statements: noContact': deal.said.noContact,
  'statements: concession': deal.said.concession,
  'statements: senderCancel': deal.said.senderCancel,
  'statements: replierCancel': deal.said.replierCancel,
  'statements: claimReceipt': deal.said.claimReceipt,
  'statements: senderDisputeReceipt': deal.said.senderDisputeReceipt,
  'statements: replierDisputeReceipt': deal.said.replierDisputeReceipt,
  'statements: noContactReceipt': deal.said.noContactReceipt,
  'statements: preimages': statementsFrame(promiseId, {
    networkPreimage: deal.networkPreimage,
    replyPreimage: deal.replyPreimage,
  }),
  contact: undelivered(channel)[0]!,
  thankYouReply: thanks.honest.frame,
  thankYouHash: thanks.hashFrame(),
  contactKey: thanks.keyFrame(),
  'cancelBroadcast: withdrawn': cancelBroadcast(payloadId, null, cancelledBy),
  'cancelBroadcast: taken': cancelBroadcast(payloadId, deal.offerId, cancelledBy),
  lockFraud: frauds.proofs.lock,
  'lockFraud: another key': frauds.proofs['lock, another key'],
  sealFraud: frauds.proofs.seal,
  'sealFraud: no point': frauds.proofs['seal, no point'],
  equivocation: frauds.proofs['two promises'],
  'equivocation: Unlock and Abort': frauds.proofs['Unlock and Abort'],
  'equivocation: two Outcomes': frauds.proofs['two Outcomes'],
  'equivocation: preimages': frauds.proofs['gig refunded and preimage'],
  twoLists: frauds.proofs['two lists'],
  missingRuling: frauds.proofs['no ruling'],
  'missingRuling: a claim and a no contact': frauds.proofs['no ruling on a claim and a no contact'],
};

/** Whose frames these are, and what it takes to check them: the sender asks the first middleman, which asks the worker. */
export const ride = {
  network: cast.network,
  nowMs: cast.nowMs,
  height: cast.height,
  root: cast.root.key,
  sender: {
    peer: devices.customer.peer,
    secret: hexOf(cast.customer.secret),
    thankYouSecret: hexOf(thanks.secret),
  },
  middleman: { peer: devices.m1.peer, onionSecret: hexOf(devices.m1.onionSecret) },
  replier: { peer: devices.worker.peer, secret: hexOf(cast.worker.secret) },
  settler: { peer: devices.settler.peer, secret: hexOf(cast.settler.secret) },
};

export function kindOf(name: string): FrameKind {
  return name.split(':')[0] as FrameKind;
}

interface Sample {
  readonly codec: MessageCodec<object>;
  readonly body: object;
}

function sample<Core extends object>(codec: MessageCodec<Core>, body: Core): Sample {
  return { codec, body } as unknown as Sample;
}

/** The value of bytes known to be good. */
export function read<Core>(codec: MessageCodec<Core>, bytes: Uint8Array): Core {
  const core = codec.decodeCanonical(bytes);
  if (isFault(core)) throw new Error(`${core.code}: ${core.detail}`);
  return core;
}

/** A topic as its own message, which does not carry its kind. */
function topicSample<Core extends object>(codec: MessageCodec<Core>, topic: Core): Sample {
  return sample(codec, read(codec, codec.encode(topic)));
}

const outcome = read(m.Outcome, deal.said.refunded.outcome!.body);

/** Message of the schema: its codec and a value. */
export const bodies: Readonly<Record<string, Sample>> = {
  Certificate: sample(m.Certificate, read(m.Certificate, cast.settlerCertificate.body)),
  RevocationHead: sample(m.RevocationHead, read(m.RevocationHead, cast.revocationHead().body)),
  TaxiTopic: topicSample(m.TaxiTopic, topics.taxi),
  DeliveryTopic: topicSample(m.DeliveryTopic, topics.delivery),
  FreelanceTopic: topicSample(m.FreelanceTopic, topics.freelance),
  StayTopic: topicSample(m.StayTopic, topics.stay),
  MicroTaskTopic: topicSample(m.MicroTaskTopic, { ...topics.microTask, area: 'u2yh' }),
  RequestPayload: sample(m.RequestPayload, read(m.RequestPayload, request.body)),
  BroadcastPayload: sample(m.BroadcastPayload, read(m.BroadcastPayload, payload)),
  ReplyMessage: sample(m.ReplyMessage, deal.honest.message),
  Terms: sample(m.Terms, deal.honest.terms),
  ReplyStatement: sample(m.ReplyStatement, {
    payloadId,
    promiseId,
    senderKey: cast.customer.key,
    termsHash: deal.honest.termsHash,
    replyInvoice: deal.replyInvoice,
  }),
  ReplyPayload: sample(m.ReplyPayload, read(m.ReplyPayload, deal.honest.plain)),
  SettlementPromise: sample(
    m.SettlementPromise,
    read(m.SettlementPromise, deal.honest.promise.body),
  ),
  CertificateApplication: sample(m.CertificateApplication, application),
  BatchRequest: sample(m.BatchRequest, batchRequest),
  DraftRequest: sample(m.DraftRequest, draftRequest),
  NetworkAccepted: sample(m.NetworkAccepted, { promiseId, height: cast.height }),
  ReplyAccepted: sample(m.ReplyAccepted, { promiseId, settleDeadline: 1_200 }),
  Word: sample(m.Word, { promiseId }),
  Unlock: sample(m.Unlock, {
    promiseId,
    unlockingKey: deal.unlockingKey,
    height: cast.height,
  }),
  Abort: sample(m.Abort, { promiseId, reason: 'other-route', height: cast.height }),
  Dispute: sample(m.Dispute, { promiseId, evidence: deal.evidence.sender }),
  Receipt: sample(m.Receipt, {
    promiseId,
    about: 'noContact',
    statementHash: deal.filedHash('noContact'),
    height: cast.height,
  }),
  Outcome: sample(m.Outcome, outcome),
  CancelBroadcast: sample(m.CancelBroadcast, {
    payloadId,
    reason: 'taken',
    chosen: chosenHash(payloadId, deal.offerId),
  }),
  ThankYouPayload: sample(m.ThankYouPayload, thanks.honest.payload),
  ThankYouStatement: sample(m.ThankYouStatement, thanks.statement),
  ThankYouHash: sample(m.ThankYouHash, thanks.thankYou),
  SenderContact: sample(m.SenderContact, thanks.senderContact),
  ContactBody: sample(m.ContactBody, { text: 'I am at the corner.', done: true, ack: 3n }),
};
