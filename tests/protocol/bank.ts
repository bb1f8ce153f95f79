/** Lightning among the nodes of a town: invoices, who holds what on them, and how it ended. It remembers all, as real wallets do. */
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import type { PaymentHash } from '../../src/lib/protocol/ids.ts';
import { readInvoice } from '../../src/lib/protocol/job/bolt11.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect, WalletEffect, WalletEvent } from '../../src/lib/protocol/machine.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { writeInvoice } from '../../src/simulator/bolt11-writer.ts';
import { seedOf } from './cast.ts';

/** One invoice; people by their names. */
export interface Booked {
  readonly invoice: string;
  readonly paymentHash: PaymentHash;
  readonly amountMsat: string;
  readonly issuer: string;
  readonly settleDeadline: number;
  payer: string | null;
  end: 'settled' | 'cancelled' | null;
  /** Hex, once it is settled. */
  preimage: string | null;
}

type Issue = Extract<WalletEffect, { do: 'issueInvoice' }>;
type Pay = Extract<WalletEffect, { do: 'payInvoice' }>;

export class Bank {
  /** Wallets tell that an invoice was cancelled which nobody had paid; not all do. */
  tellsUnpaid = false;
  readonly #books: Booked[] = [];
  readonly #tell: (name: string, event: WalletEvent) => void;

  constructor(tell: (name: string, event: WalletEvent) => void) {
    this.#tell = tell;
  }

  perform(name: string, effect: Effect, now: { height: number; nowMs: number }): void {
    switch (effect.do) {
      case 'issueInvoice':
        return this.#issue(name, effect, now);
      case 'payInvoice':
        return this.#pay(name, effect);
      case 'settleInvoice':
        return this.#settle(name, effect.paymentHash, effect.preimage);
      case 'cancelInvoice':
        return this.#cancel(name, effect.paymentHash);
      case 'followInvoice':
        return this.#follow(name, effect.paymentHash);
      default:
        return;
    }
  }

  save(): Booked[] {
    return this.#books.map((booked) => ({ ...booked }));
  }

  load(books: readonly Booked[]): void {
    for (const booked of books) this.#books.push({ ...booked });
  }

  /** What everybody has more or less than at first, msat. */
  gains(): Record<string, bigint> {
    const gains: Record<string, bigint> = {};
    for (const { end, payer, issuer, amountMsat } of this.#books) {
      if (end !== 'settled' || payer === null) continue;
      gains[payer] = (gains[payer] ?? 0n) - BigInt(amountMsat);
      gains[issuer] = (gains[issuer] ?? 0n) + BigInt(amountMsat);
    }
    return gains;
  }

  /** Payments that are held. */
  inFlight(): number {
    return this.#books.filter(({ payer, end }) => payer !== null && end === null).length;
  }

  #issue(
    issuer: string,
    effect: Issue,
    { height, nowMs }: { height: number; nowMs: number },
  ): void {
    const { do: _do, ...wanted } = effect;
    const { paymentHash } = wanted;
    let booked = this.#of(issuer, paymentHash);
    if (booked === undefined) {
      const invoice = writeInvoice({
        ...wanted,
        minFinalCltv: wanted.minFinalCltv + limits.finalCltvSlack,
        network: 'regtest',
        timestampMs: nowMs,
        paymentSecret: seedOf('payment secret'),
        secretKey: seedOf(`wallet ${issuer}`),
      });
      const settleDeadline = height + wanted.minFinalCltv - limits.walletBufferBlocks;
      const amountMsat = `${wanted.amountMsat}`;
      const made = { invoice, paymentHash, amountMsat, issuer, settleDeadline };
      booked = { ...made, payer: null, end: null, preimage: null };
      this.#books.push(booked);
    }
    this.#tell(issuer, { on: 'invoiceIssued', paymentHash, invoice: booked.invoice });
  }

  #pay(payer: string, { invoice, mayBegin, paymentHash }: Pay): void {
    const booked = this.#books.find((other) => other.invoice === invoice);
    if (booked === undefined || isFault(readInvoice(invoice))) return;
    if (booked.payer === payer && booked.end !== null) return this.#tellPayer(booked);
    if (booked.payer !== null) return;
    if (!mayBegin || booked.end !== null) {
      this.#tell(payer, { on: 'paymentFailed', paymentHash, reason: 'never begun' });
      return;
    }
    booked.payer = payer;
    this.#tellAccepted(booked);
  }

  #settle(issuer: string, paymentHash: PaymentHash, preimage: Uint8Array): void {
    const booked = this.#of(issuer, paymentHash);
    if (booked?.payer == null || booked.end === 'cancelled') return;
    const isNew = booked.end === null;
    Object.assign(booked, { end: 'settled', preimage: hexOf(preimage) });
    this.#tell(issuer, { on: 'invoiceSettled', paymentHash });
    if (isNew) this.#tellPayer(booked);
  }

  #cancel(issuer: string, paymentHash: PaymentHash): void {
    const booked = this.#of(issuer, paymentHash);
    if (booked === undefined || booked.end === 'settled') return;
    const wasHeld = booked.payer !== null && booked.end === null;
    if (!wasHeld && !this.tellsUnpaid) return;
    booked.end = 'cancelled';
    this.#tell(issuer, { on: 'invoiceCancelled', paymentHash });
    if (wasHeld) this.#tellPayer(booked);
  }

  /** After a restart: how it stands. */
  #follow(issuer: string, paymentHash: PaymentHash): void {
    const booked = this.#of(issuer, paymentHash);
    if (booked === undefined) return;
    if (booked.end === 'settled') this.#tell(issuer, { on: 'invoiceSettled', paymentHash });
    else if (booked.end === 'cancelled')
      this.#tell(issuer, { on: 'invoiceCancelled', paymentHash });
    else if (booked.payer !== null) this.#tellAccepted(booked);
  }

  #tellAccepted({ issuer, paymentHash, settleDeadline }: Booked): void {
    this.#tell(issuer, { on: 'invoiceAccepted', paymentHash, settleDeadline });
  }

  #tellPayer({ payer, paymentHash, preimage }: Booked): void {
    if (payer === null) return;
    if (preimage === null) {
      this.#tell(payer, { on: 'paymentFailed', paymentHash, reason: 'came back' });
    } else {
      const paid = { preimage: bytesOf(preimage), feeMsat: 0n };
      this.#tell(payer, { on: 'paymentSettled', paymentHash, ...paid });
    }
  }

  #of(issuer: string, paymentHash: PaymentHash): Booked | undefined {
    const mine = (other: Booked) => other.issuer === issuer && other.paymentHash === paymentHash;
    return this.#books.find(mine);
  }
}
