import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash, randomStream, secretFrom } from '../../src/lib/protocol/crypto.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type {
  AskId,
  PartyKey,
  PayloadId,
  PaymentHash,
  PeerKey,
} from '../../src/lib/protocol/ids.ts';
import { payloadIdOf } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { verifyBroadcast, type BroadcastCheck } from '../../src/lib/protocol/job/broadcast.ts';
import { growOnion, startOnion } from '../../src/lib/protocol/job/onion-route.ts';
import {
  mineSlice,
  targetForBits,
  workInner,
  type WorkRequest,
} from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { BroadcastPayload, type Signed } from '../../src/lib/protocol/wire/messages.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import { number } from './protobuf.ts';
import * as favour from './favour.ts';
import { askId } from './samples.ts';
import { bad } from './topic-cases.ts';
import { all, stay, topics } from './topics.ts';

const { devices, nowMs, request, makeRequest, topic } = cast;
const workRequest: WorkRequest = {
  powScheme: 'sha256',
  powTarget: targetForBits(6),
  challenge: cast.seedOf('challenge').subarray(0, 16),
};

/** What an asker may get wrong. */
type Proof = FrameOf<'broadcast'>['proof'];
type WorkProof = Extract<Proof, { kind: 'proofOfWork' }>;

interface Change {
  readonly request?: Signed;
  readonly timestampMs?: number;
  readonly head?: { readonly peer?: PeerKey; readonly askId?: AskId };
  /** In place of the grown onion. */
  readonly onion?: Uint8Array;
  readonly payload?: Uint8Array;
  readonly proof?: Partial<Omit<WorkProof, 'kind'>>;
  readonly mined?: boolean;
  /** A preimage in place of work. */
  readonly preimage?: Uint8Array;
}

function onionFor(payloadId: PayloadId, head: Change['head'] = {}): Uint8Array {
  const random = cast.dice('onion');
  const expirySeconds = topic.dropoffBeforeMs / 1_000;
  const start = startOnion({ to: devices.customer.onionKey, payloadId, random, expirySeconds });
  const names = { kind: 'forward', peer: devices.customer.peer, askId, expirySeconds } as const;
  const layer = { to: devices.m1.onionKey, payloadId, random };
  return growOnion(start, { ...layer, head: { ...names, ...head } });
}

/** A broadcast whose work is done (or, with `mined: false`, certainly not done) over whatever it carries. */
function broadcast(change: Change = {}): FrameOf<'broadcast'> {
  const signedRequestPayload = change.request ?? request;
  const backwardOnion = change.onion ?? onionFor(payloadIdOf(signedRequestPayload), change.head);
  const timestampMs = change.timestampMs ?? nowMs - 1_000;
  const broadcastPayload =
    change.payload ?? BroadcastPayload.encode({ signedRequestPayload, backwardOnion, timestampMs });
  return { kind: 'broadcast', askId, broadcastPayload, proof: proofFor(broadcastPayload, change) };
}

function proofFor(payload: Uint8Array, { preimage, mined = true, proof }: Change): Proof {
  if (preimage !== undefined) return { kind: 'proofOfPayment', preimage };
  const { powScheme, powTarget } = workRequest;
  return { kind: 'proofOfWork', powScheme, powTarget, nonce: nonceFor(payload, mined), ...proof };
}

function nonceFor(payload: Uint8Array, good: boolean): Uint8Array {
  const inner = workInner({
    request: workRequest,
    payloadHash: hash(payload),
    askId,
    asker: devices.customer.peer,
    receiver: devices.m1.peer,
  });
  const { powTarget } = workRequest;
  if (good) return mineSlice(inner, powTarget, { high: 0, low: 0 }, 2 ** 16)!;
  for (let low = 0; ; low++) {
    const nonce = concat(new Uint8Array(7), Uint8Array.of(low));
    if (mineSlice(inner, powTarget, { high: 0, low }, 1) === null) return nonce;
  }
}

/** What the middleman knows: of BroadcastCheck what differs from vector to vector. */
interface Json {
  readonly payloadId: string;
  readonly onionSecret: string;
  readonly roots: readonly string[];
  readonly network: 'mainnet' | 'regtest';
  readonly nowMs: number;
  readonly clockOffsetMs: number;
  /** The price that its conditions named beside the work, and whether its wallet has the money; not there: only work counts. */
  readonly payment?: { readonly paymentHash: string; readonly paid: boolean };
}

const known: Json = {
  payloadId: cast.payloadId,
  onionSecret: hexOf(devices.m1.onionSecret),
  roots: [cast.root.key],
  network: 'regtest',
  nowMs,
  clockOffsetMs: 0,
};
/** The same in every vector. */
const ask = {
  askId,
  asker: devices.customer.peer,
  self: devices.m1.peer,
  powTarget: hexOf(workRequest.powTarget),
  challenge: hexOf(workRequest.challenge),
  timestampToleranceMs: 10_000,
};

function verify(frame: FrameOf<'broadcast'>, json: Json) {
  const check: BroadcastCheck = {
    askId,
    payloadId: json.payloadId as PayloadId,
    conditions: {
      workRequest,
      payment: json.payment
        ? { paid: json.payment.paid, request: { ...favour.request, ...hashOf(json.payment) } }
        : null,
      timestampToleranceMs: ask.timestampToleranceMs,
    },
    asker: ask.asker,
    self: ask.self,
    onionSecret: bytesOf(json.onionSecret),
    clockOffsetMs: json.clockOffsetMs,
    trust: { ...cast.trust, network: json.network, roots: new Set(json.roots as PartyKey[]) },
    network: json.network,
    nowMs: json.nowMs,
    random: randomStream(cast.seedOf('peeling')),
  };
  return verifyBroadcast(frame, check);
}

function hashOf({ paymentHash }: { readonly paymentHash: string }) {
  return { paymentHash: paymentHash as PaymentHash };
}

/** Another request and what the middleman expects then. */
function asking(signed: Signed): [Change, Partial<Json>] {
  return [{ request: signed }, { payloadId: payloadIdOf(signed) }];
}

const uncertified = makeRequest({ senderCertificate: [cast.forged(cast.customerChain[0]!)] });
const forgedChain = [cast.forged(cast.customerChain[0]!), cast.settlerCertificate];
const over = [cast.certificate({ notValidAfterMs: nowMs }), cast.settlerCertificate];
const day = limits.dayMs;
/** It ends with the fifth day from now. */
const brief = [
  cast.certificate({ notValidAfterMs: (Math.floor(nowMs / day) + 5) * day }),
  cast.settlerCertificate,
];
const asWorker = makeRequest({ senderCertificate: cast.workerChain }, cast.worker);
const rewritten = { ...request, body: concat(request.body, number(99, 1)) };
const place = (pickupGeohash: string) => makeRequest({ topic: { ...topic, pickupGeohash } });
const window = (change: object) => makeRequest({ topic: { ...topic, ...change } });
const otherKey = { onionSecret: hexOf(secretFrom(cast.seedOf('other'))) };

const { preimage } = favour;
const paid = { paymentHash: favour.paymentHash, paid: true };
const other = topics.freelance;
/** One of each kind with one thing wrong; all of them are in `topics.json`. */
const topicCases = [
  ...['a parcel of yesterday', 'a parcel window backwards', 'a parcel from 9 characters'],
  ...['no more offers for work', 'offers after the deadline', 'a skill twice', 'part 0'],
  ...['work in 5 characters', 'no more offers for a stay', '91 nights', 'nobody', 'a stay nowhere'],
  ...['more parts than nights', 'a stay in 7 characters', 'no more offers for tasks', 'no pieces'],
  ...['pieces of 241 minutes', 'tasks in 3 characters', 'tasks on the spot without a place'],
].map((wanted) => bad.find(([name]) => name === wanted)!);

/** In the order of the checks. */
const cases: [name: string, Change, Partial<Json>, code: string][] = [
  ['no payload', { payload: Uint8Array.of(1, 2, 3) }, {}, 'FRAME_MALFORMED'],
  ['payload not canonical', { payload: notCanonical() }, {}, 'FRAME_NOT_CANONICAL'],
  ['another scheme', { proof: { powScheme: 'argon2id' } }, {}, 'POW_SCHEME_MISMATCH'],
  ['an easier target', { proof: { powTarget: targetForBits(5) } }, {}, 'POW_TARGET_MISMATCH'],
  ['too old', { timestampMs: nowMs - 10_001, mined: false }, {}, 'TIMESTAMP_OUT_OF_TOLERANCE'],
  [
    'from the future',
    { timestampMs: nowMs + 2_001, mined: false },
    {},
    'TIMESTAMP_OUT_OF_TOLERANCE',
  ],
  ['too old by the clock of the asker', {}, { clockOffsetMs: 9_001 }, 'TIMESTAMP_OUT_OF_TOLERANCE'],
  ['no work', { mined: false }, { payloadId: cast.idOf('other') }, 'POW_ABOVE_TARGET'],
  ['work for another peer', { proof: { nonce: foreign() } }, {}, 'POW_ABOVE_TARGET'],
  ['paid for, where only work was asked for', { preimage }, {}, 'PAYMENT_NOT_PROVEN'],
  [
    'paid for with the preimage of another payment',
    { preimage: cast.seedOf('another favour') },
    { payment: paid },
    'PAYMENT_NOT_PROVEN',
  ],
  [
    'paid for before the money is there',
    { preimage },
    { payment: { ...paid, paid: false } },
    'PAYMENT_NOT_PROVEN',
  ],
  [
    'paid for and too old',
    { preimage, timestampMs: nowMs - 10_001 },
    { payment: paid },
    'TIMESTAMP_OUT_OF_TOLERANCE',
  ],
  ['neither paid for nor worked for', { mined: false }, { payment: paid }, 'POW_ABOVE_TARGET'],
  ['another payload', {}, { payloadId: cast.idOf('other') }, 'ASK_MISMATCH'],
  ['the same body, signed anew', { request: cast.forged(request) }, {}, 'ASK_MISMATCH'],
  ['request not canonical', ...asking(rewritten), 'FRAME_NOT_CANONICAL'],
  ['its time is over', ...asking(window({ dropoffBeforeMs: nowMs })), 'TOPIC_EXPIRED'],
  ['ends before it begins', ...asking(window({ pickupAfterMs: nowMs + 9e6 })), 'TOPIC_INVALID'],
  ['coarse', ...asking(place('u2yhvd')), 'GEOHASH_TOO_COARSE'],
  ['exact', ...asking(place('u2yhvdpqr')), 'GEOHASH_TOO_EXACT'],
  ['nowhere', ...asking(place('u2yhvda')), 'GEOHASH_MALFORMED'],
  ...topicCases.map(
    ([name, wrong, code]) =>
      [name, ...asking(makeRequest({ topic: wrong })), code] as (typeof cases)[number],
  ),
  ['an onion of noise', { onion: cast.dice('noise')(832) }, {}, 'ONION_UNREADABLE'],
  ['an onion for another', {}, otherKey, 'ONION_UNREADABLE'],
  ['head names another peer', { head: { peer: devices.m2.peer } }, {}, 'ONION_HEAD_MISMATCH'],
  ['head names another ask', { head: { askId: cast.idOf('x', 16) } }, {}, 'ONION_HEAD_MISMATCH'],
  ['head says end', { onion: endFor() }, {}, 'ONION_HEAD_MISMATCH'],
  ['a root of nobody', {}, { roots: [] }, 'CERTIFICATE_ISSUER_UNKNOWN'],
  ['a chain cut short', ...asking(uncertified), 'CERTIFICATE_ISSUER_UNKNOWN'],
  ['a worker', ...asking(asWorker), 'CERTIFICATE_NOT_ENTITLED'],
  [
    'a certificate that is over',
    ...asking(makeRequest({ senderCertificate: over })),
    'CERTIFICATE_NOT_VALID_NOW',
  ],
  [
    'a certificate that ends before a stay takes its last offer',
    ...asking(
      makeRequest({ topic: { ...stay, openUntilMs: nowMs + 6 * day }, senderCertificate: brief }),
    ),
    'CERTIFICATE_NOT_VALID_NOW',
  ],
  [
    'paid for, and the request forged',
    { preimage, request: cast.forged(request) },
    { payment: paid, payloadId: payloadIdOf(cast.forged(request)) },
    'REQUEST_SIGNATURE_INVALID',
  ],
  [
    'a forged certificate',
    ...asking(makeRequest({ senderCertificate: forgedChain })),
    'CERTIFICATE_SIGNATURE_INVALID',
  ],
  ['a forged request', ...asking(cast.forged(request)), 'REQUEST_SIGNATURE_INVALID'],
  [
    "signed by another's key",
    ...asking(makeRequest({}, cast.mallory)),
    'REQUEST_SIGNATURE_INVALID',
  ],
];

function notCanonical(): Uint8Array {
  const body = {
    signedRequestPayload: request,
    backwardOnion: onionFor(cast.payloadId),
    timestampMs: nowMs,
  };
  return concat(BroadcastPayload.encode(body), number(99, 1));
}

/** Good work for this very payload, asked for by another peer, and none when this one asked. */
function foreign(): Uint8Array {
  const { broadcastPayload: payload } = broadcast();
  const innerFor = (asker: PeerKey) =>
    workInner({
      request: workRequest,
      payloadHash: hash(payload),
      askId,
      asker,
      receiver: devices.m1.peer,
    });
  const [theirs, ours] = [innerFor(devices.m2.peer), innerFor(devices.customer.peer)];
  for (let low = 0; ; low++) {
    const nonce = mineSlice(theirs, workRequest.powTarget, { high: 7, low }, 1);
    const alsoOurs = mineSlice(ours, workRequest.powTarget, { high: 7, low }, 1);
    if (nonce !== null && alsoOurs === null) return nonce;
  }
}

function endFor(): Uint8Array {
  const to = devices.m1.onionKey;
  return startOnion({ to, payloadId: cast.payloadId, random: cast.dice('end'), expirySeconds: 1 });
}

function buildVectors() {
  const vector = (name: string, change: Change, json: Partial<Json>): Vector<Json> => ({
    name,
    hex: hexOf(encodeFrame(broadcast(change))),
    json: { ...known, ...json },
  });
  const valid = [
    vector('a broadcast', {}, {}),
    vector('as old as it may be', { timestampMs: nowMs - 10_000 }, {}),
    vector('as far ahead as it may be', { timestampMs: nowMs + 2_000 }, {}),
    vector(
      'from a clock that is 20 s ahead',
      { timestampMs: nowMs + 20_000 },
      { clockOffsetMs: 20_000 },
    ),
    vector('paid for', { preimage }, { payment: paid }),
    vector('worked for, though a price was named', {}, { payment: paid }),
    ...all
      .slice(1)
      .map((each) => vector(`a ${each.kind}`, ...asking(makeRequest({ topic: each })))),
    vector(
      'a later part',
      ...asking(makeRequest({ topic: { ...other, part: 2, firstPart: cast.payloadId } })),
    ),
  ];
  const invalid: InvalidVector<Json>[] = cases.map(([name, change, json, code]) => ({
    ...vector(name, change, json),
    code,
  }));
  const about =
    'Broadcasts (a Frame) and what the middleman knows that asked for them, in the order it checks: ' +
    'src/lib/protocol/job/broadcast.ts. `ask` is the same in all of them.';
  return { about, ask, valid, invalid };
}

describe('vectors', () => {
  const { valid, invalid } = keepVectors('broadcasts', buildVectors());
  const frameOf = (hex: string) => decodeFrame(bytesOf(hex)) as FrameOf<'broadcast'>;

  test.each(valid)('$name', ({ hex, json }) => {
    const verified = verify(frameOf(hex), json);
    if (isFault(verified)) throw new Error(verified.detail);
    expect(payloadIdOf(verified.request)).toBe(json.payloadId);
    expect(verified.sender.leaf.publicKey).toBe(cast.customer.key);
    expect(verified.peeled.head).toMatchObject({ kind: 'forward', peer: ask.asker, askId });
  });

  test.each(invalid)(
    'recv POWBroadcastFrame -- $name -- $code [BRC-03, WRK-10, WRK-11]',
    ({ hex, json, code }) => {
      const verified = verify(frameOf(hex), json);
      expect(isFault(verified) && verified.code).toBe(code);
    },
  );
});

test('of two things wrong, the one that is cheaper to see is told [BRC-03, WRK-14]', () => {
  const told = (change: Change, json: Partial<Json> = {}) => {
    const verified = verify(broadcast(change), { ...known, ...json });
    return isFault(verified) && verified.code;
  };
  const wrong: Change = { request: cast.forged(request), mined: false };
  expect(told({ ...wrong, proof: { powScheme: 'x', powTarget: targetForBits(1) } })).toBe(
    'POW_SCHEME_MISMATCH',
  );
  expect(told({ ...wrong, timestampMs: 0 })).toBe('TIMESTAMP_OUT_OF_TOLERANCE');
  expect(told(wrong)).toBe('POW_ABOVE_TARGET');
  expect(told({ ...wrong, mined: true })).toBe('ASK_MISMATCH');
  const [change, json] = asking(
    makeRequest({ topic: { ...topic, dropoffBeforeMs: 1 } }, cast.mallory),
  );
  expect(told({ ...change, onion: cast.dice('noise')(832) }, json)).toBe('TOPIC_EXPIRED');
  expect(told({ onion: cast.dice('noise')(832) }, { roots: [] })).toBe('ONION_UNREADABLE');
  const [forged, named] = asking(cast.forged(request));
  expect(told(forged, { ...named, roots: [] })).toBe('CERTIFICATE_ISSUER_UNKNOWN');
});
