/**
 * Reading a wallet's books. Who passes money on has two transactions of one hash, and a look-up by
 * hash may give either, so what is found counts only if its direction and invoice are right.
 */
import type {
  Network,
  PaymentHash,
  WalletEffect,
  WalletEvent,
  WalletFaultCode,
} from '../../protocol/index.ts';
import type { Answer, Link } from './link.ts';
import { readList, readTransaction, type Transaction } from './words.ts';

/** Transactions of one answer: an encrypted Nostr message carries 64 kB. */
const PAGE = 20;
const MOST_PAGES = 5;
/** A wallet's clock may be so far before or behind the one that made the invoice, in seconds. */
const CLOCK_SKEW_SECONDS = 3_600;

export interface Wanted {
  readonly type: 'incoming' | 'outgoing';
  readonly paymentHash: PaymentHash;
  /** Null if only the hash is known. */
  readonly invoice: string | null;
  /** When the invoice was made, so that older transactions need not be read; 0 if not known. */
  readonly timestampMs: number;
}

/** What following invoices and payments takes of a session with a wallet. */
export interface Desk {
  readonly link: Link;
  readonly network: Network;
  readonly canHold: boolean;
  /** May we read the wallet's books? Without, nothing can be confirmed. */
  readonly canLook: boolean;
  /** The last known one. */
  readonly height: number;
  /** ms that a payment the wallet refused must be missing from its books to count as not made. */
  readonly absentMs: number;
  readHeight(): Promise<void>;
  ask(method: string, params: object): Promise<Answer>;
  tell(event: WalletEvent): void;
  fail(effect: WalletEffect, code: WalletFaultCode, retryable: boolean): void;
  /** Balance and books are not what they were: look soon. */
  moneyMoved(): void;
}

/** Absent: the wallet answered, and has no such transaction. Unknown: it did not answer. */
export type Found = Transaction | 'absent' | 'unknown';

export async function find(desk: Desk, wanted: Wanted): Promise<Found> {
  const { paymentHash, invoice } = wanted;
  const query = { payment_hash: paymentHash, ...(invoice === null ? {} : { invoice }) };
  const answer = await desk.ask('lookup_invoice', query);
  if (answer.kind === 'silence') return 'unknown';
  if (answer.kind === 'result') {
    const found = readTransaction(answer.result);
    if (found && isWanted(found, wanted)) return found;
  }
  const listed = await findInList(desk, wanted);
  if (listed !== 'no list') return listed;
  return answer.kind === 'error' && answer.code === 'NOT_FOUND' ? 'absent' : 'unknown';
}

async function findInList(desk: Desk, wanted: Wanted): Promise<Found | 'no list'> {
  const from = Math.max(0, Math.floor(wanted.timestampMs / 1_000) - CLOCK_SKEW_SECONDS);
  for (let page = 0; page < MOST_PAGES; page++) {
    const query = { type: wanted.type, unpaid: true, from, limit: PAGE, offset: page * PAGE };
    const answer = await desk.ask('list_transactions', query);
    if (answer.kind === 'silence') return 'unknown';
    const list = answer.kind === 'result' ? readList(answer.result) : null;
    if (!list) return 'no list';
    const found = list.find((each) => isWanted(each, wanted));
    if (found) return found;
    if (list.length < PAGE) return 'absent';
  }
  return 'unknown';
}

function isWanted(found: Transaction, wanted: Wanted): boolean {
  if (found.type !== wanted.type || found.paymentHash !== wanted.paymentHash) return false;
  return wanted.invoice === null || found.invoice === '' || found.invoice === wanted.invoice;
}
