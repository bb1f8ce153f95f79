/** A neighbour that a test speaks for: it greets a node, works, asks and broadcasts by hand, and so can cheat anywhere. */
import { hash } from '../../src/lib/protocol/crypto.ts';
import { encodeFrame, type Frame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { AskId } from '../../src/lib/protocol/ids.ts';
import { askForBroadcast, payloadIdOf } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { broadcastPayload } from '../../src/lib/protocol/job/broadcast.ts';
import { growOnion, startOnion } from '../../src/lib/protocol/job/onion-route.ts';
import {
  kernels,
  mineSlice,
  workInner,
  type PowScheme,
} from '../../src/lib/protocol/job/proof-of-work.ts';
import type { Policy } from '../../src/lib/protocol/policy.ts';
import type { Effect, Event } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import {
  helloOf,
  onHello,
  openSession,
  workForPeer,
  type OpenSession,
} from '../../src/lib/protocol/overlay/session.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import type { Signed } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { sent } from './play.ts';

export class Neighbour {
  readonly device: cast.Device;
  readonly #node: Node;
  #session: OpenSession;
  #asks = 0;

  /** Connects and greets. */
  constructor(node: Node, name: string) {
    this.#node = node;
    this.device = cast.device(name);
    const { peer } = this.device;
    const greeted = this.#step({ on: 'connected', peer, direct: true, dialled: false });
    const ctx = cast.context({ self: peer, random: cast.dice(name) });
    const session = openSession(node.self, { direct: true, dialled: true }, ctx);
    const hello = sent(greeted, 'hello').frame as FrameOf<'hello'>;
    const open = onHello(session, hello, ctx);
    if (isFault(open)) throw new Error(open.detail);
    this.#session = open;
    this.say(helloOf(session, this.device.onionKey, ctx));
  }

  say(frame: Frame): Effect[] {
    return this.#step({ on: 'received', peer: this.device.peer, bytes: encodeFrame(frame) });
  }

  /** Works for the right to ask. */
  work(): void {
    const { inner, target } = workForPeer(this.#session, {
      self: this.device.peer,
      network: cast.network,
    });
    const nonce = mineSlice(inner, target, { high: 0, low: 0 }, 2 ** 20)!;
    this.say({ kind: 'sessionWork', nonce });
  }

  /** Asks for a topic; what comes back. */
  ask(request: Signed): { readonly askId: AskId; readonly effects: readonly Effect[] } {
    const name = `ask ${this.device.peer} ${this.#asks++}`;
    const askId = cast.idOf<AskId>(name, 16);
    return { askId, effects: this.say(askForBroadcast(askId, request)) };
  }

  /** Broadcasts what was asked for, with the work done, or with what `work` makes instead. */
  broadcast(
    request: Signed,
    asked: ReturnType<Neighbour['ask']>,
    work: (inner: Uint8Array, target: Uint8Array, scheme: PowScheme) => Uint8Array = done,
  ): Effect[] {
    const { askId } = asked;
    const { workRequest } = sent(asked.effects, 'conditions').frame as FrameOf<'conditions'>;
    const { powTarget, challenge } = workRequest;
    const powScheme = workRequest.powScheme as PowScheme;
    const payload = this.#payload(request, askId);
    const inner = workInner({
      request: { powScheme, powTarget, challenge },
      payloadHash: hash(payload),
      askId,
      asker: this.device.peer,
      receiver: this.#node.self,
    });
    const nonce = work(inner, powTarget, powScheme);
    const proof = { kind: 'proofOfWork', powScheme, powTarget, nonce } as const;
    return this.say({ kind: 'broadcast', askId, broadcastPayload: payload, proof });
  }

  /** The node's work among these effects is done: the first of it, or that for this neighbour. */
  mined(effects: readonly Effect[]): Effect[] {
    const puzzles = effects.filter((effect) => effect.do === 'mine');
    const mine = puzzles.find(({ id }) => id.endsWith(this.device.peer));
    const puzzle = mine ?? puzzles[0];
    if (puzzle === undefined) throw new Error('nothing to mine');
    const nonce = mineSlice(puzzle.inner, puzzle.target, { high: 0, low: 0 }, 2 ** 20)!;
    return this.#step({ on: 'mined', id: puzzle.id, nonce });
  }

  #payload(request: Signed, askId: AskId): Uint8Array {
    const { peer, onionKey } = this.device;
    const common = { payloadId: payloadIdOf(request), random: cast.dice('onions') };
    const onion = startOnion({ to: onionKey, expirySeconds: 1, ...common });
    const head = { kind: 'forward', peer, askId, expirySeconds: 1 } as const;
    const { onionKey: to } = this.#session.hello;
    return broadcastPayload(request, growOnion(onion, { to, head, ...common }), cast.nowMs);
  }

  #step(event: Event): Effect[] {
    return stepNode(this.#node, event, cast.nowMs, cast.seedOf(`step ${this.#asks}`));
  }
}

function done(inner: Uint8Array, target: Uint8Array, scheme: PowScheme): Uint8Array {
  return kernels[scheme](inner, target, { high: 0, low: 0 }, 2 ** 22)!;
}

/** A node that trusts the settler of the tests, and whose work is cheap. */
export function someNode(change: Partial<Policy> = {}): Node {
  const node = createNode({ secret: cast.seedOf('some node'), network: cast.network });
  const seed = cast.seedOf('start');
  stepNode(node, { on: 'start', entries: [] }, cast.nowMs, seed);
  const { root, devices } = cast;
  const { peer, addresses } = devices.settler;
  const command = { command: 'addSettler', root: root.key, peer, addresses } as const;
  stepNode(node, { on: 'command', command }, cast.nowMs, seed);
  const policy = { workMs: 2 ** -10, ...change };
  stepNode(node, { on: 'command', command: { command: 'setPolicy', policy } }, cast.nowMs, seed);
  return node;
}
