/** Batches of job certificates as their member reads them: one for each key, alike but for the key, and a chain above them. */
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import {
  issueBatch,
  verifyBatch,
  verifyChain,
  type CertificateName,
} from '../../src/lib/protocol/job/certificate.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import {
  Certificate,
  type CertificateChain,
  type Signed,
} from '../../src/lib/protocol/wire/messages.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import { applicationId, read } from './samples.ts';

/** What the member asked for, and whom it believes. */
interface Json {
  readonly name: CertificateName;
  readonly publicKeys: readonly string[];
  readonly network: string;
  readonly roots: readonly string[];
  readonly nowMs: number;
}

const { settler, nowMs } = cast;
const member = {
  name: 'worker',
  properties: read(Certificate, cast.workerChain[0]!.body).certificateValue,
} as const;
const keys = Array.from({ length: limits.batch }, (_, i) => cast.party(`job ${i}`).key);
const few = keys.slice(0, 3);
const issuer = {
  secret: settler.secret,
  name: 'Couriers Union',
  network: cast.network,
  random: cast.dice('batch'),
};

const issue = (asked: readonly PartyKey[], to = member as Parameters<typeof issueBatch>[0]) =>
  issueBatch(to, asked, issuer, nowMs);
const hexBatch = (certificates: readonly Signed[], issuers: CertificateChain = cast.settlerChain) =>
  hexOf(encodeFrame({ kind: 'batch', applicationId, batch: 1, certificates, issuers }));
const asked = (publicKeys: readonly string[], change: Partial<Json> = {}): Json => ({
  name: 'worker',
  publicKeys,
  network: cast.network,
  roots: [cast.root.key],
  nowMs,
  ...change,
});

/** The batch with its second certificate saying something else, signed all the same. */
function altered(change: Partial<Certificate>): Signed[] {
  const [first, second, third] = issue(few) as [Signed, Signed, Signed];
  const body = { ...read(Certificate, second.body), ...change };
  return [first, cast.certificate(body), third];
}

function validVectors(): Vector<Json>[] {
  const customer = { name: 'customer', properties: [] } as const;
  return [
    { name: '32 keys of a worker', hex: hexBatch(issue(keys)), json: asked(keys) },
    {
      name: 'one key of a customer of whom nothing is said',
      hex: hexBatch(issue(keys.slice(0, 1), customer)),
      json: asked(keys.slice(0, 1), { name: 'customer' }),
    },
  ];
}

function invalidVectors(): InvalidVector<Json>[] {
  const [first, second, third] = issue(few) as [Signed, Signed, Signed];
  const twoDaysLess = read(Certificate, second.body).notValidAfterMs - 2 * limits.dayMs;
  const [forged] = issue(few.slice(0, 1)).map(cast.forged);
  const batches: [string, string, Json, string][] = [
    ['31 for 32 keys', hexBatch(issue(keys.slice(1))), asked(keys), 'CERTIFICATE_NOT_ENTITLED'],
    ['none', hexBatch([]), asked(few), 'CERTIFICATE_NOT_ENTITLED'],
    [
      'one too many',
      hexBatch([first, second, third]),
      asked(few.slice(0, 2)),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    ['in another order', hexBatch([second, first, third]), asked(few), 'CERTIFICATE_NOT_ENTITLED'],
    [
      'one for a key of nobody',
      hexBatch(altered({ publicKey: cast.mallory.key })),
      asked(few),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'one says less',
      hexBatch(altered({ certificateValue: [] })),
      asked(few),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'one is for a customer',
      hexBatch(altered({ certificateName: 'customer' })),
      asked(few),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'one ends earlier',
      hexBatch(altered({ notValidAfterMs: twoDaysLess })),
      asked(few),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'one names another issuer',
      hexBatch(altered({ certAuthName: 'Union of Couriers' })),
      asked(few),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'all for customers',
      hexBatch(issue(few, { ...member, name: 'customer' })),
      asked(few),
      'CERTIFICATE_NOT_ENTITLED',
    ],
    [
      'a signature flipped',
      hexBatch([forged!]),
      asked(few.slice(0, 1)),
      'CERTIFICATE_SIGNATURE_INVALID',
    ],
    ['no chain above them', hexBatch(issue(few), []), asked(few), 'CERTIFICATE_ISSUER_UNKNOWN'],
    [
      'a root of nobody',
      hexBatch(issue(few)),
      asked(few, { roots: [cast.mallory.key] }),
      'CERTIFICATE_ISSUER_UNKNOWN',
    ],
    [
      'over',
      hexBatch(issue(few)),
      asked(few, { nowMs: nowMs + limits.certificateDays * limits.dayMs }),
      'CERTIFICATE_NOT_VALID_NOW',
    ],
  ];
  return batches.map(([name, hex, json, code]) => ({ name, hex, json, code }));
}

function verify(hex: string, json: Json) {
  const { certificates, issuers } = decodeFrame(bytesOf(hex)) as FrameOf<'batch'>;
  const wrong = verifyBatch(certificates, json.publicKeys as PartyKey[]);
  if (wrong) return wrong;
  const trust = { ...cast.trust, roots: new Set(json.roots as PartyKey[]) };
  return verifyChain([certificates[0]!, ...issuers], json.name, trust, json.nowMs);
}

describe('vectors [CRT-03, NET-05]', () => {
  const { valid, invalid } = keepVectors('batches', {
    about:
      'Batches of job certificates (a Frame), and what their member asked for: ' +
      'src/lib/protocol/job/certificate.ts.',
    valid: validVectors(),
    invalid: invalidVectors(),
  });

  test.each(valid)('$name', ({ hex, json }) => {
    const verified = verify(hex, json);
    if (isFault(verified)) throw new Error(verified.detail);
    expect(verified.leaf.publicKey).toBe(json.publicKeys[0]);
  });

  test.each(invalid)('recv BatchFrame -- $name -- $code', ({ hex, json, code }) => {
    const found = verify(hex, json);
    expect(isFault(found) && found.code).toBe(code);
  });
});
