import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { publicKeyOf } from '../../src/lib/protocol/crypto.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import {
  issueCertificate,
  verifyChain,
  type CertificateName,
} from '../../src/lib/protocol/job/certificate.ts';
import {
  revocationEntry,
  revokedKeys,
  revocationListRoot,
  signRevocationHead,
  verifyRevocationHead,
} from '../../src/lib/protocol/job/revocation.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import {
  Certificate,
  RevocationHead,
  Signed,
  type CertificateChain,
} from '../../src/lib/protocol/wire/messages.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import { fieldsOf, number, part } from './protobuf.ts';
import { read } from './samples.ts';

const { certificate, nowMs, root, settler, customer, mallory } = cast;
const day = limits.dayMs;
const leaf = read(Certificate, cast.customerChain[0]!.body);
const today = leaf.notValidBeforeMs;
const knownToSettler = { name: 'known_to_settler', value: 'checked' };
const identity = { name: 'identity', value: 'checked' };
const licence = { name: 'driving_licence', value: 'checked' };

/** A chain, what it is asked for, by whom and when. */
interface Chain {
  readonly kind: 'chain';
  readonly name: CertificateName;
  readonly network: 'mainnet' | 'testnet' | 'regtest';
  readonly roots: readonly string[];
  readonly nowMs: number;
  /** Entries of the root's revocation list. */
  readonly revoked?: readonly string[];
}
interface Head {
  readonly kind: 'head';
  readonly issuer: string;
  readonly known: {
    readonly seq: string;
    readonly listRoot: string;
    readonly issuedMs: number;
  } | null;
  readonly nowMs: number;
}

const asked: Chain = {
  kind: 'chain',
  name: 'customer',
  network: cast.network,
  roots: [root.key],
  nowMs,
};
const looked: Head = { kind: 'head', issuer: root.key, known: null, nowMs };
const empty = revocationListRoot([]);
const other = revocationListRoot([revocationEntry(customer.key)]);

const chainBytes = (chain: CertificateChain) =>
  concat(...chain.map((signed) => part(1, Signed.encode(signed))));

function validVectors(): Vector<Chain | Head>[] {
  const chains: [string, CertificateChain, Partial<Chain>][] = [
    ['customer, settler, root', cast.customerChain, {}],
    ['settler, root', cast.settlerChain, { name: 'settler' }],
    ['worker in its first millisecond', cast.workerChain, { name: 'worker', nowMs: today }],
    [
      'customer in its last millisecond',
      cast.customerChain,
      { nowMs: today + limits.certificateDays * day - 1 },
    ],
    ['customer whom the root itself certified', [certificate({}, root)], {}],
    ['settler that a settler certified', delegated(), {}],
    ['root, another settler, its key of the week, customer', cast.vouchedChain, {}],
    [
      'the nearest root counts, whatever is above it',
      [...cast.vouchedChain.slice(0, 3), cast.forged(cast.settlerCertificate)],
      { roots: [root.key, cast.union.key] },
    ],
    [
      "another's list takes nothing of theirs back",
      cast.vouchedChain,
      { roots: [cast.union.key], revoked: [revocationEntry(cast.union.key)] },
    ],
  ];
  const heads: [string, Signed, Partial<Head>][] = [
    ['head of the empty list', cast.revocationHead(), {}],
    ['head of the same seq and list as the one known', cast.revocationHead(), known(7n, empty)],
    ['head of a later seq and another list', cast.revocationHead({ listRoot: other }), known(6n)],
    ['head that a newer one overtook', cast.revocationHead(), known(8n, other, issuedMs + 1)],
    ['head in its last millisecond', cast.revocationHead(), { nowMs: nowMs + 23 * 3_600_000 - 1 }],
  ];
  return [
    ...chains.map(([name, chain, change]) => ({
      name,
      hex: hexOf(chainBytes(chain)),
      json: { ...asked, ...change },
    })),
    ...heads.map(([name, head, change]) => ({
      name,
      hex: hexOf(Signed.encode(head)),
      json: { ...looked, ...change },
    })),
  ];
}

const issuedMs = nowMs - 3_600_000;
const known = (seq: bigint, listRoot = empty, atMs = issuedMs) => ({
  known: { seq: seq.toString(), listRoot, issuedMs: atMs },
});

/** Customer, settler, settler, root: as long as a chain may be. */
function delegated(): CertificateChain {
  const deputy = cast.party('deputy');
  return [
    certificate({}, deputy),
    certificate({ publicKey: deputy.key, certificateName: 'settler' }),
    cast.settlerCertificate,
  ];
}

/** What would tell one person's job certificates from others'. */
const linkable: [string, Partial<Certificate>][] = [
  ['a serial number', { certificateValue: [{ name: 'serial', value: '17' }] }],
  ['a value of its own', { certificateValue: [{ name: 'identity', value: 'Ola Nordmann' }] }],
  ['a property said twice', { certificateValue: [knownToSettler, knownToSettler] }],
  ["a worker's property of a customer", { certificateValue: [licence] }],
  ['properties in another order', { certificateValue: [identity, knownToSettler] }],
  ['valid from the hour', { notValidBeforeMs: today + 3_600_000 }],
  ['with an address', { addresses: ['/dns4/home.example/tcp/1'] }],
  ['with a node', { peerKey: cast.devices.customer.peer }],
];

function invalidVectors(): InvalidVector<Chain | Head>[] {
  const [own, above] = [cast.customerChain[0]!, cast.settlerCertificate];
  const unknownField = { ...own, body: concat(own.body, number(99, 1)) };
  const byMallory = certificate({ certAuthKey: settler.key }, mallory);
  const malloryIssuer = certificate({ publicKey: mallory.key, certificateName: 'customer' });
  const expired = certificate(
    { publicKey: settler.key, certificateName: 'settler', notValidAfterMs: today },
    root,
  );
  const chains: [string, CertificateChain, Partial<Chain>, string][] = [
    ['no certificate at all', [], {}, 'CERTIFICATE_ISSUER_UNKNOWN'],
    [
      'a root of nobody',
      cast.customerChain,
      { roots: [mallory.key] },
      'CERTIFICATE_ISSUER_UNKNOWN',
    ],
    ['a chain without its settler', [own], {}, 'CERTIFICATE_ISSUER_UNKNOWN'],
    ['a customer as worker', cast.customerChain, { name: 'worker' }, 'CERTIFICATE_NOT_ENTITLED'],
    [
      'issued by a customer',
      [certificate({}, mallory), malloryIssuer, above],
      {},
      'CERTIFICATE_NOT_ENTITLED',
    ],
    ['the day before', cast.customerChain, { nowMs: today - 1 }, 'CERTIFICATE_NOT_VALID_NOW'],
    [
      'after its time',
      cast.customerChain,
      { nowMs: leaf.notValidAfterMs },
      'CERTIFICATE_NOT_VALID_NOW',
    ],
    [
      'valid for more than seven days',
      [certificate({ notValidBeforeMs: today - 1 }), above],
      {},
      'CERTIFICATE_NOT_VALID_NOW',
    ],
    ['an issuer after its time', [own, expired], {}, 'CERTIFICATE_NOT_VALID_NOW'],
    ['a flipped signature', [cast.forged(own), above], {}, 'CERTIFICATE_SIGNATURE_INVALID'],
    [
      "a settler's flipped signature",
      [own, cast.forged(above)],
      {},
      'CERTIFICATE_SIGNATURE_INVALID',
    ],
    ['signed by another than it says', [byMallory, above], {}, 'CERTIFICATE_SIGNATURE_INVALID'],
    [
      'issued by another than the next',
      [certificate({}, mallory), above],
      {},
      'CERTIFICATE_SIGNATURE_INVALID',
    ],
    [
      'of another network',
      cast.customerChain,
      { network: 'mainnet' },
      'CERTIFICATE_SIGNATURE_INVALID',
    ],
    [
      'a customer taken back',
      cast.customerChain,
      { revoked: [revocationEntry(customer.key)] },
      'CERTIFICATE_REVOKED',
    ],
    [
      'a key of the week taken back',
      cast.customerChain,
      { revoked: [revocationEntry(settler.key)] },
      'CERTIFICATE_REVOKED',
    ],
    [
      'another settler taken back',
      cast.vouchedChain,
      { revoked: [revocationEntry(cast.union.key)] },
      'CERTIFICATE_REVOKED',
    ],
    ...linkable.map(
      ([name, change]) =>
        [name, [certificate(change), above], {}, 'CERTIFICATE_NOT_ENTITLED'] as [
          string,
          CertificateChain,
          Partial<Chain>,
          string,
        ],
    ),
    ['not canonical', [unknownField, above], {}, 'FRAME_NOT_CANONICAL'],
    ['no certificate in it', [{ ...own, body: Uint8Array.of(1) }, above], {}, 'FRAME_MALFORMED'],
  ];
  const heads: [string, Signed, Partial<Head>][] = [
    ['a flipped signature', cast.forged(cast.revocationHead()), {}],
    ['signed by somebody else', cast.revocationHead({ certAuthKey: root.key }, mallory), {}],
    ['of another issuer', cast.revocationHead({ certAuthKey: mallory.key }), {}],
    ['good for more than a day', cast.revocationHead({ nextMs: issuedMs + day + 1 }), {}],
    ['stale', cast.revocationHead(), { nowMs: issuedMs + day }],
    ['of an earlier seq', cast.revocationHead(), known(8n, empty, issuedMs - 1)],
    ['two lists for one seq', cast.revocationHead(), known(7n, other)],
  ];
  return [
    ...chains.map(([name, chain, change, code]) => ({
      name: `chain: ${name}`,
      hex: hexOf(chainBytes(chain)),
      json: { ...asked, ...change },
      code,
    })),
    ...heads.map(([name, head, change]) => ({
      name: `head: ${name}`,
      hex: hexOf(Signed.encode(head)),
      json: { ...looked, ...change },
      code: 'REVOCATION_HEAD_INVALID',
    })),
  ];
}

function buildVectors() {
  const about =
    'Certificate chains (a CertificateChain) and revocation heads (a Signed), and what a reader ' +
    'knows: src/lib/protocol/job/certificate.ts. `known` is the head that was seen before.';
  return { about, valid: validVectors(), invalid: invalidVectors() };
}

function verify(hex: string, json: Chain | Head) {
  if (json.kind === 'chain') {
    const chain = fieldsOf(bytesOf(hex)).map(({ value }) => read(Signed, value));
    const roots = new Set(json.roots as PartyKey[]);
    const revoked = new Map([[root.key, revokedKeys(json.revoked ?? [])]]);
    const trust = { network: json.network, roots, heads: new Map(), revoked };
    return verifyChain(chain, json.name, trust, json.nowMs);
  }
  const before = json.known && {
    ...read(RevocationHead, cast.revocationHead().body),
    ...json.known,
    seq: BigInt(json.known.seq),
  };
  const heads = new Map(before ? [[before.certAuthKey, before]] : []);
  const issuers = [json.issuer as PartyKey];
  return verifyRevocationHead(
    read(Signed, bytesOf(hex)),
    issuers,
    { network: cast.network, heads },
    json.nowMs,
  );
}

describe('vectors', () => {
  const { valid, invalid } = keepVectors('certificates', buildVectors());

  test.each(valid)('$name', ({ hex, json }) => {
    expect(isFault(verify(hex, json))).toBe(false);
  });

  test.each(invalid)('$name -- $code [CRT-02, CRT-06]', ({ hex, json, code }) => {
    const found = verify(hex, json);
    expect(isFault(found) && found.code).toBe(code);
  });
});

describe('what a chain tells', () => {
  test('its leaf, its root, and who is between [CRT-10]', () => {
    const verified = verifyChain(delegated(), 'customer', cast.trust, nowMs);
    if (isFault(verified)) throw new Error(verified.detail);
    expect(verified.leaf).toEqual({ ...leaf, certAuthKey: cast.party('deputy').key });
    expect(verified.root).toBe(root.key);
    expect(verified.issuers.map(({ publicKey }) => publicKey)).toEqual([
      cast.party('deputy').key,
      settler.key,
    ]);
  });

  test('the first thing wrong with a chain is told from the root on', () => {
    const chain = [cast.forged(cast.customerChain[0]!), cast.forged(cast.settlerCertificate)];
    const found = verifyChain(chain, 'customer', cast.trust, nowMs);
    expect(isFault(found) && found.detail).toBe(root.key);
  });
});

describe('issuing', () => {
  const issuer = {
    secret: settler.secret,
    name: 'Couriers Union',
    network: cast.network,
    random: cast.dice('issuing'),
  };
  const subject = { publicKey: customer.key, certificateName: 'customer', certificateValue: [] };

  test('whole days, seven of them, so that two certificates of a day do not link', () => {
    for (const atMs of [nowMs, nowMs + 3_600_000]) {
      const issued = read(Certificate, issueCertificate(subject, issuer, atMs).body);
      expect(issued.notValidBeforeMs % day).toBe(0);
      expect(issued.notValidAfterMs - issued.notValidBeforeMs).toBe(7 * day);
      expect(issued.certAuthKey).toBe(publicKeyOf(settler.secret));
    }
  });

  test('what is issued verifies, and so does a head that was just signed [CRT-02]', () => {
    const chain = [issueCertificate(subject, issuer, nowMs), cast.settlerCertificate];
    expect(isFault(verifyChain(chain, 'customer', cast.trust, nowMs))).toBe(false);
    const head = signRevocationHead({ seq: 1n, entries: [] }, issuer, nowMs);
    expect(verifyRevocationHead(head, [settler.key], cast.trust, nowMs)).toEqual({
      certAuthKey: settler.key,
      seq: 1n,
      listRoot: empty,
      issuedMs: nowMs,
      nextMs: nowMs + day,
    });
  });

  test('the root of a list does not depend on the order it is given in', () => {
    const hashes = [customer.key, settler.key].map(revocationEntry);
    expect(revocationListRoot(hashes)).toBe(revocationListRoot([...hashes].reverse()));
    expect(revocationListRoot(hashes)).not.toBe(empty);
  });
});
