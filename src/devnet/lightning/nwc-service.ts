/**
 * The wallets' end of Nostr Wallet Connect (NIP-47): requests come in over one relay connection and
 * are answered from the wallets' books. Our own, as the SDK's service knows no hold invoices and no
 * notifications. One a devnet, for all its wallets.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { bytesToHex } from '@noble/hashes/utils.js';
import * as nip04 from 'nostr-tools/nip04';
import * as nip44 from 'nostr-tools/nip44';
import {
  finalizeEvent,
  generateSecretKey,
  getPublicKey,
  verifyEvent,
  type Event,
} from 'nostr-tools/pure';
import WebSocket from 'ws';
import { nowSeconds } from './chain.ts';
import {
  WalletError,
  type InvoiceRequest,
  type NotificationType,
  type Transaction,
  type Wallet,
} from './wallet.ts';

const KIND_INFO = 13_194;
const KIND_REQUEST = 23_194;
const KIND_RESPONSE = 23_195;
const KIND_NOTIFICATION_NIP04 = 23_196;
const KIND_NOTIFICATION_NIP44 = 23_197;

const PLAIN_METHODS = [
  'get_info',
  'get_balance',
  'make_invoice',
  'pay_invoice',
  'lookup_invoice',
  'list_transactions',
];
const HOLD_METHODS = ['make_hold_invoice', 'settle_hold_invoice', 'cancel_hold_invoice'];
const NOTIFICATIONS = ['payment_received', 'payment_sent', 'hold_invoice_accepted'];

const RECONNECT_MS = 200;
/** Requests older than this are left alone after a reconnect, in seconds. */
const REQUEST_AGE_SECONDS = 60;
/** Request ids remembered, so that a request seen twice is done once. */
const MOST_SEEN = 10_000;
const DEFAULT_LIMIT = 20;

type Encryption = 'nip04' | 'nip44_v2';
type Params = Record<string, unknown>;

interface Connection {
  readonly wallet: Wallet;
  /** The wallet service's key; every wallet has its own. */
  readonly secretKey: Uint8Array;
  readonly publicKey: string;
  /** The one client that knows the address. */
  readonly client: string;
}

export class NwcService {
  readonly #url: string;
  readonly #advertisedUrl: string;
  readonly #connections = new Map<string, Connection>();
  readonly #seen = new Set<string>();
  readonly #unsent: string[] = [];
  /** Info events that the relay has not confirmed, by event id. */
  readonly #unconfirmed = new Map<string, { readonly event: Event; readonly done: () => void }>();
  #socket: WebSocket | null = null;
  #closed = false;

  /** The relay is reached at `url` from here and at `advertisedUrl` by clients. */
  constructor(url: string, advertisedUrl: string) {
    this.#url = url;
    this.#advertisedUrl = advertisedUrl;
    this.#connect();
  }

  /** Address of a wallet, once the relay has its info event. */
  async serve(wallet: Wallet): Promise<string> {
    const secretKey = generateSecretKey();
    const clientSecret = generateSecretKey();
    const connection: Connection = {
      wallet,
      secretKey,
      publicKey: getPublicKey(secretKey),
      client: getPublicKey(clientSecret),
    };
    this.#connections.set(connection.publicKey, connection);
    wallet.notify = (type, transaction) => this.#notify(connection, type, transaction);
    this.#subscribe();
    await this.announce(wallet);
    const relay = encodeURIComponent(this.#advertisedUrl);
    const secret = bytesToHex(clientSecret);
    return `nostr+walletconnect://${connection.publicKey}?relay=${relay}&secret=${secret}`;
  }

  /** Says what the wallet can do, again if that has changed. */
  async announce(wallet: Wallet): Promise<void> {
    const connection = [...this.#connections.values()].find((each) => each.wallet === wallet);
    if (!connection) throw new Error('no such wallet');
    const event = this.#info(connection);
    const confirmed = new Promise<void>((done) => this.#unconfirmed.set(event.id, { event, done }));
    if (this.#socket) this.#send(['EVENT', event]);
    await confirmed;
  }

  close(): void {
    this.#closed = true;
    this.#socket?.terminate();
  }

  // ------------------------------------------------------------------------------------- the relay

  #connect(): void {
    const socket = new WebSocket(this.#url);
    socket.on('open', () => {
      this.#socket = socket;
      for (const connection of this.#connections.values())
        this.#send(['EVENT', this.#info(connection)]);
      for (const { event } of this.#unconfirmed.values()) this.#send(['EVENT', event]);
      this.#subscribe();
      for (const text of this.#unsent.splice(0)) socket.send(text);
    });
    socket.on('message', (data) => this.#onMessage(JSON.parse(String(data)) as unknown[]));
    socket.on('error', () => undefined); // `close` follows
    socket.on('close', () => {
      this.#socket = null;
      if (!this.#closed) setTimeout(() => this.#connect(), RECONNECT_MS);
    });
  }

  #subscribe(): void {
    const keys = [...this.#connections.keys()];
    if (!this.#socket || keys.length === 0) return;
    const since = nowSeconds() - REQUEST_AGE_SECONDS;
    this.#send(['REQ', 'requests', { kinds: [KIND_REQUEST], '#p': keys, since }]);
  }

  #send(message: unknown[]): void {
    const text = JSON.stringify(message);
    if (this.#socket) this.#socket.send(text);
    else this.#unsent.push(text);
  }

  #onMessage(message: unknown[]): void {
    if (message[0] === 'OK') {
      this.#unconfirmed.get(message[1] as string)?.done();
      this.#unconfirmed.delete(message[1] as string);
    }
    if (message[0] === 'EVENT') void this.#onRequest(message[2] as Event);
  }

  // ------------------------------------------------------------------------------------- requests

  async #onRequest(event: Event): Promise<void> {
    if (event.kind !== KIND_REQUEST || this.#seen.has(event.id) || !verifyEvent(event)) return;
    this.#seen.add(event.id);
    if (this.#seen.size > MOST_SEEN) this.#seen.delete(this.#seen.values().next().value!);
    const connection = this.#connections.get(tagOf(event, 'p') ?? '');
    const expiration = Number(tagOf(event, 'expiration') ?? Infinity);
    if (!connection?.wallet.personality.answers || expiration < nowSeconds()) return;
    const encryption = tagOf(event, 'encryption') === 'nip44_v2' ? 'nip44_v2' : 'nip04';
    let method = '';
    let answer: { result: unknown; error: { code: string; message: string } | null };
    try {
      const text = decrypt(connection.secretKey, event.pubkey, encryption, event.content);
      const request = JSON.parse(text) as { method: string; params?: Params };
      method = request.method;
      if (event.pubkey !== connection.client) throw new WalletError('UNAUTHORIZED', 'who are you?');
      const result = await this.#execute(connection.wallet, method, request.params ?? {});
      if (result === undefined) return;
      answer = { result, error: null };
    } catch (error) {
      const code = error instanceof WalletError ? error.code : 'INTERNAL';
      answer = { result: null, error: { code, message: (error as Error).message } };
    }
    await pause(connection.wallet.personality.answersAfterMs);
    const content = JSON.stringify({ result_type: method, ...answer });
    const tags = [
      ['p', event.pubkey],
      ['e', event.id],
    ];
    this.#publish(connection, KIND_RESPONSE, encryption, event.pubkey, tags, content);
  }

  /** The result, or undefined if the wallet leaves the request unanswered. */
  async #execute(wallet: Wallet, method: string, params: Params): Promise<unknown> {
    if (!methodsOf(wallet).includes(method)) throw new WalletError('NOT_IMPLEMENTED', method);
    switch (method) {
      case 'get_info':
        return infoOf(wallet);
      case 'get_balance':
        return { balance: Number(wallet.node.balanceMsat()) };
      case 'make_invoice':
        return wallet.makeInvoice(params as unknown as InvoiceRequest);
      case 'make_hold_invoice':
        return wallet.makeHoldInvoice(
          params as unknown as InvoiceRequest & { payment_hash: string },
        );
      case 'settle_hold_invoice':
        wallet.settle(params.preimage as string);
        return {};
      case 'cancel_hold_invoice':
        wallet.cancel(params.payment_hash as string);
        return {};
      case 'lookup_invoice':
        return wallet.lookup(params);
      case 'list_transactions':
        return listOf(wallet, params);
      default:
        return pay(wallet, params.invoice as string);
    }
  }

  // ---------------------------------------------------------------------------------- what it says

  #notify(connection: Connection, type: NotificationType, transaction: Transaction): void {
    if (!connection.wallet.personality.notifies || !connection.wallet.personality.answers) return;
    const content = JSON.stringify({ notification_type: type, notification: transaction });
    const { client } = connection;
    const tags = [['p', client]];
    this.#publish(connection, KIND_NOTIFICATION_NIP44, 'nip44_v2', client, tags, content);
    this.#publish(connection, KIND_NOTIFICATION_NIP04, 'nip04', client, tags, content);
  }

  #info({ wallet, secretKey }: Connection): Event {
    const offered = wallet.personality.holds === 'no' ? [] : HOLD_METHODS;
    const template = {
      kind: KIND_INFO,
      created_at: nowSeconds(),
      tags: [
        ['encryption', 'nip44_v2 nip04'],
        ['notifications', NOTIFICATIONS.join(' ')],
      ],
      content: [...PLAIN_METHODS, ...offered, 'notifications'].join(' '),
    };
    return finalizeEvent(template, secretKey);
  }

  #publish(
    { secretKey }: Connection,
    kind: number,
    encryption: Encryption,
    reader: string,
    tags: string[][],
    text: string,
  ): void {
    const content = encrypt(secretKey, reader, encryption, text);
    const template = { kind, created_at: nowSeconds(), tags, content };
    this.#send(['EVENT', finalizeEvent(template, secretKey)]);
  }
}

function methodsOf(wallet: Wallet): string[] {
  return wallet.personality.holds === 'yes' ? [...PLAIN_METHODS, ...HOLD_METHODS] : PLAIN_METHODS;
}

function infoOf(wallet: Wallet): unknown {
  return {
    alias: wallet.alias,
    color: '#ff9900',
    pubkey: bytesToHex(wallet.node.id),
    network: wallet.personality.network,
    block_height: wallet.height,
    block_hash: '',
    methods: methodsOf(wallet),
    notifications: NOTIFICATIONS,
    // Ours, not NIP-47's: payments last no longer than invoice and route ask for.
    shadow_blocks: 0,
  };
}

function listOf(wallet: Wallet, params: Params): unknown {
  const { limit = DEFAULT_LIMIT, offset = 0 } = params as { limit?: number; offset?: number };
  const all = wallet.list(params);
  return { transactions: all.slice(offset, offset + limit), total_count: all.length };
}

async function pay(wallet: Wallet, invoice: string): Promise<unknown> {
  const paid = wallet.pay(invoice).then((transaction) => {
    if (transaction.state !== 'settled') throw new WalletError('PAYMENT_FAILED', 'it came back');
    return { preimage: transaction.preimage, fees_paid: transaction.fees_paid };
  });
  const { payAnswer } = wallet.personality;
  if (payAnswer === 'final') return paid;
  paid.catch(() => undefined); // the look-ups tell
  if (payAnswer === 'none') return undefined;
  if (payAnswer === 'empty') return { preimage: '', fees_paid: 0 };
  throw new WalletError('INTERNAL', 'payment in flight');
}

function tagOf(event: Event, name: string): string | undefined {
  return event.tags.find((tag) => tag[0] === name)?.[1];
}

function encrypt(key: Uint8Array, reader: string, encryption: Encryption, text: string): string {
  if (encryption === 'nip04') return nip04.encrypt(key, reader, text);
  return nip44.encrypt(text, nip44.getConversationKey(key, reader));
}

function decrypt(key: Uint8Array, writer: string, encryption: Encryption, text: string): string {
  if (encryption === 'nip04') return nip04.decrypt(key, writer, text);
  return nip44.decrypt(text, nip44.getConversationKey(key, writer));
}
