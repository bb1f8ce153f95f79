/**
 * What this node has to say to its peers: now if they are here, else when they are back, under the same key at whichever
 * address. Whitepaper: silent on absent peers but for "Mobile nodes": a reply whose next hop is away waits for it.
 *
 * Every kind of frame is cared for in one of four ways, so that nothing is lost with a connection and nothing is kept for ever:
 *
 *   session   worth nothing on another connection: not kept
 *   machine   whoever says it knows when the peer is back, and says it again then
 *   repeated  said again until it had its effect: the last one waits for `limits.outboxMs`
 *   once      waits for as long as it is worth something; what may have been in flight as a connection died is sent again.
 *             A reply waits up to `limits.heldMs`, on the disk if nobody else has it, and whom it is for is called
 *
 * Whoever gets a frame twice shrugs: exact copies are harmless, each kind's receiver sees to it. The bounds are in frames and
 * peers and bytes, so that who asks and leaves costs a bounded memory.
 */
import { hexOf } from '../bytes.ts';
import { hash } from '../crypto.ts';
import { decodeFrame, encodeFrame, type Frame, type FrameKind } from '../frame.ts';
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Effect } from '../machine.ts';
import { isOpen } from '../overlay/session.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import type { HeldFrame } from './peer-states.ts';
import type { Turn } from './state.ts';

export type Care = 'session' | 'machine' | 'repeated' | 'once';

export const cares: Readonly<Record<FrameKind, Care>> = {
  hello: 'session',
  sessionWork: 'session',
  askForBroadcast: 'session',
  conditions: 'session',
  decline: 'session',
  broadcast: 'session',
  reply: 'once',
  settlerInfoRequest: 'repeated',
  settlerInfo: 'repeated',
  certificateApplication: 'repeated',
  certificateDecision: 'repeated',
  draftRequest: 'once',
  draft: 'once',
  draftRefusal: 'once',
  sealedReply: 'once',
  promise: 'once',
  watch: 'repeated',
  statements: 'repeated',
  contact: 'machine',
  cancelBroadcast: 'machine',
  batchRequest: 'repeated',
  batch: 'repeated',
  revocationListRequest: 'repeated',
  revocationList: 'repeated',
  lockFraud: 'once',
  sealFraud: 'once',
  equivocation: 'once',
  twoLists: 'once',
  missingRuling: 'once',
  thankYouReply: 'once',
  thankYouHash: 'repeated',
  contactKey: 'repeated',
};

/** What else is to be known of a frame that may have to wait. */
export type Sending = Pick<
  Extract<Effect, { do: 'send' }>,
  'addresses' | 'untilMs' | 'owner' | 'owed'
>;

interface StoredHeld {
  readonly to: PeerKey;
  readonly addresses: readonly string[];
  readonly frame: Uint8Array;
  readonly sinceMs: number;
  readonly untilMs: number;
  readonly owner: string;
}

/** To a peer, now or when it is back; it is dialled if it is not here. */
export function send(turn: Turn, to: PeerKey, frame: Frame, about: Sending = {}): void {
  const { node } = turn;
  const session = node.sessions.get(to);
  const care = cares[frame.kind];
  if (session !== undefined && isOpen(session)) {
    if (care === 'once') keep(turn, to, frame, { ...about, sentAtMs: turn.ctx.nowMs });
    turn.effects.push({ do: 'send', to, frame });
    return;
  }
  if (care === 'session') return;
  if (care !== 'machine') keep(turn, to, frame, { ...about, sentAtMs: null });
  else if (frame.kind === 'contact') callLater(turn, to, turn.ctx.nowMs);
  if (session !== undefined) return;
  const { addresses = [] } = about;
  const known = addresses.length > 0 ? addresses : (node.peers.get(to)?.addresses ?? []);
  if (known.length > 0) turn.effects.push({ do: 'dial', peer: to, addresses: known });
}

/** The peer is here: what waited for it goes out. */
export function sendHeld(turn: Turn, peer: PeerKey): void {
  const { nowMs } = turn.ctx;
  const sent: HeldFrame[] = [];
  for (const held of freshFor(turn, peer)) {
    turn.effects.push({ do: 'send', to: peer, frame: held.frame });
    const tries = held.tries + 1;
    // Who comes and goes and comes again does not have us say the same for ever.
    const isLast = cares[held.frame.kind] !== 'once' || tries >= limits.outboxTries;
    if (isLast) offDisk(turn, peer, held);
    else sent.push({ ...held, tries, sentAtMs: nowMs });
  }
  put(turn, peer, sent);
}

/** The connection is gone, and whatever it had not carried over with it: that waits again. */
export function holdAgain(turn: Turn, peer: PeerKey): void {
  const held = freshFor(turn, peer).map((each) => toDisk(turn, peer, { ...each, sentAtMs: null }));
  put(turn, peer, held);
  if (held.some(({ lasts }) => lasts)) callLater(turn, peer, turn.ctx.nowMs);
}

/** The peer said something: a connection that lives on after so long has carried over what was sent before. */
export function forgetLanded(turn: Turn, peer: PeerKey): void {
  const { node, ctx } = turn;
  const held = node.outbox.get(peer);
  if (held === undefined) return;
  const hasLanded = ({ sentAtMs }: HeldFrame) =>
    sentAtMs !== null && sentAtMs + limits.flightMs <= ctx.nowMs;
  if (!held.some(hasLanded)) return;
  for (const each of held.filter(hasLanded)) offDisk(turn, peer, each);
  put(
    turn,
    peer,
    held.filter((each) => !hasLanded(each)),
  );
}

/** Its owner has no more use for it: it had its effect, or can have none. */
export function release(turn: Turn, owner: string): void {
  for (const [peer, held] of turn.node.outbox) {
    const over = held.filter((each) => each.owner === owner);
    if (over.length === 0) continue;
    for (const each of over) offDisk(turn, peer, each);
    put(
      turn,
      peer,
      held.filter((each) => each.owner !== owner),
    );
  }
}

/** Since when a reply waits for this peer, ms; null if none does. */
export function waitsSince({ node, ctx }: Turn, peer: PeerKey): number | null {
  const waiting = (node.outbox.get(peer) ?? []).filter(
    ({ lasts, sentAtMs, untilMs }) => lasts && sentAtMs === null && untilMs > ctx.nowMs,
  );
  return waiting.length === 0 ? null : Math.min(...waiting.map(({ sinceMs }) => sinceMs));
}

/** Calls a peer again: soon, then after as long as has passed since, at most every quarter of an hour. */
export function callLater(turn: Turn, peer: PeerKey, sinceMs: number): void {
  const { nowMs } = turn.ctx;
  const pauseMs = Math.max(nowMs - sinceMs, limits.callFirstMs);
  const atMs = nowMs + Math.min(pauseMs, limits.callPauseMs);
  turn.effects.push({ do: 'wake', atMs, key: `call/${peer}` });
}

// ------------------------------------------------------------------------------------ what is kept

function keep(
  turn: Turn,
  to: PeerKey,
  frame: Frame,
  { untilMs, owner = '', owed, sentAtMs }: Sending & Pick<HeldFrame, 'sentAtMs'>,
): void {
  const { nowMs } = turn.ctx;
  const bytes = encodeFrame(frame);
  const held: HeldFrame = {
    id: hexOf(hash(bytes).subarray(0, 16)),
    frame,
    bytes: bytes.length,
    sinceMs: nowMs,
    untilMs: Math.min(untilMs ?? nowMs + limits.outboxMs, nowMs + limits.heldMs),
    sentAtMs,
    tries: sentAtMs === null ? 0 : 1,
    lasts: untilMs !== undefined && cares[frame.kind] === 'once',
    stored: false,
    owner,
  };
  if (held.untilMs <= nowMs) return;
  const others = freshFor(turn, to).filter((each) => {
    const isSame = each.id === held.id || sameMessage(each.frame, frame);
    if (isSame && each.id !== held.id) offDisk(turn, to, each);
    return !isSame;
  });
  // What was sent already has most likely arrived.
  if (others.length >= limits.outboxFrames) {
    const at = Math.max(
      0,
      others.findIndex((each) => each.sentAtMs !== null),
    );
    for (const each of others.splice(at, 1)) offDisk(turn, to, each);
  }
  const isOwed = owed === true || sentAtMs === null;
  turn.node.outbox.delete(to);
  put(turn, to, [...others, isOwed ? toDisk(turn, to, held) : held]);
  if (held.lasts && sentAtMs === null) callLater(turn, to, nowMs);
  makeRoom(turn);
}

/** For too many peers or bytes: what is too late for some goes first, then whoever waited longest, then who has most. */
function makeRoom(turn: Turn): void {
  const { outbox } = turn.node;
  let bytes = 0;
  for (const held of outbox.values()) for (const each of held) bytes += each.bytes;
  if (outbox.size <= limits.outboxPeers && bytes <= limits.outboxBytes) return;
  for (const peer of outbox.keys()) put(turn, peer, freshFor(turn, peer));
  while (outbox.size > limits.outboxPeers) drop(turn, outbox.keys().next().value!, Infinity);
  for (;;) {
    const sizes = [...outbox].map(([peer, held]) => ({ peer, size: sizeOf(held) }));
    if (sizes.reduce((sum, { size }) => sum + size, 0) <= limits.outboxBytes) return;
    drop(turn, sizes.reduce((most, each) => (each.size > most.size ? each : most)).peer, 1);
  }
}

function sizeOf(held: readonly HeldFrame[]): number {
  return held.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The oldest `count` of a peer's. */
function drop(turn: Turn, peer: PeerKey, count: number): void {
  const held = turn.node.outbox.get(peer) ?? [];
  for (const each of held.slice(0, count)) offDisk(turn, peer, each);
  put(turn, peer, held.slice(count));
}

function put({ node }: Turn, peer: PeerKey, held: readonly HeldFrame[]): void {
  if (held.length === 0) node.outbox.delete(peer);
  else node.outbox.set(peer, held);
}

/** What is still worth sending; the rest is forgotten. */
function freshFor(turn: Turn, peer: PeerKey): HeldFrame[] {
  const held = turn.node.outbox.get(peer) ?? [];
  const isFresh = ({ untilMs }: HeldFrame) => untilMs > turn.ctx.nowMs;
  for (const each of held) if (!isFresh(each)) offDisk(turn, peer, each);
  return held.filter(isFresh);
}

/** A repeated watch or statement takes the place of the one still waiting. */
function sameMessage(a: Frame, b: Frame): boolean {
  if (a.kind === 'watch' && b.kind === 'watch') return a.promiseId === b.promiseId;
  if (a.kind === 'certificateApplication' && b.kind === 'certificateApplication') return true;
  if (a.kind === 'batchRequest' && b.kind === 'batchRequest') return true;
  if (a.kind === 'settlerInfoRequest' && b.kind === 'settlerInfoRequest') return true;
  if (a.kind !== 'statements' || b.kind !== 'statements' || a.promiseId !== b.promiseId) {
    return false;
  }
  return (Object.keys(a) as (keyof typeof a)[]).every(
    (key) => (a[key] === null) === (b[key] === null),
  );
}

// ---------------------------------------------------------------------------------------- the disk

const heldKey = (peer: PeerKey, id: string) => `held/${peer}/${id}`;

function toDisk(turn: Turn, to: PeerKey, held: HeldFrame): HeldFrame {
  if (!held.lasts || held.stored) return held;
  const { id, frame, ...kept } = held;
  const { sinceMs, untilMs, owner } = kept;
  const addresses = turn.node.peers.get(to)?.addresses ?? [];
  const bytes = encodeFrame(frame);
  const entry: StoredHeld = { to, addresses, frame: bytes, sinceMs, untilMs, owner };
  turn.effects.push(store(heldKey(to, id), entry));
  return { ...held, stored: true };
}

function offDisk(turn: Turn, to: PeerKey, { id, stored }: HeldFrame): void {
  if (stored) turn.effects.push(store(heldKey(to, id), null));
}

/** The node starts again: its peers are called for what still waits for them. */
export function restoreHeld(turn: Turn, key: string, entry: StoredHeld): void {
  const { to, addresses, frame: bytes, sinceMs, untilMs, owner } = entry;
  const frame = decodeFrame(bytes);
  const id = hexOf(hash(bytes).subarray(0, 16));
  const isWhole = !isFault(frame) && key === heldKey(to, id);
  if (!isWhole || untilMs <= turn.ctx.nowMs) return void turn.effects.push(store(key, null));
  const kept = { id, frame, bytes: bytes.length, sinceMs, untilMs, owner } as const;
  const held: HeldFrame = { ...kept, tries: 0, sentAtMs: null, lasts: true, stored: true };
  put(turn, to, [...(turn.node.outbox.get(to) ?? []), held]);
  turn.effects.push({ do: 'dial', peer: to, addresses });
  callLater(turn, to, sinceMs);
}
