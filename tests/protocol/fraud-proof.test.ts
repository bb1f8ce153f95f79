import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame } from '../../src/lib/protocol/frame.ts';
import {
  equivocation,
  fraudId,
  fraudText,
  isFraudFrame,
  lockFraud,
  missingRuling,
  sealFraud,
  twoLists,
  verifyFraud,
  type Fraud,
  type FraudFrame,
  type FraudTrust,
} from '../../src/lib/protocol/job/fraud-proof.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { keepVectors } from '../vectors/vectors.ts';
import {
  badSeal,
  bought,
  lastReceipt,
  otherPromise,
  outcomeOf,
  proofs,
  receiptOf,
  sealOf,
  statementOf,
  timed,
  unlockOf,
} from './frauds.ts';

const { network, nowMs, root } = cast;
const trust: FraudTrust = { network, nowMs, roots: new Set([root.key]) };
const { honest, said, unlockingKey } = deal;

function shown(frame: FraudFrame, by: Partial<FraudTrust> = {}): string {
  const found = verifyFraud(frame, { ...trust, ...by });
  return isFault(found) ? found.code : `${found.kind} ${found.role}`;
}

const settlers = new Map<string, string>(
  Object.entries({
    lock: 'lock settler',
    'lock, another key': 'lock settler',
    'lock that does not open': 'lock settler',
    seal: 'seal replier',
    'seal, no point': 'seal replier',
    'seal, too short': 'seal replier',
    'seal, unsigned message': 'seal replier',
    'seal, message of another offer': 'seal replier',
    'two promises': 'two-promises settler',
    'Unlock and Abort': 'unlock-and-abort settler',
    'two Outcomes': 'two-outcomes settler',
    'Abort and preimage': 'refund-and-preimage settler',
    'gig refunded and preimage': 'refund-and-preimage settler',
    'no ruling': 'missing-ruling settler',
    'no ruling on a claim and a no contact': 'missing-ruling settler',
    'two lists': 'two-lists settler',
  }),
);

const K = unlockOf(unlockingKey);
const otherKey = cast.seedOf('another K');
const good = bought(honest);
const shownSeal = sealOf(badSeal) as Extract<FraudFrame, { kind: 'sealFraud' }>;
const both = { outcome: said.paid.outcome, otherOutcome: said.refunded.outcome };
const byMallory = deal.statements(
  { unlock: { promiseId: deal.promiseId, unlockingKey: otherKey, height: 1 } },
  { unlock: cast.mallory },
).unlock!;
/** Somebody else whom the same root vouched for took the hash out of the settler's promise. */
const byOtherKey = deal.makeReply({
  promise: {
    settlerCertificate: [
      cast.certificate(
        {
          publicKey: cast.mallory.key,
          certificateName: 'settler',
          peerKey: cast.devices.mallory.peer,
        },
        root,
      ),
    ],
  },
  promiseBy: cast.mallory,
}).promise;
const onAnother = unlockOf(otherKey, cast.idOf('another promise'));

/** Accusations that prove nothing: of the honest, or of the wrong one. */
const slanders: readonly [string, FraudFrame, string][] = [
  ['a lock that holds what was promised', lockFraud(good, unlockingKey, K), 'FRAUD_PROOF_INVALID'],
  [
    'another key that nobody signed for',
    { ...lockFraud(good, otherKey, K), unlock: null },
    'FRAUD_PROOF_INVALID',
  ],
  ['another key than the one signed for', lockFraud(good, otherKey, K), 'FRAUD_PROOF_INVALID'],
  [
    'another key, signed for by somebody else',
    lockFraud(good, otherKey, byMallory),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'another key, signed for in another promise',
    lockFraud(good, otherKey, onAnother),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'other locked bytes than promised',
    lockFraud({ ...good, lockedMessage: badSeal.lockedMessage }, unlockingKey, K),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'other terms than promised',
    lockFraud({ ...good, terms: badSeal.termsBytes }, unlockingKey, K),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'a promise somebody else signed',
    lockFraud(
      bought(deal.makeReply({ promiseBy: cast.mallory, lockedWith: otherKey })),
      unlockingKey,
      K,
    ),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'a promise of another network',
    lockFraud(bought(deal.makeReply({ promise: { network: 'mainnet' } })), unlockingKey, K),
    'NETWORK_MISMATCH',
  ],
  ['a seal that holds a good message', sealOf(honest), 'FRAUD_PROOF_INVALID'],
  ['a seal that was not opened', { ...shownSeal, sharedPoint: null }, 'FRAUD_PROOF_INVALID'],
  [
    'a seal opened with another key',
    sealOf(badSeal, { secret: cast.mallory.secret }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'a good seal said to be read by somebody else',
    sealOf(honest, {
      statement: statementOf(honest, { senderKey: cast.mallory.key }),
      secret: cast.customer.secret,
    }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'a seal under terms the replier did not sign',
    sealOf(badSeal, { statement: statementOf(honest) }),
    'FRAUD_PROOF_INVALID',
  ],
  ['a seal inside a broken lock', { ...shownSeal, unlockingKey: otherKey }, 'FRAUD_PROOF_INVALID'],
  [
    'a seal and a customer in place of the replier',
    { ...shownSeal, replierCertificate: cast.customerChain },
    'CERTIFICATE_NOT_ENTITLED',
  ],
  ['a promise alone', equivocation(honest.promise, {}), 'FRAUD_PROOF_INVALID'],
  [
    'one promise twice',
    equivocation(honest.promise, { otherPromise: honest.promise }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'promises on two hashes',
    equivocation(honest.promise, {
      otherPromise: deal.makeReply({ promise: { networkPaymentHash: deal.otherHash } }).promise,
    }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'one Outcome twice',
    equivocation(honest.promise, { outcome: said.paid.outcome, otherOutcome: said.paid.outcome }),
    'FRAUD_PROOF_INVALID',
  ],
  ['Outcomes of another promise', equivocation(otherPromise, both), 'FRAUD_PROOF_INVALID'],
  [
    'a paid Outcome and its preimage',
    equivocation(honest.promise, {
      outcome: said.paid.outcome,
      networkPreimage: deal.networkPreimage,
    }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'an Abort and a preimage that is none',
    equivocation(honest.promise, { abort: said.abort.abort, networkPreimage: deal.replyPreimage }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'a refund and a preimage without the terms',
    equivocation(honest.promise, {
      outcome: said.refunded.outcome,
      replyPreimage: deal.replyPreimage,
    }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'an outcome that was ruled',
    missingRuling(honest.promise, [receiptOf('senderDispute')], outcomeOf('ruled')),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'no ruling on a dispute that came too late',
    missingRuling(
      honest.promise,
      [receiptOf('replierDispute', lastReceipt + 1)],
      outcomeOf('no-ruling'),
    ),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'no ruling on a claim that nobody contests',
    missingRuling(honest.promise, [receiptOf('claim')], outcomeOf('no-ruling')),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'no ruling on a claim and a no contact that came too late',
    missingRuling(
      honest.promise,
      [receiptOf('claim'), receiptOf('noContact', lastReceipt + 1)],
      outcomeOf('no-ruling'),
    ),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'no ruling on a dispute about another promise',
    missingRuling(
      honest.promise,
      [receiptOf('senderDispute', lastReceipt, cast.idOf('another promise'))],
      outcomeOf('no-ruling'),
    ),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'no ruling, and an Outcome in place of the receipt',
    missingRuling(honest.promise, [], outcomeOf('no-ruling')),
    'FRAME_MALFORMED',
  ],
  [
    'a hash that another key of the same root promised on',
    equivocation(honest.promise, { otherPromise: byOtherKey }),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'one list twice',
    twoLists(cast.settlerChain, cast.revocationHead(), cast.revocationHead()),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'two lists of two numbers',
    twoLists(
      cast.settlerChain,
      cast.revocationHead(),
      cast.revocationHead({ seq: 99n, listRoot: cast.idOf('another list') }),
    ),
    'FRAUD_PROOF_INVALID',
  ],
  [
    'two lists, one by somebody else',
    twoLists(
      cast.settlerChain,
      cast.revocationHead(),
      cast.revocationHead({ listRoot: cast.idOf('another list') }, cast.mallory),
    ),
    'FRAUD_PROOF_INVALID',
  ],
];

describe('vectors', () => {
  const about =
    'Fraud proofs as frames: src/lib/protocol/job/fraud-proof.ts. `nowMs` is when it is read, `root` the root it trusts, ' +
    '`liar` the key that lied, `id` the name of the proof.';
  const json = { nowMs, network, root: root.key };
  const shows = (name: string, frame: FraudFrame, atMs: number) => {
    const fraud = verifyFraud(frame, { ...trust, nowMs: atMs }) as Fraud;
    const said = settlers.get(name) ?? settlers.get(name.split(',')[0]!)!;
    const names = { shows: said, liar: fraud.key, id: fraudId(fraud) };
    return { name, hex: fraudText(frame), json: { ...json, nowMs: atMs, ...names } };
  };
  const { valid, invalid } = keepVectors('frauds', {
    about,
    valid: [
      ...Object.entries(proofs).map(([name, frame]) => shows(name, frame, nowMs)),
      ...timed.flatMap(([name, frame, atMs, code]) => (code ? [] : [shows(name, frame, atMs)])),
    ],
    invalid: [
      ...slanders.map(([name, frame, code]) => ({ name, hex: fraudText(frame), json, code })),
      ...timed.flatMap(([name, frame, atMs, code]) =>
        code ? [{ name, hex: fraudText(frame), json: { ...json, nowMs: atMs }, code }] : [],
      ),
    ],
  });
  const read = (hex: string) => {
    const frame = decodeFrame(bytesOf(hex));
    if (isFault(frame) || !isFraudFrame(frame)) throw new Error('no proof');
    return frame;
  };

  test.each(valid)('$name [STL-03]', ({ hex, json: { shows: said, liar, nowMs: atMs } }) => {
    expect(shown(read(hex), { nowMs: atMs })).toBe(said);
    expect(liar).toBe((said.endsWith('settler') ? cast.settler : cast.worker).key);
  });
  test.each(invalid)('$name -- $code', ({ hex, json: { nowMs: atMs }, code }) => {
    expect(shown(read(hex), { nowMs: atMs })).toBe(code);
  });
});

describe('a proof', () => {
  test('names who lied, who vouched and which promise it was about', () => {
    const found = verifyFraud(proofs.lock, trust) as Fraud;
    const { key } = cast.settler;
    expect(found).toMatchObject({ key, root: root.key, promiseId: deal.promiseId });
    expect((verifyFraud(proofs.seal, trust) as Fraud).key).toBe(cast.worker.key);
  });

  test('is one for one lie, however it is told', () => {
    const ids = Object.values(proofs).map((frame) => fraudId(verifyFraud(frame, trust) as Fraud));
    expect(ids[0]).toBe(ids[1]);
    expect(new Set(ids).size).toBe(new Set(settlers.values()).size);
  });

  test('counts for those who trust the root alone', () => {
    expect(shown(proofs.lock, { roots: new Set() })).toBe('CERTIFICATE_ISSUER_UNKNOWN');
    expect(shown(proofs['two lists'], { roots: new Set([cast.mallory.key]) })).toBe(
      'CERTIFICATE_ISSUER_UNKNOWN',
    );
  });

  test('outlives the certificate by a month', () => {
    const later = nowMs + limits.certificateDays * limits.dayMs + limits.fraudMs;
    expect(shown(proofs.lock, { nowMs: later - limits.dayMs })).toBe('lock settler');
    expect(shown(proofs.lock, { nowMs: later })).toBe('CERTIFICATE_NOT_VALID_NOW');
  });

  test('there is none of a seal inside a broken lock', () => {
    const of = {
      unlockingKey: otherKey,
      replierCertificate: cast.workerChain,
      statement: statementOf(honest),
      secret: cast.customer.secret,
      random: cast.seedOf('r'),
    };
    expect(sealFraud(good, of)).toBeNull();
  });

  test('does not give away the key that opened the seal', () => {
    expect(fraudText(proofs.seal)).not.toContain(hexOf(cast.customer.secret));
  });
});

test('whatever bit of a proof is flipped, nobody throws, and nobody else is accused', () => {
  const all = Object.values(proofs);
  const property = fc.property(fc.nat(all.length - 1), fc.nat(), fc.nat(7), (which, at, bit) => {
    const bytes = encodeFrame(all[which]!);
    bytes[at % bytes.length]! ^= 1 << bit;
    const frame = decodeFrame(bytes);
    if (isFault(frame) || !isFraudFrame(frame)) return;
    const found = verifyFraud(frame, trust);
    if (isFault(found)) return;
    expect([cast.settler.key, cast.worker.key]).toContain(found.key);
  });
  fc.assert(property, { numRuns: 150 });
});
