/**
 * Invoices this node issued, each followed to its end: open, accepted, then settled or cancelled.
 * The wallet's books say which; notifications only make us look sooner. What a node asked for is
 * kept until it is done: an invoice that cannot be cancelled yet is cancelled as soon as it is
 * accepted, and a preimage is handed over again until the wallet calls the invoice settled.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  isFault,
  readInvoice,
  type InvoiceFields,
  type PaymentHash,
  type WalletEffect,
  type WalletEvent,
  type WalletFaultCode,
} from '../../protocol/index.ts';
import { find, type Desk, type Found } from './books.ts';
import type { Answer } from './link.ts';
import { faultOf, isPassing, readMadeInvoice } from './words.ts';

type Do<Name extends WalletEffect['do']> = Extract<WalletEffect, { do: Name }>;

/** Blocks a wallet may add to the final CLTV it was asked for: LDK adds 3. */
const MOST_ADDED_CLTV = 3;
/** How long after its expiry an invoice may still be accepted by a lax wallet: LDK allows 2 h. */
const LAX_EXPIRY_MS = 130 * 60_000;
/** With fewer blocks left than this, the height is read again before settling. */
const CLOSE_TO_DEADLINE = 6;
/** Rounds between two looks at an open invoice, or ms if that is less. */
const OPEN_ROUNDS = 5;
const OPEN_MS = 20_000;
/** Rounds between two looks at one that is over but for a lax wallet. */
const OVER_ROUNDS = 30;
const MOST_FOLLOWED = 500;

type Standing =
  | { readonly is: 'open' }
  | { readonly is: 'accepted'; readonly settleDeadline: number }
  | { readonly is: 'settled' }
  /** `lax`: expired, but the wallet might accept it yet. */
  | { readonly is: 'cancelled'; readonly lax: boolean }
  /** Still held after its deadline: the wallet is about to give it back. */
  | { readonly is: 'late' }
  | { readonly is: 'unclear' };

interface Followed {
  readonly paymentHash: PaymentHash;
  readonly invoice: string;
  readonly fields: InvoiceFields;
  wanted: 'end' | 'settle' | 'cancel';
  preimage: Uint8Array | null;
  /** What came of the last attempt to settle or cancel. */
  outcome: 'none' | 'done' | 'refused' | 'silence';
  /** What was last told, so that it is told once. */
  told: Standing['is'] | null;
  /** Work on one invoice is done one thing after the other. */
  busy: Promise<unknown>;
  lookedMs: number;
}

export class Invoices {
  readonly #desk: Desk;
  readonly #followed = new Map<PaymentHash, Followed>();

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  // -------------------------------------------------------------------------- what the node asks

  /**
   * The wallet refuses a hash it has, so asking first would tell nothing that its answer does not.
   */
  async issue(effect: Do<'issueInvoice'>): Promise<void> {
    const { paymentHash, minFinalCltv, expirySeconds, description } = effect;
    if (!this.#desk.canHold) return this.#fail(effect, 'WALLET_CANNOT_HOLD', false);
    const request = {
      amount: Number(effect.amountMsat),
      payment_hash: paymentHash,
      description,
      expiry: expirySeconds,
      min_cltv_expiry_delta: minFinalCltv,
    };
    const answer = await this.#desk.ask('make_hold_invoice', request);
    if (answer.kind === 'result') {
      const invoice = readMadeInvoice(answer.result);
      const wrong = this.#whatIsWrong(invoice, effect);
      if (wrong === null) return this.#issued(effect, invoice);
      // Nobody was given it: at worst it expires.
      await this.#desk.ask('cancel_hold_invoice', { payment_hash: paymentHash });
      return this.#fail(effect, wrong, false);
    }
    const found = await this.#find(paymentHash, null, 0);
    if (found === 'unknown') return this.#fail(effect, 'WALLET_UNREACHABLE', true);
    if (found !== 'absent' && this.#whatIsWrong(found.invoice, effect) === null)
      return this.#issued(effect, found.invoice);
    if (found !== 'absent') return this.#fail(effect, 'WALLET_REFUSED', false);
    if (answer.kind === 'silence') return this.#fail(effect, 'WALLET_UNREACHABLE', true);
    this.#fail(effect, faultOf(answer.code), isPassing(answer.code));
  }

  async settle(effect: Do<'settleInvoice'>): Promise<void> {
    const { paymentHash, preimage } = effect;
    const right = bytesToHex(sha256(preimage)) === paymentHash;
    if (!right) return this.#fail(effect, 'WALLET_REFUSED', false);
    await this.#want(effect, (followed) => {
      followed.wanted = 'settle';
      followed.preimage = preimage;
    });
  }

  async cancel(effect: Do<'cancelInvoice'>): Promise<void> {
    await this.#want(effect, (followed) => {
      if (followed.wanted !== 'settle') followed.wanted = 'cancel';
    });
    const followed = this.#followed.get(effect.paymentHash);
    if (followed?.told !== 'open') return;
    // Some wallets cancel what is not accepted yet; with the others we have to wait.
    await this.#exclusively(followed, async () => {
      await this.#desk.ask('cancel_hold_invoice', { payment_hash: effect.paymentHash });
      await this.#look(followed);
    });
  }

  async follow(effect: Do<'followInvoice'>): Promise<void> {
    await this.#want(effect, (followed) => (followed.told = null), effect.invoice);
  }

  /** Looks the invoice up again, at once. */
  async nudge(paymentHash: PaymentHash): Promise<void> {
    const followed = this.#followed.get(paymentHash);
    if (followed) await this.#exclusively(followed, () => this.#look(followed));
  }

  /** The wallet may have told us something that was lost: it is everybody's turn. */
  suspectAll(): void {
    for (const followed of this.#followed.values()) followed.lookedMs = 0;
  }

  /** Those whose turn it is to be looked at: the longest not looked at first. */
  due(most: number, pollMs: number): PaymentHash[] {
    const nowMs = Date.now();
    return [...this.#followed.values()]
      .filter((each) => nowMs - each.lookedMs >= patienceMs(each.told, pollMs))
      .sort((a, b) => a.lookedMs - b.lookedMs)
      .slice(0, most)
      .map(({ paymentHash }) => paymentHash);
  }

  // -------------------------------------------------------------------------------- how it is done

  /** Follows the invoice if it does not yet, notes what is wanted, and looks. */
  async #want(
    effect: Do<'settleInvoice' | 'cancelInvoice' | 'followInvoice'>,
    note: (followed: Followed) => void,
    invoice: string | null = null,
  ): Promise<void> {
    const { paymentHash } = effect;
    let followed = this.#followed.get(paymentHash);
    if (!followed) {
      const timestampMs = invoice === null ? 0 : timestampOf(invoice);
      const found = await this.#find(paymentHash, invoice, timestampMs);
      if (found === 'unknown') return this.#fail(effect, 'WALLET_UNREACHABLE', true);
      if (found === 'absent') return this.#fail(effect, 'WALLET_REFUSED', false);
      followed = this.#add(paymentHash, invoice ?? found.invoice);
      if (!followed) return this.#fail(effect, 'WALLET_INVOICE_MISMATCH', false);
    }
    note(followed);
    const sure = followed;
    const seen = await this.#exclusively(sure, () => this.#look(sure));
    this.#explain(effect, seen, sure.outcome);
  }

  /** Why what was asked for is not done yet; it stays wanted. */
  #explain(effect: WalletEffect, seen: Standing['is'], outcome: Followed['outcome']): void {
    if (seen === 'unclear') return this.#fail(effect, 'WALLET_UNREACHABLE', true);
    if (effect.do === 'followInvoice') return;
    const settling = effect.do === 'settleInvoice';
    if (seen === 'late' && settling) return this.#fail(effect, 'WALLET_REFUSED', false);
    if (seen === 'open' && settling) return this.#fail(effect, 'WALLET_REFUSED', true);
    if (seen !== 'accepted') return;
    if (outcome === 'silence') this.#fail(effect, 'WALLET_UNREACHABLE', true);
    if (outcome === 'refused') this.#fail(effect, 'WALLET_REFUSED', true);
  }

  /** Reads the books, does what is wanted, tells what is new, and says how the invoice stands. */
  async #look(followed: Followed): Promise<Standing['is']> {
    followed.lookedMs = Date.now();
    let standing = await this.#read(followed);
    if (standing.is === 'accepted' && followed.wanted !== 'end') {
      followed.outcome = await this.#carryOut(followed, standing.settleDeadline);
      standing = await this.#read(followed);
      if (standing.is === 'accepted') this.#desk.moneyMoved(); // look again soon
    }
    this.#tell(followed, standing);
    return standing.is;
  }

  async #carryOut(followed: Followed, settleDeadline: number): Promise<Followed['outcome']> {
    const { paymentHash, wanted, preimage } = followed;
    const desk = this.#desk;
    let answer: Answer;
    if (wanted === 'settle' && preimage) {
      // Not after the deadline: a wallet might call it settled and have nothing.
      if (settleDeadline - desk.height < CLOSE_TO_DEADLINE) await desk.readHeight();
      if (desk.height >= settleDeadline) return 'none';
      answer = await desk.ask('settle_hold_invoice', { preimage: bytesToHex(preimage) });
    } else {
      answer = await desk.ask('cancel_hold_invoice', { payment_hash: paymentHash });
    }
    if (answer.kind === 'silence') return 'silence';
    return answer.kind === 'error' ? 'refused' : 'done';
  }

  async #read({ paymentHash, invoice, fields }: Followed): Promise<Standing> {
    const found = await this.#find(paymentHash, invoice, fields.timestampMs);
    return standingOf(found, fields, this.#desk.height);
  }

  #tell(followed: Followed, standing: Standing): void {
    const { paymentHash, invoice, told, wanted } = followed;
    if (standing.is === 'unclear' || standing.is === 'late') return;
    const over = standing.is === 'settled' || (standing.is === 'cancelled' && !standing.lax);
    if (over) this.#followed.delete(paymentHash);
    if (standing.is === told) return;
    followed.told = standing.is;
    // A lax wallet might take a payment for it yet, which nobody wants any more.
    if (standing.is === 'cancelled') followed.wanted = 'cancel';
    // Who wants it settled or cancelled is told the end only.
    if (wanted !== 'end' && (standing.is === 'open' || standing.is === 'accepted')) return;
    this.#desk.tell(eventOf(standing, paymentHash, invoice));
    this.#desk.moneyMoved();
  }

  #issued(effect: Do<'issueInvoice'>, invoice: string): void {
    const { paymentHash } = effect;
    const followed = this.#followed.get(paymentHash) ?? this.#add(paymentHash, invoice);
    if (!followed) return this.#fail(effect, 'WALLET_REFUSED', true);
    followed.told = 'open';
    this.#desk.tell({ on: 'invoiceIssued', paymentHash, invoice });
  }

  #add(paymentHash: PaymentHash, invoice: string): Followed | undefined {
    const fields = readInvoice(invoice);
    if (isFault(fields) || fields.paymentHash !== paymentHash) return undefined;
    if (this.#followed.size >= MOST_FOLLOWED) return undefined;
    const followed: Followed = {
      paymentHash,
      invoice,
      fields,
      wanted: 'end',
      preimage: null,
      outcome: 'none',
      told: null,
      busy: Promise.resolve(),
      lookedMs: 0,
    };
    this.#followed.set(paymentHash, followed);
    return followed;
  }

  /** What the wallet made must be what it was asked for, or it is worth nothing. */
  #whatIsWrong(invoice: string, effect: Do<'issueInvoice'>): WalletFaultCode | null {
    const fields = readInvoice(invoice);
    if (isFault(fields)) return 'WALLET_INVOICE_MISMATCH';
    if (fields.network !== this.#desk.network) return 'WALLET_WRONG_NETWORK';
    const added = fields.minFinalCltv - effect.minFinalCltv;
    const right =
      fields.paymentHash === effect.paymentHash &&
      fields.amountMsat === effect.amountMsat &&
      added >= 0 &&
      added <= MOST_ADDED_CLTV;
    return right ? null : 'WALLET_INVOICE_MISMATCH';
  }

  #find(paymentHash: PaymentHash, invoice: string | null, timestampMs: number): Promise<Found> {
    return find(this.#desk, { type: 'incoming', paymentHash, invoice, timestampMs });
  }

  #exclusively<T>(followed: Followed, work: () => Promise<T>): Promise<T> {
    const done = followed.busy.then(work);
    followed.busy = done.catch(() => undefined);
    return done;
  }

  #fail(effect: WalletEffect, code: WalletFaultCode, retryable: boolean): void {
    this.#desk.fail(effect, code, retryable);
  }
}

function standingOf(found: Found, fields: InvoiceFields, height: number): Standing {
  if (found === 'unknown' || found === 'absent') return { is: 'unclear' };
  const { state, settleDeadline } = found;
  const overMs = Date.now() - fields.timestampMs - fields.expirySeconds * 1_000;
  if (state === 'settled') return { is: 'settled' };
  if (state === 'accepted' || state === 'expired') {
    // Alby Hub goes by the clock: it says expired of what is accepted, but names the deadline.
    if (settleDeadline !== null && settleDeadline > height)
      return { is: 'accepted', settleDeadline };
    if (state === 'accepted') return { is: settleDeadline === null ? 'unclear' : 'late' };
    return { is: 'cancelled', lax: settleDeadline === null && overMs < LAX_EXPIRY_MS };
  }
  if (state === 'failed' || state === 'cancelled' || state === 'canceled')
    return { is: 'cancelled', lax: false };
  return overMs >= LAX_EXPIRY_MS ? { is: 'cancelled', lax: false } : { is: 'open' };
}

/** Held money is looked at in every round; of an open invoice we are usually notified. */
function patienceMs(told: Followed['told'], pollMs: number): number {
  if (told === 'open') return Math.min(OPEN_ROUNDS * pollMs, OPEN_MS);
  return told === 'cancelled' ? OVER_ROUNDS * pollMs : 0;
}

function eventOf(
  standing: Exclude<Standing, { is: 'unclear' | 'late' }>,
  paymentHash: PaymentHash,
  invoice: string,
): WalletEvent {
  switch (standing.is) {
    case 'open':
      return { on: 'invoiceIssued', paymentHash, invoice };
    case 'accepted':
      return { on: 'invoiceAccepted', paymentHash, settleDeadline: standing.settleDeadline };
    case 'settled':
      return { on: 'invoiceSettled', paymentHash };
    case 'cancelled':
      return { on: 'invoiceCancelled', paymentHash };
  }
}

function timestampOf(invoice: string): number {
  const fields = readInvoice(invoice);
  return isFault(fields) ? 0 : fields.timestampMs;
}
