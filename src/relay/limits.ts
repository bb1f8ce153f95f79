/**
 * What one node, and one address, may ask of a relay, so that none takes what others came for. A node is known by its key; keys
 * cost nothing, so addresses have limits too, wide ones, as behind one NAT there may be many phones. The operator's own proxy is
 * no address to be limited: all come from it.
 */
import type { Connection, ConnectionGater, Libp2p, PeerId } from '@libp2p/interface';
import type { Multiaddr } from '@multiformats/multiaddr';
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2';
import { createTally } from './tally.ts';

export interface RelayLimits {
  /** Connections, and places to be reached at, in all: a node holds one of each. */
  readonly nodes: number;
  /** Connections of one node at once: a phone that changes networks leaves dead ones behind. */
  readonly connectionsPerNode: number;
  /** Circuits that one node holds open to others. */
  readonly circuitsPerNode: number;
  /** Circuits that one node opens in a minute, and in an hour. */
  readonly circuitsPerMinute: number;
  readonly circuitsPerHour: number;
  /** Circuits that others hold open to one node. */
  readonly circuitsToNode: number;
  /** Bytes that a circuit carries, both ways together; 0 is as many as come. */
  readonly circuitBytes: number;
  /** Seconds that a circuit lasts; 0 is for ever. */
  readonly circuitSeconds: number;
  /** New connections a second from one address. */
  readonly connectionsPerSecond: number;
  /** Connections of one address at once, and new ones in an hour; 0 is as many as come. */
  readonly connectionsPerAddress: number;
  readonly connectionsPerAddressAndHour: number;
  /** Circuits that nodes of one address open in an hour; 0 is as many as they want. */
  readonly circuitsPerAddressAndHour: number;
  /** Numeric addresses without limits of their own: the operator's proxy, which all come from. */
  readonly proxies: readonly string[];
}

export const ordinaryLimits: RelayLimits = {
  nodes: 1_000,
  connectionsPerNode: 4,
  circuitsPerNode: 32,
  circuitsPerMinute: 60,
  circuitsPerHour: 600,
  circuitsToNode: 256,
  circuitBytes: 67_108_864,
  circuitSeconds: 7_200,
  connectionsPerSecond: 500,
  connectionsPerAddress: 200,
  connectionsPerAddressAndHour: 2_000,
  circuitsPerAddressAndHour: 6_000,
  proxies: ['127.0.0.1', '::1'],
};

/** What was refused, and why. */
export const refusals = [
  'draining',
  'connections',
  'connections-per-address',
  'connections-per-address-and-hour',
  'circuits-per-node',
  'circuits-per-minute',
  'circuits-per-hour',
  'circuits-per-address-and-hour',
] as const;
export type Refusal = (typeof refusals)[number];

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

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
  const circuitsInMinute = createTally(MINUTE_MS);
  const circuitsInHour = createTally(HOUR_MS);
  const connectionsOfAddress = createTally(HOUR_MS);
  const circuitsOfAddress = createTally(HOUR_MS);
  const deny = (why: Refusal) => {
    refused(why);
    return true;
  };
  const denyConnection = (remote: Multiaddr): boolean => {
    if (draining) return deny('draining');
    const address = limitedAddress(remote, limits.proxies);
    if (address === null) return false;
    const open = (relay?.getConnections() ?? []).filter(
      ({ remoteAddr }) => limitedAddress(remoteAddr, limits.proxies) === address,
    );
    if (isOver(open.length + 1, limits.connectionsPerAddress)) {
      return deny('connections-per-address');
    }
    const isTooMany = isOver(
      connectionsOfAddress.count(address),
      limits.connectionsPerAddressAndHour,
    );
    return isTooMany && deny('connections-per-address-and-hour');
  };
  const denyCircuit = (from: PeerId): boolean => {
    const connections = relay?.getConnections(from) ?? [];
    // The question itself comes on one of the streams that are counted.
    if (openCircuits(connections) > limits.circuitsPerNode) return deny('circuits-per-node');
    const name = from.toString();
    if (circuitsInMinute.count(name) > limits.circuitsPerMinute) return deny('circuits-per-minute');
    if (circuitsInHour.count(name) > limits.circuitsPerHour) return deny('circuits-per-hour');
    const remote = connections[0]?.remoteAddr;
    const address = remote === undefined ? null : limitedAddress(remote, limits.proxies);
    const isTooMany =
      address !== null &&
      isOver(circuitsOfAddress.count(address), limits.circuitsPerAddressAndHour);
    return isTooMany && deny('circuits-per-address-and-hour');
  };
  return {
    gater: {
      denyInboundConnection: ({ remoteAddr }) => denyConnection(remoteAddr),
      denyOutboundRelayedConnection: denyCircuit,
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

/** 0 is no limit. */
function isOver(count: number, most: number): boolean {
  return most > 0 && count > most;
}

/** The numeric address at the beginning of a multiaddr; `null` for a proxy's. One of IPv6 stands for its /64: a line has that many. */
export function limitedAddress(remote: Multiaddr, proxies: readonly string[]): string | null {
  const [first] = remote.getComponents();
  const host = first?.value ?? '';
  if (host === '' || proxies.includes(host)) return null;
  if (first?.name !== 'ip6') return host;
  const groups = groupsOf(host);
  const isMapped = groups.slice(0, 6).join() === [0, 0, 0, 0, 0, 0xffff].join();
  if (!isMapped)
    return groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(':');
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 0xff]);
  return proxies.includes(bytes.join('.')) ? null : bytes.join('.');
}

/** The eight 16-bit groups of an IPv6 address, as libp2p writes it: without dots. */
function groupsOf(host: string): number[] {
  const [left = [], right = []] = host.split('::').map((half) => half.split(':').filter(Boolean));
  const zeros = Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0');
  return [...left, ...zeros, ...right].map((group) => parseInt(group, 16));
}

/** Circuits that the other ends of these connections opened; a node that reserves opens one briefly too. */
export function openCircuits(connections: readonly Connection[]): number {
  const streams = connections.flatMap((connection) => connection.streams);
  return streams.filter(
    ({ protocol, status, direction }) =>
      protocol === RELAY_V2_HOP_CODEC && status === 'open' && direction === 'inbound',
  ).length;
}
