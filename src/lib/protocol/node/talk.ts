/**
 * Lines between the two parties that the other has not acked: said again whenever it is here, also when their job is over, and
 * the other is called for them for a day. Whitepaper: "Replying" ("further P2P communication").
 */
import type { PeerKey } from '../ids.ts';
import { undelivered, type Channel } from '../job/contact.ts';
import { limits } from '../limits.ts';
import { callLater, waitsSince } from './outbox.ts';
import type { Node, Turn } from './state.ts';

/** Every contact that was opened, and whether its machine still repeats what was said there. */
function channelsOf(node: Node): { readonly channel: Channel; readonly repeats: boolean }[] {
  const machines = [
    ...[...node.jobs.values()].map((job) => ('channel' in job ? job : null)),
    ...[...node.offers.values()].map((made) => ('channel' in made ? made : null)),
    ...[...node.thankYous.values()].map((thank) => ('channel' in thank ? thank : null)),
    ...[...node.unsettledOffers.values()].map((made) => ('channel' in made ? made : null)),
  ];
  const over = ['Ended', 'Paid', 'Lost', 'Refunding', 'Settling', 'Met', 'Unmet'];
  return machines.flatMap((made) => {
    if (made === null || made.channel === null) return [];
    return [{ channel: made.channel, repeats: !over.includes(made.state) }];
  });
}

/** When the oldest line was said that is to be said again, ms; null if there is none. */
function unsaidSince({ lines }: Channel, nowMs: number): number | null {
  const unsaid = lines.filter(({ mine, delivered, atMs }) => {
    return mine && !delivered && atMs + limits.chatMs > nowMs;
  });
  return unsaid.length === 0 ? null : Math.min(...unsaid.map(({ atMs }) => atMs));
}

/** The peer is here: what it has not acked. */
export function talkOn({ node, ctx, effects }: Turn, peer: PeerKey): void {
  for (const { channel, repeats } of channelsOf(node)) {
    if (channel.peer !== peer) continue;
    if (!repeats && unsaidSince(channel, ctx.nowMs) === null) continue;
    const first = undelivered(channel).slice(0, limits.outboxFrames);
    for (const frame of first) effects.push({ do: 'send', to: peer, frame });
  }
}

/** Is there still something for a peer that is away? Then it is called, and again later. */
export function callAgain(turn: Turn, peer: PeerKey): void {
  const { node, ctx } = turn;
  if (node.sessions.has(peer)) return;
  const channels = channelsOf(node).filter(({ channel }) => channel.peer === peer);
  const since = [
    waitsSince(turn, peer),
    ...channels.map(({ channel }) => unsaidSince(channel, ctx.nowMs)),
  ].filter((ms) => ms !== null);
  if (since.length === 0) return;
  const known = node.peers.get(peer)?.addresses ?? [];
  const addresses = [...new Set([...known, ...channels.flatMap((each) => each.channel.addresses)])];
  turn.effects.push({ do: 'dial', peer, addresses: addresses.slice(0, limits.addresses) });
  callLater(turn, peer, Math.min(...since));
}

/** The node starts again, or somebody who is away was told something: whoever has not heard us is called. */
export function callAll(turn: Turn): void {
  const peers = channelsOf(turn.node).map(({ channel }) => channel.peer);
  for (const peer of new Set(peers)) if (peer !== null) callAgain(turn, peer);
}
