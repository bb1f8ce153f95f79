import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  messageDigestOf,
  openSenderContact,
  openThankYouContact,
  openThankYouReply,
  replyDigestOf,
  sealThankYouReply,
  senderFinalCltv,
  thanked,
  thanklessBits,
  verifyThankYouHash,
  withheld,
  type Thankless,
} from '../../src/lib/protocol/job/thank-you.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';
import * as thanks from './thanks.ts';

const { customer, mallory, nowMs, height, network } = cast;
const { payloadId } = thanks;
const own = {
  secret: customer.secret,
  publicKey: customer.key,
  payloadId,
  request: thanks.request,
  trust: cast.trust,
  nowMs,
};
const codeOf = (found: unknown) => (isFault(found) ? found.code : 'ok');

describe('a reply without a settler', () => {
  const open = (change: thanks.Change, reader: Partial<typeof own> = {}) =>
    codeOf(openThankYouReply(thanks.makeThankYouReply(change).frame, { ...own, ...reader }));

  test('what a replier seals, its sender opens, and nobody else [THX-05, RPL-12]', () => {
    const { message, payload } = thanks.honest;
    const encryptedPayload = sealThankYouReply(
      {
        message,
        contactKey: thanks.contactKey,
        amountMsat: thanks.statement.amountMsat,
        expiryMs: thanks.expiryMs,
        senderKey: customer.key,
        request: thanks.request,
        chain: cast.workerChain,
        revocationHead: payload.revocationHead,
      },
      { secret: cast.worker.secret, network, random: cast.dice('sealing') },
    );
    const opened = openThankYouReply({ encryptedPayload }, own);
    if (isFault(opened)) throw new Error(opened.code);
    expect(opened.statement).toEqual({
      ...thanks.statement,
      lockedMessageHash: opened.statement.lockedMessageHash,
    });
    expect(opened.digest).toBe(replyDigestOf(encryptedPayload));
    expect(opened.replier.leaf.publicKey).toBe(cast.worker.key);
    const stranger = { ...own, secret: mallory.secret };
    expect(codeOf(openThankYouReply({ encryptedPayload }, stranger))).toBe('REPLY_UNREADABLE');
  });

  test.each<[string, thanks.Change, string]>([
    ['sealed to another', { sealedTo: mallory }, 'REPLY_UNREADABLE'],
    [
      'to another version of the request',
      { payload: { signedRequestPayload: cast.request } },
      'REPLY_REQUEST_ALTERED',
    ],
    [
      'by a customer',
      { payload: { replierCertificate: cast.customerChain } },
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'with a forged head',
      { payload: { revocationHead: cast.forged(cast.revocationHead()) } },
      'REVOCATION_HEAD_INVALID',
    ],
    ['not signed by its worker', { statementBy: mallory }, 'REPLY_SIGNATURE_INVALID'],
    [
      'to another payload',
      { statement: { payloadId: cast.idOf('other') } },
      'REPLY_SIGNATURE_INVALID',
    ],
    ['to another sender', { statement: { senderKey: mallory.key } }, 'REPLY_SIGNATURE_INVALID'],
    [
      'about another message',
      { statement: { lockedMessageHash: cast.idOf('other') } },
      'REPLY_SIGNATURE_INVALID',
    ],
    ['past its time', { statement: { expiryMs: nowMs } }, 'THANK_YOU_EXPIRED'],
  ])('%s -- %s', (_name, change, code) => {
    expect(open(change)).toBe(code);
  });

  test('any bytes are a reply or one fault', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (encryptedPayload) => {
        expect(codeOf(openThankYouReply({ encryptedPayload }, own))).toBe('REPLY_UNREADABLE');
      }),
      { numRuns: 30 },
    );
  });
});

describe('a thank you', () => {
  const want = {
    digest: thanks.digest,
    payloadId,
    senderKey: customer.key,
    network,
    nowMs,
    height,
    maxAmountMsat: thanks.limitMsat,
  };
  const verify = (frame = thanks.hashFrame(), change: Partial<typeof want> = {}) =>
    codeOf(verifyThankYouHash(frame, { ...want, ...change }));

  test('holds: a fresh hash for one reply, signed by who asked [THX-01, THX-04]', () => {
    const verified = verifyThankYouHash(thanks.hashFrame(), want);
    expect(verified).toMatchObject({
      thankYou: thanks.thankYou,
      invoice: { paymentHash: thanks.paymentHash, amountMsat: limits.thankYouMsat },
    });
  });

  const { fundBy, validTillMs } = thanks.thankYou;
  test.each([
    [
      'by another',
      thanks.hashFrame({}, thanks.invoice(), mallory),
      {},
      'THANK_YOU_SIGNATURE_INVALID',
    ],
    [
      'for another reply',
      thanks.hashFrame({ replyDigest: cast.idOf('x') }),
      {},
      'THANK_YOU_UNKNOWN',
    ],
    [
      'for another payload',
      thanks.hashFrame({ payloadId: cast.idOf('x') }),
      {},
      'THANK_YOU_UNKNOWN',
    ],
    ['past its time', thanks.hashFrame(), { nowMs: validTillMs }, 'THANK_YOU_EXPIRED'],
    ['past its height', thanks.hashFrame(), { height: fundBy + 1 }, 'THANK_YOU_EXPIRED'],
    ['at its last moment', thanks.hashFrame(), { nowMs: validTillMs - 1, height: fundBy }, 'ok'],
    [
      'with an invoice on another hash',
      thanks.hashFrame({}, thanks.invoice({ paymentHash: cast.idOf('x') })),
      {},
      'INVOICE_HASH_MISMATCH',
    ],
    [
      'dearer than the limit',
      thanks.hashFrame({}, thanks.invoice({ amountMsat: thanks.limitMsat + 1n })),
      {},
      'INVOICE_AMOUNT_MISMATCH',
    ],
    [
      'with too little time to collect',
      thanks.hashFrame({}, thanks.invoice({ minFinalCltv: senderFinalCltv - 1 })),
      {},
      'INVOICE_CLTV_MISMATCH',
    ],
    [
      'that would hold money too long',
      thanks.hashFrame({}, thanks.invoice({ minFinalCltv: limits.maxFinalCltv + 1 })),
      {},
      'INVOICE_CLTV_MISMATCH',
    ],
  ])('%s -- %s', (_name, frame, change, code) => {
    expect(verify(frame, change)).toBe(code);
  });

  test('where the sender is, only the replier reads, and only with the secret', () => {
    const { sealedContact: sealed } = thanks;
    const by = { secret: cast.worker.secret, thankYouSecret: thanks.secret, digest: thanks.digest };
    expect(openSenderContact(sealed, by)).toEqual(thanks.senderContact);
    const others = [
      { secret: mallory.secret },
      { thankYouSecret: cast.seedOf('a guess') },
      { digest: cast.idOf<typeof thanks.digest>('another') },
    ];
    for (const other of others) expect(openSenderContact(sealed, { ...by, ...other })).toBeNull();
  });
});

describe('the contact key', () => {
  const open = (change: thanks.Change = {}, frame = thanks.keyFrame()) => {
    const { lockedMessage, statement } = thanks.makeThankYouReply(change);
    const reply = { digest: thanks.digest, statement, lockedMessage, replierKey: cast.worker.key };
    return openThankYouContact(reply, frame.sealedContactKey, { secret: customer.secret, network });
  };

  test('opens the message that was signed [THX-06, RPL-13]', () => {
    const { message } = thanks.honest;
    expect(open()).toEqual(message);
    expect(messageDigestOf(message)).not.toBe(
      messageDigestOf({ ...message, contactText: 'another' }),
    );
  });

  test.each<[string, thanks.Change, ReturnType<typeof thanks.keyFrame>, string]>([
    ['another key', {}, thanks.keyFrame(cast.seedOf('other')), 'CONTACT_KEY_WRONG'],
    ['sealed to another', {}, thanks.keyFrame(thanks.contactKey, mallory), 'CONTACT_KEY_WRONG'],
    [
      'a message it does not lock',
      { lockedWith: cast.seedOf('other') },
      thanks.keyFrame(),
      'CONTACT_KEY_WRONG',
    ],
    ['a message of another', { messageBy: mallory }, thanks.keyFrame(), 'REPLY_SIGNATURE_INVALID'],
    [
      'a message of another offer',
      { message: { offerId: cast.idOf('x', 16) } },
      thanks.keyFrame(),
      'REPLY_SIGNATURE_INVALID',
    ],
  ])('%s -- %s', (_name, change, frame, code) => {
    expect(codeOf(open(change, frame))).toBe(code);
  });
});

describe('lack of a thank you [THX-08, WRK-16]', () => {
  const day = limits.thanklessFadeMs;

  test('adds a bit each, up to a bound, and fades a bit a day', () => {
    let known: Thankless | undefined;
    for (let i = 1; i <= limits.thanklessBits + 3; i++) {
      known = withheld(known, nowMs);
      expect(thanklessBits(known, nowMs)).toBe(Math.min(i, limits.thanklessBits));
    }
    expect(thanklessBits(known, nowMs + day)).toBe(limits.thanklessBits - 1);
    expect(thanklessBits(known, nowMs + 2 * day)).toBe(limits.thanklessBits - 2);
    expect(thanklessBits(known, nowMs + 99 * day)).toBe(0);
    expect(thanklessBits(undefined, nowMs)).toBe(0);
  });

  test('a thank you makes up for one that was withheld', () => {
    const twice = withheld(withheld(undefined, nowMs), nowMs);
    expect(thanked(twice, nowMs)).toEqual({ count: 1, atMs: nowMs });
    expect(thanked(thanked(twice, nowMs)!, nowMs)).toBeNull();
    expect(thanked(undefined, nowMs)).toBeNull();
  });

  test('never goes beyond its bounds, whatever happened when', () => {
    const events = fc.array(
      fc.record({ thank: fc.boolean(), ms: fc.integer({ min: 0, max: 3 * day }) }),
    );
    fc.assert(
      fc.property(events, (happened) => {
        let known: Thankless | undefined;
        let atMs = nowMs;
        for (const { thank, ms } of happened) {
          atMs += ms;
          known = thank ? (thanked(known, atMs) ?? undefined) : withheld(known, atMs);
          expect(thanklessBits(known, atMs)).toBeGreaterThanOrEqual(0);
          expect(thanklessBits(known, atMs)).toBeLessThanOrEqual(limits.thanklessBits);
        }
      }),
    );
  });
});
