/**
 * A wallet's own books over one LDK node, in the words of NIP-47: what it was asked to receive and
 * to pay, and how far that is. LDK forgets what the books must not: that a hash was settled or
 * given back, and that an invoice expires.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, hexToBytes, randomBytes } from '@noble/hashes/utils.js';
import { isFault, readInvoice, type InvoiceFields } from '../../lib/protocol/index.ts';
import { nowSeconds, type Chain } from './chain.ts';
import type { LdkNode, NodeListener } from './node.ts';
import { HUB_CLTV_DELTA } from './parts.ts';
import { ordinary, type Personality } from './personality.ts';

const DEFAULT_CLTV = 144;
const DEFAULT_EXPIRY_SECONDS = 3_600;

/** NIP-47's transaction object, amounts in msat, times in seconds. */
export interface Transaction {
  readonly type: 'incoming' | 'outgoing';
  state: 'pending' | 'accepted' | 'settled' | 'failed' | 'expired';
  readonly invoice: string;
  readonly description: string;
  readonly payment_hash: string;
  preimage?: string;
  readonly amount: number;
  fees_paid: number;
  readonly created_at: number;
  readonly expires_at: number;
  settled_at?: number;
  settle_deadline?: number;
}

export type NotificationType = 'payment_received' | 'payment_sent' | 'hold_invoice_accepted';

/** An error as NIP-47 answers it. */
export class WalletError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface InvoiceRequest {
  readonly amount: number;
  readonly description?: string;
  readonly expiry?: number;
  readonly min_cltv_expiry_delta?: number;
}

export class Wallet implements NodeListener {
  readonly alias: string;
  readonly node: LdkNode;
  personality: Personality;
  /** Told of whatever NIP-47 has a notification for. */
  notify: (type: NotificationType, transaction: Transaction) => void = () => undefined;
  readonly #chain: Chain;
  readonly #transactions: Transaction[] = [];
  /** Invoices whose preimage is known, so they are settled as soon as they are paid. */
  readonly #plain = new Map<string, string>();
  /** Who waits for the end of a payment, by hash. */
  readonly #waiting = new Map<string, () => void>();

  constructor(alias: string, node: LdkNode, chain: Chain, personality = ordinary) {
    this.alias = alias;
    this.node = node;
    this.#chain = chain;
    this.personality = personality;
    node.listen(this);
  }

  get height(): number {
    return this.#chain.height;
  }

  /** Money that left for a payment that has not ended. */
  outgoingMsat(): bigint {
    return this.#sum((each) => each.type === 'outgoing' && each.state === 'pending');
  }

  /** Money that is held for this wallet. */
  incomingMsat(): bigint {
    return this.#sum((each) => each.type === 'incoming' && each.state === 'accepted');
  }

  #sum(which: (transaction: Transaction) => boolean): bigint {
    const amounts = this.#transactions.filter(which).map(({ amount }) => BigInt(amount));
    return amounts.reduce((sum, amount) => sum + amount, 0n);
  }

  // -------------------------------------------------------------------------- what NIP-47 can ask

  makeInvoice(request: InvoiceRequest): Transaction {
    const preimage = randomBytes(32);
    const paymentHash = bytesToHex(sha256(preimage));
    this.#plain.set(paymentHash, bytesToHex(preimage));
    return this.#make(request, paymentHash);
  }

  makeHoldInvoice(request: InvoiceRequest & { readonly payment_hash: string }): Transaction {
    if (!isHash(request.payment_hash)) throw new WalletError('BAD_REQUEST', 'payment_hash');
    if (this.#last('incoming', request.payment_hash))
      throw new WalletError('OTHER', 'an invoice with this payment hash exists');
    return this.#make(request, request.payment_hash);
  }

  #make(request: InvoiceRequest, paymentHash: string): Transaction {
    const { amount, description = '', expiry = DEFAULT_EXPIRY_SECONDS } = request;
    if (!Number.isSafeInteger(amount) || amount < 1) throw new WalletError('BAD_REQUEST', 'amount');
    const wrong = this.personality.invoices;
    const cltv = request.min_cltv_expiry_delta ?? DEFAULT_CLTV;
    const invoice = this.node.invoice({
      paymentHash,
      amountMsat: BigInt(wrong === 'wrong-amount' ? amount + 1 : amount),
      minFinalCltv: wrong === 'short-cltv' ? cltv - 10 : cltv,
      expirySeconds: expiry,
      description,
    });
    const now = nowSeconds();
    const transaction: Transaction = {
      type: 'incoming',
      state: 'pending',
      invoice,
      description,
      payment_hash: paymentHash,
      amount,
      fees_paid: 0,
      created_at: now,
      expires_at: now + expiry,
    };
    this.#transactions.push(transaction);
    return transaction;
  }

  /** Resolves when the payment has ended, well or not; `Transaction.state` says how. */
  async pay(invoice: string): Promise<Transaction> {
    const fields = this.#readToPay(invoice);
    const transaction: Transaction = {
      type: 'outgoing',
      state: 'pending',
      invoice,
      description: fields.description,
      payment_hash: fields.paymentHash,
      amount: Number(fields.amountMsat),
      fees_paid: 0,
      created_at: nowSeconds(),
      expires_at: 0,
    };
    this.#transactions.push(transaction);
    const ended = new Promise<void>((resolve) => this.#waiting.set(fields.paymentHash, resolve));
    try {
      // No room for the random blocks that LDK adds to hide how far the payee is.
      this.node.pay(invoice, fields.minFinalCltv + HUB_CLTV_DELTA, 0n);
    } catch (error) {
      transaction.state = 'failed';
      throw new WalletError('PAYMENT_FAILED', (error as Error).message);
    }
    await ended;
    return transaction;
  }

  #readToPay(invoice: string): InvoiceFields {
    const fields = readInvoice(invoice);
    if (isFault(fields)) throw new WalletError('BAD_REQUEST', 'cannot decode the invoice');
    const { paymentHash, amountMsat, timestampMs, expirySeconds } = fields;
    const former = this.#last('outgoing', paymentHash)?.state;
    if (former === 'settled') throw new WalletError('OTHER', 'this invoice is paid already');
    if (former === 'pending') throw new WalletError('OTHER', 'this invoice is being paid already');
    if (!this.personality.paysHeld && this.#last('incoming', paymentHash))
      throw new WalletError('INTERNAL', 'a transaction with this payment hash exists');
    if (nowSeconds() >= timestampMs / 1_000 + expirySeconds)
      throw new WalletError('PAYMENT_FAILED', 'the invoice has expired');
    if (amountMsat > this.node.balanceMsat())
      throw new WalletError('INSUFFICIENT_BALANCE', 'not enough funds');
    return fields;
  }

  settle(preimage: string): void {
    if (!isHash(preimage)) throw new WalletError('BAD_REQUEST', 'preimage');
    const held = this.#last('incoming', bytesToHex(sha256(hexToBytes(preimage))));
    if (!held) throw new WalletError('NOT_FOUND', 'no such hold invoice');
    if (held.state === 'settled') return;
    if (held.state !== 'accepted') throw new WalletError('OTHER', `the invoice is ${held.state}`);
    held.preimage = preimage;
    this.node.claim(preimage);
  }

  cancel(paymentHash: string): void {
    const held = this.#last('incoming', paymentHash);
    if (!held) throw new WalletError('NOT_FOUND', 'no such hold invoice');
    const cancellable = held.state === 'pending' && this.personality.cancelsUnpaid;
    if (held.state === 'accepted') this.node.giveBack(paymentHash);
    else if (!cancellable) throw new WalletError('OTHER', `the invoice is ${held.state}`);
    held.state = 'failed';
  }

  /** By hash it is the latest transaction of either type: ambiguous for whoever passes money on. */
  lookup(query: { readonly payment_hash?: string; readonly invoice?: string }): Transaction {
    const found = this.#transactions.findLast(
      (each) =>
        each.payment_hash === (query.payment_hash ?? each.payment_hash) &&
        each.invoice === (query.invoice ?? each.invoice),
    );
    if (!found) throw new WalletError('NOT_FOUND', 'no such transaction');
    return this.#asTold(found);
  }

  /** Newest first. */
  list(query: { readonly type?: string; readonly unpaid?: boolean }): Transaction[] {
    return this.#transactions
      .filter((each) => each.type === (query.type ?? each.type))
      .filter((each) => query.unpaid === true || each.state === 'settled')
      .map((each) => this.#asTold(each))
      .reverse();
  }

  #asTold(transaction: Transaction): Transaction {
    const { type, state, expires_at } = transaction;
    const late = type === 'incoming' && state === 'pending' && nowSeconds() >= expires_at;
    const mistaken = state === 'accepted' && this.personality.acceptedLooksExpired;
    return late || mistaken ? { ...transaction, state: 'expired' } : transaction;
  }

  // ----------------------------------------------------------------------------- what LDK reports

  claimable(paymentHash: string, deadline: number): void {
    const expected = this.#last('incoming', paymentHash);
    const wanted = expected?.state === 'pending' && nowSeconds() < expected.expires_at;
    if (!wanted) return this.node.giveBack(paymentHash);
    const preimage = this.#plain.get(paymentHash);
    if (preimage !== undefined) {
      expected.preimage = preimage;
      return this.node.claim(preimage);
    }
    expected.state = 'accepted';
    expected.settle_deadline = deadline;
    this.notify('hold_invoice_accepted', expected);
  }

  claimed(paymentHash: string): void {
    const held = this.#last('incoming', paymentHash);
    if (!held) return;
    held.state = 'settled';
    held.settled_at = nowSeconds();
    this.notify('payment_received', held);
  }

  sent(paymentHash: string, preimage: string, feeMsat: bigint): void {
    const payment = this.#last('outgoing', paymentHash);
    if (!payment) return;
    payment.state = 'settled';
    payment.preimage = preimage;
    payment.fees_paid = Number(feeMsat);
    payment.settled_at = nowSeconds();
    this.#waiting.get(paymentHash)?.();
    this.notify('payment_sent', payment);
  }

  failed(paymentHash: string): void {
    const payment = this.#last('outgoing', paymentHash);
    if (!payment || payment.state === 'settled') return;
    payment.state = 'failed';
    this.#waiting.get(paymentHash)?.();
  }

  /** At its deadline LDK gives a held payment back by itself, and says nothing. */
  heightChanged(): void {
    for (const each of this.#transactions) {
      if (each.state === 'accepted' && this.height >= each.settle_deadline!) each.state = 'failed';
    }
  }

  #last(type: Transaction['type'], paymentHash: string): Transaction | undefined {
    return this.#transactions.findLast(
      (each) => each.type === type && each.payment_hash === paymentHash,
    );
  }
}

function isHash(text: unknown): text is string {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}
