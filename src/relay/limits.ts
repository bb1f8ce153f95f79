/**
 * What one node may ask of a relay, so that none takes what others came for. Nodes are known by
 * their keys: behind one NAT, or behind the operator's own proxy, many share an address.
 */
import type { Connection, ConnectionGater, Libp2p, PeerId } from '@libp2p/interface';
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';

export interface RelayLimits {
  /** Connections, and places to be reached at, in all: a node holds one of each. */
  readonly nodes: number;
  /** Connections of one node at once: a phone that changes networks leaves dead ones behind. */
  readonly connectionsPerNode: number;
  /** Circuits that one node holds open to others. */
  readonly circuitsPerNode: number;
  /** Circuits that one node opens in a minute. */
  readonly circuitsPerMinute: number;
  /** Circuits that others hold open to one node. */
  readonly circuitsToNode: number;
  /** Bytes that a circuit carries, both ways together; 0 is as many as come. */
  readonly circuitBytes: number;
  /** Seconds that a circuit lasts; 0 is for ever. */
  readonly circuitSeconds: number;
  /** New connections a second from one address. */
  readonly connectionsPerSecond: number;
}

export const ordinaryLimits: RelayLimits = {
  nodes: 1_000,
  connectionsPerNode: 4,
  circuitsPerNode: 32,
  circuitsPerMinute: 60,
  circuitsToNode: 256,
  circuitBytes: 67_108_864,
  circuitSeconds: 7_200,
  connectionsPerSecond: 500,
};

/** What was refused, and why. */
export type Refusal = 'draining' | 'circuits-per-node' | 'circuits-per-minute' | 'connections';

/** A minute, in ms, and how many nodes' minutes are remembered. */
const MINUTE_MS = 60_000;
const MOST_MINUTES = 10_000;

export interface Gate {
  readonly gater: ConnectionGater;
  /** From now on nobody new comes in; who is here stays. */
  drain(): void;
  /** Keeps each node to its connections: the oldest go, since a node knows best which it uses. */
  watch(node: Libp2p): void;
}

/** Counts what it turns away with `refused`. */
export function createGate(limits: RelayLimits, refused: (why: Refusal) => void): Gate {
  let relay: Libp2p | null = null;
  let draining = false;
  const minutes = new Map<string, { readonly sinceMs: number; opened: number }>();
  const deny = (why: Refusal) => {
    refused(why);
    return true;
  };
  const openedThisMinute = (peer: PeerId): number => {
    const id = peer.toString();
    const now = Date.now();
    const known = minutes.get(id);
    const minute = known && now - known.sinceMs < MINUTE_MS ? known : { sinceMs: now, opened: 0 };
    minute.opened++;
    minutes.delete(id);
    minutes.set(id, minute);
    if (minutes.size > MOST_MINUTES) minutes.delete(minutes.keys().next().value!);
    return minute.opened;
  };
  return {
    gater: {
      denyInboundConnection: () => draining && deny('draining'),
      // The question itself comes on one of the streams that are counted.
      denyOutboundRelayedConnection: (from) => {
        if (relay && openCircuits(relay.getConnections(from)) > limits.circuitsPerNode) {
          return deny('circuits-per-node');
        }
        const isTooMany = openedThisMinute(from) > limits.circuitsPerMinute;
        return isTooMany && deny('circuits-per-minute');
      },
    },
    drain: () => {
      draining = true;
    },
    watch: (node) => {
      relay = node;
      node.addEventListener('connection:open', ({ detail }) => {
        const open = node.getConnections(detail.remotePeer);
        const oldest = open.toSorted((a, b) => a.timeline.open - b.timeline.open);
        for (const connection of oldest.slice(0, -limits.connectionsPerNode)) {
          refused('connections');
          connection.abort(new Error('this node has too many connections here'));
        }
      });
    },
  };
}

/** Circuits that the other ends of these connections opened; a node that reserves opens one briefly too. */
export function openCircuits(connections: readonly Connection[]): number {
  const streams = connections.flatMap((connection) => connection.streams);
  return streams.filter(
    ({ protocol, status, direction }) =>
      protocol === RELAY_V2_HOP_CODEC && status === 'open' && direction === 'inbound',
  ).length;
}
