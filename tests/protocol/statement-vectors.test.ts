/** Frames of statements on one promise, and who may say what: for other implementations. */
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import {
  readReceipts,
  readStatement,
  receiptFields,
  statementKinds,
  statementsFrame,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import type { Signed } from '../../src/lib/protocol/wire/messages.ts';
import { jsonOf, type Json as Value } from '../vectors/json.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { number } from './protobuf.ts';

/** Whose words count, and what the frame says then. */
interface Json {
  readonly network: 'mainnet' | 'regtest';
  readonly settlerKey: string;
  readonly senderKey: string;
  readonly replierKey: string;
  readonly says?: Value;
}

const { said, promiseId, statements } = deal;
const parties: Json = {
  network: cast.network,
  settlerKey: cast.settler.key,
  senderKey: cast.customer.key,
  replierKey: cast.worker.key,
};

const sendersWords = [
  'keyRequest',
  'abortRequest',
  'confirmation',
  'senderDispute',
  'noContact',
  'senderCancel',
];
const repliersWords = [
  'replyAccepted',
  'withdrawal',
  'settledReport',
  'claim',
  'replierDispute',
  'concession',
  'replierCancel',
];
const kinds = Object.keys(statementKinds) as StatementKind[];
const entitled = (kind: StatementKind, json: Json) => {
  if (sendersWords.includes(kind)) return json.senderKey;
  return repliersWords.includes(kind) ? json.replierKey : json.settlerKey;
};

/** Everything that is said in a frame, or what is wrong with it. */
function read(frame: FrameOf<'statements'>, json: Json) {
  const bodies: Record<string, unknown> = {};
  const { network } = json;
  for (const kind of kinds) {
    const body = readStatement(kind, frame, { key: entitled(kind, json) as PartyKey, network });
    if (isFault(body)) return body;
    if (body !== null) bodies[kind] = body;
  }
  const receipts = readReceipts(frame, {}, { key: json.settlerKey as PartyKey, network });
  return isFault(receipts) ? receipts : bodies;
}

/** The statements of several frames in one. */
function together(...frames: FrameOf<'statements'>[]): FrameOf<'statements'> {
  const all = frames.flatMap((frame) =>
    kinds.flatMap((kind) => (frame[kind] === null ? [] : [[kind, frame[kind]] as const])),
  );
  return statementsFrame(promiseId, Object.fromEntries(all));
}

const valid: readonly [string, FrameOf<'statements'>][] = [
  ['nothing', statementsFrame(promiseId, {})],
  ['a sender who paid', together(said.keyRequest)],
  [
    'a ride that was paid',
    together(said.networkAccepted, said.unlock, said.claimReceipt, said.paid),
  ],
  [
    'what the replier says',
    together(said.replyAccepted, said.claim, said.replierDispute, said.settledReport),
  ],
  ['what the sender says', together(said.noContact, said.senderDispute, said.senderCancel)],
  [
    'what came to nothing',
    together(said.networkAccepted, said.abortRequest, said.withdrawal, said.abort),
  ],
  ['what is conceded', together(said.concession, said.replierCancel, said.confirmation)],
  [
    'every receipt',
    together(
      said.claimReceipt,
      said.senderDisputeReceipt,
      said.replierDisputeReceipt,
      said.noContactReceipt,
    ),
  ],
];

const put = (kind: StatementKind, signed: Signed) => statementsFrame(promiseId, { [kind]: signed });
const unlock = said.unlock.unlock!;
const other = { promiseId: cast.idOf<typeof promiseId>('another promise') };
const invalid: readonly [string, FrameOf<'statements'>, string, Partial<Json>?][] = [
  [
    'Unlock by the replier',
    statements(
      { unlock: { promiseId, unlockingKey: deal.unlockingKey, height: 1 } },
      { unlock: cast.worker },
    ),
    'STATEMENT_SIGNATURE_INVALID',
  ],
  [
    'a claim by the sender',
    statements({ claim: { promiseId } }, { claim: cast.customer }),
    'STATEMENT_SIGNATURE_INVALID',
  ],
  [
    'a no contact by the replier',
    statements({ noContact: { promiseId } }, { noContact: cast.worker }),
    'STATEMENT_SIGNATURE_INVALID',
  ],
  [
    'a receipt by the sender',
    statements(
      {
        claimReceipt: {
          promiseId,
          about: 'claim',
          statementHash: deal.filedHash('claim'),
          height: 1,
        },
      },
      { claimReceipt: cast.customer },
    ),
    'STATEMENT_SIGNATURE_INVALID',
  ],
  [
    'a confirmation as a key request',
    put('keyRequest', said.confirmation.confirmation!),
    'STATEMENT_SIGNATURE_INVALID',
  ],
  ['a claim as a concession', put('concession', said.claim.claim!), 'STATEMENT_SIGNATURE_INVALID'],
  ['one bit off', put('unlock', cast.forged(unlock)), 'STATEMENT_SIGNATURE_INVALID'],
  ['of another network', said.unlock, 'STATEMENT_SIGNATURE_INVALID', { network: 'mainnet' }],
  [
    'one good and one forged',
    statementsFrame(promiseId, { unlock, outcome: cast.forged(said.paid.outcome!) }),
    'STATEMENT_SIGNATURE_INVALID',
  ],
  ['about another promise', statements({ confirmation: other }), 'STATEMENT_NOT_ENTITLED'],
  [
    "a claim's receipt as that of a no contact",
    put('noContactReceipt', said.claimReceipt.claimReceipt!),
    'STATEMENT_NOT_ENTITLED',
  ],
  [
    "a dispute's receipt as the other side's",
    put('senderDisputeReceipt', said.replierDisputeReceipt.replierDisputeReceipt!),
    'STATEMENT_NOT_ENTITLED',
  ],
  [
    'not canonical',
    put('unlock', { ...unlock, body: concat(unlock.body, number(99, 1)) }),
    'FRAME_NOT_CANONICAL',
  ],
  ['noise', put('unlock', { ...unlock, body: Uint8Array.of(0xff) }), 'FRAME_MALFORMED'],
];

describe('vectors [STL-03, CRT-13]', () => {
  const written = (name: string, frame: FrameOf<'statements'>, json: Json): Vector<Json> => ({
    name,
    hex: hexOf(encodeFrame(frame)),
    json,
  });
  const kept = keepVectors('statements', {
    about:
      'Statements on a promise (a Frame), and whose words count: src/lib/protocol/job/settlement.ts. `says` ' +
      'has the body of each.',
    valid: valid.map(([name, frame]) =>
      written(name, frame, { ...parties, says: jsonOf(read(frame, parties)) }),
    ),
    invalid: invalid.map(([name, frame, code, change]): InvalidVector<Json> => ({
      ...written(name, frame, { ...parties, ...change }),
      code,
    })),
  });
  const frameOf = (hex: string) => decodeFrame(bytesOf(hex)) as FrameOf<'statements'>;

  test('every statement there is stands in a valid one', () => {
    const names = kept.valid.flatMap(({ json }) => Object.keys(json.says as object));
    expect(new Set(names)).toEqual(new Set(kinds));
    expect(Object.values(receiptFields).every((field) => names.includes(field))).toBe(true);
  });

  test.each(kept.valid)('$name', ({ hex, json }) => {
    expect(jsonOf(read(frameOf(hex), json))).toEqual(json.says);
  });

  test.each(kept.invalid)('recv StatementsFrame -- $name -- $code', ({ hex, json, code }) => {
    const found = read(frameOf(hex), json);
    expect(isFault(found) && found.code).toBe(code);
  });
});
