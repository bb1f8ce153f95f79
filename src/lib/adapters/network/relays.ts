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
import { PeerRecord, RecordEnvelope } from '@libp2p/peer-record';
import type { Ping } from '@libp2p/ping';
import { multiaddr } from '@multiformats/multiaddr';
import { Uint8ArrayList } from 'uint8arraylist';
import type { Introduction, NetworkEvent } from '../../protocol/index.ts';
import { tidyAddresses } from './addresses.ts';
import { backoffMs } from './backoff.ts';
import type { Circuit } from './circuit.ts';
import { peerKeyOf, reasonOf } from './keys.ts';
import { isRead } from './pipe.ts';

const INTRODUCE = '/gig-gossip/introduce/1';
/** Peers asked for at once, and bytes of an answer: 16 records of at most 4 kB. */
const WANTED = 16;
const MAX_ANSWER_BYTES = 65_568;

/** ms to reach a relay, and for an answer. */
const REACH_MS = 10_000;
const ANSWER_MS = 10_000;
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
        const peers = await introductions(node, connection);
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

/** libp2p has been seen to forget a reservation; then it counts as failed, and is tried again. */
async function within<Result>(promise: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('the relay gave us no place in time')));
  });
  return Promise.race([promise, late]);
}

/** Asks once. A relay of somebody else's introduces nobody; that it answers is what counts then. */
async function introductions(
  node: Libp2p<{ ping: Ping }>,
  connection: Connection,
): Promise<Introduction[]> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    const answer = await ask(connection, signal);
    const all = await Promise.all(records(answer).map(introduction));
    const self = String(node.peerId);
    return all.flatMap((one) => (one === null || one.id === self ? [] : [one.is]));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'UnsupportedProtocolError') throw error;
    await node.services.ping.ping(connection.remotePeer, { signal });
    return [];
  }
}

async function ask(connection: Connection, signal: AbortSignal): Promise<Uint8Array> {
  const stream = await connection.newStream(INTRODUCE, { signal, runOnLimitedConnection: true });
  const answer = new Uint8ArrayList();
  try {
    stream.send(Uint8Array.of(WANTED));
    await new Promise<void>((resolve, reject) => {
      const fail = (reason: string) => reject(new Error(reason));
      signal.addEventListener('abort', () => fail('the relay does not answer'));
      stream.addEventListener('close', ({ error }) => (error ? reject(error) : resolve()));
      const finish = () => {
        if (isRead(stream)) resolve();
      };
      stream.addEventListener('end', finish);
      stream.addEventListener('message', ({ data }) => {
        answer.append(data);
        if (answer.byteLength > MAX_ANSWER_BYTES) fail('the relay says too much');
        finish();
      });
      finish();
    });
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
  return answer.subarray();
}

/** Each: length 2, big-endian ‖ envelope. */
function records(answer: Uint8Array): Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at + 2 <= answer.length && found.length < WANTED;) {
    const length = (answer[at]! << 8) | answer[at + 1]!;
    found.push(answer.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return found;
}

/** `null` unless the peer itself signed it: a relay cannot make up where somebody is. */
async function introduction(
  envelope: Uint8Array,
): Promise<{ readonly id: string; readonly is: Introduction } | null> {
  try {
    const { payload, publicKey } = await RecordEnvelope.openAndCertify(envelope, PeerRecord.DOMAIN);
    const { peerId, multiaddrs } = PeerRecord.createFromProtobuf(payload);
    const peer = peerKeyOf(peerId);
    if (peer === null || peerId.publicKey?.equals(publicKey) !== true) return null;
    const id = String(peerId);
    const addresses = tidyAddresses(multiaddrs, peerId);
    return addresses.length === 0 ? null : { id, is: { peer, addresses } };
  } catch {
    return null;
  }
}
