import { describe, expect, test } from 'vitest';
import { concat } from '../../src/lib/protocol/bytes.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import {
  noStatements,
  readStatement,
  statementsFrame,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import type { Signed } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { promiseId, said, unlockingKey } from './deal.ts';
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

  test('of another network -- STATEMENT_SIGNATURE_INVALID', () => {
    const elsewhere = { key: by.key, network: 'mainnet' } as const;
    expect(codeOf(readStatement(kind, frame, elsewhere))).toBe('STATEMENT_SIGNATURE_INVALID');
  });

  test('about another promise -- STATEMENT_NOT_ENTITLED', () => {
    const found = read(statement, by.key, cast.idOf('another promise'));
    expect(codeOf(found)).toBe('STATEMENT_NOT_ENTITLED');
  });

  test('not canonical -- FRAME_NOT_CANONICAL', () => {
    const body = concat(statement.body, number(99, 1));
    expect(codeOf(read({ ...statement, body }))).toBe('FRAME_NOT_CANONICAL');
  });

  test('noise -- FRAME_MALFORMED', () => {
    const noise = { ...statement, body: Uint8Array.of(0xff) };
    expect(codeOf(read(noise))).toBe('FRAME_MALFORMED');
  });
});

test('the five words share their bytes and differ by the tag they are signed under', () => {
  const words = ['keyRequest', 'abortRequest', 'confirmation'] as const;
  for (const kind of words) {
    for (const other of words.filter((word) => word !== kind)) {
      const swapped = statementsFrame(promiseId, { [other]: statementOf(kind, said[kind]) });
      const found = readStatement(other, swapped, { key: customer.key, network });
      expect(codeOf(found)).toBe('STATEMENT_SIGNATURE_INVALID');
    }
  }
});
