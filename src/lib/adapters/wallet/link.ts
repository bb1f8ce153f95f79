/**
 * The line to a wallet: requests and their answers, and notifications, over the Nostr relays of its
 * address. The SDK gives keys, encryption and a pool that reconnects; its own request loop is not
 * used, as it leaves promises unhandled and opens a subscription a request.
 */
import { NWCClient } from '@getalby/sdk/nwc';

const KIND_INFO = 13_194;
const KIND_REQUEST = 23_194;
const KIND_RESPONSE = 23_195;
const KIND_NOTIFICATION = { nip04: 23_196, nip44_v2: 23_197 } as const;

/** Longest address: a key, a secret and a few relays. */
const LONGEST_ADDRESS = 2_000;
const MOST_RELAYS = 5;
/** ms until another attempt to connect to a relay. */
const CONNECT_MS = 8_000;
/** How far back the relay is asked for answers, in seconds: a wallet's clock may be behind ours. */
const CLOCK_SKEW_SECONDS = 60;
/** Until when a request that is made once may be carried out, in seconds. */
const EXPIRES_SECONDS = 120;
/** What the SDK's pool says, as if all were well, when it could not connect. */
const UNCONNECTED = 'connection failure';

export interface Address {
  readonly relayUrls: string[];
  readonly walletPubkey: string;
  readonly secret: string;
}

/** Null if the text is no nostr+walletconnect:// address with a key, a secret and a relay. */
export function readAddress(uri: string): Address | null {
  const text = uri.trim();
  if (text.length > LONGEST_ADDRESS || !/^nostr\+?walletconnect:/.test(text)) return null;
  try {
    const { relayUrls, walletPubkey, secret } = NWCClient.parseWalletConnectUrl(text, true);
    const relays = [...new Set(relayUrls.map((url) => new URL(url).href))];
    const usable = relays.every((url) => /^wss?:/.test(url)) && relays.length <= MOST_RELAYS;
    return usable && secret ? { relayUrls: relays, walletPubkey, secret } : null;
  } catch {
    return null;
  }
}

export type Answer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'error'; readonly code: string; readonly message: string }
  /** No answer. `sent`: the wallet may have the request nevertheless. */
  | { readonly kind: 'silence'; readonly sent: boolean };

export interface LinkListener {
  /** What the wallet offers; once, as soon as a relay says so. Null: no encryption in common. */
  offered(methods: readonly string[] | null): void;
  notified(notification: unknown): void;
  /** A relay is connected, for the first time or again. */
  connected(): void;
}

type Encryption = keyof typeof KIND_NOTIFICATION;
type NostrEvent = Awaited<ReturnType<NWCClient['signEvent']>>;
type Filter = Parameters<NWCClient['pool']['subscribe']>[1];

interface Waiting {
  readonly event: NostrEvent;
  /** Say it again, with the same id, when a relay is connected anew: it may have been lost. */
  readonly again: boolean;
  readonly end: (answer: Answer) => void;
}

/** The SDK's client, with the encryption chosen by us. */
class Client extends NWCClient {
  chosen: Encryption = 'nip44_v2';
  override get encryptionType(): string {
    return this.chosen;
  }
}

export class Link {
  readonly #client: Client;
  readonly #listener: LinkListener;
  /** Who waits for the answer to which request, by event id. */
  readonly #waiting = new Map<string, Waiting>();
  readonly #subscriptions: { close(): void }[] = [];
  #closed = false;
  #known = false;

  constructor(address: Address, listener: LinkListener) {
    this.#client = new Client(address);
    this.#client.pool.maxWaitForConnection = CONNECT_MS;
    this.#listener = listener;
    const filter = { kinds: [KIND_INFO], authors: [address.walletPubkey], limit: 1 };
    this.#subscribe(filter, (event) => this.#onInfo(event));
  }

  /**
   * Asks the wallet for something; never rejects. Without `timeoutMs` it waits until the link is
   * closed. With `once` the request is sent once and expires, so that a wallet that sees it late
   * leaves it alone; others are sent again after a broken connection.
   */
  async request(
    method: string,
    params: object,
    options: { readonly timeoutMs?: number; readonly once?: boolean },
  ): Promise<Answer> {
    const once = options.once ?? false;
    const event = await this.#sign(method, params, once);
    if (!event || this.#closed) return { kind: 'silence', sent: false };
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const end = (answer: Answer) => {
        clearTimeout(timer);
        this.#waiting.delete(event.id);
        resolve(answer);
      };
      if (options.timeoutMs !== undefined)
        timer = setTimeout(() => end({ kind: 'silence', sent: true }), options.timeoutMs);
      this.#waiting.set(event.id, { event, again: !once, end });
      void this.#publish(event).then((sent) => {
        if (!sent) end({ kind: 'silence', sent: false });
      });
    });
  }

  /** Drops the connections; the pool makes new ones. For sockets that died without a word. */
  reconnect(): void {
    this.#client.pool.close(this.#client.relayUrls);
  }

  close(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.close();
    this.#client.close();
    for (const { end } of [...this.#waiting.values()]) end({ kind: 'silence', sent: true });
  }

  // --------------------------------------------------------------------------------- what comes in

  #onInfo(event: NostrEvent): void {
    if (this.#known || this.#closed) return;
    this.#known = true;
    const tag = event.tags.find(([name]) => name === 'encryption')?.[1] ?? 'nip04';
    const offered = tag.split(' ');
    const chosen = (['nip44_v2', 'nip04'] as const).find((each) => offered.includes(each));
    if (!chosen) return this.#listener.offered(null);
    this.#client.chosen = chosen;
    const filter = {
      kinds: [KIND_RESPONSE, KIND_NOTIFICATION[chosen]],
      authors: [this.#client.walletPubkey],
      '#p': [this.#client.publicKey],
      since: Math.floor(Date.now() / 1_000) - CLOCK_SKEW_SECONDS,
    };
    this.#subscribe(filter, (said) => void this.#onSaid(said));
    this.#listener.offered(event.content.split(/[ ,]+/));
  }

  async #onSaid(event: NostrEvent): Promise<void> {
    const said = await this.#decrypt(event);
    if (said === null || this.#closed) return;
    if (event.kind !== KIND_RESPONSE) return this.#listener.notified(said);
    const id = event.tags.find(([name]) => name === 'e')?.[1] ?? '';
    this.#waiting.get(id)?.end(readAnswer(said));
  }

  /** The JSON inside, or null if there is none for us. */
  async #decrypt(event: NostrEvent): Promise<object | null> {
    try {
      const text = await this.#client.decrypt(this.#client.walletPubkey, event.content);
      const said = JSON.parse(text) as unknown;
      return typeof said === 'object' ? said : null;
    } catch {
      return null;
    }
  }

  // -------------------------------------------------------------------------------- what goes out

  async #sign(method: string, params: object, once: boolean): Promise<NostrEvent | null> {
    const client = this.#client;
    const nowSeconds = Math.floor(Date.now() / 1_000);
    const tags = [
      ['p', client.walletPubkey],
      ['encryption', client.chosen],
    ];
    if (client.chosen === 'nip44_v2') tags.push(['v', '1.0']); // what came before `encryption`
    if (once) tags.push(['expiration', String(nowSeconds + EXPIRES_SECONDS)]);
    try {
      const request = JSON.stringify({ method, params });
      const content = (await client.encrypt(client.walletPubkey, request)) as string;
      return await client.signEvent({ kind: KIND_REQUEST, created_at: nowSeconds, tags, content });
    } catch {
      return null; // a key that is no point on the curve
    }
  }

  /** False if it certainly left for no relay. */
  async #publish(event: NostrEvent): Promise<boolean> {
    const attempts = this.#client.pool.publish(this.#client.relayUrls, event);
    const sent = await Promise.all(
      attempts.map((attempt) =>
        attempt.then(
          (text) => !text.startsWith(UNCONNECTED),
          () => true, // refused, or lost on the way: who knows
        ),
      ),
    );
    return sent.includes(true);
  }

  #subscribe(filter: Filter, onevent: (event: NostrEvent) => void): void {
    let before = false;
    const onconnect = () => {
      if (this.#closed) return;
      if (before) this.#repeat();
      before = true;
      this.#listener.connected();
    };
    const relays = this.#client.relayUrls;
    this.#subscriptions.push(this.#client.pool.subscribe(relays, filter, { onevent, onconnect }));
  }

  /** A wallet does a request once, however often it sees the id. */
  #repeat(): void {
    for (const { event, again } of this.#waiting.values()) if (again) void this.#publish(event);
  }
}

function readAnswer(said: object): Answer {
  const { error, result } = said as { error?: unknown; result?: unknown };
  if (typeof error !== 'object' || error === null) return { kind: 'result', result };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return { kind: 'error', code: String(code), message: String(message).slice(0, 200) };
}
