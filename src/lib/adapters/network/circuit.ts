/**
 * Reservations on the relays we name, and on no others. libp2p's own transport searches for relays
 * by itself, and makes a named reservation once: it does not come back after a reconnect, nor after
 * one failure. So its listener is asked again here, one listener a relay.
 */
import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2';
import type { Listener, PeerId, Transport } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';

/** Reservations at once: more than a node has relays. One made drops, without a word, those that libp2p has queued. */
const MOST_AT_ONCE = 16;

/** The part of the transport that libp2p keeps to itself; a test fails when it changes. */
interface ReservationStore {
  hasReservation(relay: PeerId): boolean;
  /** Relays that failed once and are refused from then on. */
  readonly relayFilter: { remove(relay: Uint8Array): unknown };
}

export interface Circuit {
  /** For `createLibp2p`. */
  readonly transport: (components: CircuitRelayTransportComponents) => Transport;
  /**
   * `address` of a connected relay, with its peer id; resolves once we can be reached through it.
   */
  reserve(relay: PeerId, address: string): Promise<void>;
  reserved(relay: PeerId): boolean;
}

export function createCircuit(): Circuit {
  const listeners = new Map<string, Listener>();
  let components: CircuitRelayTransportComponents;
  let store: ReservationStore;
  let latest: Listener;

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
      transport.createListener = (options) => (latest = createListener(options));
      return transport;
    },
    reserve: async (relay, address) => {
      const at = multiaddr(`${address}/p2p-circuit`);
      const known = listeners.get(relay.toString());
      store.relayFilter.remove(relay.toMultihash().bytes);
      if (known !== undefined) return await known.listen(at);
      const listening = components.transportManager.listen([at]);
      listeners.set(relay.toString(), latest);
      await listening;
    },
    reserved: (relay) => store.hasReservation(relay),
  };
}
