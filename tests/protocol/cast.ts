/** The people of the core's tests: real keys, real certificates, one customer's request. The same bytes every time. */
import { bytesOf, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import {
  hash,
  peerKeyOf,
  publicKeyOf,
  randomStream,
  secretFrom,
  xOnlyOf,
} from '../../src/lib/protocol/crypto.ts';
import type { PartyKey, PeerKey } from '../../src/lib/protocol/ids.ts';
import { payloadIdOf } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import type { Trust } from '../../src/lib/protocol/job/certificate.ts';
import { referenceRates } from '../../src/lib/protocol/job/difficulty.ts';
import { signBody, type SignedType } from '../../src/lib/protocol/job/signed.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context } from '../../src/lib/protocol/machine.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import {
  Certificate,
  RequestPayload,
  RevocationHead,
  type Signed,
  type TopicOf,
} from '../../src/lib/protocol/wire/messages.ts';
import { revocationListRoot } from '../../src/lib/protocol/job/revocation.ts';

export const nowMs = Date.UTC(2026, 10, 21, 9);
export const height = 1_000;
export const network = 'regtest' as const;

/** 32 bytes that belong to a name. */
export function seedOf(name: string): Uint8Array {
  return hash(utf8(`gig-gossip/test/${name}`));
}

/** Hex of the first `length` bytes that belong to a name: an id. */
export function idOf<Id extends string>(name: string, length = 32): Id {
  return hexOf(seedOf(name).subarray(0, length)) as Id;
}

/** A stream of bytes that belongs to a name, from its beginning. */
export function dice(name: string): (n: number) => Uint8Array {
  return randomStream(seedOf(`dice of ${name}`));
}

export interface Party {
  readonly secret: Uint8Array;
  readonly key: PartyKey;
}

export function party(name: string): Party {
  const secret = secretFrom(seedOf(`party ${name}`));
  return { secret, key: publicKeyOf(secret) };
}

export interface Device {
  readonly peer: PeerKey;
  readonly onionSecret: Uint8Array;
  readonly onionKey: Uint8Array;
  readonly addresses: readonly string[];
}

export function device(name: string): Device {
  const onionSecret = secretFrom(seedOf(`onion ${name}`));
  return {
    peer: peerKeyOf(secretFrom(seedOf(`node ${name}`))),
    onionSecret,
    onionKey: xOnlyOf(onionSecret),
    addresses: [`/dns4/${name}.example/tcp/443/wss`],
  };
}

export const root = party('root');
export const settler = party('settler');
export const customer = party('customer');
export const worker = party('worker');
/** Whose keys are as good as anybody's, and certified by nobody here. */
export const mallory = party('mallory');

export const devices = {
  customer: device('customer'),
  m1: device('m1'),
  m2: device('m2'),
  worker: device('worker'),
  settler: device('settler'),
  mallory: device('mallory'),
};

export const trust: Trust = {
  network,
  roots: new Set([root.key]),
  heads: new Map(),
  revoked: new Map(),
};

/** Signs a body as a type; whoever signs with whatever network, the auxiliary randomness is the type's. */
export function signed<Body>(
  codec: Parameters<typeof signBody<Body>>[0],
  body: Body,
  type: SignedType,
  by: Party,
  on: 'mainnet' | 'testnet' | 'regtest' = network,
): Signed {
  return signBody(codec, body, { type, network: on, secret: by.secret, random: dice(type) });
}

const days = limits.dayMs;
const today = Math.floor(nowMs / days) * days;

/** A certificate the settler issued today, unless something else is said. */
export function certificate(change: Partial<Certificate>, by: Party = settler): Signed {
  const body: Certificate = {
    publicKey: customer.key,
    certificateName: 'customer',
    certificateValue: [{ name: 'known_to_settler', value: 'checked' }],
    notValidBeforeMs: today,
    notValidAfterMs: today + limits.certificateDays * days,
    certAuthName: 'Couriers Union',
    certAuthKey: by.key,
    peerKey: null,
    addresses: [],
    ...change,
  };
  return signed(Certificate, body, 'certificate', by);
}

export const settlerCertificate = certificate(
  {
    publicKey: settler.key,
    certificateName: 'settler',
    certificateValue: [{ name: 'name', value: 'Couriers Union' }],
    peerKey: devices.settler.peer,
    addresses: devices.settler.addresses,
  },
  root,
);
export const settlerChain = [settlerCertificate];
export const customerChain = [certificate({}), settlerCertificate];
export const workerChain = [
  certificate({
    publicKey: worker.key,
    certificateName: 'worker',
    certificateValue: [
      { name: 'driving_licence', value: 'checked' },
      { name: 'no_criminal_record', value: 'checked' },
    ],
  }),
  settlerCertificate,
];

/** Another settler, for which the first one's root vouches, and its key of the week. */
export const union = party('union');
export const unionWeek = party('union this week');
export const unionCertificate = certificate(
  {
    publicKey: unionWeek.key,
    certificateName: 'settler',
    certificateValue: [{ name: 'name', value: 'Drivers of the North' }],
    certAuthName: 'Drivers of the North',
    peerKey: devices.mallory.peer,
    addresses: devices.mallory.addresses,
  },
  union,
);
/** Customer, key of the week, root of the other settler, key of the week, root: as long as a chain may be. */
export const vouchedChain = [
  certificate({ certAuthName: 'Drivers of the North' }, unionWeek),
  unionCertificate,
  certificate({ publicKey: union.key, certificateName: 'settler', certificateValue: [] }),
  settlerCertificate,
];

/** The head of the settler's empty list, signed with its root key an hour ago. */
export function revocationHead(change: Partial<RevocationHead> = {}, by: Party = root): Signed {
  const issuedMs = nowMs - 3_600_000;
  const body: RevocationHead = {
    certAuthKey: by.key,
    seq: 7n,
    listRoot: revocationListRoot([]),
    issuedMs,
    nextMs: issuedMs + limits.headMs,
    ...change,
  };
  return signed(RevocationHead, body, 'revocation-head', by);
}

export const topic: TopicOf<'taxi'> = {
  kind: 'taxi',
  pickupGeohash: 'u2yhvdp',
  dropoffGeohash: 'u2yj2b3q',
  pickupAfterMs: nowMs,
  dropoffBeforeMs: nowMs + 2 * 3_600_000,
  pickupBeforeMs: null,
};

/** The customer's request, unless something else is said. */
export function makeRequest(change: Partial<RequestPayload> = {}, by: Party = customer): Signed {
  const body: RequestPayload = {
    topic,
    senderCertificate: customerChain,
    nonce: seedOf('request').subarray(0, 16),
    acceptsThankYou: false,
    ...change,
  };
  return signed(RequestPayload, body, 'request', by);
}

export const request = makeRequest();
export const payloadId = payloadIdOf(request);

/** What a machine sees: one moment on the first middleman's phone. */
export function context(change: Partial<Context> = {}): Context {
  return {
    nowMs,
    height,
    random: dice('a step'),
    network,
    self: devices.m1.peer,
    addresses: devices.m1.addresses,
    policy: defaultPolicy,
    canHold: true,
    canRelay: true,
    shadowBlocks: 0,
    hashRates: referenceRates,
    mining: { own: 0, carried: 0 },
    ...change,
  };
}

/** The same bytes with one bit flipped. */
export function flipped(bytes: Uint8Array, at = bytes.length - 1): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

/** A Signed whose signature is one bit off. */
export function forged(thing: Signed): Signed {
  return { ...thing, signature: flipped(thing.signature) };
}

/** A key of 32 bytes that is on no curve. */
export const noPoint = bytesOf('eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34');
