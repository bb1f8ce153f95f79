/**
 * What is paid in place of work: the one thing that nobody gets anything back for. So it is within the limits its owner set, for
 * one ask and for a day, once for a topic and a neighbour, and on disk first. All else is judged as if there were none of it.
 */
import {
  limits,
  readStored,
  type PaymentHash,
  type WalletEffect,
} from '../../lib/protocol/index.ts';
import type { Watched } from './watch-settler.ts';

interface StoredPurchase {
  readonly state: 'Paying' | 'Paid' | 'Failed';
  readonly nothingLeft?: boolean;
  readonly purchase: {
    readonly peer: string;
    readonly payloadId: string;
    readonly invoice: string;
    readonly priceMsat: bigint;
    readonly atMs: number;
  };
}

export class FavourWatch {
  readonly #who: Watched;
  readonly #disk: ReadonlyMap<string, Uint8Array>;
  readonly #bought = new Set<PaymentHash>();
  readonly #sold = new Set<PaymentHash>();
  /** Whom was paid for what. */
  readonly #paidFor = new Map<string, PaymentHash>();

  constructor(who: Watched, disk: ReadonlyMap<string, Uint8Array>) {
    this.#who = who;
    this.#disk = disk;
  }

  /** A payment begins: is it one in place of work? */
  pays({ paymentHash, invoice, amountMsat }: Extract<WalletEffect, { do: 'payInvoice' }>): boolean {
    const known = this.#read(`favour-bought/${paymentHash}`);
    if (known === null) return false;
    const { peer, payloadId, priceMsat, atMs } = known.purchase;
    const { mostMsat, perDayMsat } = this.#who.favours;
    this.#rule(known.state === 'Paying', 'pays in place of work what it might forget');
    const asStored = known.purchase.invoice === invoice && priceMsat === amountMsat;
    this.#rule(asStored, 'pays in place of work what it did not decide');
    this.#rule(amountMsat <= mostMsat, 'pays more in place of work than it may');
    this.#rule(this.#dayMsat(atMs) <= perDayMsat, 'pays more in place of work than in a day');
    const first = this.#paidFor.get(`${peer} ${payloadId}`);
    const once = first === undefined || first === paymentHash || this.#cameToNothing(first);
    this.#rule(once, 'pays a neighbour for one topic twice');
    this.#paidFor.set(`${peer} ${payloadId}`, paymentHash);
    this.#bought.add(paymentHash);
    return true;
  }

  settles(paymentHash: PaymentHash): void {
    if (this.#disk.has(`favour-sold/${paymentHash}`)) this.#sold.add(paymentHash);
  }

  /** Asks that were paid for. */
  bought(): number {
    const { outgoing } = this.#account;
    return [...this.#bought].filter((hash) => outgoing.get(hash)?.state === 'settled').length;
  }

  /** What it has more, or less, by all of them. */
  gainMsat(): bigint {
    const { incoming, outgoing } = this.#account;
    let msat = 0n;
    for (const hash of this.#sold) {
      const invoice = incoming.get(hash);
      if (invoice?.state === 'settled') msat += invoice.fields.amountMsat;
    }
    for (const hash of this.#bought) {
      const payment = outgoing.get(hash);
      if (payment?.state === 'settled') msat -= payment.amountMsat + payment.feeMsat;
    }
    return msat;
  }

  #dayMsat(atMs: number): bigint {
    let msat = 0n;
    for (const key of this.#disk.keys()) {
      const { purchase, nothingLeft } = this.#read(key) ?? {};
      if (purchase === undefined || nothingLeft === true) continue;
      if (purchase.atMs > atMs - limits.favourDayMs) msat += purchase.priceMsat;
    }
    return msat;
  }

  /** It never left the wallet. */
  #cameToNothing(hash: PaymentHash): boolean {
    return !this.#account.outgoing.has(hash);
  }

  #read(key: string): StoredPurchase | null {
    const value = key.startsWith('favour-bought/') ? this.#disk.get(key) : undefined;
    return value === undefined ? null : readStored<StoredPurchase>(value);
  }

  get #account() {
    return this.#who.ledger.account(this.#who.name);
  }

  #rule(holds: boolean, broken: string): void {
    if (!holds) this.#who.violated(`6: ${this.#who.name} ${broken}`);
  }
}
