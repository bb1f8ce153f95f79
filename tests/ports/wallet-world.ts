/** What the wallet tests work with: nodes that are nothing but a wallet, wherever it is. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, randomBytes } from '@noble/hashes/utils.js';
import {
  isFault,
  readInvoice,
  type InvoiceFields,
  type PaymentHash,
  type WalletEffect,
  type WalletEvent,
} from '../../src/lib/protocol/index.ts';
import type { WalletPort } from '../../src/lib/runtime/ports.ts';

/** Where the tests take place. */
export interface World {
  /** A new wallet with so many sats. */
  open(sats: number): Promise<TestWallet>;
  /** ms since the epoch. */
  now(): number;
  mine(blocks: number): Promise<void>;
  height(): Promise<number>;
  /** All the msat there are in wallets and on the way, less those there should be. */
  imbalance(): Promise<bigint>;
  /** Waits for a condition; fails after a long time. */
  until(condition: () => boolean | Promise<boolean>, what: string): Promise<void>;
}

export interface TestWallet {
  readonly uri: string;
  /** A port of a node that has just started; the one before is dead. */
  start(): WalletPort;
  /** Spendable msat, as the wallet itself knows it. */
  balance(): Promise<bigint>;
}

/** A node reduced to its wallet: it does as told and writes down what it hears. */
export class TestNode {
  readonly wallet: TestWallet;
  readonly #world: World;
  #port: WalletPort;
  heard: WalletEvent[] = [];

  private constructor(world: World, wallet: TestWallet) {
    this.#world = world;
    this.wallet = wallet;
    this.#port = wallet.start();
    this.#port.listen((event) => this.heard.push(event));
  }

  static unconnected(world: World, wallet: TestWallet): TestNode {
    return new TestNode(world, wallet);
  }

  /** With a new wallet, connected. */
  static async of(world: World, sats: number): Promise<TestNode> {
    const node = TestNode.unconnected(world, await world.open(sats));
    node.do({ do: 'connectWallet', uri: node.wallet.uri });
    await node.hears('walletReady');
    return node;
  }

  do(effect: WalletEffect): void {
    this.#port.perform(effect);
  }

  /** Dies, and comes back without a memory. */
  async restart(): Promise<void> {
    this.#port.perform({ do: 'disconnectWallet' });
    this.#port = this.wallet.start();
    this.heard = [];
    this.#port.listen((event) => this.heard.push(event));
    this.do({ do: 'connectWallet', uri: this.wallet.uri });
    await this.hears('walletReady');
  }

  /** The latest event of that name, of that hash if given. */
  last<Name extends WalletEvent['on']>(
    on: Name,
    paymentHash?: PaymentHash,
  ): Extract<WalletEvent, { on: Name }> | undefined {
    return this.heard.findLast((event): event is Extract<WalletEvent, { on: Name }> => {
      const about = 'paymentHash' in event ? event.paymentHash : undefined;
      return event.on === on && (paymentHash === undefined || about === paymentHash);
    });
  }

  async hears<Name extends WalletEvent['on']>(
    on: Name,
    paymentHash?: PaymentHash,
  ): Promise<Extract<WalletEvent, { on: Name }>> {
    const what = `${on} of ${this.wallet.uri.slice(22, 30)}, who heard`;
    await this.#world.until(
      () => this.last(on, paymentHash) !== undefined,
      `${what} ${this.heard.map((event) => event.on).join()}`,
    );
    return this.last(on, paymentHash)!;
  }

  /** How often it heard that, about that hash. */
  count(on: WalletEvent['on'], paymentHash: PaymentHash): number {
    const about = (event: WalletEvent) =>
      'paymentHash' in event && event.paymentHash === paymentHash;
    return this.heard.filter((event) => event.on === on && about(event)).length;
  }

  async issues(hash: PaymentHash, terms: Partial<Terms> = {}): Promise<string> {
    this.do({ do: 'issueInvoice', paymentHash: hash, ...usual, ...terms });
    return (await this.hears('invoiceIssued', hash)).invoice;
  }

  pays(invoice: string, mayBegin = true): void {
    const { paymentHash, amountMsat } = fieldsOf(invoice);
    this.do({ do: 'payInvoice', paymentHash, invoice, amountMsat, mayBegin });
  }

  async hasMsat(balanceMsat: bigint): Promise<void> {
    const right = async () => (await this.wallet.balance()) === balanceMsat;
    await this.#world.until(right, `a balance of ${balanceMsat} msat`);
  }
}

type Terms = Omit<Extract<WalletEffect, { do: 'issueInvoice' }>, 'do' | 'paymentHash'>;

export const usual: Terms = {
  amountMsat: 1_000_001n,
  minFinalCltv: 200,
  expirySeconds: 3_600,
  description: 'Taxi, 5 km',
};

export function secret(): { readonly preimage: Uint8Array; readonly hash: PaymentHash } {
  const preimage = randomBytes(32);
  return { preimage, hash: bytesToHex(sha256(preimage)) as PaymentHash };
}

export function fieldsOf(invoice: string): InvoiceFields {
  const fields = readInvoice(invoice);
  if (isFault(fields)) throw new Error(fields.detail);
  return fields;
}

/** What a wallet starts with. */
export const sats = 100_000;
export const allMsat = BigInt(sats) * 1_000n;

/** A payer, a payee, and an invoice between them that is accepted. */
export async function accepted(world: World, terms: Partial<Terms> = {}) {
  const [payer, payee] = [await TestNode.of(world, sats), await TestNode.of(world, sats)];
  const { preimage, hash } = secret();
  const invoice = await payee.issues(hash, terms);
  payer.pays(invoice);
  const { settleDeadline } = await payee.hears('invoiceAccepted', hash);
  return { payer, payee, preimage, hash, invoice, settleDeadline };
}
