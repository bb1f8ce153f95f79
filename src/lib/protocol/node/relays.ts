/**
 * The relays a node uses: its owner's list, and a few that it learns from those it is connected with, so that it is found when
 * the owner's are gone. A peer that is reached through a relay names it in its own address. Whitepaper: "Gig-gossip P2P Network".
 *
 * A relay sees who is connected and carries bytes it cannot read; the owner may want none but its own. A peer teaches one relay at
 * a time, and what is learned never takes the place of what the owner listed.
 */
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { readStored, store } from '../stored.ts';
import type { Node, Turn } from './state.ts';
import { markNode } from './turn.ts';
import type { Answer, Of } from './wishes.ts';

/** The owner's list, and whether more may be learned; that stays as it is unless said. */
export function useRelays(turn: Turn, { relays, learn }: Of<'useRelays'>): Answer {
  const { node } = turn;
  if (relays.length > limits.addresses) return 'TOO_MANY';
  if (relays.some((relay) => !isMultiaddr(relay))) return 'ADDRESS_MALFORMED';
  const learns = learn ?? node.learnsRelays;
  if (learns !== node.learnsRelays) turn.effects.push(store('learns-relays', learns));
  node.learnsRelays = learns;
  turn.effects.push(store('relays', relays));
  changeRelays(turn, relays, learns ? listOf(node, true) : []);
  return null;
}

/** A peer came: through which relay could it be reached? */
export function learnRelay(turn: Turn, peer: PeerKey): void {
  const { node } = turn;
  if (!node.learnsRelays) return;
  const settlers = [...node.settlers.values()].filter((settler) => settler.peer === peer);
  const addresses = [node.peers.get(peer), ...settlers].flatMap((of) => of?.addresses ?? []);
  const known = new Set([...node.relays.keys()].map(withoutName));
  const found = addresses
    .flatMap(relayOf)
    .find((relay) => isMultiaddr(relay) && !known.has(withoutName(relay)));
  if (found === undefined) return;
  const learned = listOf(node, true);
  const isFull = learned.length >= limits.learnedRelays || node.relays.size >= limits.addresses;
  const useless = learned.find((relay) => node.relays.get(relay)?.reason !== '');
  if (isFull && useless === undefined) return;
  const kept = isFull ? learned.filter((relay) => relay !== useless) : learned;
  changeRelays(turn, listOf(node, false), [...kept, found]);
}

/** From what was stored, in any order. */
export function restoreRelays(
  node: Node,
  kind: 'relays' | 'learned-relays',
  value: Uint8Array,
): void {
  const stored = readStored<string[]>(value);
  if (kind === 'relays') setRelays(node, stored, listOf(node, true));
  else setRelays(node, listOf(node, false), stored);
}

export function isMultiaddr(address: string): boolean {
  return address.length <= limits.addressBytes && /^(\/[\w.:%-]+)+$/.test(address);
}

function listOf(node: Node, learned: boolean): string[] {
  return [...node.relays].flatMap(([relay, is]) => (is.learned === learned ? [relay] : []));
}

/** The owner's first, each once; what is known of them stays. */
function setRelays(node: Node, own: readonly string[], learned: readonly string[]): void {
  const before = node.relays;
  const entry = (relay: string, isLearned: boolean) => {
    const { connected = false, reason = '' } = before.get(relay) ?? {};
    return [relay, { connected, reason, learned: isLearned }] as const;
  };
  const others = learned.filter((relay) => !own.includes(relay));
  node.relays = new Map(
    [
      ...own.map((relay) => entry(relay, false)),
      ...others.map((relay) => entry(relay, true)),
    ].slice(0, limits.addresses),
  );
}

function changeRelays(turn: Turn, own: readonly string[], learned: readonly string[]): void {
  const { node } = turn;
  const before = listOf(node, true);
  setRelays(node, own, learned);
  const after = listOf(node, true);
  if (after.join() !== before.join()) turn.effects.push(store('learned-relays', after));
  turn.effects.push({ do: 'useRelays', relays: [...node.relays.keys()] });
  markNode(turn);
}

/**
 * `<relay>/p2p-circuit/...`, with the relay's name: an address without it could be anybody's, and one that is a name alone is of
 * a neighbour that introduces.
 */
function relayOf(address: string): string[] {
  const end = address.indexOf('/p2p-circuit');
  const relay = address.slice(0, Math.max(0, end));
  return relay.indexOf('/p2p/') > 0 ? [relay] : [];
}

function withoutName(relay: string): string {
  return relay.replace(/\/p2p\/[^/]+$/, '');
}
