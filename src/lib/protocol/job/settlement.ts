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
 *     |------ Confirmation -------->|<----- Claim ----------------|   either is enough; a claim waits out the dispute blocks
 *     |------ Dispute, NoContact -->|<----- Dispute, Concession --|   sealed evidence; the settler owes a ruling
 *     |<----- Receipt --------------|------ Receipt ------------->|   of every claim, dispute and no contact
 *     |<----- Outcome --------------|------ Outcome, preimage --->|   exactly one
 *     |                             |<----- SettledReport --------|
 *
 * Differs from the paper: it has "claims" and an "automatic refund after a dispute timeout". Silence works for whoever spoke
 * last: an undisputed claim pays, no claim refunds, an unanswered no contact refunds the network too (architecture,
 * decision 3).
 */
import { bytesOf, hexOf, textOf, utf8 } from '../bytes.ts';
import { hash, openSealed, seal, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PromiseId } from '../ids.ts';
import { isFault, type MessageCodec } from '../wire/codec.ts';
import {
  Abort,
  Dispute,
  NetworkAccepted,
  Outcome,
  Receipt,
  ReplyAccepted,
  Unlock,
  Word,
  type Heights,
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
  claim: [Word, 'claim'],
  senderDispute: [Dispute, 'sender-dispute'],
  replierDispute: [Dispute, 'replier-dispute'],
  noContact: [Word, 'no-contact'],
  concession: [Word, 'concession'],
  senderCancel: [Word, 'sender-cancel'],
  replierCancel: [Word, 'replier-cancel'],
  claimReceipt: [Receipt, 'receipt'],
  senderDisputeReceipt: [Receipt, 'receipt'],
  replierDisputeReceipt: [Receipt, 'receipt'],
  noContactReceipt: [Receipt, 'receipt'],
} as const satisfies Record<string, readonly [MessageCodec<unknown>, SignedType]>;

export { kinds as statementKinds };
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
  claim: null,
  senderDispute: null,
  replierDispute: null,
  noContact: null,
  concession: null,
  senderCancel: null,
  replierCancel: null,
  claimReceipt: null,
  senderDisputeReceipt: null,
  replierDisputeReceipt: null,
  noContactReceipt: null,
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

// -------------------------------------------------------------------------------- claims and disputes

/** What the settler signs receipts for. */
export type ReceiptKind = Receipt['about'];

export const receiptFields = {
  claim: 'claimReceipt',
  senderDispute: 'senderDisputeReceipt',
  replierDispute: 'replierDisputeReceipt',
  noContact: 'noContactReceipt',
} as const satisfies Record<ReceiptKind, StatementKind>;

/** A receipt as its owner keeps it: the settler's signature, and the height at which its clock began to run. */
export interface KeptReceipt {
  readonly signed: Signed;
  readonly height: number;
}

/** The settler's receipts on one promise; what has none is not there. */
export type Receipts = { readonly [K in ReceiptKind]?: KeptReceipt };

/** The settler's receipt for a statement of a party, to be published. */
export function signReceipt(
  about: ReceiptKind,
  statement: Signed,
  height: number,
  by: Parameters<typeof signStatement>[2] & { readonly promiseId: PromiseId },
): Partial<StatementsFrame> {
  const { promiseId, ...signer } = by;
  const body = { promiseId, about, statementHash: hexOf(hash(statement.body)), height };
  return { [receiptFields[about]]: signStatement(receiptFields[about], body, signer) };
}

/** The receipts in a frame, added to those known. Faults: those of `readStatement`. */
export function readReceipts(
  frame: StatementsFrame,
  known: Receipts,
  by: { readonly key: PartyKey; readonly network: Network },
): Receipts | Fault {
  let receipts = known;
  for (const about of Object.keys(receiptFields) as ReceiptKind[]) {
    const field = receiptFields[about];
    const signed = frame[field];
    if (known[about] !== undefined || signed === null) continue;
    const receipt = readStatement(field, frame, by);
    if (isFault(receipt)) return receipt;
    if (receipt?.about !== about) return fault('STATEMENT_NOT_ENTITLED', `no receipt of ${about}`);
    receipts = { ...receipts, [about]: { signed, height: receipt.height } };
  }
  return receipts;
}

/** A party's side of the story, for the settler's eyes only. */
export function sealEvidence(
  text: string,
  to: { readonly settlerKey: PartyKey; readonly promiseId: PromiseId },
  random: (n: number) => Uint8Array,
): Uint8Array {
  const context = bytesOf(to.promiseId);
  const plaintext = utf8(text);
  return seal({ purpose: 'evidence', to: to.settlerKey, context, plaintext, random: random(32) });
}

/** The text, or an empty one if it cannot be read: it is a dispute all the same. */
export function openEvidence(sealed: Uint8Array, promiseId: PromiseId, secret: Uint8Array): string {
  const context = bytesOf(promiseId);
  const bytes = openSealed({ purpose: 'evidence', secret, context, sealed });
  return (bytes && textOf(bytes)) ?? '';
}

// ------------------------------------------------------------------------------------ what silence says

/** What becomes of the money, and why. */
export type Verdict = Pick<Outcome, 'gig' | 'network' | 'reason'>;

export const pays = (reason: Verdict['reason']): Verdict => ({
  gig: 'paid',
  network: 'paid',
  reason,
});
export const refunds = (reason: Verdict['reason'], network: Verdict['network']): Verdict => ({
  gig: 'refunded',
  network,
  reason,
});

/** What the settler has receipts for: the heights, null where there is none. */
export interface OnFile {
  readonly claimedAt: number | null;
  readonly noContactAt: number | null;
  readonly isDisputed: boolean;
}

/** A dispute, or two stories that cannot both be true: somebody has to rule. */
export function needsRuling({ claimedAt, noContactAt, isDisputed }: OnFile): boolean {
  return isDisputed || (claimedAt !== null && noContactAt !== null);
}

/** The block at which silence decides, and what it says. */
export function silence(
  file: OnFile,
  { claimBy, decideBy }: Heights,
  disputeBlocks: number,
): { readonly height: number; readonly verdict: Verdict } {
  if (needsRuling(file)) return { height: decideBy, verdict: refunds('no-ruling', 'paid') };
  const { claimedAt, noContactAt } = file;
  if (claimedAt !== null) return { height: claimedAt + disputeBlocks, verdict: pays('claimed') };
  if (noContactAt !== null) {
    return { height: noContactAt + disputeBlocks, verdict: refunds('no-contact', 'refunded') };
  }
  return { height: claimBy + 1, verdict: refunds('nobody-claimed', 'paid') };
}
