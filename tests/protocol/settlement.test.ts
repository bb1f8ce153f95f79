import { describe, expect, test } from 'vitest';
import { concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import {
  noStatements,
  openEvidence,
  readReceipts,
  readStatement,
  receiptFields,
  signReceipt,
  silence,
  statementsFrame,
  type Receipts,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import type { Signed } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { evidence, heights, promiseId, said, unlockingKey } from './deal.ts';
import { number } from './protobuf.ts';

const { height, network, settler, worker, customer, mallory } = cast;

type Row = readonly [
  kind: StatementKind,
  frame: FrameOf<'statements'>,
  by: cast.Party,
  body: object,
];

const rows: readonly Row[] = [
  ['networkAccepted', said.networkAccepted, settler, { height }],
  ['replyAccepted', said.replyAccepted, worker, {}],
  ['keyRequest', said.keyRequest, customer, {}],
  ['unlock', said.unlock, settler, { unlockingKey, height }],
  ['abortRequest', said.abortRequest, customer, {}],
  ['withdrawal', said.withdrawal, worker, {}],
  ['abort', said.abort, settler, { reason: 'too-late', height }],
  ['confirmation', said.confirmation, customer, {}],
  ['outcome', said.paid, settler, { gig: 'paid', network: 'paid', reason: 'confirmed', height }],
  ['settledReport', said.settledReport, worker, {}],
  ['claim', said.claim, worker, {}],
  ['senderDispute', said.senderDispute, customer, { evidence: evidence.sender }],
  ['replierDispute', said.replierDispute, worker, { evidence: evidence.replier }],
  ['noContact', said.noContact, customer, {}],
  ['concession', said.concession, worker, {}],
  ['senderCancel', said.senderCancel, customer, {}],
  ['replierCancel', said.replierCancel, worker, {}],
  ['claimReceipt', said.claimReceipt, settler, { about: 'claim' }],
  ['senderDisputeReceipt', said.senderDisputeReceipt, settler, { about: 'senderDispute' }],
  ['replierDisputeReceipt', said.replierDisputeReceipt, settler, { about: 'replierDispute' }],
  ['noContactReceipt', said.noContactReceipt, settler, { about: 'noContact' }],
];

const statementOf = (kind: StatementKind, frame: FrameOf<'statements'>) => frame[kind] as Signed;
const codeOf = (found: unknown) => (isFault(found) ? found.code : found);

test('there is a row for every statement a frame may carry', () => {
  const kinds = Object.keys(noStatements).filter((name) => !name.endsWith('Preimage'));
  expect(rows.map(([kind]) => kind).sort()).toEqual(kinds.sort());
});

describe.each(rows)('read %s', (kind, frame, by, body) => {
  const statement = statementOf(kind, frame);
  const read = (signed: Signed, key = by.key, about = promiseId) =>
    readStatement(kind, statementsFrame(about, { [kind]: signed }), { key, network });

  test('by whom it is up to, about the promise', () => {
    expect(read(statement)).toMatchObject({ promiseId, ...body });
  });

  test('not in the frame', () => {
    expect(
      readStatement(kind, statementsFrame(promiseId, {}), { key: by.key, network }),
    ).toBeNull();
  });

  test("by another's key -- STATEMENT_SIGNATURE_INVALID", () => {
    expect(codeOf(read(statement, mallory.key))).toBe('STATEMENT_SIGNATURE_INVALID');
  });

  test('one bit off -- STATEMENT_SIGNATURE_INVALID', () => {
    expect(codeOf(read(cast.forged(statement)))).toBe('STATEMENT_SIGNATURE_INVALID');
  });

  test('of another network -- STATEMENT_SIGNATURE_INVALID [CRT-13]', () => {
    const elsewhere = { key: by.key, network: 'mainnet' } as const;
    expect(codeOf(readStatement(kind, frame, elsewhere))).toBe('STATEMENT_SIGNATURE_INVALID');
  });

  test('about another promise -- STATEMENT_NOT_ENTITLED', () => {
    const found = read(statement, by.key, cast.idOf('another promise'));
    expect(codeOf(found)).toBe('STATEMENT_NOT_ENTITLED');
  });

  test('not canonical -- FRAME_NOT_CANONICAL [CRT-13]', () => {
    const body = concat(statement.body, number(99, 1));
    expect(codeOf(read({ ...statement, body }))).toBe('FRAME_NOT_CANONICAL');
  });

  test('noise -- FRAME_MALFORMED', () => {
    const noise = { ...statement, body: Uint8Array.of(0xff) };
    expect(codeOf(read(noise))).toBe('FRAME_MALFORMED');
  });
});

test('words share their bytes and differ by the tag they are signed under [CRT-13]', () => {
  const words = [
    'keyRequest',
    'abortRequest',
    'confirmation',
    'noContact',
    'senderCancel',
  ] as const;
  for (const kind of words) {
    for (const other of words.filter((word) => word !== kind)) {
      const swapped = statementsFrame(promiseId, { [other]: statementOf(kind, said[kind]) });
      const found = readStatement(other, swapped, { key: customer.key, network });
      expect(codeOf(found)).toBe('STATEMENT_SIGNATURE_INVALID');
    }
  }
});

describe('receipts', () => {
  const by = { key: settler.key, network };
  const kinds = ['claim', 'senderDispute', 'replierDispute', 'noContact'] as const;

  test.each(kinds)('of a %s is kept with its height and the signature', (about) => {
    const field = receiptFields[about];
    const read = readReceipts(said[field], {}, by);
    expect(read).toEqual({
      [about]: { signed: said[field][field], height: heights.earliestClaim },
    });
  });

  test('the first receipt counts, and nothing new is the same object', () => {
    const first = readReceipts(said.claimReceipt, {}, by) as Receipts;
    expect(readReceipts(said.claimReceipt, first, by)).toBe(first);
    const both = readReceipts(said.noContactReceipt, first, by) as Receipts;
    expect(Object.keys(both)).toEqual(['claim', 'noContact']);
  });

  test('a receipt of one thing in the field of another -- STATEMENT_NOT_ENTITLED', () => {
    const frame = statementsFrame(promiseId, {
      claimReceipt: said.noContactReceipt.noContactReceipt,
    });
    expect(codeOf(readReceipts(frame, {}, by))).toBe('STATEMENT_NOT_ENTITLED');
  });

  test('names the statement by the hash of its body [STL-07]', () => {
    const statement = said.claim.claim!;
    const signer = { secret: settler.secret, network, random: cast.dice('receipt'), promiseId };
    const frame = statementsFrame(promiseId, signReceipt('claim', statement, height, signer));
    const statementHash = hexOf(hash(statement.body));
    expect(readStatement('claimReceipt', frame, by)).toEqual({
      promiseId,
      about: 'claim',
      statementHash,
      height,
    });
  });
});

describe('evidence', () => {
  test('is read by the settler alone, about this promise alone [STL-07]', () => {
    expect(openEvidence(evidence.sender, promiseId, settler.secret)).toBe('Nobody came.');
    expect(openEvidence(evidence.sender, promiseId, mallory.secret)).toBe('');
    expect(openEvidence(evidence.sender, cast.idOf('other'), settler.secret)).toBe('');
    expect(openEvidence(Uint8Array.of(1), promiseId, settler.secret)).toBe('');
  });
});

describe('silence [STL-07, PAY-13]', () => {
  const none = { claimedAt: null, noContactAt: null, isDisputed: false };
  const { claimBy, decideBy } = heights;
  test.each([
    ['nobody says anything', none, claimBy + 1, 'refunded', 'paid', 'nobody-claimed'],
    ['a claim', { ...none, claimedAt: 900 }, 918, 'paid', 'paid', 'claimed'],
    ['a no contact', { ...none, noContactAt: 900 }, 918, 'refunded', 'refunded', 'no-contact'],
    [
      'a claim against a no contact',
      { ...none, claimedAt: 900, noContactAt: 899 },
      decideBy,
      'refunded',
      'paid',
      'no-ruling',
    ],
    ['a dispute', { ...none, isDisputed: true }, decideBy, 'refunded', 'paid', 'no-ruling'],
    [
      'a dispute of a claim',
      { ...none, claimedAt: 900, isDisputed: true },
      decideBy,
      'refunded',
      'paid',
      'no-ruling',
    ],
  ] as const)('after %s decides at %o', (...[, file, at, gig, money, reason]) => {
    const verdict = { gig, network: money, reason };
    expect(silence(file, heights, limits.disputeBlocks)).toEqual({ height: at, verdict });
  });
});
