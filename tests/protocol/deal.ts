/**
 * One deal of the core's tests, from terms to the frame that carries the reply: every part can be changed, and what is made
 * from it (hashes, seals, signatures) follows.
 */
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash, lock } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import type { OfferId, PaymentHash, PromiseId } from '../../src/lib/protocol/ids.ts';
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { onionBytes } from '../../src/lib/protocol/job/onion-route.ts';
import {
  planHeights,
  replierFinalCltv,
  settlerFinalCltv,
} from '../../src/lib/protocol/job/payment-chain.ts';
import { packSigned, sealToSender, termsHashOf } from '../../src/lib/protocol/job/reply.ts';
import {
  sealEvidence,
  signStatement,
  statementsFrame,
  type ReceiptKind,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  ReplyMessage,
  ReplyPayload,
  ReplyStatement,
  SettlementPromise,
  Terms,
} from '../../src/lib/protocol/wire/messages.ts';
import { writeInvoice } from '../../src/simulator/bolt11-writer.ts';
import * as cast from './cast.ts';

export const unlockingKey = cast.seedOf('K');
export const networkPreimage = cast.seedOf('network preimage');
export const replyPreimage = cast.seedOf('reply preimage');
export const networkHash = paymentHashOf(networkPreimage);
export const replyHash = paymentHashOf(replyPreimage);
export const promiseId = cast.idOf<PromiseId>('promise');
export const offerId = cast.idOf<OfferId>('offer', 16);
export const draftId = cast.idOf<string>('draft', 16);
export const channelKey = cast.seedOf('channel');
export const salt = cast.seedOf('salt');

export const priceMsat = 12_000_000n;
export const feeMsat = 10_000n;
export const jobBlocks = 18;
export const heights = planHeights(cast.height, jobBlocks);
export const finalCltv = settlerFinalCltv(heights, 'service', cast.height);
export const replyFinalCltv = replierFinalCltv(heights, cast.height);

/** A true BOLT 11 invoice of the settler's fee, unless something else is said. */
export function invoice(change: Partial<Parameters<typeof writeInvoice>[0]> = {}): string {
  return writeInvoice({
    network: cast.network,
    paymentHash: networkHash,
    amountMsat: feeMsat,
    minFinalCltv: finalCltv + 3,
    timestampMs: cast.nowMs,
    expirySeconds: limits.holdInvoiceSeconds,
    description: 'Gig-Gossip: settling',
    paymentSecret: cast.seedOf('payment secret'),
    secretKey: cast.seedOf('wallet'),
    ...change,
  });
}

export const networkInvoice = invoice();
/** What the middleman's own invoice says: its fee on top, and blocks for itself. */
export const onwardInvoice = invoice({ amountMsat: feeMsat + 11_000n, minFinalCltv: 272 });
export const replyInvoice = invoice({
  paymentHash: replyHash,
  amountMsat: priceMsat,
  minFinalCltv: replyFinalCltv + 3,
  description: 'Gig-Gossip: a gig',
});

/** What may differ from the honest reply, from the inside out. */
export interface Change {
  readonly message?: Partial<ReplyMessage>;
  readonly messageBy?: cast.Party;
  /** What is locked, in place of the sealed message. */
  readonly sealed?: Uint8Array;
  readonly sealedTo?: cast.Party;
  readonly lockedWith?: Uint8Array;
  readonly terms?: Partial<Terms>;
  readonly termsBytes?: Uint8Array;
  readonly statement?: Partial<ReplyStatement>;
  readonly statementBy?: cast.Party;
  readonly payload?: Partial<ReplyPayload>;
  readonly payloadBytes?: Uint8Array;
  readonly payloadTo?: cast.Party;
  readonly promise?: Partial<SettlementPromise>;
  readonly promiseBy?: cast.Party;
  readonly frame?: Partial<FrameOf<'reply'>>;
}

export function makeReply(change: Change = {}) {
  const { message, sealed, lockedMessage } = makeMessage(change);
  const terms: Terms = {
    replyPaymentHash: replyHash,
    amountMsat: priceMsat,
    unlockingKeyHash: hexOf(hash(unlockingKey)),
    lockedMessageHash: hexOf(hash(lockedMessage)),
    sealedMessageHash: hexOf(hash(sealed)),
    offerId,
    unlock: 'both-accepted',
    disputeBlocks: limits.disputeBlocks,
    ...change.terms,
  };
  const termsBytes = change.termsBytes ?? Terms.encode(terms);
  const termsHash = termsHashOf(termsBytes, salt);
  const plain = makePayload(change, { lockedMessage, termsBytes, termsHash });
  const to = { senderKey: (change.payloadTo ?? cast.customer).key, payloadId: cast.payloadId };
  const payload = sealToSender('reply', plain, to, cast.dice('payload'));
  const promise = makePromise(change, { payload, termsHash });
  const frame: FrameOf<'reply'> = {
    kind: 'reply',
    encryptedReplyPayload: payload,
    signedSettlementPromise: promise,
    forwardOnion: cast.dice('onion')(onionBytes),
    networkInvoice,
    settlerHead: cast.revocationHead(),
    ...change.frame,
  };
  return { message, sealed, lockedMessage, terms, termsBytes, termsHash, plain, promise, frame };
}

function makeMessage(change: Change) {
  const message: ReplyMessage = {
    payloadId: cast.payloadId,
    offerId,
    contactText: 'Ola, white Skoda',
    peerKey: cast.devices.worker.peer,
    addresses: cast.devices.worker.addresses,
    channelKey,
    ...change.message,
  };
  const by = change.messageBy ?? cast.worker;
  const packed = packSigned(cast.signed(ReplyMessage, message, 'reply-message', by));
  const to = { senderKey: (change.sealedTo ?? cast.customer).key, payloadId: cast.payloadId };
  const sealed = change.sealed ?? sealToSender('message', packed, to, cast.dice('message'));
  return { message, sealed, lockedMessage: lock(change.lockedWith ?? unlockingKey, sealed) };
}

function makePayload(
  change: Change,
  made: {
    readonly lockedMessage: Uint8Array;
    readonly termsBytes: Uint8Array;
    readonly termsHash: string;
  },
): Uint8Array {
  const statement: ReplyStatement = {
    payloadId: cast.payloadId,
    promiseId,
    senderKey: cast.customer.key,
    termsHash: made.termsHash,
    replyInvoice,
    ...change.statement,
  };
  const by = change.statementBy ?? cast.worker;
  const payload: ReplyPayload = {
    replierCertificate: cast.workerChain,
    revocationHead: cast.revocationHead(),
    signedRequestPayload: cast.request,
    lockedReplyMessage: made.lockedMessage,
    terms: made.termsBytes,
    salt,
    statement: cast.signed(ReplyStatement, statement, 'reply-statement', by),
    ...change.payload,
  };
  return change.payloadBytes ?? ReplyPayload.encode(payload);
}

function makePromise(
  change: Change,
  made: { readonly payload: Uint8Array; readonly termsHash: string },
) {
  const body: SettlementPromise = {
    version: 1,
    network: cast.network,
    promiseId,
    payloadId: cast.payloadId,
    settlerCertificate: cast.settlerChain,
    networkPaymentHash: networkHash,
    settlerAmountMsat: feeMsat,
    settlerFinalCltv: finalCltv,
    encryptedPayloadHash: hexOf(hash(made.payload)),
    termsHash: made.termsHash,
    heights,
    settleOn: 'service',
    defaultOutcome: 'refunded',
    publicationAddress: '',
    expiryMs: cast.nowMs + limits.promiseMs,
    ...change.promise,
  };
  return cast.signed(SettlementPromise, body, 'promise', change.promiseBy ?? cast.settler);
}

export const honest = makeReply();

/** What the settler answers to a draft request of this deal. */
export const draft: FrameOf<'draft'> = {
  kind: 'draft',
  draftId,
  promiseId,
  networkPaymentHash: networkHash,
  lockedReplyMessage: honest.lockedMessage,
  terms: honest.termsBytes,
  salt,
  networkInvoice,
  heights,
};

/** A StatementsFrame about this deal; each statement by whoever it is up to, or by somebody else. */
export function statements(
  bodies: { readonly [K in StatementKind]?: Parameters<typeof signStatement<K>>[1] },
  by: Partial<Record<StatementKind, cast.Party>> = {},
): FrameOf<'statements'> {
  const signed = Object.entries(bodies).map(([kind, body]) => {
    const { secret } = by[kind as StatementKind] ?? entitled[kind as StatementKind];
    const signer = { secret, network: cast.network, random: cast.dice(kind) };
    return [kind, signStatement(kind as 'unlock', body as never, signer)];
  });
  return statementsFrame(promiseId, Object.fromEntries(signed) as object);
}

const entitled: Record<StatementKind, cast.Party> = {
  networkAccepted: cast.settler,
  replyAccepted: cast.worker,
  keyRequest: cast.customer,
  unlock: cast.settler,
  abortRequest: cast.customer,
  withdrawal: cast.worker,
  abort: cast.settler,
  confirmation: cast.customer,
  outcome: cast.settler,
  settledReport: cast.worker,
  claim: cast.worker,
  senderDispute: cast.customer,
  replierDispute: cast.worker,
  noContact: cast.customer,
  concession: cast.worker,
  senderCancel: cast.customer,
  replierCancel: cast.worker,
  claimReceipt: cast.settler,
  senderDisputeReceipt: cast.settler,
  replierDisputeReceipt: cast.settler,
  noContactReceipt: cast.settler,
};

/** What a party tells the settler alone. */
export const evidence = {
  sender: seal('evidence', 'Nobody came.'),
  replier: seal('evidence', 'I was there at nine.'),
};

function seal(name: string, text: string): Uint8Array {
  return sealEvidence(text, { settlerKey: cast.settler.key, promiseId }, cast.dice(name + text));
}

/** What a settler signs receipts for. */
const filed = {
  claim: statements({ claim: { promiseId } }),
  senderDispute: statements({ senderDispute: { promiseId, evidence: evidence.sender } }),
  replierDispute: statements({ replierDispute: { promiseId, evidence: evidence.replier } }),
  noContact: statements({ noContact: { promiseId } }),
} satisfies Record<ReceiptKind, unknown>;

/** The hash of the statement that a receipt is for. */
export function filedHash(about: ReceiptKind): string {
  return hexOf(hash(filed[about][about]!.body));
}

const receipt = (about: ReceiptKind, height = heights.earliestClaim) => ({
  promiseId,
  about,
  statementHash: filedHash(about),
  height,
});

/** The statements of a happy ride, and those of an unhappy one. */
export const said = {
  ...filed,
  networkAccepted: statements({ networkAccepted: { promiseId, height: cast.height } }),
  replyAccepted: statements({
    replyAccepted: { promiseId, settleDeadline: heights.decideBy + 57 },
  }),
  keyRequest: statements({ keyRequest: { promiseId } }),
  unlock: statements({ unlock: { promiseId, unlockingKey, height: cast.height } }),
  abortRequest: statements({ abortRequest: { promiseId } }),
  withdrawal: statements({ withdrawal: { promiseId } }),
  abort: statements({ abort: { promiseId, reason: 'too-late', height: cast.height } }),
  confirmation: statements({ confirmation: { promiseId } }),
  paid: statements({
    outcome: {
      promiseId,
      gig: 'paid',
      network: 'paid',
      reason: 'confirmed',
      height: cast.height,
    },
  }),
  refunded: statements({
    outcome: {
      promiseId,
      gig: 'refunded',
      network: 'paid',
      reason: 'nobody-claimed',
      height: cast.height,
    },
  }),
  settledReport: statements({ settledReport: { promiseId } }),
  concession: statements({ concession: { promiseId } }),
  senderCancel: statements({ senderCancel: { promiseId } }),
  replierCancel: statements({ replierCancel: { promiseId } }),
  claimReceipt: statements({ claimReceipt: receipt('claim') }),
  senderDisputeReceipt: statements({ senderDisputeReceipt: receipt('senderDispute') }),
  replierDisputeReceipt: statements({ replierDisputeReceipt: receipt('replierDispute') }),
  noContactReceipt: statements({ noContactReceipt: receipt('noContact') }),
};

export const otherHash = cast.idOf<PaymentHash>('another payment');
