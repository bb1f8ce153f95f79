/**
 * Replies without a settler, and the thank you that pays for bringing them. Sweet-Gossip: "Reply", "Validation and
 * Verification", "Thank you".
 *
 *   Sender                          Middleman                          Replier
 *     |<-------- ThankYouReplyFrame --|<----------- ThankYouReplyFrame --|   sealed, contact locked
 *     | ThankYouHashFrame, invoice -->| ThankYouHashFrame, its own ----->|   one fresh hash a reply
 *     |<..................... pays ...|<........................ pays ...|   held, not paid
 *     | .... settles: the secret .....|................................>|   "thank you"
 *     |<--------------------------------------------- ContactKeyFrame ---|   directly
 *     | contact: Validate ---------------------------------------------->|
 *     |<------------------------------------------------ contact: Ack ---|
 *
 * Differs from Sweet-Gossip: one thank-you key a topic would open every replier's payment at once, so the sender makes a fresh
 * secret for every reply it takes (architecture, decision 13). The secret travels back inside the Lightning payments. The
 * price of the gig is held by nobody.
 */
import { bytesOf, equal, hexOf } from '../bytes.ts';
import { hash, lock, openSealed, seal, taggedHash, unlock, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PayloadId, PromiseId, ReplyDigest } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import {
  ReplyMessage,
  SenderContact,
  ThankYouHash,
  ThankYouPayload,
  ThankYouStatement,
  type CertificateChain,
  type Signed,
} from '../wire/messages.ts';
import type { InvoiceFields } from './bolt11.ts';
import { verifyChain, type Trust, type VerifiedCertificate } from './certificate.ts';
import { verifyInvoice } from './hodl-invoice.ts';
import { packSigned } from './reply.ts';
import { verifyRevocationHead } from './revocation.ts';
import { openSigned, signBody } from './signed.ts';

/** Tagged hash of a sealed payload: what everybody on the route calls this reply. */
export function replyDigestOf(encryptedPayload: Uint8Array): ReplyDigest {
  return hexOf(taggedHash('gig-gossip/1/reply-digest', encryptedPayload)) as ReplyDigest;
}

/** The contact channel of a match is named by its promise; without a settler, by the digest of its reply. */
export function channelIdOf(digest: ReplyDigest): PromiseId {
  return digest as string as PromiseId;
}

type Random = (n: number) => Uint8Array;

/** Whoever signs: a certified key, and randomness. */
interface Signer {
  readonly secret: Uint8Array;
  readonly network: Network;
  readonly random: Random;
}

// ---------------------------------------------------------------------------------------- replying

/** What a replier puts into a reply. */
export interface ThankYouReply {
  readonly message: ReplyMessage;
  /** 32 bytes; whoever has it and the sender's key reads the message. */
  readonly contactKey: Uint8Array;
  readonly amountMsat: bigint;
  readonly expiryMs: number;
  readonly senderKey: PartyKey;
  readonly request: Signed;
  readonly chain: CertificateChain;
  readonly revocationHead: Signed;
}

/** The sealed payload of a ThankYouReplyFrame. */
export function sealThankYouReply(reply: ThankYouReply, by: Signer): Uint8Array {
  const { message, contactKey, senderKey } = reply;
  const { payloadId, offerId } = message;
  const signed = signBody(ReplyMessage, message, { type: 'reply-message', ...by });
  const lockedReplyMessage = lock(contactKey, packSigned(signed));
  const statement: ThankYouStatement = {
    payloadId,
    offerId,
    senderKey,
    amountMsat: reply.amountMsat,
    contactKeyHash: hexOf(hash(contactKey)),
    lockedMessageHash: hexOf(hash(lockedReplyMessage)),
    expiryMs: reply.expiryMs,
  };
  const plaintext = ThankYouPayload.encode({
    replierCertificate: reply.chain,
    revocationHead: reply.revocationHead,
    signedRequestPayload: reply.request,
    lockedReplyMessage,
    statement: signBody(ThankYouStatement, statement, { type: 'thank-you-statement', ...by }),
  });
  const context = bytesOf(payloadId);
  return seal({ purpose: 'thank-you', to: senderKey, context, plaintext, random: by.random(32) });
}

/** A reply as only its sender can read it; the contact in it is still locked. */
export interface OpenedThankYouReply {
  readonly digest: ReplyDigest;
  readonly statement: ThankYouStatement;
  readonly lockedMessage: Uint8Array;
  readonly replier: VerifiedCertificate;
}

/**
 * Opens and checks a reply with the sender's key. Faults: REPLY_UNREADABLE, REPLY_REQUEST_ALTERED, CERTIFICATE_*,
 * REVOCATION_HEAD_INVALID, REPLY_SIGNATURE_INVALID, THANK_YOU_EXPIRED.
 */
export function openThankYouReply(
  frame: Pick<FrameOf<'thankYouReply'>, 'encryptedPayload'>,
  own: {
    readonly secret: Uint8Array;
    readonly publicKey: PartyKey;
    readonly payloadId: PayloadId;
    readonly request: Signed;
    readonly trust: Trust;
    readonly nowMs: number;
  },
): OpenedThankYouReply | Fault {
  const { trust, nowMs, payloadId } = own;
  const digest = replyDigestOf(frame.encryptedPayload);
  const opening = { purpose: 'thank-you', secret: own.secret, context: bytesOf(payloadId) };
  const bytes = openSealed({ ...opening, sealed: frame.encryptedPayload });
  if (bytes === null) return fault('REPLY_UNREADABLE', digest);
  const payload = ThankYouPayload.decodeCanonical(bytes);
  if (isFault(payload)) return payload;
  if (!equal(payload.signedRequestPayload.body, own.request.body)) {
    return fault('REPLY_REQUEST_ALTERED', payloadId);
  }
  const replier = verifyChain(payload.replierCertificate, 'worker', trust, nowMs);
  if (isFault(replier)) return replier;
  const head = verifyRevocationHead(payload.revocationHead, replier.authorities, trust, nowMs);
  if (isFault(head)) return head;
  const statement = openSigned(ThankYouStatement, payload.statement, {
    type: 'thank-you-statement',
    network: trust.network,
    key: replier.leaf.publicKey,
    code: 'REPLY_SIGNATURE_INVALID',
  });
  if (isFault(statement)) return statement;
  const { lockedReplyMessage: lockedMessage } = payload;
  const matches =
    statement.payloadId === payloadId &&
    statement.senderKey === own.publicKey &&
    statement.lockedMessageHash === hexOf(hash(lockedMessage));
  if (!matches) return fault('REPLY_SIGNATURE_INVALID', 'a statement about another reply');
  if (nowMs >= statement.expiryMs) return fault('THANK_YOU_EXPIRED', `${statement.expiryMs}`);
  return { digest, statement, lockedMessage, replier };
}

// ------------------------------------------------------------------------------------ the thank you

/** Blocks the sender's own invoice needs: to wake up, and what its wallet keeps for itself. */
export const senderFinalCltv =
  limits.graceBlocks + limits.walletBufferBlocks + limits.finalCltvSlack;

/** Where the sender can be reached: only for the replier, and only once it has the secret. */
export function sealSenderContact(
  contact: SenderContact,
  to: {
    readonly replierKey: PartyKey;
    readonly thankYouSecret: Uint8Array;
    readonly digest: ReplyDigest;
    readonly random: Random;
  },
): Uint8Array {
  const plaintext = lock(to.thankYouSecret, SenderContact.encode(contact));
  const context = bytesOf(to.digest);
  return seal({
    purpose: 'sender-contact',
    to: to.replierKey,
    context,
    plaintext,
    random: to.random(32),
  });
}

/** Null if the secret does not open it: then the sender hid from the replier that paid. */
export function openSenderContact(
  sealed: Uint8Array,
  by: {
    readonly secret: Uint8Array;
    readonly thankYouSecret: Uint8Array;
    readonly digest: ReplyDigest;
  },
): SenderContact | null {
  const context = bytesOf(by.digest);
  const locked = openSealed({ purpose: 'sender-contact', secret: by.secret, context, sealed });
  const bytes = locked && unlock(by.thankYouSecret, locked);
  const contact = bytes && SenderContact.decodeCanonical(bytes);
  return contact === null || isFault(contact) ? null : contact;
}

export function signThankYouHash(body: ThankYouHash, by: Signer): Signed {
  return signBody(ThankYouHash, body, { type: 'thank-you-hash', ...by });
}

/** A thank you that holds, with the invoice it came with. */
export interface VerifiedThankYou {
  readonly thankYou: ThankYouHash;
  readonly invoice: InvoiceFields;
}

/**
 * What everybody who meets a ThankYouHashFrame checks of it: whose it is, that there is time, and the invoice. Faults:
 * THANK_YOU_SIGNATURE_INVALID, THANK_YOU_UNKNOWN, THANK_YOU_EXPIRED, INVOICE_*.
 */
export function verifyThankYouHash(
  frame: Pick<FrameOf<'thankYouHash'>, 'thankYouHash' | 'thankYouInvoice'>,
  want: {
    readonly digest: ReplyDigest;
    readonly payloadId: PayloadId;
    readonly senderKey: PartyKey;
    readonly network: Network;
    readonly nowMs: number;
    readonly height: number;
    /** The most this chain may cost, msat. */
    readonly maxAmountMsat: bigint;
  },
): VerifiedThankYou | Fault {
  const thankYou = openSigned(ThankYouHash, frame.thankYouHash, {
    type: 'thank-you-hash',
    network: want.network,
    key: want.senderKey,
    code: 'THANK_YOU_SIGNATURE_INVALID',
  });
  if (isFault(thankYou)) return thankYou;
  if (thankYou.replyDigest !== want.digest || thankYou.payloadId !== want.payloadId) {
    return fault('THANK_YOU_UNKNOWN', thankYou.replyDigest);
  }
  const { validTillMs, fundBy, paymentHash } = thankYou;
  const openMs = validTillMs - want.nowMs;
  const openBlocks = fundBy - want.height;
  const isTooLong =
    openMs > limits.thankYouMs + limits.clockSkewMs || openBlocks > limits.thankYouBlocks;
  if (openMs <= 0 || openBlocks < 0 || isTooLong) {
    return fault('THANK_YOU_EXPIRED', `till ${validTillMs}, block ${fundBy}`);
  }
  const invoice = verifyInvoice(frame.thankYouInvoice, {
    paymentHash,
    network: want.network,
    minAmountMsat: limits.thankYouMsat,
    maxAmountMsat: want.maxAmountMsat,
    minFinalCltv: senderFinalCltv,
    maxFinalCltv: limits.maxFinalCltv,
  });
  return isFault(invoice) ? invoice : { thankYou, invoice };
}

// -------------------------------------------------------------------------------------- the contact

export function sealContactKey(
  contactKey: Uint8Array,
  to: { readonly senderKey: PartyKey; readonly digest: ReplyDigest; readonly random: Random },
): FrameOf<'contactKey'> {
  const { digest, senderKey, random } = to;
  const context = bytesOf(digest);
  const sealedContactKey = seal({
    purpose: 'contact-key',
    to: senderKey,
    context,
    plaintext: contactKey,
    random: random(32),
  });
  return { kind: 'contactKey', replyDigest: digest, sealedContactKey };
}

/**
 * Opens the message with the key the replier brought. Fault CONTACT_KEY_WRONG if it is not the key whose hash the replier signed or
 * does not open, REPLY_SIGNATURE_INVALID if what is inside is not the replier's message for this reply.
 */
export function openThankYouContact(
  reply: {
    readonly digest: ReplyDigest;
    readonly statement: ThankYouStatement;
    readonly lockedMessage: Uint8Array;
    readonly replierKey: PartyKey;
  },
  sealedContactKey: Uint8Array,
  own: { readonly secret: Uint8Array; readonly network: Network },
): ReplyMessage | Fault {
  const { digest, statement, lockedMessage, replierKey } = reply;
  const context = bytesOf(digest);
  const opening = { purpose: 'contact-key', secret: own.secret, context };
  const key = openSealed({ ...opening, sealed: sealedContactKey });
  if (key === null || hexOf(hash(key)) !== statement.contactKeyHash) {
    return fault('CONTACT_KEY_WRONG', 'not the key whose hash was signed');
  }
  const packed = unlock(key, lockedMessage);
  if (packed === null || packed.length <= 64)
    return fault('CONTACT_KEY_WRONG', 'the key opens nothing');
  const signed = { signature: packed.slice(0, 64), body: packed.slice(64) };
  const message = openSigned(ReplyMessage, signed, {
    type: 'reply-message',
    network: own.network,
    key: replierKey,
    code: 'REPLY_SIGNATURE_INVALID',
  });
  if (isFault(message)) return message;
  if (message.payloadId === statement.payloadId && message.offerId === statement.offerId) {
    return message;
  }
  return fault('REPLY_SIGNATURE_INVALID', 'a message of another reply');
}

/** What Validate says: SHA-256 of the message that was opened, so that both know it came unchanged. */
export function messageDigestOf(message: ReplyMessage): string {
  return hexOf(hash(ReplyMessage.encode(message)));
}

// ------------------------------------------------------------------------------- "Lack of Thank you"

/** What is remembered of a peer whose topics brought replies that nobody thanked for. */
export interface Thankless {
  readonly count: number;
  readonly atMs: number;
}

/** "The broadcaster can decide to increase the Pow complexity for the next interaction": extra bits, fading day by day. */
export function thanklessBits(thankless: Thankless | undefined, nowMs: number): number {
  if (thankless === undefined) return 0;
  const faded = Math.floor(Math.max(0, nowMs - thankless.atMs) / limits.thanklessFadeMs);
  return Math.min(Math.max(0, thankless.count - faded), limits.thanklessBits);
}

/** One more topic of this peer ended without a thank you. */
export function withheld(thankless: Thankless | undefined, nowMs: number): Thankless {
  const count = Math.min(thanklessBits(thankless, nowMs) + 1, limits.thanklessBits);
  return { count, atMs: nowMs };
}

/** One that was thanked makes up for one that was not. */
export function thanked(thankless: Thankless | undefined, nowMs: number): Thankless | null {
  const count = thanklessBits(thankless, nowMs) - 1;
  return count > 0 ? { count, atMs: nowMs } : null;
}
