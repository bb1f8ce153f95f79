/**
 * Payments of this node, each followed to its end. A payment is settled when a preimage hashes
 * right and failed when the wallet's books say so or it refused before sending; whatever else a
 * wallet answers, or does not, leaves it pending, and a pending hash is never paid again.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import {
  isFault,
  readInvoice,
  type InvoiceFields,
  type PaymentHash,
  type WalletEffect,
} from '../../protocol/index.ts';
import { find, type Desk, type Found } from './books.ts';
import type { Answer } from './link.ts';
import { isRefusalToPay, soundsInFlight, type Transaction } from './words.ts';

type PayEffect = Extract<WalletEffect, { do: 'payInvoice' }>;

/**
 * Look-ups that must find nothing before a payment the wallet would not make counts as not made.
 */
const ABSENT_LOOKS = 3;
/** How long after its expiry an invoice may still be paid by a lax wallet. */
const LAX_EXPIRY_MS = 10 * 60_000;
/** Blocks after which no HTLC of a payment can be left: LDK takes no route longer than 1,008. */
const LONGEST_LOCK = 1_200;
/** A wallet that was shut down in mid-payment may call it failed and find out later. */
const DOUBT_FAILURE_MS = 10 * 60_000;
const MOST_FOLLOWED = 500;

interface Followed {
  readonly paymentHash: PaymentHash;
  readonly invoice: string;
  readonly fields: InvoiceFields;
  /** Null while the wallet is asked whether it is paying this already. */
  sent: { readonly atMs: number; readonly height: number } | null;
  /** What pay_invoice said: nothing yet, no without having sent, or that it is on its way. */
  answer: 'none' | 'refused' | 'in flight';
  state: 'pending' | 'settled' | 'failed';
  preimage: Uint8Array | null;
  feeMsat: bigint;
  reason: string;
  /** Look-ups in a row that found nothing, and when the first of them was. */
  absences: number;
  absentSinceMs: number;
  failedMs: number;
  lookedMs: number;
  busy: Promise<unknown>;
}

export class Payments {
  readonly #desk: Desk;
  readonly #followed = new Map<PaymentHash, Followed>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  async pay(effect: PayEffect): Promise<void> {
    const { paymentHash } = effect;
    const known = this.#followed.get(paymentHash);
    if (known) {
      this.#tell(known);
      if (known.state !== 'settled') await this.nudge(paymentHash);
      return;
    }
    if (!this.#desk.canLook) return this.#desk.fail(effect, 'WALLET_UNAUTHORIZED', false);
    const fields = readInvoice(effect.invoice);
    const isFirst = effect.mayBegin && effect.again !== true;
    const wrong = whatIsWrong(fields, effect, this.#desk.network);
    if (isFault(fields) || wrong !== null) return this.#refuse(paymentHash, wrong ?? '', isFirst);
    this.#forget();
    if (this.#followed.size >= MOST_FOLLOWED)
      return this.#refuse(paymentHash, 'too many payments', isFirst);
    const followed = begin(effect, fields);
    this.#followed.set(paymentHash, followed);
    await this.#exclusively(followed, () => this.#lookThenPay(effect, followed));
  }

  /** Looks the payment up again, at once. */
  async nudge(paymentHash: PaymentHash): Promise<void> {
    const followed = this.#followed.get(paymentHash);
    if (followed?.sent) await this.#exclusively(followed, () => this.#look(followed));
  }

  /** A notification: its preimage proves itself, anything else is a reason to look. */
  async hear(transaction: Transaction): Promise<void> {
    const followed = this.#followed.get(transaction.paymentHash);
    if (!followed || followed.state === 'settled') return;
    const { type, preimage, feeMsat } = transaction;
    if (type === 'outgoing' && this.#settle(followed, preimage, Number(feeMsat))) return;
    await this.nudge(transaction.paymentHash);
  }

  /** Those whose turn it is to be looked at: the longest not looked at first. */
  due(most: number): PaymentHash[] {
    const nowMs = Date.now();
    return [...this.#followed.values()]
      .filter(({ sent }) => sent !== null)
      .filter((each) => each.state !== 'settled')
      .filter(({ failedMs }) => failedMs === 0 || nowMs - failedMs < DOUBT_FAILURE_MS)
      .sort((a, b) => a.lookedMs - b.lookedMs)
      .slice(0, most)
      .map(({ paymentHash }) => paymentHash);
  }

  // -------------------------------------------------------------------------------- how it is done

  /** Never leaps before it knows that the wallet is not paying this already. */
  async #lookThenPay(effect: PayEffect, followed: Followed): Promise<void> {
    const { paymentHash, fields } = followed;
    const found = await this.#find(followed);
    if (found === 'unknown') {
      this.#followed.delete(paymentHash);
      return this.#desk.fail(effect, 'WALLET_UNREACHABLE', true);
    }
    const expired = Date.now() >= fields.timestampMs + fields.expirySeconds * 1_000;
    if (found === 'absent' && expired) {
      this.#followed.delete(paymentHash);
      return this.#refuse(paymentHash, 'invoice expired');
    }
    followed.sent = { atMs: Date.now(), height: this.#desk.height };
    if (found !== 'absent') {
      followed.answer = 'in flight';
      return this.#learn(followed, found);
    }
    // Our request may be on its way to the wallet yet: the look-ups tell when nothing can come of it.
    if (!effect.mayBegin) return;
    // Its answer may take as long as the payment: nobody waits for it here.
    void this.#desk.link
      .request('pay_invoice', { invoice: effect.invoice }, { once: true })
      .then((answer) =>
        this.#exclusively(followed, () => this.#onAnswer(effect, followed, answer)),
      );
  }

  async #onAnswer(effect: PayEffect, followed: Followed, answer: Answer): Promise<void> {
    if (followed.state === 'settled') return;
    if (answer.kind === 'silence') {
      if (answer.sent || followed.state === 'failed') return; // the look-ups tell
      this.#followed.delete(followed.paymentHash);
      return this.#desk.fail(effect, 'WALLET_UNREACHABLE', true);
    }
    if (answer.kind === 'result') {
      const { preimage, fees_paid: fees } = (answer.result ?? {}) as Record<string, unknown>;
      followed.answer = 'in flight';
      if (this.#settle(followed, preimage, fees)) return;
      return this.#look(followed);
    }
    const { code, message } = answer;
    const underWay = soundsInFlight(message) && !isRefusalToPay(code);
    followed.answer = underWay ? 'in flight' : 'refused';
    const found = await this.#find(followed);
    const definite = isRefusalToPay(code) || (code === 'PAYMENT_FAILED' && !underWay);
    if (found !== 'absent' || !definite || followed.state === 'failed')
      return this.#learn(followed, found);
    const short = code === 'INSUFFICIENT_BALANCE' || code === 'QUOTA_EXCEEDED';
    // Nothing has left the wallet, so the hash may be paid another time.
    this.#followed.delete(followed.paymentHash);
    const reason = short ? 'insufficient balance' : 'refused by the wallet';
    this.#refuse(followed.paymentHash, reason, isRefusalToPay(code) && effect.again !== true);
  }

  async #look(followed: Followed): Promise<void> {
    followed.lookedMs = Date.now();
    this.#learn(followed, await this.#find(followed));
  }

  #learn(followed: Followed, found: Found): void {
    if (found === 'unknown' || followed.state === 'settled') return;
    if (found === 'absent') return this.#onAbsent(followed);
    followed.absences = 0;
    if (found.state === 'settled' || found.preimage !== '')
      this.#settle(followed, found.preimage, Number(found.feeMsat));
    else if (found.state === 'failed' && followed.state === 'pending')
      this.#fail(followed, 'came back');
  }

  /**
   * The wallet has no such payment. If it refused, that is soon the end of it; if it did not
   * answer, only when nobody can pay the invoice any more; and if it said the payment was on its
   * way, its books are incomplete, and only the chain can tell.
   */
  #onAbsent(followed: Followed): void {
    if (followed.state !== 'pending' || !followed.sent) return;
    const nowMs = Date.now();
    if (followed.absences++ === 0) followed.absentSinceMs = nowMs;
    const { fields, sent, answer } = followed;
    const expiredMs = nowMs - fields.timestampMs - fields.expirySeconds * 1_000;
    const longEnough = nowMs - followed.absentSinceMs >= this.#desk.absentMs;
    const sure =
      (answer === 'refused' && longEnough) ||
      (answer === 'none' && expiredMs >= LAX_EXPIRY_MS) ||
      this.#desk.height >= sent.height + LONGEST_LOCK;
    if (sure && followed.absences >= ABSENT_LOOKS) this.#fail(followed, 'not in the wallet');
  }

  /** True if the preimage is the right one. */
  #settle(followed: Followed, preimage: unknown, fees: unknown): boolean {
    if (typeof preimage !== 'string' || !/^[0-9a-f]{64}$/i.test(preimage)) return false;
    const bytes = hexToBytes(preimage.toLowerCase());
    if (bytesToHex(sha256(bytes)) !== followed.paymentHash) return false;
    followed.state = 'settled';
    followed.preimage = bytes;
    followed.feeMsat = Number.isSafeInteger(fees) ? BigInt(fees as number) : 0n;
    this.#tell(followed);
    this.#desk.moneyMoved();
    return true;
  }

  #fail(followed: Followed, reason: string): void {
    followed.state = 'failed';
    followed.reason = reason;
    followed.failedMs = Date.now();
    this.#tell(followed);
    this.#desk.moneyMoved();
  }

  #tell({ state, paymentHash, preimage, feeMsat, reason }: Followed): void {
    if (state === 'settled' && preimage)
      this.#desk.tell({
        on: 'paymentSettled',
        paymentHash,
        preimage: preimage.slice(),
        feeMsat,
      });
    if (state === 'failed') this.#refuse(paymentHash, reason);
  }

  #refuse(paymentHash: PaymentHash, reason: string, nothingLeft = false): void {
    const left = nothingLeft ? ({ nothingLeft } as const) : {};
    this.#desk.tell({ on: 'paymentFailed', paymentHash, reason, ...left });
  }

  /** Makes room: ends nobody doubts any more. */
  #forget(): void {
    if (this.#followed.size < MOST_FOLLOWED) return;
    const oldMs = Date.now() - DOUBT_FAILURE_MS;
    for (const [paymentHash, { state, failedMs }] of this.#followed) {
      const over = state === 'settled' || (state === 'failed' && failedMs < oldMs);
      if (over) this.#followed.delete(paymentHash);
    }
  }

  #find({ paymentHash, invoice, fields }: Followed): Promise<Found> {
    const { timestampMs } = fields;
    return find(this.#desk, { type: 'outgoing', paymentHash, invoice, timestampMs });
  }

  #exclusively(followed: Followed, work: () => Promise<void>): Promise<void> {
    const done = followed.busy.then(work);
    followed.busy = done.catch(() => undefined);
    return done;
  }
}

function begin(effect: PayEffect, fields: InvoiceFields): Followed {
  return {
    paymentHash: effect.paymentHash,
    invoice: effect.invoice.toLowerCase(),
    fields,
    sent: null,
    answer: 'none',
    state: 'pending',
    preimage: null,
    feeMsat: 0n,
    reason: '',
    absences: 0,
    absentSinceMs: 0,
    failedMs: 0,
    lookedMs: 0,
    busy: Promise.resolve(),
  };
}

/** Why nobody should pay this; null if nothing is wrong. */
function whatIsWrong(
  fields: ReturnType<typeof readInvoice>,
  effect: PayEffect,
  network: string,
): string | null {
  if (isFault(fields)) return 'malformed invoice';
  if (fields.paymentHash !== effect.paymentHash) return 'invoice of another hash';
  if (fields.amountMsat !== effect.amountMsat) return 'invoice of another amount';
  if (fields.network !== network) return 'invoice of another network';
  return null;
}
