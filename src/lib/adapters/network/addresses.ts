/**
 * Where a node is dialled, as multiaddrs:
 *
 *   /ip4/203.0.113.7/tcp/80/ws/p2p/<node>               directly, a node that listens
 *   <relay>/p2p-circuit/webrtc/p2p/<node>               through a relay, then punching
 *   <relay>/p2p-circuit/p2p/<node>                      through a relay, a node without WebRTC
 *   /p2p/<neighbour>/p2p-circuit/webrtc/p2p/<node>      through a neighbour of both, then punching
 */
import type { PeerId } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Multiaddr } from '@multiformats/multiaddr';

/** Addresses of one peer that are tried, and characters of each. */
const MAX_ADDRESSES = 8;
const MAX_ADDRESS_CHARS = 512;

/** What is worth telling of a node's addresses: each path once, ending in the node's id. */
export function tidyAddresses(addresses: readonly Multiaddr[], id: PeerId): string[] {
  const suffix = `/p2p/${String(id)}`;
  const whole = addresses.map(String).map((one) => (one.endsWith(suffix) ? one : one + suffix));
  const punching = new Set(whole.map(withoutWebrtc).filter((bare, at) => bare !== whole[at]));
  return [...new Set(whole)]
    .filter((address) => address.length <= MAX_ADDRESS_CHARS && !punching.has(address))
    .slice(0, MAX_ADDRESSES);
}

function withoutWebrtc(address: string): string {
  return address.replace('/p2p-circuit/webrtc', '/p2p-circuit');
}

/** An address that ends at a circuit. libp2p takes one over a WebRTC connection for a direct path. */
export function isCircuit(address: string): boolean {
  return /\/p2p-circuit(\/p2p\/[^/]+)?$/.test(address);
}

/** Who is between us and a peer, when no address of its own leads there. */
export interface Between {
  /** Addresses of the relays that we are on, with their peer ids. */
  readonly relays: readonly string[];
  /** Peer ids of the neighbours that introduce us. */
  readonly introducers: readonly string[];
  /** Are we connected with it? A neighbour's circuit needs that. */
  readonly hasConnection: (peerId: string) => boolean;
}

/**
 * Lists of addresses to dial, best first: direct, through neighbours, through its relays and ours. A relay has a list of its own, so
 * that one which swallows what it is told takes no time from the next.
 */
export function routes(
  peer: PeerId,
  addresses: readonly string[],
  { relays, introducers, hasConnection }: Between,
): Multiaddr[][] {
  const direct = new Map<string, Multiaddr>();
  const through = new Map<string, Multiaddr>();
  const relayed = new Map<string, Multiaddr>();
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    const parsed = parse(address, peer);
    if (parsed === null) continue;
    const [first, ...others] = parsed.getComponents();
    const names = others.map(({ name }) => name);
    if (first?.name === 'p2p') {
      if (hasConnection(first.value ?? '')) through.set(String(parsed), parsed);
    } else if (names.includes('p2p-circuit')) relayed.set(String(parsed), parsed);
    else if (names.includes('ws') || names.includes('wss')) direct.set(String(parsed), parsed);
  }
  const lastResort = (before: string, list: Map<string, Multiaddr>) => {
    const circuit = parse(`${before}/p2p-circuit`, peer);
    if (circuit !== null) list.set(String(circuit), circuit);
  };
  for (const introducer of introducers) lastResort(`/p2p/${introducer}`, through);
  for (const relay of relays) lastResort(relay, relayed);
  const lists = [[...direct.values()], [...through.values()]];
  for (const circuit of relayed.values()) lists.push([circuit]);
  return lists.filter(({ length }) => length > 0);
}

/** UDP port on which a relay tells who asks where its packets come from. */
const STUN_PORT = 3_478;
/** More servers make a punch slower, not likelier. */
const MAX_STUN = 2;

/** STUN servers to punch with: the relays' own, but for those on this machine, where there is no NAT. */
export function stunServers(relays: readonly string[]): { readonly urls: string }[] {
  const hosts = relays.flatMap((relay) => {
    const [, kind = '', host = ''] = relay.split('/');
    if (!['ip4', 'ip6', 'dns', 'dns4', 'dns6'].includes(kind)) return [];
    if (/^127\.|^::1$|(^|\.)localhost$/.test(host)) return [];
    return [kind === 'ip6' ? `[${host}]` : host];
  });
  const urls = [...new Set(hosts)].map((host) => `stun:${host}:${STUN_PORT}`);
  return urls.slice(0, MAX_STUN).map((url) => ({ urls: url }));
}

/**
 * The address without its WebRTC part (that is for punching), ending in the peer's id; `null` if it
 * is none.
 */
function parse(address: string, peer: PeerId): Multiaddr | null {
  try {
    const suffix = `/p2p/${String(peer)}`;
    const bare = withoutWebrtc(address);
    return multiaddr(bare.endsWith(suffix) ? bare : bare + suffix);
  } catch {
    return null;
  }
}
