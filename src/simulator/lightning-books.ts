/**
 * The books of the simulated Lightning: who has how much, what is held for whom until which height.
 * Every move of money is here, and checks that sats are conserved; `lightning.ts` says the rules.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import {
  isFault,
  type InvoiceFields,
  type PaymentHash,
  readInvoice,
} from '../lib/protocol/index.ts';
import type { Clock } from '../lib/runtime/ports.ts';
import { writeInvoice } from './bolt11-writer.ts';
import type { InFlight, LedgerDelays, LedgerOptions, WalletOptions } from './lightning-options.ts';

/** Blocks every forwarder keeps for itself (decision 4: d). */
const FORWARDER_BLOCKS = 80;
/** Blocks an LDK wallet adds to the final CLTV it is asked for; the budget of a hop has them. */
const ADDED_CLTV = 3;
/** The least final CLTV an LDK wallet makes an invoice with. */
const SMALLEST_CLTV = 21;
/** Bytes of UTF-8 that fit into an invoice. */
const LONGEST_DESCRIPTION = 639;

export interface Incoming {
  readonly invoice: string;
  readonly fields: InvoiceFields;
  /** As asked for, without what the wallet added. */
  readonly minFinalCltv: number;
  state: 'open' | 'accepted' | 'settled' | 'cancelled';
  /** An open invoice that shall not be paid any more. */
  unwanted: boolean;
  settleDeadline: number;
}

export interface Outgoing {
  readonly invoice: string;
  readonly amountMsat: bigint;
  state: 'pending' | 'settled' | 'failed';
  preimage: Uint8Array | null;
  readonly feeMsat: bigint;
  /** Height by which it is back if nothing else happens. */
  readonly expiry: number;
}

/** A wallet's books; the port in front of it is `SimulatedWallet`. */
export interface Account {
  readonly name: string;
  readonly secretKey: Uint8Array;
  readonly canHold: boolean;
  readonly canPayHeld: boolean;
  readonly shadowBlocks: number;
  readonly feeMsat: (amountMsat: bigint) => bigint;
  balanceMsat: bigint;
  reachable: boolean;
  alive: boolean;
  readonly incoming: Map<PaymentHash, Incoming>;
  readonly outgoing: Map<PaymentHash, Outgoing>;
  /** Whom to tell what changed: the port of its node. */
  teller: Teller | null;
}

export interface Teller {
  incomingChanged(paymentHash: PaymentHash): void;
  outgoingChanged(paymentHash: PaymentHash): void;
  balanceChanged(): void;
}

/** The payment itself, between two wallets. `ended` once its payee (or the chain) has decided. */
interface Htlc {
  readonly fields: InvoiceFields;
  readonly from: Account;
  /** Of the forwarders, should it settle. */
  readonly feeMsat: bigint;
  /** Height at which the payee's part of it expires. */
  readonly expiry: number;
  to: Account | null;
  ended: boolean;
}

/** What a wallet may do to the books, and the books themselves. */
export class Books {
  height: number;
  readonly network: LedgerOptions['network'];
  readonly clock: Clock;
  readonly delays: LedgerDelays;
  readonly #forwarders: number;
  readonly #buffer: number;
  readonly #accounts = new Map<string, Account>();
  /** Who made an invoice, by its text. */
  readonly #issuers = new Map<string, Account>();
  readonly #htlcs = new Set<Htlc>();
  /** What the forwarders have earned. */
  #forwardersMsat = 0n;
  /** Every msat there is. */
  #totalMsat = 0n;

  constructor(options: LedgerOptions) {
    const delays = { requestMs: 30, notifyMs: 30, htlcMs: 40, timeoutMs: 12_000 };
    this.delays = { ...delays, ...options.delays };
    this.clock = options.clock;
    this.network = options.network;
    this.height = options.height ?? 100;
    this.#forwarders = options.forwarders ?? 1;
    this.#buffer = options.buffer ?? 21;
  }

  find(name: string): Account | undefined {
    return this.#accounts.get(name);
  }

  /** A new wallet; it must be said what is in it. */
  open(name: string, options: WalletOptions | undefined): Account {
    if (!options) throw new Error(`no wallet ${name}`);
    const account: Account = {
      name,
      secretKey: sha256(utf8ToBytes(`gig-gossip/simulated-wallet/${name}`)),
      canHold: options.canHold ?? true,
      canPayHeld: options.canPayHeld ?? true,
      shadowBlocks: options.shadowBlocks ?? 0,
      feeMsat: options.feeMsat ?? (() => 0n),
      balanceMsat: options.balanceMsat,
      reachable: true,
      alive: true,
      incoming: new Map(),
      outgoing: new Map(),
      teller: null,
    };
    this.#accounts.set(name, account);
    this.#totalMsat += options.balanceMsat;
    this.#check();
    return account;
  }

  uri(name: string): string {
    const { secretKey } = this.account(name);
    const key = bytesToHex(sha256(secretKey));
    const secret = bytesToHex(sha256(utf8ToBytes(`secret of ${name}`)));
    return `nostr+walletconnect://${key}?relay=wss%3A%2F%2Fsimulated.invalid&secret=${secret}`;
  }

  balances(): Readonly<Record<string, bigint>> {
    return Object.fromEntries(
      [...this.#accounts].map(([name, { balanceMsat }]) => [name, balanceMsat]),
    );
  }

  account(name: string): Account {
    const account = this.#accounts.get(name);
    if (!account) throw new Error(`no wallet ${name}`);
    return account;
  }

  inFlight(): readonly InFlight[] {
    return [...this.#htlcs].map((htlc) => ({
      paymentHash: htlc.fields.paymentHash,
      from: htlc.from.name,
      to: htlc.to?.name ?? null,
      amountMsat: htlc.fields.amountMsat,
      expiry: this.#outgoingExpiry(htlc),
    }));
  }

  setReachable(name: string, reachable: boolean): void {
    const account = this.account(name);
    account.reachable = reachable && account.alive;
  }

  setAlive(name: string, alive: boolean): void {
    this.account(name).alive = alive;
    this.setReachable(name, alive);
    if (alive) this.#atHeight();
  }

  mine(blocks: number): void {
    for (let i = 0; i < blocks; i++) {
      this.height++;
      this.#atHeight();
    }
  }

  // --------------------------------------------------------------------------- what wallets may do

  /**
   * Makes the invoice and remembers it; the wallet has made sure that it is the first on its hash.
   * Null if the terms are none that a wallet would agree to.
   */
  issue(
    account: Account,
    wanted: Omit<InvoiceFields, 'network' | 'timestampMs' | 'payee'>,
  ): Incoming | null {
    if (wanted.minFinalCltv < SMALLEST_CLTV || wanted.expirySeconds < 1) return null;
    if (utf8ToBytes(wanted.description).length > LONGEST_DESCRIPTION) return null;
    const timestampMs = Math.floor(this.clock.now() / 1_000) * 1_000;
    const invoice = writeInvoice({
      ...wanted,
      network: this.network,
      minFinalCltv: wanted.minFinalCltv + ADDED_CLTV,
      timestampMs,
      paymentSecret: sha256(concatBytes(account.secretKey, hexToBytes(wanted.paymentHash))),
      secretKey: account.secretKey,
    });
    const fields = readInvoice(invoice);
    if (isFault(fields)) return null;
    const incoming: Incoming = {
      invoice,
      fields,
      minFinalCltv: wanted.minFinalCltv,
      state: 'open',
      unwanted: false,
      settleDeadline: 0,
    };
    account.incoming.set(wanted.paymentHash, incoming);
    this.#issuers.set(invoice, account);
    this.clock.at(timestampMs + wanted.expirySeconds * 1_000, () =>
      this.#expire(account, incoming),
    );
    return incoming;
  }

  /** Locks the amount and sends it off; the wallet has checked balance, expiry and hash. */
  pay(from: Account, invoice: string, fields: InvoiceFields): void {
    const feeMsat = from.feeMsat(fields.amountMsat);
    const to = this.#issuers.get(invoice) ?? null;
    const htlc: Htlc = {
      fields,
      from,
      feeMsat,
      to,
      expiry: this.height + fields.minFinalCltv + from.shadowBlocks,
      ended: false,
    };
    const expiry = this.#outgoingExpiry(htlc);
    const { amountMsat, paymentHash } = fields;
    const begun = { invoice, amountMsat, feeMsat, expiry, preimage: null };
    from.outgoing.set(paymentHash, { ...begun, state: 'pending' });
    from.balanceMsat -= fields.amountMsat + feeMsat;
    this.#htlcs.add(htlc);
    this.#check();
    from.teller?.balanceChanged();
    this.#later(this.delays.htlcMs, () => this.#arrive(htlc));
  }

  /** Only of an accepted invoice, by a wallet that is alive, before the deadline. */
  settle(account: Account, incoming: Incoming, preimage: Uint8Array): void {
    const htlc = this.#held(account, incoming);
    incoming.state = 'settled';
    htlc.ended = true;
    this.#htlcs.delete(htlc);
    account.balanceMsat += htlc.fields.amountMsat;
    this.#forwardersMsat += htlc.feeMsat;
    this.#check();
    account.teller?.incomingChanged(htlc.fields.paymentHash);
    account.teller?.balanceChanged();
    this.#later(this.delays.htlcMs, () => {
      const outgoing = htlc.from.outgoing.get(htlc.fields.paymentHash)!;
      outgoing.state = 'settled';
      outgoing.preimage = preimage;
      htlc.from.teller?.outgoingChanged(htlc.fields.paymentHash);
    });
  }

  /**
   * Gives an accepted payment back; an open invoice takes none from now on, and ends by expiring.
   */
  cancel(account: Account, incoming: Incoming): void {
    if (incoming.state === 'open') {
      incoming.unwanted = true;
      return;
    }
    const htlc = this.#held(account, incoming);
    incoming.state = 'cancelled';
    account.teller?.incomingChanged(htlc.fields.paymentHash);
    this.#fail(htlc);
  }

  // ---------------------------------------------------------------------------------- what happens

  #arrive(htlc: Htlc): void {
    if (htlc.ended) return;
    const { to, fields } = htlc;
    const incoming = to?.incoming.get(fields.paymentHash);
    const settleDeadline = htlc.expiry - this.#buffer;
    const expired = this.clock.now() >= fields.timestampMs + fields.expirySeconds * 1_000;
    const payable = incoming?.state === 'open' && !expired && settleDeadline > this.height;
    if (!to?.alive || !payable) return this.#fail(htlc);
    if (incoming.unwanted) {
      incoming.state = 'cancelled';
      to.teller?.incomingChanged(fields.paymentHash);
      return this.#fail(htlc);
    }
    incoming.state = 'accepted';
    incoming.settleDeadline = settleDeadline;
    to.teller?.incomingChanged(fields.paymentHash);
  }

  /** Sends the money back; it is in flight until it is there. */
  #fail(htlc: Htlc): void {
    htlc.ended = true;
    this.#later(this.delays.htlcMs, () => this.#giveBack(htlc));
  }

  #giveBack(htlc: Htlc): void {
    const { from, fields } = htlc;
    this.#htlcs.delete(htlc);
    from.balanceMsat += fields.amountMsat + htlc.feeMsat;
    this.#check();
    from.outgoing.get(fields.paymentHash)!.state = 'failed';
    from.teller?.outgoingChanged(fields.paymentHash);
    from.teller?.balanceChanged();
  }

  /** An invoice nobody paid in time is over. */
  #expire(account: Account, incoming: Incoming): void {
    if (incoming.state !== 'open') return;
    incoming.state = 'cancelled';
    account.teller?.incomingChanged(incoming.fields.paymentHash);
  }

  /** Living wallets give back what they hold at its deadline; what is left comes back at expiry. */
  #atHeight(): void {
    for (const htlc of [...this.#htlcs]) {
      if (htlc.ended) continue;
      const incoming = htlc.to?.incoming.get(htlc.fields.paymentHash);
      const held = incoming?.state === 'accepted';
      if (held && htlc.to!.alive && this.height >= incoming.settleDeadline) {
        this.cancel(htlc.to!, incoming);
      } else if (this.height >= this.#outgoingExpiry(htlc)) {
        if (held) incoming.state = 'cancelled';
        this.#fail(htlc);
      }
    }
  }

  #outgoingExpiry(htlc: Htlc): number {
    return htlc.expiry + this.#forwarders * FORWARDER_BLOCKS;
  }

  #held(account: Account, incoming: Incoming): Htlc {
    for (const htlc of this.#htlcs) {
      const same = htlc.fields.paymentHash === incoming.fields.paymentHash;
      if (same && htlc.to === account && !htlc.ended && incoming.state === 'accepted') return htlc;
    }
    throw new Error(`${account.name} holds no payment on this hash`);
  }

  #later(ms: number, callback: () => void): void {
    this.clock.at(this.clock.now() + ms, callback);
  }

  /** Sats are conserved, and nobody owes any. */
  #check(): void {
    let sum = 0n;
    for (const { name, balanceMsat } of this.#accounts.values()) {
      if (balanceMsat < 0n) throw new Error(`${name} has ${balanceMsat} msat`);
      sum += balanceMsat;
    }
    for (const { fields, feeMsat } of this.#htlcs) sum += fields.amountMsat + feeMsat;
    sum += this.#forwardersMsat;
    if (sum !== this.#totalMsat) throw new Error(`${sum} msat where ${this.#totalMsat} were`);
  }
}
