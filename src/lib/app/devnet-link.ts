/**
 * The link a devnet gives: `#devnet?relay=<multiaddr>&settler=<root hex>.<peer hex>@<multiaddr>&stun=stun:<host>:<port>&mint=<http
 * url>`, values URL-encoded, relay, settler and stun as often as wanted; `desk=<ws url>` makes the window show the devnet's own settler. It is
 * remembered on this device until somebody forgets it.
 */
import { areStunServers } from './stun-servers.ts';
import type { PartyKey, PeerKey } from './types.ts';

export interface DevnetSettler {
  readonly root: PartyKey;
  readonly peer: PeerKey;
  readonly addresses: readonly string[];
}

export interface Devnet {
  readonly relays: readonly string[];
  readonly settlers: readonly DevnetSettler[];
  /** STUN servers, which tell a page its public address. */
  readonly stun: readonly string[];
  /** Where play-money wallets come from; null when the devnet has no mint. */
  readonly mint: string | null;
  /** WebSocket of a node that runs there and that this window shows instead of one of its own; mostly null. */
  readonly desk: string | null;
}

const key = 'gig-gossip:devnet';
const appliedKey = 'gig-gossip:devnet-applied';

/** null: not a devnet link. 'malformed': one, but damaged; nothing of it is used. */
export function devnetFrom(hash: string): Devnet | 'malformed' | null {
  const found = /^#\/?devnet\?(.*)$/s.exec(hash);
  if (!found) return null;
  const parameters = new URLSearchParams(found[1]);
  const relays = parameters.getAll('relay');
  const settlers = parameters.getAll('settler').map(settlerFrom);
  const stun = parameters.getAll('stun');
  const mint = parameters.get('mint');
  const desk = parameters.get('desk');
  if ((relays.length === 0 && desk === null) || relays.length > 8 || settlers.length > 8)
    return 'malformed';
  if (!relays.every(isAddress) || !areStunServers(stun)) return 'malformed';
  if (mint !== null && !isHttp(mint)) return 'malformed';
  if (desk !== null && !isLocalSocket(desk)) return 'malformed';
  const whole = settlers.filter((settler) => settler !== null);
  return whole.length < settlers.length
    ? 'malformed'
    : { relays, settlers: whole, stun, mint, desk };
}

/** `root.peer@multiaddr`, as the devnet prints it and as people paste it to trust a settler. */
export function settlerFrom(text: string): DevnetSettler | null {
  const found = /^([0-9a-f]{64})\.(0[23][0-9a-f]{64})@(.+)$/.exec(text.trim());
  const [, root, peer, address] = found ?? [];
  if (!root || !peer || !address || !isAddress(address)) return null;
  return { root: root as PartyKey, peer: peer as PeerKey, addresses: [address] };
}

/** Looks like a multiaddr; whether anybody answers there is for the network to find out. */
export function isAddress(text: string): boolean {
  return text.length <= 512 && /^(\/[\w.:%~-]+){2,}$/.test(text);
}

function isHttp(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

/** Only a node of this machine may be shown in place of one's own. */
function isLocalSocket(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  return url?.protocol === 'ws:' && /^(.+\.)?localhost$|^127\.0\.0\.1$/.test(url.hostname);
}

/** What this device remembers, or null. A memory that no longer parses is forgotten. */
export function recallDevnet(storage: Storage): Devnet | null {
  const devnet = devnetFrom(storage.getItem(key) ?? '');
  return devnet === 'malformed' ? null : devnet;
}

/** True if it is news, that is, if the node has to be told. */
export function rememberDevnet(storage: Storage, devnet: Devnet): boolean {
  const hash = devnetHash(devnet);
  if (storage.getItem(key) === hash) return false;
  storage.setItem(key, hash);
  storage.removeItem(appliedKey);
  return true;
}

export function forgetDevnet(storage: Storage): void {
  storage.removeItem(key);
  storage.removeItem(appliedKey);
}

/** The node was told of the remembered devnet; telling it again would undo what its owner changed since. */
export function devnetApplied(storage: Storage): boolean {
  return storage.getItem(appliedKey) === 'yes';
}

export function markDevnetApplied(storage: Storage): void {
  storage.setItem(appliedKey, 'yes');
}

/** The link's fragment again, the inverse of `devnetFrom`. */
export function devnetHash({ relays, settlers, stun, mint, desk }: Devnet): string {
  const parameters = new URLSearchParams();
  for (const relay of relays) parameters.append('relay', relay);
  for (const { root, peer, addresses } of settlers) {
    parameters.append('settler', `${root}.${peer}@${addresses[0] ?? ''}`);
  }
  for (const server of stun) parameters.append('stun', server);
  if (mint !== null) parameters.append('mint', mint);
  if (desk !== null) parameters.append('desk', desk);
  return `#devnet?${parameters.toString()}`;
}
