import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey, PayloadId } from '../../src/lib/protocol/ids.ts';
import { openReply, verifyReplyFrame } from '../../src/lib/protocol/job/reply.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { number } from './protobuf.ts';

const { nowMs, height, mallory, certificate, revocationHead } = cast;
const { heights, invoice, makeReply, feeMsat, finalCltv } = deal;

/** What everybody knows that meets the frame. */
interface Json {
  readonly payloadId: string;
  readonly roots: readonly string[];
  readonly network: 'mainnet' | 'regtest';
  readonly nowMs: number;
  readonly height: number;
}
const known: Json = {
  payloadId: cast.payloadId,
  roots: [cast.root.key],
  network: 'regtest',
  nowMs,
  height,
};
/** What its sender knows besides. */
const sender = {
  secret: hexOf(cast.customer.secret),
  publicKey: cast.customer.key,
  requestBody: hexOf(cast.request.body),
  requestSignature: hexOf(cast.request.signature),
};

/** The frame is checked by everybody who meets it; then its sender opens it. */
function read(frame: FrameOf<'reply'>, json: Json) {
  const roots = new Set(json.roots as PartyKey[]);
  const trust = { ...cast.trust, network: json.network, roots };
  const payloadId = json.payloadId as PayloadId;
  const verified = verifyReplyFrame(frame, { ...json, payloadId, trust });
  if (isFault(verified)) return { by: 'everybody', found: verified };
  const { secret, key: publicKey } = cast.customer;
  const own = { secret, publicKey, request: cast.request, trust, nowMs: json.nowMs };
  const opened = openReply(frame, verified, { ...own, height: json.height });
  return { by: isFault(opened) ? 'the sender' : 'nobody', found: opened };
}

type Case = readonly [name: string, frame: FrameOf<'reply'>, json: Partial<Json>, code: string];

const promised = (promise: NonNullable<deal.Change['promise']>, by?: cast.Party) =>
  makeReply(by ? { promise, promiseBy: by } : { promise }).frame;
const framed = (frame: NonNullable<deal.Change['frame']>) => makeReply({ frame }).frame;
const noNode = [
  certificate({ publicKey: cast.settler.key, certificateName: 'settler' }, cast.root),
];
const forgedChain = [cast.forged(cast.settlerCertificate)];
const honest = deal.honest.frame;
const rewritten = {
  ...honest.signedSettlementPromise,
  body: concat(honest.signedSettlementPromise.body, number(99, 1)),
};
const staleHead = revocationHead({ issuedMs: nowMs - limits.headMs, nextMs: nowMs });

/** What a middleman refuses to forward, in the order of its checks. */
const forEverybody: readonly Case[] = [
  [
    'promise not canonical',
    framed({ signedSettlementPromise: rewritten }),
    {},
    'FRAME_NOT_CANONICAL',
  ],
  ['promise of version 2', promised({ version: 2 }), {}, 'NETWORK_MISMATCH'],
  ['promise on mainnet', promised({ network: 'mainnet' }), {}, 'NETWORK_MISMATCH'],
  ['promise for another payload', honest, { payloadId: cast.idOf('other') }, 'PROMISE_MISMATCH'],
  ['settler of an unknown root', honest, { roots: [mallory.key] }, 'CERTIFICATE_ISSUER_UNKNOWN'],
  [
    'a worker as settler',
    promised({ settlerCertificate: cast.workerChain }, cast.worker),
    {},
    'CERTIFICATE_NOT_ENTITLED',
  ],
  [
    'settler without a node',
    promised({ settlerCertificate: noNode }),
    {},
    'CERTIFICATE_NOT_ENTITLED',
  ],
  [
    'forged certificate',
    promised({ settlerCertificate: forgedChain }),
    {},
    'CERTIFICATE_SIGNATURE_INVALID',
  ],
  [
    'certificate of the week before',
    honest,
    { nowMs: nowMs + 7 * 86_400_000 },
    'CERTIFICATE_NOT_VALID_NOW',
  ],
  [
    'forged promise',
    framed({ signedSettlementPromise: cast.forged(honest.signedSettlementPromise) }),
    {},
    'PROMISE_SIGNATURE_INVALID',
  ],
  ["promise signed by another's key", promised({}, mallory), {}, 'PROMISE_SIGNATURE_INVALID'],
  ['promise past its expiry', promised({ expiryMs: nowMs }), {}, 'PROMISE_EXPIRED'],
  ['too late to unlock', honest, { height: heights.unlockBy + 1 }, 'PROMISE_HEIGHTS_INVALID'],
  [
    'no time to rule',
    promised({ heights: { ...heights, decideBy: heights.claimBy } }),
    {},
    'PROMISE_HEIGHTS_INVALID',
  ],
  [
    'another sealed payload',
    framed({ encryptedReplyPayload: utf8('another') }),
    {},
    'PROMISE_MISMATCH',
  ],
  ["settler's head is stale", framed({ settlerHead: staleHead }), {}, 'REVOCATION_HEAD_INVALID'],
  [
    "head of another's",
    framed({ settlerHead: revocationHead({}, mallory) }),
    {},
    'REVOCATION_HEAD_INVALID',
  ],
  ['no invoice', framed({ networkInvoice: 'lnbcrt1' }), {}, 'INVOICE_MALFORMED'],
  [
    'invoice of testnet',
    framed({ networkInvoice: invoice({ network: 'testnet' }) }),
    {},
    'INVOICE_NETWORK_MISMATCH',
  ],
  [
    'invoice on another hash',
    framed({ networkInvoice: invoice({ paymentHash: deal.otherHash }) }),
    {},
    'INVOICE_HASH_MISMATCH',
  ],
  [
    "invoice below the settler's fee",
    framed({ networkInvoice: invoice({ amountMsat: feeMsat - 1n }) }),
    {},
    'INVOICE_AMOUNT_MISMATCH',
  ],
  [
    'invoice beyond reason',
    framed({ networkInvoice: invoice({ amountMsat: limits.maxPriceMsat + 1n }) }),
    {},
    'INVOICE_AMOUNT_MISMATCH',
  ],
  [
    'invoice of too few blocks',
    framed({ networkInvoice: invoice({ minFinalCltv: finalCltv - 1 }) }),
    {},
    'INVOICE_CLTV_MISMATCH',
  ],
  [
    'invoice of 601 blocks',
    framed({ networkInvoice: invoice({ minFinalCltv: 601 }) }),
    {},
    'INVOICE_CLTV_MISMATCH',
  ],
];

const made = (change: deal.Change) => makeReply(change).frame;
const replied = (change: Partial<Parameters<typeof invoice>[0]>) =>
  made({
    statement: {
      replyInvoice: invoice({
        paymentHash: deal.replyHash,
        amountMsat: deal.priceMsat,
        minFinalCltv: deal.replyFinalCltv,
        ...change,
      }),
    },
  });
const otherRequest = cast.makeRequest({ nonce: cast.seedOf('other').subarray(0, 16) });
const customerAsWorker = { replierCertificate: cast.customerChain };

/** What only its sender can see is wrong, in the order it is seen. */
const forTheSender: readonly Case[] = [
  ['sealed to somebody else', made({ payloadTo: mallory }), {}, 'REPLY_UNREADABLE'],
  ['payload of noise', made({ payloadBytes: utf8('noise') }), {}, 'FRAME_MALFORMED'],
  [
    'payload not canonical',
    made({ payloadBytes: concat(deal.honest.plain, number(99, 1)) }),
    {},
    'FRAME_NOT_CANONICAL',
  ],
  [
    'another request',
    made({ payload: { signedRequestPayload: otherRequest } }),
    {},
    'REPLY_REQUEST_ALTERED',
  ],
  ['a customer as worker', made({ payload: customerAsWorker }), {}, 'CERTIFICATE_NOT_ENTITLED'],
  [
    'uncertified replier',
    made({ payload: { replierCertificate: [] } }),
    {},
    'CERTIFICATE_ISSUER_UNKNOWN',
  ],
  [
    "stale head of the replier's issuer",
    made({ payload: { revocationHead: staleHead } }),
    {},
    'REVOCATION_HEAD_INVALID',
  ],
  ['another salt', made({ payload: { salt: cast.seedOf('other') } }), {}, 'TERMS_MISMATCH'],
  ['terms of noise', made({ termsBytes: utf8('noise') }), {}, 'FRAME_MALFORMED'],
  [
    'terms not canonical',
    made({ termsBytes: concat(deal.honest.termsBytes, number(99, 1)) }),
    {},
    'FRAME_NOT_CANONICAL',
  ],
  [
    'terms about another locked message',
    made({ payload: { lockedReplyMessage: utf8('x') } }),
    {},
    'TERMS_MISMATCH',
  ],
  [
    "statement signed by another's key",
    made({ statementBy: mallory }),
    {},
    'REPLY_SIGNATURE_INVALID',
  ],
  [
    'statement about another payload',
    made({ statement: { payloadId: cast.idOf('other') } }),
    {},
    'REPLY_SIGNATURE_INVALID',
  ],
  [
    'statement about another promise',
    made({ statement: { promiseId: cast.idOf('other') } }),
    {},
    'REPLY_SIGNATURE_INVALID',
  ],
  [
    'statement to another sender',
    made({ statement: { senderKey: mallory.key } }),
    {},
    'REPLY_SIGNATURE_INVALID',
  ],
  [
    'statement of other terms',
    made({ statement: { termsHash: cast.idOf('other') } }),
    {},
    'REPLY_SIGNATURE_INVALID',
  ],
  ['no reply invoice', made({ statement: { replyInvoice: '' } }), {}, 'INVOICE_MALFORMED'],
  ['reply invoice of mainnet', replied({ network: 'mainnet' }), {}, 'INVOICE_NETWORK_MISMATCH'],
  [
    'reply invoice on another hash',
    replied({ paymentHash: deal.otherHash }),
    {},
    'INVOICE_HASH_MISMATCH',
  ],
  [
    'reply invoice above the price',
    replied({ amountMsat: deal.priceMsat + 1n }),
    {},
    'INVOICE_AMOUNT_MISMATCH',
  ],
  [
    'reply invoice of too few blocks',
    replied({ minFinalCltv: deal.replyFinalCltv - limits.unlockBlocks - 1 }),
    {},
    'INVOICE_CLTV_MISMATCH',
  ],
  ['reply invoice of 601 blocks', replied({ minFinalCltv: 601 }), {}, 'INVOICE_CLTV_MISMATCH'],
];

function buildVectors() {
  const vector = (name: string, frame: FrameOf<'reply'>, json: Partial<Json>): Vector<Json> => ({
    name,
    hex: hexOf(encodeFrame(frame)),
    json: { ...known, ...json },
  });
  const invalid = (cases: readonly Case[]): InvalidVector<Json>[] =>
    cases.map(([name, frame, json, code]) => ({ ...vector(name, frame, json), code }));
  const about =
    'Replies (a Frame) that a middleman meets and its sender opens, in the order they check: ' +
    'src/lib/protocol/job/reply.ts. `sender` is the same in all of them.';
  const valid = [
    vector('a reply', honest, {}),
    vector('with fees on the way', framed({ networkInvoice: deal.onwardInvoice }), {}),
    vector('in the last block to unlock', honest, { height: heights.unlockBy }),
    vector('in the last millisecond', promised({ expiryMs: nowMs + 1 }), {}),
    vector('without a word of contact', made({ message: { contactText: '' } }), {}),
  ];
  return {
    about,
    sender,
    valid,
    invalid: invalid(forEverybody),
    invalidForTheSender: invalid(forTheSender),
  };
}

describe('vectors', () => {
  const { valid, invalid, invalidForTheSender } = keepVectors('replies', buildVectors());
  const frameOf = (hex: string) => decodeFrame(bytesOf(hex)) as FrameOf<'reply'>;

  test.each(valid)('recv ReplyFrame -- $name', ({ hex, json }) => {
    expect(read(frameOf(hex), json).by).toBe('nobody');
  });

  test.each(invalid)('recv ReplyFrame -- $name -- $code [RPL-08]', ({ hex, json, code }) => {
    expect(read(frameOf(hex), json)).toMatchObject({ by: 'everybody', found: { code } });
  });

  test.each(invalidForTheSender)(
    'open ReplyPayload -- $name -- $code [RPL-06, RPL-07]',
    ({ hex, json, code }) => {
      expect(read(frameOf(hex), json)).toMatchObject({ by: 'the sender', found: { code } });
    },
  );
});

test('a verified reply says who settles, what it costs, and nothing of the price', () => {
  const verified = verifyReplyFrame(honest, {
    ...known,
    payloadId: cast.payloadId,
    trust: cast.trust,
  });
  expect(verified).toMatchObject({
    settlerKey: cast.settler.key,
    settlerPeer: cast.devices.settler.peer,
    invoice: { amountMsat: feeMsat, paymentHash: deal.networkHash },
    promise: { heights, termsHash: deal.honest.termsHash },
  });
  expect(
    JSON.stringify(verified, (_, value) =>
      typeof value === 'bigint' ? `${value}` : (value as unknown),
    ),
  ).not.toContain(`${deal.priceMsat}`);
});

test('an opened reply says everything but the contact', () => {
  const { found } = read(honest, known);
  expect(found).toMatchObject({
    terms: deal.honest.terms,
    replyInvoice: deal.replyInvoice,
    replyInvoiceFields: { amountMsat: deal.priceMsat },
    replier: { leaf: { publicKey: cast.worker.key } },
  });
  const contact = hexOf(utf8(deal.honest.message.contactText));
  expect(hexOf(deal.honest.plain)).not.toContain(contact);
});

test('a head that goes back behind the newest one seen -- REVOCATION_HEAD_INVALID', () => {
  const newest = { certAuthKey: cast.root.key, seq: 8n, listRoot: cast.idOf<string>('list') };
  const head = { ...newest, issuedMs: nowMs - 3_600_001, nextMs: nowMs };
  const trust = { ...cast.trust, heads: new Map([[cast.root.key, head]]) };
  const verified = verifyReplyFrame(honest, { ...known, payloadId: cast.payloadId, trust });
  expect(isFault(verified) && verified.code).toBe('REVOCATION_HEAD_INVALID');
});
