/**
 * Peers that were lost and are called again, until they are back or it is no use: a phone that changed networks, slept or was
 * restarted has the same key, and that is all its session needs.
 *
 *   lost, unwished --1 s, 2 s, ... 1 min, each shortened by chance--> call --lost again--> ...
 *
 * Whom either side hung up on is not called, nor who did not come in a dozen calls; a peer that never came gets six.
 */
import type { PeerKey } from '../../protocol/index.ts';
import { backoffMs } from './backoff.ts';

const BACKOFF = { firstMs: 1_000, mostMs: 60_000 };
/** ms until a call that something gave new hope: a relay is back, the page woke. */
const HOPEFUL = { firstMs: 400, mostMs: 400 };
/** Calls to a peer that was here, about 8 minutes of them, and to one that never came: about one. */
const MOST_CALLS = 12;
const MOST_FIRST_CALLS = 6;
/** Peers whose addresses are kept, twice as many as a node usually has neighbours. */
const MOST_PEERS = 32;

interface Entry {
  addresses: readonly string[];
  /** Calls since it was lost. */
  calls: number;
  mostCalls: number;
  timer: ReturnType<typeof setTimeout> | null;
}

export interface ReconnectOptions {
  /** Dials; whatever comes of it is told by `back` or `lost`. */
  readonly call: (peer: PeerKey, addresses: readonly string[]) => void;
  /** From 0 to 1. */
  readonly chance: () => number;
}

export class Reconnect {
  readonly #is: ReconnectOptions;
  readonly #peers = new Map<PeerKey, Entry>();

  constructor(options: ReconnectOptions) {
    this.#is = options;
  }

  /** Where a peer was last said to be. */
  note(peer: PeerKey, addresses: readonly string[]): void {
    const entry = this.#take(peer);
    if (addresses.length > 0) entry.addresses = addresses;
  }

  back(peer: PeerKey): void {
    const entry = this.#take(peer);
    this.#rest(entry);
    entry.calls = 0;
    entry.mostCalls = MOST_CALLS;
  }

  /** Nobody wished it. */
  lost(peer: PeerKey): void {
    const entry = this.#take(peer);
    if (entry.calls >= entry.mostCalls) return this.forget(peer);
    this.#callIn(peer, entry, backoffMs(BACKOFF, entry.calls, this.#is.chance()));
  }

  /** Somebody hung up. */
  forget(peer: PeerKey): void {
    const entry = this.#peers.get(peer);
    if (entry === undefined) return;
    this.#rest(entry);
    this.#peers.delete(peer);
  }

  /** There is new hope: whoever waits is called soon. */
  hurry(): void {
    for (const [peer, entry] of this.#peers) {
      if (entry.timer === null) continue;
      entry.calls = 0;
      this.#callIn(peer, entry, backoffMs(HOPEFUL, 0, this.#is.chance()));
    }
  }

  stop(): void {
    for (const peer of [...this.#peers.keys()]) this.forget(peer);
  }

  #callIn(peer: PeerKey, entry: Entry, ms: number): void {
    this.#rest(entry);
    entry.timer = setTimeout(() => {
      entry.timer = null;
      entry.calls++;
      this.#is.call(peer, entry.addresses);
    }, ms);
  }

  #rest(entry: Entry): void {
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = null;
  }

  /** Makes it the newest; the oldest that waits for no call makes room, or else the oldest. */
  #take(peer: PeerKey): Entry {
    const fresh = { addresses: [], calls: 0, mostCalls: MOST_FIRST_CALLS, timer: null };
    const entry = this.#peers.get(peer) ?? fresh;
    this.#peers.delete(peer);
    this.#peers.set(peer, entry);
    if (this.#peers.size <= MOST_PEERS) return entry;
    const others = [...this.#peers].filter(([other]) => other !== peer);
    const [oldest] = others.find(([, { timer }]) => timer === null) ?? others[0]!;
    this.forget(oldest);
    return entry;
  }
}
