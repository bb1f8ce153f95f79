/** Replies without a settler, their thank-yous and the keys to their contacts, as other implementations can check them. */
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameOf,
} from '../../src/lib/protocol/frame.ts';
import type { PartyKey, PayloadId, ReplyDigest } from '../../src/lib/protocol/ids.ts';
import {
  openThankYouContact,
  openThankYouReply,
  senderFinalCltv,
  verifyThankYouHash,
} from '../../src/lib/protocol/job/thank-you.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { ThankYouStatement } from '../../src/lib/protocol/wire/messages.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import { read } from './samples.ts';
import * as thanks from './thanks.ts';

const { customer, mallory, network, nowMs, height } = cast;
const { digest, payloadId } = thanks;

/** What the reader knows: the sender of a reply, everybody of a thank you, the sender of a key. */
interface Json {
  readonly kind: 'reply' | 'thankYou' | 'contactKey';
  readonly network: 'mainnet' | 'regtest';
  readonly nowMs: number;
  readonly payloadId: string;
  /** Of the sender: its own key, and the request as it signed it. */
  readonly secret?: string;
  readonly requestBody?: string;
  readonly roots?: readonly string[];
  readonly senderKey?: string;
  readonly height?: number;
  /** The reply in question. */
  readonly digest?: string;
  readonly statement?: string;
  readonly lockedMessage?: string;
  readonly replierKey?: string;
}
type Case = readonly [name: string, frame: Frame, json: Json, code?: string | undefined];

const common = { network, nowMs, payloadId } as const;
const toSender: Json = {
  kind: 'reply',
  ...common,
  secret: hexOf(customer.secret),
  requestBody: hexOf(thanks.request.body),
  roots: [cast.root.key],
};
const toAll: Json = { kind: 'thankYou', ...common, senderKey: customer.key, height, digest };

const reply = (
  name: string,
  change: thanks.Change,
  code?: string,
  json: Partial<Json> = {},
): Case => [name, thanks.makeThankYouReply(change).frame, { ...toSender, ...json }, code];
const thank = (
  name: string,
  frame: FrameOf<'thankYouHash'>,
  code?: string,
  json: Partial<Json> = {},
): Case => [name, frame, { ...toAll, ...json }, code];
const invoiced = (change: Parameters<typeof thanks.invoice>[0]) =>
  thanks.hashFrame({}, thanks.invoice(change));
function key(name: string, change: thanks.Change, frame = thanks.keyFrame(), code?: string): Case {
  const { statement, lockedMessage } = thanks.makeThankYouReply(change);
  const json: Json = {
    kind: 'contactKey',
    ...common,
    secret: hexOf(customer.secret),
    digest,
    statement: hexOf(ThankYouStatement.encode(statement)),
    lockedMessage: hexOf(lockedMessage),
    replierKey: cast.worker.key,
  };
  return [name, frame, json, code];
}

const { fundBy, validTillMs } = thanks.thankYou;
const valid: readonly Case[] = [
  reply('a reply', {}),
  thank('a thank you', thanks.hashFrame()),
  thank('at its last moment', thanks.hashFrame(), undefined, {
    nowMs: validTillMs - 1,
    height: fundBy,
  }),
  thank('as dear as can be', invoiced({ amountMsat: limits.maxPriceMsat })),
  key('the key to the contact', {}),
];

const invalid: readonly Case[] = [
  reply('sealed to another', { sealedTo: mallory }, 'REPLY_UNREADABLE'),
  reply(
    'to another request',
    { payload: { signedRequestPayload: cast.request } },
    'REPLY_REQUEST_ALTERED',
  ),
  reply(
    'by a customer',
    { payload: { replierCertificate: cast.customerChain } },
    'CERTIFICATE_NOT_ENTITLED',
  ),
  reply('a root of nobody', {}, 'CERTIFICATE_ISSUER_UNKNOWN', { roots: [mallory.key] }),
  reply(
    'a forged head',
    { payload: { revocationHead: cast.forged(cast.revocationHead()) } },
    'REVOCATION_HEAD_INVALID',
  ),
  reply("signed by another's key", { statementBy: mallory }, 'REPLY_SIGNATURE_INVALID'),
  reply(
    'about another payload',
    { statement: { payloadId: cast.idOf('other') } },
    'REPLY_SIGNATURE_INVALID',
  ),
  reply('to another sender', { statement: { senderKey: mallory.key } }, 'REPLY_SIGNATURE_INVALID'),
  reply(
    'about another message',
    { statement: { lockedMessageHash: cast.idOf('other') } },
    'REPLY_SIGNATURE_INVALID',
  ),
  reply('past its time', { statement: { expiryMs: nowMs } }, 'THANK_YOU_EXPIRED'),
  thank(
    'signed by another',
    thanks.hashFrame({}, thanks.invoice(), mallory),
    'THANK_YOU_SIGNATURE_INVALID',
  ),
  thank('on another network', thanks.hashFrame(), 'THANK_YOU_SIGNATURE_INVALID', {
    network: 'mainnet',
  }),
  thank(
    'for another reply',
    thanks.hashFrame({ replyDigest: cast.idOf('x') }),
    'THANK_YOU_UNKNOWN',
  ),
  thank(
    'for another payload',
    thanks.hashFrame({ payloadId: cast.idOf('x') }),
    'THANK_YOU_UNKNOWN',
  ),
  thank('too late', thanks.hashFrame(), 'THANK_YOU_EXPIRED', { nowMs: validTillMs }),
  thank('past its height', thanks.hashFrame(), 'THANK_YOU_EXPIRED', { height: fundBy + 1 }),
  thank(
    'good for too long',
    thanks.hashFrame({ validTillMs: nowMs + 630_001 }),
    'THANK_YOU_EXPIRED',
  ),
  thank('good for 19 blocks', thanks.hashFrame({ fundBy: height + 19 }), 'THANK_YOU_EXPIRED'),
  thank('without an invoice', thanks.hashFrame({}, ''), 'INVOICE_MALFORMED'),
  thank('an invoice of mainnet', invoiced({ network: 'mainnet' }), 'INVOICE_NETWORK_MISMATCH'),
  thank(
    'an invoice on another hash',
    invoiced({ paymentHash: cast.idOf('x') }),
    'INVOICE_HASH_MISMATCH',
  ),
  thank(
    'an invoice for less than a sat',
    invoiced({ amountMsat: 999n }),
    'INVOICE_AMOUNT_MISMATCH',
  ),
  thank(
    'an invoice of too few blocks',
    invoiced({ minFinalCltv: senderFinalCltv - 1 }),
    'INVOICE_CLTV_MISMATCH',
  ),
  thank('an invoice of 601 blocks', invoiced({ minFinalCltv: 601 }), 'INVOICE_CLTV_MISMATCH'),
  key('another key', {}, thanks.keyFrame(cast.seedOf('other')), 'CONTACT_KEY_WRONG'),
  key(
    'a key sealed to another',
    {},
    thanks.keyFrame(thanks.contactKey, mallory),
    'CONTACT_KEY_WRONG',
  ),
  key(
    'a key that opens nothing',
    { lockedWith: cast.seedOf('other') },
    thanks.keyFrame(),
    'CONTACT_KEY_WRONG',
  ),
  key(
    "a key to another's message",
    { messageBy: mallory },
    thanks.keyFrame(),
    'REPLY_SIGNATURE_INVALID',
  ),
  key(
    'a key to another offer',
    { message: { offerId: cast.idOf('x', 16) } },
    thanks.keyFrame(),
    'REPLY_SIGNATURE_INVALID',
  ),
];

function verify(hex: string, json: Json) {
  const frame = decodeFrame(bytesOf(hex)) as Frame;
  const roots = new Set(json.roots as PartyKey[]);
  const trust = { ...cast.trust, network: json.network, roots };
  const id = json.payloadId as PayloadId;
  const named = json.digest as ReplyDigest;
  const senderKey = json.senderKey as PartyKey;
  switch (frame.kind) {
    case 'thankYouReply': {
      const { secret, key: publicKey } = customer;
      const own = { secret, publicKey, request: thanks.request, trust, nowMs: json.nowMs };
      return openThankYouReply(frame, { ...own, payloadId: id });
    }
    case 'thankYouHash': {
      const about = { digest: named, payloadId: id, senderKey, height: json.height! };
      const now = { network: json.network, nowMs: json.nowMs };
      return verifyThankYouHash(frame, { ...about, ...now, maxAmountMsat: limits.maxPriceMsat });
    }
    case 'contactKey': {
      const statement = read(ThankYouStatement, bytesOf(json.statement!));
      const lockedMessage = bytesOf(json.lockedMessage!);
      const replierKey = json.replierKey as PartyKey;
      const own = { secret: bytesOf(json.secret!), network: json.network };
      const about = { digest: named, statement, lockedMessage, replierKey };
      return openThankYouContact(about, frame.sealedContactKey, own);
    }
    default:
      throw new Error(frame.kind);
  }
}

describe('vectors [THX-01, THX-05, THX-06]', () => {
  const written = ([name, frame, json]: Case): Vector<Json> => ({
    name,
    hex: hexOf(encodeFrame(frame)),
    json,
  });
  const kept = keepVectors('thank-yous', {
    about:
      'Replies without a settler, thank-yous and contact keys (each a Frame), and what their reader knows: ' +
      'src/lib/protocol/job/thank-you.ts. `statement` is a ThankYouStatement that was verified.',
    valid: valid.map(written),
    invalid: invalid.map((each): InvalidVector<Json> => ({ ...written(each), code: each[3]! })),
  });

  test.each(kept.valid)('$name', ({ hex, json }) => {
    const found = verify(hex, json);
    expect(isFault(found) ? found.code : 'good').toBe('good');
  });

  test.each(kept.invalid)('$name -- $code', ({ hex, json, code }) => {
    const found = verify(hex, json);
    expect(isFault(found) && found.code).toBe(code);
  });
});
