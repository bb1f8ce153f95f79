/**
 * Whom this node was connected with, remembered over its restarts: where no relay can be reached, it calls them once it is
 * connected with anybody at all. An old address may lead nowhere, but whoever it met may introduce them.
 */
import type { PeerKey } from '../../protocol/index.ts';

/** As many as a node keeps for gossip. */
const MOST_PEERS = 16;
/** Ticks from one look at where they are now to the next, one minute. */
const LOOK_TICKS = 12;

/** Peers and where each was, latest last. */
export type Former = readonly (readonly [peer: PeerKey, addresses: readonly string[]])[];

/** Where the list lasts. */
export interface PeerMemory {
  recall(): Former;
  remember(peers: Former): void;
}

export interface FormerPeersOptions {
  readonly memory: PeerMemory;
  /** Where a connected peer says it is. */
  readonly where: (peer: PeerKey) => Promise<readonly string[]>;
  readonly call: (peer: PeerKey, addresses: readonly string[]) => void;
}

export class FormerPeers {
  readonly #is: FormerPeersOptions;
  readonly #known: Map<PeerKey, readonly string[]>;
  /** Those of earlier lives, until they are called in this one. */
  #uncalled: Former;
  #here: ReadonlySet<PeerKey> = new Set();
  #ticks = 0;
  #written: string;

  constructor(options: FormerPeersOptions) {
    this.#is = options;
    this.#uncalled = options.memory.recall().slice(-MOST_PEERS);
    this.#known = new Map(this.#uncalled);
    this.#written = JSON.stringify(this.#uncalled);
  }

  tick(connected: readonly PeerKey[], isOnRelay: boolean): void {
    const isNews = connected.some((peer) => !this.#here.has(peer));
    this.#here = new Set(connected);
    if (isNews || this.#ticks++ % LOOK_TICKS === 0) void this.#look(connected);
    if (connected.length === 0 || isOnRelay) return;
    const { call } = this.#is;
    const absent = this.#uncalled.filter(([peer]) => !this.#here.has(peer));
    this.#uncalled = [];
    for (const [peer, addresses] of absent.toReversed()) call(peer, addresses);
  }

  /** We hung up on it. */
  forget(peer: PeerKey): void {
    this.#uncalled = this.#uncalled.filter(([former]) => former !== peer);
    if (this.#known.delete(peer)) this.#write();
  }

  async #look(connected: readonly PeerKey[]): Promise<void> {
    for (const peer of connected) {
      const addresses = await this.#is.where(peer);
      if (!this.#here.has(peer)) continue;
      const before = this.#known.get(peer) ?? [];
      this.#known.delete(peer);
      this.#known.set(peer, addresses.length > 0 ? addresses : before);
    }
    while (this.#known.size > MOST_PEERS) this.#known.delete(this.#known.keys().next().value!);
    this.#write();
  }

  #write(): void {
    const all = [...this.#known];
    const text = JSON.stringify(all);
    if (text === this.#written) return;
    this.#written = text;
    this.#is.memory.remember(all);
  }
}
