/**
 * Reservations on the relays and neighbours we name, and on no others. libp2p's own transport searches for relays by itself, and
 * makes a named reservation once: it does not come back after a reconnect, nor after one failure. So its listener is asked again
 * here, one listener a relay.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2';
import type { Listener, PeerId, Transport } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Multiaddr } from '@multiformats/multiaddr';

/** Reservations at once: more than a node has relays. One made drops, without a word, those that libp2p has queued. */
const MOST_AT_ONCE = 16;

/** The parts that libp2p keeps to itself; a test fails when they change. */
interface Reservation {
  readonly timeout: ReturnType<typeof setTimeout>;
}
interface ReservationStore {
  hasReservation(relay: PeerId): boolean;
  /** Relays that failed once and are refused from then on. */
  readonly relayFilter: { remove(relay: Uint8Array): unknown };
  readonly reservations: {
    get(relay: PeerId): Reservation | undefined;
    delete(relay: PeerId): void;
  };
}
interface CircuitListener extends Listener {
  listeningAddrs: readonly Multiaddr[];
  addedRelay(made: { readonly relay: PeerId }): void;
}

export interface Circuit {
  /** For `createLibp2p`. */
  readonly transport: (components: CircuitRelayTransportComponents) => Transport;
  /**
   * `address` of a connected relay, with its peer id; resolves once we can be reached through it.
   */
  reserve(relay: PeerId, address: string): Promise<void>;
  /** The same of a neighbour, whose place for us is called by its name: we are reached there by those who are connected with it. */
  reserveAt(neighbour: PeerId): Promise<void>;
  reserved(relay: PeerId): boolean;
  /** We no longer say that we can be reached at this neighbour. */
  leave(neighbour: PeerId): void;
}

export function createCircuit(): Circuit {
  const listeners = new Map<string, CircuitListener>();
  /** Neighbours come and go, and libp2p keeps a listener for good: one that a neighbour left serves for the next. */
  const spare: CircuitListener[] = [];
  /** Names of neighbours; relays are called by their addresses. */
  const neighbours = new Set<string>();
  let components: CircuitRelayTransportComponents;
  let store: ReservationStore;
  let latest: CircuitListener;

  const reserve = async (relay: PeerId, address: string, former?: CircuitListener) => {
    const at = multiaddr(`${address}/p2p-circuit`);
    const name = relay.toString();
    const known = listeners.get(name) ?? former;
    store.relayFilter.remove(relay.toMultihash().bytes);
    if (known !== undefined) {
      listeners.set(name, known);
      return await known.listen(at);
    }
    const listening = components.transportManager.listen([at]);
    listeners.set(name, latest);
    await listening;
  };

  return {
    transport: (given) => {
      components = given;
      // Knowing everybody already, discovery has nothing to discover.
      const everybody = { has: () => true, add: () => {}, remove: () => {} };
      const transport = circuitRelayTransport({
        discoveryFilter: everybody,
        reservationConcurrency: MOST_AT_ONCE,
      })(given);
      store = (transport as unknown as { reservationStore: ReservationStore }).reservationStore;
      const createListener = transport.createListener.bind(transport);
      transport.createListener = (options) => {
        const listener = createListener(options) as CircuitListener;
        latest = listener;
        const added = listener.addedRelay.bind(listener);
        listener.addedRelay = (made) => {
          if (!neighbours.has(String(made.relay))) {
            // Withdrawing what a neighbour was called by, libp2p would throw.
            const hosts = listener.listeningAddrs.filter((one) => !/^\/p2p\//.test(String(one)));
            listener.listeningAddrs = hosts;
            return added(made);
          }
          // Over WebRTC it would be called by the path on which we reached it, which leads nobody there; and of an address
          // without a host libp2p takes no note.
          list(listener, [`/p2p/${String(made.relay)}/p2p-circuit`]);
        };
        return listener;
      };
      return transport;
    },
    reserve: (relay, address) => {
      neighbours.delete(relay.toString());
      return reserve(relay, address);
    },
    reserveAt: (neighbour) => {
      const name = neighbour.toString();
      neighbours.add(name);
      return reserve(neighbour, `/p2p/${name}`, spare.pop());
    },
    reserved: (relay) => store.hasReservation(relay),
    leave: (neighbour) => {
      const name = neighbour.toString();
      const listener = listeners.get(name);
      neighbours.delete(name);
      listeners.delete(name);
      if (listener !== undefined) {
        list(listener, []);
        spare.push(listener);
      }
      const details = store.reservations.get(neighbour);
      if (details === undefined) return;
      clearTimeout(details.timeout);
      store.reservations.delete(neighbour);
    },
  };
}

/** Where a listener says that it can be reached. */
function list(listener: CircuitListener, addresses: readonly string[]): void {
  listener.listeningAddrs = addresses.map((address) => multiaddr(address));
  queueMicrotask(() => listener.dispatchEvent(new Event('listening')));
}
