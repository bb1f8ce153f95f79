/**
 * Statements between the parties and the settler, each signed, all about one promise. Whitepaper: the arrows to and from the
 * settler in "Replying"; its frames are ours.
 *
 *   Sender                       Settler                       Replier
 *     | pays network invoice ......>|                             |
 *     |<----- NetworkAccepted ------|------ NetworkAccepted ----->|
 *     | pays reply invoice .......................................>|
 *     |------ KeyRequest ---------->|<----- ReplyAccepted --------|
 *     |<----- Unlock (or Abort) ----|------ Unlock (or Abort) --->|
 *     |------ Confirmation -------->|                             |
 *     |<----- Outcome --------------|------ Outcome, preimage --->|
 *     |                             |<----- SettledReport --------|
 */
import type { Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PromiseId } from '../ids.ts';
import { isFault, type MessageCodec } from '../wire/codec.ts';
import {
  Abort,
  NetworkAccepted,
  Outcome,
  ReplyAccepted,
  Unlock,
  Word,
  type Signed,
  type StatementsFrame,
} from '../wire/messages.ts';
import { openSigned, signBody, type SignedType } from './signed.ts';

/** Name in StatementsFrame -> codec of the body and type it is signed as. */
const kinds = {
  networkAccepted: [NetworkAccepted, 'network-accepted'],
  replyAccepted: [ReplyAccepted, 'reply-accepted'],
  keyRequest: [Word, 'key-request'],
  unlock: [Unlock, 'unlock'],
  abortRequest: [Word, 'abort-request'],
  withdrawal: [Word, 'withdrawal'],
  abort: [Abort, 'abort'],
  confirmation: [Word, 'confirmation'],
  outcome: [Outcome, 'outcome'],
  settledReport: [Word, 'settled-report'],
} as const satisfies Record<string, readonly [MessageCodec<unknown>, SignedType]>;

export type StatementKind = keyof typeof kinds;
type Body<K extends StatementKind> =
  (typeof kinds)[K][0] extends MessageCodec<infer Core> ? Core : never;

export const noStatements: Omit<StatementsFrame, 'promiseId'> = {
  networkAccepted: null,
  replyAccepted: null,
  keyRequest: null,
  unlock: null,
  abortRequest: null,
  withdrawal: null,
  abort: null,
  confirmation: null,
  outcome: null,
  settledReport: null,
  networkPreimage: null,
  replyPreimage: null,
};

/** A StatementsFrame with these statements and no others. */
export function statementsFrame(
  promiseId: PromiseId,
  statements: Partial<Omit<StatementsFrame, 'promiseId'>>,
): FrameOf<'statements'> {
  return { kind: 'statements', ...noStatements, ...statements, promiseId };
}

export function signStatement<K extends StatementKind>(
  kind: K,
  body: Body<K>,
  by: {
    readonly secret: Uint8Array;
    readonly network: Network;
    readonly random: (n: number) => Uint8Array;
  },
): Signed {
  const [codec, type] = kinds[kind] as unknown as readonly [MessageCodec<Body<K>>, SignedType];
  return signBody(codec, body, { type, ...by });
}

/**
 * The statement's body if `key` made it about this promise; null if the frame has none. Faults: STATEMENT_SIGNATURE_INVALID,
 * STATEMENT_NOT_ENTITLED (about another promise).
 */
export function readStatement<K extends StatementKind>(
  kind: K,
  frame: Pick<StatementsFrame, 'promiseId' | K>,
  by: { readonly key: PartyKey; readonly network: Network },
): Body<K> | Fault | null {
  const signed = frame[kind] as Signed | null;
  if (signed === null) return null;
  const [codec, type] = kinds[kind] as unknown as readonly [MessageCodec<Body<K>>, SignedType];
  const body = openSigned(codec, signed, { type, code: 'STATEMENT_SIGNATURE_INVALID', ...by });
  if (isFault(body)) return body;
  if ((body as { promiseId: PromiseId }).promiseId === frame.promiseId) return body;
  return fault('STATEMENT_NOT_ENTITLED', `${kind} about another promise`);
}
