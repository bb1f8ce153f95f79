/**
 * Where a node is dialled, as multiaddrs:
 *
 *   /ip4/203.0.113.7/tcp/80/ws/p2p/<node>               directly, a node that listens
 *   <relay>/p2p-circuit/webrtc/p2p/<node>               through a relay, then punching
 *   <relay>/p2p-circuit/p2p/<node>                      through a relay, a node without WebRTC
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

/** Lists of addresses to dial, best first: direct, through its relays, through ours. */
export function routes(
  peer: PeerId,
  addresses: readonly string[],
  relays: readonly string[],
): Multiaddr[][] {
  const direct = new Map<string, Multiaddr>();
  const relayed = new Map<string, Multiaddr>();
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    const parsed = parse(address, peer);
    if (parsed === null) continue;
    const names = parsed.getComponents().map(({ name }) => name);
    if (names.includes('p2p-circuit')) relayed.set(String(parsed), parsed);
    else if (names.includes('ws') || names.includes('wss')) direct.set(String(parsed), parsed);
  }
  for (const relay of relays) {
    const circuit = parse(`${relay}/p2p-circuit`, peer);
    if (circuit !== null) relayed.set(String(circuit), circuit);
  }
  return [[...direct.values()], [...relayed.values()]].filter(({ length }) => length > 0);
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
