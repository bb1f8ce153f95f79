/**
 * Neighbours that introduce us while no relay does: each has a place for us, so that those who are connected with it find us
 * there, and each is asked whom else it knows.
 *
 *   Node                                    Neighbour (introducing.ts)
 *     | reserve ------------------------------>|   on at most two, one try a tick
 *     | /gig-gossip/introduce/1: 1 byte n ---->|   every minute; every tick in the minute after somebody came or
 *     |<---- at most n signed records ---------|   went, while few peers are connected
 *
 * Who is introduced is dialled at `/p2p/<neighbour>/p2p-circuit/webrtc/p2p/<peer>`; the circuit lasts until both have a direct
 * path, see link.ts. A neighbour that goes away, or no longer introduces, makes room for another one.
 */
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import type { Libp2p, PeerId } from '@libp2p/interface';
import type { Introduction, NetworkEvent, PeerKey } from '../../protocol/index.ts';
import type { Circuit } from './circuit.ts';
import { introductions, within } from './introductions.ts';
import { peerIdOf } from './keys.ts';
import { openDirect } from './reach.ts';

/** Neighbours that have a place for us at once: one may go. */
const MOST_INTRODUCERS = 2;
/** ms to get a place. */
const RESERVE_MS = 10_000;
/** A node asks every so many ticks, and for so many ticks at each while fewer peers than this are connected. */
const ASK_TICKS = 12;
const EAGER_TICKS = 12;
const FEW_PEERS = 4;
/** Ticks until a neighbour that refused is asked again, five minutes, and until a peer is told of again, one. */
const REFUSED_TICKS = 60;
const TOLD_TICKS = 12;
/** Peers that were told of, remembered. */
const MOST_TOLD = 256;

export interface IntroducersOptions {
  readonly node: Libp2p;
  readonly circuit: Circuit;
  /** Peers that we have direct links with. */
  readonly neighbours: () => readonly PeerKey[];
  /** Peers that are connected now. */
  readonly connected: () => number;
  /** A relay introduces us, or this very neighbour is one. */
  readonly isOnRelay: () => boolean;
  readonly isRelay: (peer: PeerId) => boolean;
  readonly tell: (event: NetworkEvent) => void;
  /** Others may be reached through a neighbour now. */
  readonly back: () => void;
}

interface Introducer {
  readonly id: PeerId;
  ticks: number;
  isAsked: boolean;
}

export class Introducers {
  readonly #is: IntroducersOptions;
  readonly #held = new Map<string, Introducer>();
  /** Names, each with its ticks to go. */
  readonly #refused = new Map<string, number>();
  readonly #told = new Map<PeerKey, number>();
  #isSeeking = false;
  #eager = 0;
  #count = 0;

  constructor(options: IntroducersOptions) {
    this.#is = options;
  }

  /** Peer ids of those that have a place for us. */
  get names(): string[] {
    return [...this.#held.keys()];
  }

  tick(): void {
    const { circuit, connected, isOnRelay, isRelay, neighbours } = this.#is;
    countDown(this.#refused);
    countDown(this.#told);
    const ids = isOnRelay() ? [] : neighbours().map(peerIdOf);
    const here = new Map(ids.filter((id) => !isRelay(id)).map((id) => [id.toString(), id]));
    for (const [name, { id }] of this.#held) {
      if (!here.has(name) || !circuit.reserved(id)) this.#leave(name, id);
    }
    for (const name of this.#held.keys()) here.delete(name);
    void this.#seek([...here.values()].filter((id) => !this.#refused.has(id.toString())));
    this.#eager = connected() === this.#count ? Math.max(0, this.#eager - 1) : EAGER_TICKS;
    this.#count = connected();
    const isEager = this.#eager > 0 && this.#count < FEW_PEERS;
    for (const one of this.#held.values()) {
      const isDue = one.ticks++ % ASK_TICKS === 0 || isEager;
      if (isDue && !one.isAsked) void this.#ask(one);
    }
  }

  #leave(name: string, id: PeerId): void {
    this.#held.delete(name);
    this.#is.circuit.leave(id);
  }

  /** One more neighbour that has a place for us, if there is one and we need it. */
  async #seek(strangers: readonly PeerId[]): Promise<void> {
    if (this.#isSeeking || this.#held.size >= MOST_INTRODUCERS || strangers.length === 0) return;
    this.#isSeeking = true;
    try {
      const offering = await this.#introducing(strangers);
      const id = offering[Math.floor(Math.random() * offering.length)];
      if (id !== undefined) await this.#reserve(id);
    } finally {
      this.#isSeeking = false;
    }
  }

  async #introducing(all: readonly PeerId[]): Promise<PeerId[]> {
    const { peerStore } = this.#is.node;
    const known = await Promise.all(all.map((id) => peerStore.get(id).catch(() => null)));
    return all.filter((_id, at) => known[at]?.protocols.includes(RELAY_V2_HOP_CODEC) === true);
  }

  async #reserve(id: PeerId): Promise<void> {
    const { circuit, back } = this.#is;
    const name = id.toString();
    try {
      await within(circuit.reserveAt(id), AbortSignal.timeout(RESERVE_MS));
      this.#held.set(name, { id, ticks: 0, isAsked: false });
      back();
    } catch {
      // It is full, or does it no longer.
      circuit.leave(id);
      this.#refused.set(name, REFUSED_TICKS);
    }
  }

  async #ask(one: Introducer): Promise<void> {
    const { node, tell } = this.#is;
    const name = one.id.toString();
    one.isAsked = true;
    try {
      const connection = openDirect(node, one.id);
      if (connection === undefined) return;
      const peers = this.#news(await introductions(node.peerId, connection));
      if (peers.length > 0) tell({ on: 'introduced', peers });
    } catch {
      if (this.#held.get(name) !== one) return;
      this.#leave(name, one.id);
      this.#refused.set(name, REFUSED_TICKS);
    } finally {
      one.isAsked = false;
    }
  }

  /** Of these, whom we have not told of lately: calling again whom we cannot reach is not an introduction's business. */
  #news(peers: readonly Introduction[]): Introduction[] {
    const news = peers.filter(({ peer }) => !this.#told.has(peer));
    const fresh = news.slice(0, MOST_TOLD - this.#told.size);
    for (const { peer } of fresh) this.#told.set(peer, TOLD_TICKS);
    return fresh;
  }
}

function countDown(ticks: Map<string, number>): void {
  for (const [name, left] of ticks) {
    if (left <= 1) ticks.delete(name);
    else ticks.set(name, left - 1);
  }
}
