/**
 * The reply: what a replier answers, and how sender and middlemen check it before money moves. Whitepaper: "Replying".
 *
 *   reply message --sealed to the sender--> --locked by the settler with K--> locked message
 *   ReplyPayload { certificate, head, request, locked message, terms, salt, statement } --sealed to the sender-->
 *   ReplyFrame { sealed payload, promise, onion, network invoice, settler's head }
 *
 * Differs from the paper: the key is not the preimage. Only the contact is behind the settler's key K; price, certificate and
 * invoice can be checked before paying (architecture, decision 2).
 */
import { bytesOf, concat, equal, hexOf } from '../bytes.ts';
import { hash, openSealed, seal, unlock, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PayloadId, PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import {
  ReplyMessage,
  ReplyPayload,
  ReplyStatement,
  SettlementPromise,
  Terms,
  type RevocationHead,
  type Signed,
} from '../wire/messages.ts';
import { readInvoice, type InvoiceFields } from './bolt11.ts';
import { verifyChain, type Trust, type VerifiedCertificate } from './certificate.ts';
import { verifyInvoice } from './hodl-invoice.ts';
import { heightsHold, replierFinalCltv } from './payment-chain.ts';
import { verifyRevocationHead } from './revocation.ts';
import { openSigned } from './signed.ts';

export const protocolVersion = 1;

/** SHA-256(salt ‖ terms), hex. */
export function termsHashOf(terms: Uint8Array, salt: Uint8Array): string {
  return hexOf(hash(salt, terms));
}

/** A promise whose signature, settler, payload and heights held. */
export interface VerifiedPromise {
  readonly promise: SettlementPromise;
  readonly settler: VerifiedCertificate;
  /** The key that signs this settler's statements. */
  readonly settlerKey: PartyKey;
  readonly settlerPeer: PeerKey;
}

/** Faults: CERTIFICATE_*, PROMISE_*, REVOCATION_HEAD_INVALID. */
export function verifyPromise(
  signed: Signed,
  want: {
    readonly payloadId: PayloadId;
    readonly trust: Trust;
    readonly network: Network;
    readonly nowMs: number;
    readonly height: number;
  },
): VerifiedPromise | Fault {
  const promise = SettlementPromise.decodeCanonical(signed.body);
  if (isFault(promise)) return promise;
  if (promise.version !== protocolVersion || promise.network !== want.network) {
    return fault('NETWORK_MISMATCH', `${promise.network} version ${promise.version}`);
  }
  if (promise.payloadId !== want.payloadId) return fault('PROMISE_MISMATCH', promise.payloadId);
  const settler = verifyChain(promise.settlerCertificate, 'settler', want.trust, want.nowMs);
  if (isFault(settler)) return settler;
  const settlerPeer = settler.leaf.peerKey;
  if (settlerPeer === null) return fault('CERTIFICATE_NOT_ENTITLED', 'a settler without a node');
  const key = settler.leaf.publicKey;
  const code = 'PROMISE_SIGNATURE_INVALID';
  const opened = openSigned(SettlementPromise, signed, {
    type: 'promise',
    network: want.network,
    key,
    code,
  });
  if (isFault(opened)) return opened;
  if (want.nowMs >= promise.expiryMs) return fault('PROMISE_EXPIRED', `${promise.expiryMs}`);
  if (!heightsHold(promise.heights, want.height, limits.disputeBlocks)) {
    return fault('PROMISE_HEIGHTS_INVALID', JSON.stringify(promise.heights));
  }
  return { promise, settler, settlerKey: key, settlerPeer };
}

/** Null if the route adds no more to the settler's own amount than was quoted, else ROUTING_FEE_ABOVE_QUOTE. */
export function verifyRouteFee(reply: VerifiedReply, quoteMsat: bigint): Fault | null {
  const addedMsat = reply.invoice.amountMsat - reply.promise.settlerAmountMsat;
  if (addedMsat <= quoteMsat) return null;
  return fault('ROUTING_FEE_ABOVE_QUOTE', `${addedMsat} msat > ${quoteMsat} msat`);
}

/** The invoice a ReplyFrame carries, against its promise: what a middleman checks before it forwards. */
export function verifyNetworkInvoice(
  invoice: string,
  promise: SettlementPromise,
): InvoiceFields | Fault {
  return verifyInvoice(invoice, {
    paymentHash: promise.networkPaymentHash,
    network: promise.network,
    minAmountMsat: promise.settlerAmountMsat,
    maxAmountMsat: limits.maxPriceMsat,
    minFinalCltv: promise.settlerFinalCltv,
    maxFinalCltv: limits.maxFinalCltv,
  });
}

/** What everybody who meets a ReplyFrame checks of it. */
export interface VerifiedReply extends VerifiedPromise {
  readonly invoice: InvoiceFields;
  /** The settler's. */
  readonly head: RevocationHead;
}

export function verifyReplyFrame(
  frame: FrameOf<'reply'>,
  want: Parameters<typeof verifyPromise>[1],
): VerifiedReply | Fault {
  const verified = verifyPromise(frame.signedSettlementPromise, want);
  if (isFault(verified)) return verified;
  const { promise, settler } = verified;
  if (hexOf(hash(frame.encryptedReplyPayload)) !== promise.encryptedPayloadHash) {
    return fault('PROMISE_MISMATCH', 'promised for another reply payload');
  }
  const head = verifyRevocationHead(frame.settlerHead, settler.authorities, want.trust, want.nowMs);
  if (isFault(head)) return head;
  const invoice = verifyNetworkInvoice(frame.networkInvoice, promise);
  if (isFault(invoice)) return invoice;
  return { ...verified, invoice, head };
}

/** A reply as only its sender can read it. */
export interface OpenedReply {
  readonly payload: ReplyPayload;
  readonly terms: Terms;
  readonly replier: VerifiedCertificate;
  /** Of one of the authorities that the replier's certificate hangs on. */
  readonly head: RevocationHead;
  readonly replyInvoice: string;
  readonly replyInvoiceFields: InvoiceFields;
}

/** Opens and checks a reply payload with the sender's key, before anything is paid. */
export function openReply(
  frame: FrameOf<'reply'>,
  verified: VerifiedReply,
  own: {
    readonly secret: Uint8Array;
    readonly publicKey: PartyKey;
    readonly request: Signed;
    readonly trust: Trust;
    readonly nowMs: number;
    readonly height: number;
  },
): OpenedReply | Fault {
  const { promise } = verified;
  const bytes = openSealed({
    purpose: 'reply',
    secret: own.secret,
    context: bytesOf(promise.payloadId),
    sealed: frame.encryptedReplyPayload,
  });
  if (bytes === null) return fault('REPLY_UNREADABLE', promise.promiseId);
  const payload = ReplyPayload.decodeCanonical(bytes);
  if (isFault(payload)) return payload;
  if (!equal(payload.signedRequestPayload.body, own.request.body)) {
    return fault('REPLY_REQUEST_ALTERED', promise.payloadId);
  }
  const replier = verifyChain(payload.replierCertificate, 'worker', own.trust, own.nowMs);
  if (isFault(replier)) return replier;
  const { authorities } = replier;
  const head = verifyRevocationHead(payload.revocationHead, authorities, own.trust, own.nowMs);
  if (isFault(head)) return head;
  const terms = readTerms(payload, promise);
  if (isFault(terms)) return terms;
  return verifyStatement({ payload, terms, replier, head }, promise, own);
}

function readTerms(payload: ReplyPayload, promise: SettlementPromise): Terms | Fault {
  if (termsHashOf(payload.terms, payload.salt) !== promise.termsHash) {
    return fault('TERMS_MISMATCH', 'another hash than promised');
  }
  const terms = Terms.decodeCanonical(payload.terms);
  if (isFault(terms)) return terms;
  if (hexOf(hash(payload.lockedReplyMessage)) !== terms.lockedMessageHash) {
    return fault('TERMS_MISMATCH', 'another locked message');
  }
  return terms;
}

function verifyStatement(
  opened: Pick<OpenedReply, 'payload' | 'terms' | 'replier' | 'head'>,
  promise: SettlementPromise,
  own: Parameters<typeof openReply>[2],
): OpenedReply | Fault {
  const statement = openSigned(ReplyStatement, opened.payload.statement, {
    type: 'reply-statement',
    network: own.trust.network,
    key: opened.replier.leaf.publicKey,
    code: 'REPLY_SIGNATURE_INVALID',
  });
  if (isFault(statement)) return statement;
  const matches =
    statement.payloadId === promise.payloadId &&
    statement.promiseId === promise.promiseId &&
    statement.senderKey === own.publicKey &&
    statement.termsHash === promise.termsHash;
  if (!matches) return fault('REPLY_SIGNATURE_INVALID', 'a statement about another reply');
  const fields = verifyInvoice(statement.replyInvoice, {
    paymentHash: opened.terms.replyPaymentHash,
    network: own.trust.network,
    minAmountMsat: opened.terms.amountMsat,
    maxAmountMsat: opened.terms.amountMsat,
    minFinalCltv: replierFinalCltv(promise.heights, own.height) - limits.unlockBlocks,
    maxFinalCltv: limits.maxFinalCltv,
  });
  if (isFault(fields)) return fields;
  return { ...opened, replyInvoice: statement.replyInvoice, replyInvoiceFields: fields };
}

/** Seals a message or payload to the sender's key. */
export function sealToSender(
  purpose: 'reply' | 'message',
  plaintext: Uint8Array,
  to: { readonly senderKey: PartyKey; readonly payloadId: PayloadId },
  random: (n: number) => Uint8Array,
): Uint8Array {
  const context = bytesOf(to.payloadId);
  return seal({ purpose, to: to.senderKey, context, plaintext, random: random(32) });
}

/** A signed reply message is sealed as signature 64 ‖ body. */
export function packSigned(signed: Signed): Uint8Array {
  return concat(signed.signature, signed.body);
}

/**
 * Opens the locked message with K and the sender's key: the contact. Fault LOCK_FRAUD if K does not open what it was promised
 * for (the settler's lie), REPLY_UNREADABLE or REPLY_SIGNATURE_INVALID if the inside is bad (the replier's).
 */
export function openContact(
  offer: {
    readonly terms: Terms;
    readonly lockedMessage: Uint8Array;
    readonly replierKey: PartyKey;
  },
  unlockingKey: Uint8Array,
  own: { readonly secret: Uint8Array; readonly payloadId: PayloadId; readonly network: Network },
): ReplyMessage | Fault {
  const { terms, lockedMessage, replierKey } = offer;
  if (hexOf(hash(unlockingKey)) !== terms.unlockingKeyHash) {
    return fault('LOCK_FRAUD', 'not the key whose hash was promised');
  }
  const sealed = unlock(unlockingKey, lockedMessage);
  if (sealed === null || hexOf(hash(sealed)) !== terms.sealedMessageHash) {
    return fault('LOCK_FRAUD', 'the key opens to something else');
  }
  const context = bytesOf(own.payloadId);
  const packed = openSealed({ purpose: 'message', secret: own.secret, context, sealed });
  return readContact(packed, { ...own, terms, replierKey });
}

/** The reply message inside its seal: `packed` is what the seal opened to, null if it did not open. */
export function readContact(
  packed: Uint8Array | null,
  own: {
    readonly terms: Terms;
    readonly replierKey: PartyKey;
    readonly payloadId: PayloadId;
    readonly network: Network;
  },
): ReplyMessage | Fault {
  const { terms, replierKey } = own;
  if (packed === null || packed.length <= 64) return fault('REPLY_UNREADABLE', 'message');
  const signed = { signature: packed.slice(0, 64), body: packed.slice(64) };
  const message = openSigned(ReplyMessage, signed, {
    type: 'reply-message',
    network: own.network,
    key: replierKey,
    code: 'REPLY_SIGNATURE_INVALID',
  });
  if (isFault(message)) return message;
  if (message.payloadId !== own.payloadId || message.offerId !== terms.offerId) {
    return fault('REPLY_SIGNATURE_INVALID', 'a message of another offer');
  }
  return message;
}

/** Amount and final CLTV of an invoice known to be good. */
export function invoiceFields(invoice: string): InvoiceFields {
  const fields = readInvoice(invoice);
  if (isFault(fields)) throw new Error(`verified invoice: ${fields.code}`);
  return fields;
}
