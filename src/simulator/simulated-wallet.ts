/**
 * The port in front of one simulated wallet: what NWC and its adapter are to a real one. It delays,
 * drops what a wallet out of reach would have told, and after that tells how everything stands.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import {
  isFault,
  type PaymentHash,
  readInvoice,
  type WalletEffect,
  type WalletEvent,
  type WalletFaultCode,
} from '../lib/protocol/index.ts';
import type { WalletPort } from '../lib/runtime/ports.ts';
import type { Account, Books, Incoming, Teller } from './lightning-books.ts';

type Do<Name extends WalletEffect['do']> = Extract<WalletEffect, { do: Name }>;

export class SimulatedWallet implements WalletPort, Teller {
  readonly #books: Books;
  readonly #account: Account;
  #listener: ((event: WalletEvent) => void) | null = null;
  /** Told but not heard yet, in order. */
  readonly #unheard: WalletEvent[] = [];
  #detached = false;
  #connected = false;
  /** The node was told that the wallet is there, and not since that it is gone. */
  #ready = false;
  /** Hashes whose invoice, or payment, this node asked about. */
  readonly #invoices = new Set<PaymentHash>();
  readonly #payments = new Set<PaymentHash>();
  #balanceToTell = false;

  constructor(books: Books, account: Account) {
    this.#books = books;
    this.#account = account;
    account.teller = this;
  }

  listen(listener: (event: WalletEvent) => void): void {
    this.#listener = listener;
    for (const event of this.#unheard.splice(0)) listener(event);
  }

  perform(effect: WalletEffect): void {
    this.#later(this.#books.delays.requestMs, () => this.#handle(effect));
  }

  /** The node is gone: nothing is done or told for it any more. */
  detach(): void {
    this.#detached = true;
    this.#listener = null;
  }

  // --------------------------------------------------------------------- what the ledger calls

  incomingChanged(paymentHash: PaymentHash): void {
    if (this.#invoices.has(paymentHash)) this.#tellInvoice(paymentHash);
  }

  outgoingChanged(paymentHash: PaymentHash): void {
    if (this.#payments.has(paymentHash)) this.#tellPayment(paymentHash);
  }

  heightChanged(): void {
    this.#tell({ on: 'height', height: this.#books.height });
  }

  /** Several moves in one go are told once. */
  balanceChanged(): void {
    if (this.#balanceToTell) return;
    this.#balanceToTell = true;
    this.#later(0, () => {
      this.#balanceToTell = false;
      this.#tell({ on: 'balance', balanceMsat: this.#account.balanceMsat });
    });
  }

  reachabilityChanged(): void {
    if (!this.#connected) return;
    if (!this.#account.reachable) {
      this.#later(this.#books.delays.timeoutMs, () => this.#giveUp());
      return;
    }
    this.#later(this.#books.delays.requestMs, () => this.#report());
  }

  // -------------------------------------------------------------------------- what the node asks

  #handle(effect: WalletEffect): void {
    if (effect.do === 'connectWallet') return this.#connect(effect.uri);
    if (effect.do === 'disconnectWallet') return this.#disconnect();
    if (!this.#connected || !this.#account.reachable) {
      this.#later(this.#connected ? this.#books.delays.timeoutMs : 0, () =>
        this.#refuse(effect, 'WALLET_UNREACHABLE', true),
      );
      return;
    }
    switch (effect.do) {
      case 'issueInvoice':
        return this.#issue(effect);
      case 'payInvoice':
        return this.#pay(effect);
      case 'settleInvoice':
        return this.#settle(effect);
      case 'cancelInvoice':
        return this.#cancel(effect);
      case 'followInvoice':
        return this.#follow(effect);
    }
  }

  #connect(uri: string): void {
    this.#disconnect();
    if (!uri.startsWith('nostr+walletconnect://'))
      return this.#tell({ on: 'walletGone', code: 'WALLET_ADDRESS_MALFORMED' });
    this.#connected = true;
    if (this.#account.reachable) return this.#report();
    this.#later(this.#books.delays.timeoutMs, () => this.#giveUp());
  }

  #disconnect(): void {
    this.#connected = false;
    this.#ready = false;
    this.#invoices.clear();
    this.#payments.clear();
  }

  #issue(effect: Do<'issueInvoice'>): void {
    const { paymentHash, amountMsat, minFinalCltv, expirySeconds, description } = effect;
    if (!this.#account.canHold) return this.#refuse(effect, 'WALLET_CANNOT_HOLD', false);
    const known = this.#account.incoming.get(paymentHash);
    const same =
      known?.fields.amountMsat === amountMsat &&
      known.minFinalCltv === minFinalCltv &&
      known.fields.description === description;
    if (known && !same) return this.#refuse(effect, 'WALLET_REFUSED', false);
    const wanted = { paymentHash, amountMsat, minFinalCltv, expirySeconds, description };
    const incoming = known ?? this.#books.issue(this.#account, wanted);
    if (!incoming) return this.#refuse(effect, 'WALLET_REFUSED', false);
    this.#invoices.add(paymentHash);
    this.#tell({ on: 'invoiceIssued', paymentHash, invoice: incoming.invoice });
    if (incoming.state !== 'open') this.#tellInvoice(paymentHash);
  }

  #pay(effect: Do<'payInvoice'>): void {
    const { paymentHash } = effect;
    this.#payments.add(paymentHash);
    if (this.#account.outgoing.has(paymentHash)) return this.#tellPayment(paymentHash);
    const reason = effect.mayBegin ? this.#whyNotPay(effect) : 'not in the wallet';
    if (reason !== null) {
      const isFirst = effect.mayBegin && effect.again !== true;
      const nothingLeft = isFirst ? ({ nothingLeft: true } as const) : {};
      return this.#tell({ on: 'paymentFailed', paymentHash, reason, ...nothingLeft });
    }
    const fields = readInvoice(effect.invoice);
    if (isFault(fields)) throw new Error('an invoice that was good a line ago');
    this.#books.pay(this.#account, effect.invoice, fields);
  }

  /** Null if there is nothing against paying; else nothing has left the wallet. */
  #whyNotPay(effect: Do<'payInvoice'>): string | null {
    const fields = readInvoice(effect.invoice);
    const { incoming, canPayHeld, balanceMsat } = this.#account;
    if (isFault(fields)) return 'malformed invoice';
    if (fields.paymentHash !== effect.paymentHash) return 'invoice of another hash';
    if (fields.amountMsat !== effect.amountMsat) return 'invoice of another amount';
    if (fields.network !== this.#books.network) return 'invoice of another network';
    const expiryMs = fields.timestampMs + fields.expirySeconds * 1_000;
    if (this.#books.clock.now() >= expiryMs) return 'invoice expired';
    const own = incoming.get(effect.paymentHash);
    if (own && (!canPayHeld || own.invoice === effect.invoice)) return 'refused by the wallet';
    const feeMsat = this.#account.feeMsat(effect.amountMsat);
    if (balanceMsat < effect.amountMsat + feeMsat) return 'insufficient balance';
    return null;
  }

  #settle(effect: Do<'settleInvoice'>): void {
    const incoming = this.#account.incoming.get(effect.paymentHash);
    const right = bytesToHex(sha256(effect.preimage)) === effect.paymentHash;
    if (!right || !incoming) return this.#refuse(effect, 'WALLET_REFUSED', false);
    this.#invoices.add(effect.paymentHash);
    if (incoming.state === 'open') return this.#refuse(effect, 'WALLET_REFUSED', true);
    if (incoming.state !== 'accepted') return this.#tellInvoice(effect.paymentHash);
    this.#books.settle(this.#account, incoming, effect.preimage);
  }

  #cancel(effect: Do<'cancelInvoice'>): void {
    const incoming = this.#account.incoming.get(effect.paymentHash);
    if (!incoming) return this.#refuse(effect, 'WALLET_REFUSED', false);
    this.#invoices.add(effect.paymentHash);
    if (incoming.state === 'settled' || incoming.state === 'cancelled')
      return this.#tellInvoice(effect.paymentHash);
    this.#books.cancel(this.#account, incoming);
  }

  #follow(effect: Do<'followInvoice'>): void {
    const incoming = this.#account.incoming.get(effect.paymentHash);
    if (incoming?.invoice !== effect.invoice) return this.#refuse(effect, 'WALLET_REFUSED', false);
    this.#invoices.add(effect.paymentHash);
    this.#tellInvoice(effect.paymentHash);
  }

  // -------------------------------------------------------------------------- what the node hears

  #tellInvoice(paymentHash: PaymentHash): void {
    const incoming = this.#account.incoming.get(paymentHash);
    if (incoming) this.#tell(invoiceEvent(paymentHash, incoming));
  }

  #tellPayment(paymentHash: PaymentHash): void {
    const outgoing = this.#account.outgoing.get(paymentHash);
    if (outgoing?.state === 'failed')
      this.#tell({ on: 'paymentFailed', paymentHash, reason: 'came back' });
    if (outgoing?.state === 'settled') {
      const { feeMsat } = outgoing;
      const preimage = outgoing.preimage!.slice();
      this.#tell({ on: 'paymentSettled', paymentHash, preimage, feeMsat });
    }
  }

  /** The wallet is there (again): how everything stands. */
  #report(): void {
    if (!this.#connected || !this.#account.reachable) return;
    this.#ready = true;
    this.#tell({
      on: 'walletReady',
      alias: this.#account.name,
      network: this.#books.network,
      canHold: this.#account.canHold,
      // One that adds none says so; one that adds some does not say how many.
      shadowBlocks: this.#account.shadowBlocks === 0 ? 0 : null,
      height: this.#books.height,
      balanceMsat: this.#account.balanceMsat,
    });
    for (const paymentHash of this.#invoices) this.#tellInvoice(paymentHash);
    for (const paymentHash of this.#payments) this.#tellPayment(paymentHash);
  }

  #giveUp(): void {
    if (this.#account.reachable || !this.#connected) return;
    this.#ready = false;
    this.#deliver({ on: 'walletGone', code: 'WALLET_UNREACHABLE' });
  }

  #refuse(effect: WalletEffect, code: WalletFaultCode, retryable: boolean): void {
    const paymentHash = 'paymentHash' in effect ? effect.paymentHash : null;
    const event = { on: 'walletFailed', command: effect.do, paymentHash, code, retryable } as const;
    if (code === 'WALLET_UNREACHABLE') this.#deliver(event);
    else this.#tell(event);
  }

  /** After the delay; lost if the wallet is out of reach by then. */
  #tell(event: WalletEvent): void {
    const bare = event.on === 'walletGone' || event.on === 'walletFailed';
    this.#later(this.#books.delays.notifyMs, () => {
      if (bare || (this.#ready && this.#account.reachable)) this.#deliver(event);
    });
  }

  #deliver(event: WalletEvent): void {
    if (this.#detached) return;
    if (this.#listener) this.#listener(event);
    else this.#unheard.push(event);
  }

  #later(ms: number, callback: () => void): void {
    this.#books.clock.at(this.#books.clock.now() + ms, () => {
      if (!this.#detached) callback();
    });
  }
}

function invoiceEvent(paymentHash: PaymentHash, incoming: Incoming): WalletEvent {
  switch (incoming.state) {
    case 'open':
      return { on: 'invoiceIssued', paymentHash, invoice: incoming.invoice };
    case 'accepted':
      return { on: 'invoiceAccepted', paymentHash, settleDeadline: incoming.settleDeadline };
    case 'settled':
      return { on: 'invoiceSettled', paymentHash };
    case 'cancelled':
      return { on: 'invoiceCancelled', paymentHash };
  }
}
