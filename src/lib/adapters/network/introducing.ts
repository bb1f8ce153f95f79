/**
 * What this node does for its neighbours when it has the means: each may have a place here, those with places are introduced to
 * each other, and circuits between them carry what it takes to find a direct path. So two nodes that no relay introduces any more
 * meet all the same. It is no relay for traffic: a circuit ends with its few bytes, and nobody but a neighbour gets one.
 * Here is decided when and for whom; introducing-service.ts does it.
 */
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import type { CircuitRelayServerComponents } from '@libp2p/circuit-relay-v2';
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface';
import type { PeerKey } from '../../protocol/index.ts';
import { startIntroducing } from './introducing-service.ts';
import type { IntroducingService } from './introducing-service.ts';
import { peerIdOf, peerKeyOf } from './keys.ts';

/** Direct neighbours that a node has when it begins: with fewer there is nobody to introduce. */
const FEWEST_NEIGHBOURS = 2;
/** Circuits that are open at once. */
const MOST_CIRCUITS = 32;
/** Circuits begun in a minute, in all and by one neighbour: 4 MiB with everything they carry. */
const CIRCUITS_PER_MINUTE = 64;
const CIRCUITS_PER_NEIGHBOUR_AND_MINUTE = 20;
/** Questions that one neighbour asks in a minute; those who are on no relay ask every 5 s. */
const QUESTIONS_PER_NEIGHBOUR_AND_MINUTE = 20;
const MINUTE_MS = 60_000;

export interface IntroducingOptions {
  /** Peers that we have direct links with. */
  readonly neighbours: () => readonly PeerKey[];
  /** The owner agrees, and neither battery nor connection is short. */
  readonly means: () => boolean;
}

export class Introducing {
  readonly #is: IntroducingOptions;
  #components: CircuitRelayServerComponents | null = null;
  #service: IntroducingService | null = null;
  #isChanging = false;
  #isOver = false;
  /** Who began a circuit and who asked in this minute, time by time. */
  #begun: string[] = [];
  #asked: string[] = [];
  #sinceMs = 0;

  constructor(options: IntroducingOptions) {
    this.#is = options;
  }

  /** For `createLibp2p`: nothing of ours, but how we come by what the service is made of. */
  readonly components = (components: CircuitRelayServerComponents): object => {
    this.#components = components;
    return {};
  };

  readonly gater: ConnectionGater = {
    denyInboundRelayReservation: (peer) => !this.#isNeighbour(peer),
    denyOutboundRelayedConnection: (from, to) =>
      !this.#isNeighbour(from) || !this.#isNeighbour(to) || this.#isTooMuch(from),
  };

  /** Begins or ends it, as the means are. */
  tick(): void {
    const neighbours = this.#is.neighbours();
    const isWanted =
      !this.#isOver &&
      this.#is.means() &&
      (this.#service !== null || neighbours.length >= FEWEST_NEIGHBOURS);
    this.#service?.keepOnly(neighbours.map(peerIdOf));
    if (isWanted !== (this.#service !== null)) void this.#change(isWanted);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#service?.stop();
  }

  async #change(on: boolean): Promise<void> {
    if (this.#isChanging || this.#components === null) return;
    this.#isChanging = true;
    try {
      if (on) {
        this.#service = await startIntroducing(this.#components, (asker) => this.#whom(asker));
      } else {
        await this.#service?.stop();
        this.#service = null;
      }
    } catch {
      // The next tick tries again.
    } finally {
      this.#isChanging = false;
    }
  }

  #isNeighbour(peer: PeerId): boolean {
    const key = peerKeyOf(peer);
    return key !== null && this.#is.neighbours().includes(key);
  }

  /** Whom a neighbour may be introduced to now; nobody else may. */
  #whom(asker: PeerId): PeerId[] {
    this.#turnMinute();
    const name = asker.toString();
    const own = countOf(this.#asked, name);
    if (!this.#isNeighbour(asker) || own >= QUESTIONS_PER_NEIGHBOUR_AND_MINUTE) return [];
    this.#asked.push(name);
    const all = this.#is.neighbours().map(peerIdOf);
    return all.filter((peer) => !peer.equals(asker));
  }

  #isTooMuch(from: PeerId): boolean {
    this.#turnMinute();
    const name = from.toString();
    const open = this.#components?.connectionManager.getConnections() ?? [];
    const isTooMuch =
      countOf(this.#begun, name) >= CIRCUITS_PER_NEIGHBOUR_AND_MINUTE ||
      this.#begun.length >= CIRCUITS_PER_MINUTE ||
      openCircuits(open) > MOST_CIRCUITS;
    if (!isTooMuch) this.#begun.push(name);
    return isTooMuch;
  }

  #turnMinute(): void {
    const now = Date.now();
    if (now - this.#sinceMs <= MINUTE_MS) return;
    this.#sinceMs = now;
    this.#begun = [];
    this.#asked = [];
  }
}

const countOf = (names: readonly string[], name: string) =>
  names.filter((one) => one === name).length;

/** Circuits that others opened on these connections, with the one that is being asked for. */
function openCircuits(connections: readonly Connection[]): number {
  return connections
    .flatMap(({ streams }) => streams)
    .filter(
      ({ protocol, status, direction }) =>
        protocol === RELAY_V2_HOP_CODEC && status === 'open' && direction === 'inbound',
    ).length;
}
