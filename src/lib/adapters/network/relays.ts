/**
 * The relays a node keeps a reservation with: reached again when lost, and asked for introductions.
 *
 *   Node                                    Relay
 *     | reserve ------------------------------>|   `relay` connected: true
 *     | /gig-gossip/introduce/1: 1 byte n ---->|   every 5 s while few peers are connected, then
 *     |<---- at most n signed records ---------|   every minute; `introduced` once verified
 *
 * A question that is not answered is how a relay's death is noticed; then it is tried again after
 * 2 s, 4 s, ... 30 s, each shortened by chance, and at once when the device is back online.
 */
import type { Connection, Libp2p, PeerId } from '@libp2p/interface';
import type { Ping } from '@libp2p/ping';
import { multiaddr } from '@multiformats/multiaddr';
import type { Introduction, NetworkEvent } from '../../protocol/index.ts';
import { backoffMs } from './backoff.ts';
import type { Circuit } from './circuit.ts';
import { ANSWER_MS, introductions, isUnsupported, within } from './introductions.ts';
import { reasonOf } from './keys.ts';

/** ms to reach a relay. */
const REACH_MS = 10_000;
const RETRY = { firstMs: 2_000, mostMs: 30_000 };
/** Below so many connected peers a node asks often. */
const FEW_PEERS = 4;
const ASK_OFTEN_MS = 5_000;
const ASK_SELDOM_MS = 60_000;
/** ms to the second question: by then all who came together have said where they are. */
const ASK_AGAIN_MS = 1_500;

interface Relay {
  readonly address: string;
  wanted: boolean;
  connection: Connection | null;
  /** Ends the present pause. */
  wake: () => void;
  /** The next pause is skipped. */
  hurried: boolean;
  /** What was told last, so that nothing is told twice. */
  told: string;
}

function createRelay(address: string): Relay {
  return { address, wanted: true, connection: null, wake: () => {}, hurried: false, told: '' };
}

export interface RelaysOptions {
  readonly node: Libp2p<{ ping: Ping }>;
  readonly circuit: Circuit;
  /** Peers that are connected now. */
  readonly connected: () => number;
  readonly tell: (event: NetworkEvent) => void;
  /** A relay was reached: others may be reached through it. */
  readonly back: () => void;
}

export class Relays {
  readonly #is: RelaysOptions;
  readonly #relays = new Map<string, Relay>();

  constructor(options: RelaysOptions) {
    this.#is = options;
  }

  /** Addresses of those we are on, each with its peer id. */
  get addresses(): string[] {
    return [...this.#relays.values()].flatMap(({ connection }) =>
      connection?.status === 'open' ? [String(connection.remoteAddr)] : [],
    );
  }

  has(peer: PeerId): boolean {
    return [...this.#relays.values()].some(
      ({ connection }) => connection?.remotePeer.equals(peer) === true,
    );
  }

  use(addresses: readonly string[]): void {
    for (const [address, relay] of this.#relays) {
      if (addresses.includes(address)) continue;
      this.#relays.delete(address);
      relay.wanted = false;
      relay.wake();
    }
    for (const address of addresses) {
      if (this.#relays.has(address)) continue;
      const relay = createRelay(address);
      this.#relays.set(address, relay);
      void this.#keep(relay);
    }
  }

  /** The network changed, or the page woke: no more waiting. */
  hurry(): void {
    for (const relay of this.#relays.values()) {
      relay.hurried = true;
      relay.wake();
    }
  }

  async #keep(relay: Relay): Promise<void> {
    let tries = 0;
    while (relay.wanted) {
      try {
        relay.connection = await this.#reach(relay.address);
        if (relay.wanted) {
          this.#report(relay, true);
          this.#is.back();
        }
        tries = 0;
        await this.#stay(relay, relay.connection);
      } catch (error) {
        if (!relay.wanted) break;
        this.#report(relay, false, reasonOf(error));
        await this.#pause(relay, backoffMs(RETRY, tries++, Math.random()));
      }
    }
    await relay.connection?.close().catch(() => {});
  }

  async #reach(address: string): Promise<Connection> {
    const { node, circuit } = this.#is;
    const signal = AbortSignal.timeout(REACH_MS);
    const connection = await node.dial(multiaddr(address), { signal });
    await within(circuit.reserve(connection.remotePeer, String(connection.remoteAddr)), signal);
    return connection;
  }

  /** Asks for introductions until the relay is lost or no longer wanted. */
  async #stay(relay: Relay, connection: Connection): Promise<void> {
    const { circuit, connected, node, tell } = this.#is;
    const wake = () => relay.wake();
    connection.addEventListener('close', wake);
    try {
      for (let asked = 0; relay.wanted; asked++) {
        if (connection.status !== 'open') throw new Error('the connection to the relay was lost');
        if (!circuit.reserved(connection.remotePeer)) {
          throw new Error('the relay no longer keeps a place for us');
        }
        const peers = await askRelay(node, connection);
        if (peers.length > 0) tell({ on: 'introduced', peers });
        const later = connected() < FEW_PEERS ? ASK_OFTEN_MS : ASK_SELDOM_MS;
        await this.#pause(relay, asked === 0 ? ASK_AGAIN_MS : later);
      }
    } catch (error) {
      if (connection.status === 'open') connection.abort(new Error(reasonOf(error)));
      throw error;
    } finally {
      connection.removeEventListener('close', wake);
    }
  }

  #pause(relay: Relay, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, relay.hurried ? 0 : ms);
      relay.hurried = false;
      relay.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #report(relay: Relay, connected: boolean, reason?: string): void {
    const { address } = relay;
    const told = connected ? 'connected' : `not connected: ${reason}`;
    if (told === relay.told) return;
    relay.told = told;
    if (reason === undefined) this.#is.tell({ on: 'relay', address, connected });
    else this.#is.tell({ on: 'relay', address, connected, reason });
  }
}

/** A relay of somebody else's introduces nobody; that it answers is what counts then. */
async function askRelay(
  node: Libp2p<{ ping: Ping }>,
  connection: Connection,
): Promise<Introduction[]> {
  try {
    return await introductions(node.peerId, connection);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    await node.services.ping.ping(connection.remotePeer, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return [];
  }
}
