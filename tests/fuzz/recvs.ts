/**
 * Frames told to nodes in the middle of their rides: to every role in every state of it, by strangers and by those it deals
 * with. No step throws, works without end, breaks a money rule or says what is no frame, and no state outgrows its bounds.
 */
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import type { PeerKey } from '../../src/lib/protocol/ids.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect, Event } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { signingSecret } from '../../src/lib/protocol/node/identity.ts';
import { partySecret } from '../../src/lib/protocol/node/state.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { createMoneyGuard, type MoneyGuard } from '../../src/lib/runtime/money-guard.ts';
import * as cast from '../protocol/cast.ts';
import { frames as samples } from '../protocol/samples.ts';
import type { Lived, Seat } from '../protocol/town.ts';
import type { Dice } from './dice.ts';
import { forge, Forger, Words } from './frames.ts';
import { Budget, overgrown, sizeOf } from './measure.ts';
import { hostile } from './mutate.ts';
import { rides } from './rides.ts';

/** Frames told to one node before it is looked at and another one has its turn. */
export const turnFrames = 100;
/** Most effects of one step, notices aside: an answer or two to everybody near. */
const stepEffects = 200;

export interface Received {
  recvs: number;
  /** Frames that decoded and were nobody's fault. */
  welcome: number;
  nodes: number;
  mostBytes: number;
  mostTouched: number;
  mostEffects: number;
  readonly kinds: Record<string, number>;
  readonly faults: Record<string, number>;
}

export function newReceived(): Received {
  const counts = { recvs: 0, welcome: 0, nodes: 0, mostBytes: 0, mostTouched: 0, mostEffects: 0 };
  return { ...counts, kinds: {}, faults: {} };
}

/** A place in the life of somebody's node. */
interface Moment {
  readonly seat: Seat;
  readonly steps: number;
}

const moments: readonly Moment[] = rides.flatMap(({ town }) =>
  [...town.seats.values()].flatMap((seat) =>
    seat.life.flatMap(({ event }, at) =>
      ['received', 'command', 'invoiceAccepted'].includes(event.on)
        ? [{ seat, steps: at + 1 }]
        : [],
    ),
  ),
);

const isReceived = (lived: Lived): lived is Lived & { event: { on: 'received' } } =>
  lived.event.on === 'received';

/** All frames of all rides, and one of each kind that there is. */
const heard: readonly Frame[] = (() => {
  const lives = rides.flatMap(({ town }) => [...town.seats.values()].flatMap(({ life }) => life));
  const sent = lives.filter(isReceived).map(({ event }) => decodeFrame(event.bytes));
  return [...sent.filter((frame) => !isFault(frame)), ...Object.values(samples)] as Frame[];
})();
const originals = heard.map(encodeFrame);
/** By kind; statements, of which there are most kinds, twice. */
const kinds = [...Map.groupBy(heard, ({ kind }) => kind).values()];
kinds.push(heard.filter(({ kind }) => kind === 'statements'));

const words = new Words();
for (const frame of heard) words.learn(frame);

const secrets: readonly Uint8Array[] = [
  cast.customer.secret,
  cast.mallory.secret,
  ...[...rides[0]!.town.seats.values()].flatMap(({ node }) => [
    ...[...node.ownMemberships.keys()].map((id) => partySecret(node, id)),
    ...(node.settlerRole === null ? [] : [signingSecret(node.secret, node.settlerRole.epoch)]),
  ]),
];

export function newForger(dice: Dice): Forger {
  return new Forger(dice, words, secrets);
}

const strangers: readonly PeerKey[] = ['one', 'two', 'three'].map(
  (name) => cast.device(`stranger ${name}`).peer,
);

/** Tells one node so many frames. Throws, with all that is needed to repeat it, if anything is amiss. */
export function tellOne(forger: Forger, received: Received, count: number): void {
  const { dice } = forger;
  const { seat, steps } = dice.pick(moments);
  const target = new Target(seat, steps);
  target.meetStrangers(dice);
  const due = seat.life.slice(steps).filter(isReceived);
  for (let i = 0, next = 0; i < count; i++) {
    if (dice.one(40)) target.disturb(dice);
    const { event } = due[next + dice.below(4)] ?? {};
    const isApt = event !== undefined && dice.one(2);
    if (isApt) next += dice.below(2);
    const bytes = isApt ? forgeBytes(forger, event.bytes) : anything(forger);
    const peer = isApt && !dice.one(8) ? event.peer : dice.pick(target.peers);
    try {
      target.hear(peer, bytes, received, dice);
    } catch (error) {
      const where = `${seat.name} after ${steps} steps and ${i} frames, from ${peer}`;
      throw new Error(`${where}: ${hexOf(bytes)}: ${(error as Error).stack}`, { cause: error });
    }
  }
  target.look(received);
}

/** What its peer will say next, or nearly. */
function forgeBytes(forger: Forger, bytes: Uint8Array): Uint8Array {
  const frame = decodeFrame(bytes);
  if (isFault(frame) || forger.dice.one(3)) return bytes;
  return forge(forger, frame);
}

/** A frame of any kind, out of any life, or no frame at all. */
function anything(forger: Forger): Uint8Array {
  const { dice } = forger;
  return dice.one(6) ? hostile(dice, originals) : forge(forger, dice.pick(dice.pick(kinds)));
}

/** A node at a moment, as it can be had again and again. */
const nodes = new Map<Seat, Map<number, Node>>();

function nodeAt(seat: Seat, steps: number): Node {
  const kept = nodes.get(seat) ?? new Map<number, Node>();
  nodes.set(seat, kept);
  const known = kept.get(steps);
  if (known !== undefined) return structuredClone(known);
  const node = createNode(seat.options);
  for (const { event, nowMs, seed } of seat.life.slice(0, steps)) {
    stepNode(node, event, nowMs, seed);
  }
  kept.set(steps, structuredClone(node));
  return node;
}

class Target {
  readonly #budget = new Budget();
  readonly #guard: MoneyGuard = createMoneyGuard();
  readonly #node: Node;
  readonly #wakes = new Set<string>();
  #nowMs: number;

  /** The node of a seat as it was after so many steps of its life. */
  constructor(seat: Seat, steps: number) {
    this.#node = this.#budget.watch(nodeAt(seat, steps));
    const lived = seat.life.slice(0, steps);
    this.#nowMs = lived.at(-1)!.nowMs;
    for (const { event, effects } of lived) {
      this.#guard.see(event);
      this.#check(effects);
    }
  }

  get peers(): PeerKey[] {
    return [...this.#node.sessions.keys()];
  }

  meetStrangers(dice: Dice): void {
    for (const peer of strangers) {
      this.#step({ on: 'connected', peer, direct: true, dialled: false }, dice.bytes(32));
      if (!dice.one(4)) this.#greet(peer, dice);
    }
  }

  hear(peer: PeerKey, bytes: Uint8Array, received: Received, dice: Dice): void {
    this.#nowMs += 20; // the bucket fills
    const effects = this.#step({ on: 'received', peer, bytes }, dice.bytes(32));
    received.recvs++;
    const outward = effects.filter((effect) => effect.do !== 'notify').length;
    received.mostEffects = Math.max(received.mostEffects, outward);
    const frame = decodeFrame(bytes);
    const kind = isFault(frame) ? 'none' : frame.kind;
    received.kinds[kind] = (received.kinds[kind] ?? 0) + 1;
    let isFaulty = false;
    for (const effect of effects) {
      if (effect.do !== 'fault') continue;
      isFaulty = true;
      received.faults[effect.code] = (received.faults[effect.code] ?? 0) + 1;
    }
    if (!isFaulty) received.welcome++;
  }

  /** Time passes, blocks come, somebody leaves and comes back. */
  disturb(dice: Dice): void {
    const seed = dice.bytes(32);
    switch (dice.below(4)) {
      case 0:
        this.#nowMs += dice.pick([1_000, 60_000, 3_600_000]);
        return;
      case 1: {
        if (this.#wakes.size > 0)
          this.#step({ on: 'wake', key: dice.pick([...this.#wakes]) }, seed);
        return;
      }
      case 2: {
        const height = this.#node.height + dice.pick([1, 1, 6, 30]);
        this.#step({ on: 'height', height }, seed);
        return;
      }
      default: {
        const peer = dice.pick(this.peers);
        this.#step({ on: 'disconnected', peer }, seed);
        this.#step({ on: 'connected', peer, direct: true, dialled: dice.one(2) }, dice.bytes(32));
        this.#greet(peer, dice);
      }
    }
  }

  /** What is left of the node when its turn is over. */
  look(received: Received): void {
    const outgrown = overgrown(this.#node);
    if (outgrown !== null) throw new Error(outgrown);
    received.nodes++;
    received.mostBytes = Math.max(received.mostBytes, sizeOf(this.#node));
    received.mostTouched = Math.max(received.mostTouched, this.#budget.mostTouched);
  }

  #greet(peer: PeerKey, dice: Dice): void {
    const { onionKey } = cast.devices.mallory;
    const challenge = dice.bytes(16);
    const clockMs = this.#nowMs;
    const hello = { kind: 'hello', version: 1, network: cast.network, onionKey } as const;
    const bytes = encodeFrame({ ...hello, challenge, clockMs });
    this.#step({ on: 'received', peer, bytes }, dice.bytes(32));
  }

  #step(event: Event, seed: Uint8Array): readonly Effect[] {
    this.#budget.begin();
    this.#guard.see(event);
    const effects = stepNode(this.#node, event, this.#nowMs, seed);
    this.#check(effects);
    for (const effect of effects) if (effect.do === 'send') checkSent(effect.frame);
    return effects;
  }

  #check(effects: readonly Effect[]): void {
    this.#guard.check(effects);
    const outward = effects.filter((effect) => effect.do !== 'notify').length;
    if (outward > stepEffects) throw new Error(`${outward} effects of one step`);
    for (const effect of effects) if (effect.do === 'wake') this.#wakes.add(effect.key);
  }
}

/** Whatever a node was made to say is a frame. */
function checkSent(frame: Frame): void {
  const bytes = encodeFrame(frame);
  const again = decodeFrame(bytes);
  if (isFault(again)) throw new Error(`it sends a ${frame.kind} that is none: ${again.detail}`);
  if (bytes.length > limits.frameBytes) throw new Error(`it sends ${bytes.length} bytes`);
}
