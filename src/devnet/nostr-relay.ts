/**
 * A small Nostr relay (NIP-01) for the devnet's wallets: it keeps the requests, responses and
 * notifications of Nostr Wallet Connect, which count as ephemeral, for ten minutes, so that what is
 * said to a client that is away for a moment still arrives. In memory only.
 */
import { matchFilter, type Filter } from 'nostr-tools/filter';
import { verifyEvent, type Event } from 'nostr-tools/pure';
import { WebSocketServer, type WebSocket } from 'ws';

/** First and last kind of Nostr Wallet Connect's requests, responses and notifications. */
const FIRST_WALLET_KIND = 23_194;
const LAST_WALLET_KIND = 23_197;
const WALLET_RETENTION_MS = 600_000;
const MOST_EVENTS = 50_000;
const MOST_ANSWERED = 500;
const MOST_SUBSCRIPTIONS = 100;
const MOST_BYTES = 1 << 20;

interface Client {
  readonly socket: WebSocket;
  readonly subscriptions: Map<string, readonly Filter[]>;
}

export interface NostrRelay {
  /** Serves one more connection. */
  accept(socket: WebSocket): void;
  /** Cuts all connections, as a mobile network would. */
  dropAll(): void;
}

export interface ListeningRelay extends NostrRelay {
  readonly url: string;
  close(): Promise<void>;
}

export function createNostrRelay(): NostrRelay {
  const clients = new Set<Client>();
  const store = new EventStore();
  return {
    accept(socket) {
      const client: Client = { socket, subscriptions: new Map() };
      clients.add(client);
      socket.on('message', (data) => {
        try {
          onMessage(client, String(data), store, clients);
        } catch {
          sayTo(client, ['NOTICE', 'not understood']); // an event or filter with odd types inside
        }
      });
      socket.on('close', () => clients.delete(client));
      socket.on('error', () => undefined); // `close` follows
    },
    dropAll() {
      for (const { socket } of clients) socket.terminate();
    },
  };
}

/** A relay with a port of its own; any free one unless given. */
export async function startNostrRelay(options?: {
  readonly host?: string;
  readonly port?: number;
}): Promise<ListeningRelay> {
  const { host = '127.0.0.1', port = 0 } = options ?? {};
  const relay = createNostrRelay();
  const server = new WebSocketServer({ host, port, maxPayload: MOST_BYTES });
  server.on('connection', (socket) => relay.accept(socket));
  await new Promise<void>((resolve, reject) => {
    server.on('listening', resolve);
    server.on('error', reject);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the relay has no port');
  return {
    ...relay,
    url: `ws://${host}:${address.port}`,
    close() {
      relay.dropAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function onMessage(client: Client, text: string, store: EventStore, clients: Set<Client>): void {
  const message = parse(text);
  const say = (...words: unknown[]) => sayTo(client, words);
  if (!message) return say('NOTICE', 'not understood');
  switch (message[0]) {
    case 'EVENT': {
      const event = message[1] as Event;
      if (!isEvent(event)) return say('NOTICE', 'no event');
      if (!verifyEvent(event)) return say('OK', event.id, false, 'invalid: signature');
      const isNew = store.add(event);
      say('OK', event.id, true, isNew ? '' : 'duplicate:');
      if (isNew) for (const other of clients) deliver(other, event);
      return;
    }
    case 'REQ': {
      const [, id, ...filters] = message as [string, string, ...Filter[]];
      if (client.subscriptions.size >= MOST_SUBSCRIPTIONS && !client.subscriptions.has(id))
        return say('CLOSED', id, 'error: too many subscriptions');
      client.subscriptions.set(id, filters);
      for (const event of store.find(filters)) say('EVENT', id, event);
      return say('EOSE', id);
    }
    case 'CLOSE':
      client.subscriptions.delete(message[1] as string);
  }
}

function deliver(client: Client, event: Event): void {
  for (const [id, filters] of client.subscriptions) {
    if (filters.some((filter) => matchFilter(filter, event))) sayTo(client, ['EVENT', id, event]);
  }
}

function sayTo({ socket }: Client, words: readonly unknown[]): void {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(words));
}

/** A list whose second element is a string or an object; anything else is nothing. */
function parse(text: string): unknown[] | null {
  try {
    const message = JSON.parse(text) as unknown;
    return Array.isArray(message) && message.slice(1).every(Boolean) ? message : null;
  } catch {
    return null;
  }
}

function isEvent(event: Event): boolean {
  return typeof event === 'object' && typeof event.id === 'string' && Array.isArray(event.tags);
}

class EventStore {
  readonly #events = new Map<string, { readonly event: Event; readonly receivedMs: number }>();
  /** The latest of each kind and author that only the latest counts of. */
  readonly #replaceable = new Map<string, Event>();

  /** False if there is nothing new in it. */
  add(event: Event): boolean {
    if (this.#events.has(event.id)) return false;
    if (isReplaceable(event.kind)) {
      const key = `${event.kind}:${event.pubkey}`;
      const former = this.#replaceable.get(key);
      if (former && former.created_at > event.created_at) return false;
      if (former) this.#events.delete(former.id);
      this.#replaceable.set(key, event);
    }
    if (!isEphemeral(event.kind)) this.#events.set(event.id, { event, receivedMs: Date.now() });
    this.#forget();
    return true;
  }

  /** Newest first, each once. */
  find(filters: readonly Filter[]): Event[] {
    const found = new Map<string, Event>();
    for (const filter of filters) {
      const hits = [...this.#events.values()]
        .map(({ event }) => event)
        .filter((event) => matchFilter(filter, event))
        .sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1))
        .slice(0, Math.min(filter.limit ?? MOST_ANSWERED, MOST_ANSWERED));
      for (const event of hits) found.set(event.id, event);
    }
    return [...found.values()];
  }

  /** What is too old or too much; the map is in order of arrival. */
  #forget(): void {
    const oldestMs = Date.now() - WALLET_RETENTION_MS;
    for (const [id, { event, receivedMs }] of this.#events) {
      if (this.#events.size <= MOST_EVENTS && receivedMs >= oldestMs) return;
      const keep = isReplaceable(event.kind) && this.#events.size <= MOST_EVENTS;
      if (!keep) this.#events.delete(id);
    }
  }
}

function isReplaceable(kind: number): boolean {
  return kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000);
}

/** Not kept at all: Nostr's ephemeral kinds, but for those of wallets. */
function isEphemeral(kind: number): boolean {
  const wallet = kind >= FIRST_WALLET_KIND && kind <= LAST_WALLET_KIND;
  return kind >= 20_000 && kind < 30_000 && !wallet;
}
