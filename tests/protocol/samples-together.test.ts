/**
 * The valid frames of `frames.json` are of one ride: whoever implements the protocol can check them against each other, with what
 * stands in its `ride` and nothing else. What is checked here are the bytes of the file.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import {
  hash,
  openBox,
  openSealed,
  publicKeyOf,
  randomStream,
} from '../../src/lib/protocol/crypto.ts';
import { decodeFrame, type FrameKind, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import { payloadIdOf, readRequest } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { verifyBroadcast } from '../../src/lib/protocol/job/broadcast.ts';
import { chosenHash, verifyCancellation } from '../../src/lib/protocol/job/cancel-broadcast.ts';
import { verifyBatch, verifyChain } from '../../src/lib/protocol/job/certificate.ts';
import { isPreimageOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { verifyPaymentRequest } from '../../src/lib/protocol/job/proof-of-payment.ts';
import { openContact, openReply, verifyReplyFrame } from '../../src/lib/protocol/job/reply.ts';
import { revocationListRoot, verifyRevocationHead } from '../../src/lib/protocol/job/revocation.ts';
import {
  openEvidence,
  receiptFields,
  type ReceiptKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { openSigned, type SignedType } from '../../src/lib/protocol/job/signed.ts';
import {
  openSenderContact,
  openThankYouContact,
  openThankYouReply,
  verifyThankYouHash,
} from '../../src/lib/protocol/job/thank-you.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { onHello, onPeerWork, openSession } from '../../src/lib/protocol/overlay/session.ts';
import { isFault, type MessageCodec } from '../../src/lib/protocol/wire/codec.ts';
import * as m from '../../src/lib/protocol/wire/messages.ts';
import type { ride as samplesRide } from './samples.ts';
import * as cast from './cast.ts';
import { seedOf } from './cast.ts';

interface File {
  readonly ride: typeof samplesRide;
  readonly valid: readonly { readonly name: string; readonly hex: string }[];
}
const url = new URL('../vectors/frames.json', import.meta.url);
const { ride, valid } = JSON.parse(readFileSync(url, 'utf8')) as File;
const { network, nowMs, height } = ride;

/** The frame of that name, or the first of that kind. */
function the<K extends FrameKind>(kind: K, name: string = kind): FrameOf<K> {
  const vector = valid.find((found) => found.name === name)!;
  return sound(decodeFrame(bytesOf(vector.hex))) as FrameOf<K>;
}

function sound<T>(found: T): Exclude<T, { code: unknown; detail: unknown }> {
  if (isFault(found)) throw new Error(`${found.code}: ${found.detail}`);
  return found as never;
}

const read = <Body>(codec: MessageCodec<Body>, bytes: Uint8Array) =>
  sound(codec.decodeCanonical(bytes) as Body);
const signedBy = <Body>(
  codec: MessageCodec<Body>,
  signed: m.Signed,
  type: SignedType,
  key: PartyKey,
) => sound(openSigned(codec, signed, { type, network, key, code: 'STATEMENT_SIGNATURE_INVALID' }));

const trust = { network, roots: new Set([ride.root]), heads: new Map(), revoked: new Map() };
const senderSecret = bytesOf(ride.sender.secret);
const settlerKey = publicKeyOf(bytesOf(ride.settler.secret));
const replierKey = publicKeyOf(bytesOf(ride.replier.secret));
const [ask, conditions] = [the('askForBroadcast'), the('conditions')];
const broadcast = the('broadcast');
const request = read(m.BroadcastPayload, broadcast.broadcastPayload).signedRequestPayload;
const sender = {
  secret: senderSecret,
  publicKey: publicKeyOf(senderSecret),
  request,
  trust,
  nowMs,
  height,
  network,
};

describe('asking', () => {
  test('the nonce of session_work is work over the hello', () => {
    const { sender: asker, middleman } = ride;
    const ctx = cast.context({ self: asker.peer });
    const path = { direct: true, dialled: true };
    const hello = the('hello');
    sound(onHello(openSession(middleman.peer, path, ctx), hello, { network, nowMs }));
    const answering = { ...openSession(asker.peer, path, ctx), ourChallenge: hello.challenge };
    const own = { self: middleman.peer, network };
    const paid = sound(onPeerWork(answering, the('sessionWork').nonce, own));
    expect(paid.allowance).toBe(limits.asksPerWork);
  });

  test('the broadcast is what was asked for, by its work and by its payment', () => {
    expect(ask.payloadId).toBe(payloadIdOf(request));
    expect(conditions.askId).toBe(ask.askId);
    const { paymentRequest } = the('conditions', 'conditions: or paid');
    sound(verifyPaymentRequest(paymentRequest!, network));
    const { powScheme, powTarget, challenge } = conditions.workRequest;
    const check = {
      askId: ask.askId,
      payloadId: ask.payloadId,
      conditions: {
        workRequest: { powScheme: powScheme as 'sha256', powTarget, challenge },
        payment: { request: paymentRequest!, paid: true },
        timestampToleranceMs: conditions.timestampToleranceMs,
      },
      asker: ride.sender.peer,
      self: ride.middleman.peer,
      onionSecret: bytesOf(ride.middleman.onionSecret),
      clockOffsetMs: 0,
      trust,
      network,
      nowMs,
      random: randomStream(seedOf('peeling')),
    };
    sound(verifyBroadcast(broadcast, check));
    sound(verifyBroadcast(the('broadcast', 'broadcast: paid for'), check));
  });

  test('it is taken back by its sender, for the offer that was chosen', () => {
    const key = sender.publicKey;
    for (const name of ['withdrawn', 'taken'] as const) {
      const { cancellation } = the('cancelBroadcast', `cancelBroadcast: ${name}`);
      const { payloadId, reason, chosen } = sound(
        verifyCancellation(cancellation, { network, key }),
      );
      expect([payloadId, reason]).toEqual([ask.payloadId, name]);
      const { offerId } = read(m.Terms, the('draft').terms);
      expect(chosen).toBe(name === 'taken' ? chosenHash(payloadId, offerId) : null);
    }
  });
});

describe('the reply', () => {
  const reply = the('reply');
  const draft = the('draft');
  const { body } = reply.signedSettlementPromise;
  const promise = read(m.SettlementPromise, body);
  const { payloadId } = promise;
  const verified = sound(verifyReplyFrame(reply, { payloadId, trust, network, nowMs, height }));
  const opened = sound(openReply(reply, verified, sender));

  test('begins with the slot that the middleman kept', () => {
    const { backwardOnion } = read(m.BroadcastPayload, broadcast.broadcastPayload);
    expect(hexOf(reply.forwardOnion.subarray(0, 104))).toBe(hexOf(backwardOnion.subarray(0, 104)));
  });

  test('is what was asked of the settler, drafted and promised', () => {
    const asked = signedBy(
      m.DraftRequest,
      the('draftRequest').request,
      'draft-request',
      replierKey,
    );
    expect(asked).toMatchObject({ draftId: draft.draftId, payloadId });
    expect(opened.terms).toEqual(read(m.Terms, draft.terms));
    expect(opened.terms).toMatchObject({ offerId: asked.offerId, amountMsat: asked.amountMsat });
    expect(hexOf(hash(asked.sealedReplyMessage))).toBe(opened.terms.sealedMessageHash);
    const { lockedReplyMessage, salt } = opened.payload;
    expect([draft.lockedReplyMessage, draft.salt]).toEqual([lockedReplyMessage, salt]);
    expect(draft).toMatchObject({ promiseId: promise.promiseId, heights: promise.heights });
    expect(the('sealedReply')).toMatchObject({
      promiseId: promise.promiseId,
      encryptedPayloadHash: promise.encryptedPayloadHash,
    });
    expect(the('promise').promise).toEqual(reply.signedSettlementPromise);
    expect(the('watch').promiseId).toBe(promise.promiseId);
  });

  test('holds a contact that the unlocking key and the sender open, and the channel of it', () => {
    const { unlock } = the('statements', 'statements: unlock');
    const { unlockingKey } = signedBy(m.Unlock, unlock!, 'unlock', settlerKey);
    const offer = {
      terms: opened.terms,
      lockedMessage: opened.payload.lockedReplyMessage,
      replierKey,
    };
    const { channelKey } = sound(openContact(offer, unlockingKey, { ...sender, payloadId }));
    const contact = the('contact');
    expect(contact.promiseId).toBe(promise.promiseId);
    const box = { channelKey, direction: 'sender', sequence: Number(contact.seq) } as const;
    expect(read(m.ContactBody, openBox(box, contact.box)!)).toEqual({
      text: '',
      done: false,
      ack: 0n,
    });
  });

  test('its statements are about it, its receipts for what was stated, its preimages right', () => {
    const names = valid.map(({ name }) => name).filter((name) => name.startsWith('statements'));
    for (const name of names) expect(the('statements', name).promiseId).toBe(promise.promiseId);
    for (const [about, field] of Object.entries(receiptFields) as [ReceiptKind, 'claimReceipt'][]) {
      const filed = the('statements', `statements: ${about}`)[about]!;
      const signed = the('statements', `statements: ${field}`)[field]!;
      const receipt = signedBy(m.Receipt, signed, 'receipt', settlerKey);
      expect(receipt).toMatchObject({ about, statementHash: hexOf(hash(filed.body)) });
      if (!about.endsWith('Dispute')) continue;
      const { evidence } = read(m.Dispute, filed.body);
      expect(openEvidence(evidence, promise.promiseId, bytesOf(ride.settler.secret))).not.toBe('');
    }
    const { networkPreimage, replyPreimage } = the('statements', 'statements: preimages');
    expect(isPreimageOf(networkPreimage, promise.networkPaymentHash)).toBe(true);
    expect(isPreimageOf(replyPreimage, opened.terms.replyPaymentHash)).toBe(true);
  });
});

describe('certificates', () => {
  test('the batch answers the request of who applied, with a certificate for each key', () => {
    const { application } = the('certificateApplication');
    const { publicKey } = read(m.CertificateApplication, application.body);
    const applied = signedBy(m.CertificateApplication, application, 'application', publicKey);
    expect(applied.settlerKey).toBe(ride.root);
    const { request: signed } = the('batchRequest');
    const asked = signedBy(m.BatchRequest, signed, 'batch-request', publicKey);
    expect(asked.publicKeys).not.toContain(publicKey);
    const { applicationId, batch, certificates, issuers } = the('batch');
    expect([applicationId, batch]).toEqual([asked.applicationId, asked.batch]);
    expect(applicationId).toBe(applied.applicationId);
    expect(verifyBatch(certificates, asked.publicKeys)).toBeNull();
    for (const certificate of certificates) {
      sound(verifyChain([certificate, ...issuers], 'worker', trust, nowMs));
    }
    const { properties } = the('certificateDecision', 'certificateDecision: active');
    expect(properties).toEqual(read(m.Certificate, certificates[0]!.body).certificateValue);
  });

  test('the revocation list is the one its head is of', () => {
    const { head, entries } = the('revocationList');
    const { certAuthKey, listRoot } = sound(verifyRevocationHead(head, [ride.root], trust, nowMs));
    expect(the('revocationListRequest').certAuthKey).toBe(certAuthKey);
    expect(listRoot).toBe(revocationListRoot(entries));
    expect(entries.length).toBeGreaterThan(1);
    expect(entries).toEqual([...new Set(entries)].toSorted());
  });
});

test('the thank you is for the reply without a settler, and its key opens the contact', () => {
  const frame = the('thankYouHash');
  const { payloadId } = read(m.ThankYouHash, frame.thankYouHash.body);
  const reply = the('thankYouReply');
  const context = bytesOf(payloadId);
  const sealed = reply.encryptedPayload;
  const plain = openSealed({ purpose: 'thank-you', secret: senderSecret, context, sealed })!;
  const { signedRequestPayload } = read(m.ThankYouPayload, plain);
  expect(payloadIdOf(signedRequestPayload)).toBe(payloadId);
  expect(sound(readRequest(signedRequestPayload)).acceptsThankYou).toBe(true);
  const own = { ...sender, payloadId, request: signedRequestPayload };
  const { digest, statement, lockedMessage } = sound(openThankYouReply(reply, own));
  const { publicKey: senderKey } = sender;
  const maxAmountMsat = limits.maxPriceMsat;
  const want = { digest, payloadId, senderKey, network, nowMs, height, maxAmountMsat };
  const { thankYou } = sound(verifyThankYouHash(frame, want));
  const { replyDigest, sealedContactKey } = the('contactKey');
  expect(replyDigest).toBe(digest);
  const message = openThankYouContact(
    { digest, statement, lockedMessage, replierKey },
    sealedContactKey,
    sender,
  );
  expect(sound(message).offerId).toBe(statement.offerId);
  const thankYouSecret = bytesOf(ride.sender.thankYouSecret);
  const opening = { secret: bytesOf(ride.replier.secret), thankYouSecret, digest };
  expect(hexOf(hash(thankYouSecret))).toBe(thankYou.paymentHash);
  expect(openSenderContact(thankYou.sealedContact, opening)?.peerKey).toBe(ride.sender.peer);
});
