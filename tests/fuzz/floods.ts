/**
 * True frames without end: people who keep every rule, have every certificate and do all the work that is asked, and never stop.
 * Whatever a node keeps for them has a bound. The node is settler, carrier and worker at once.
 */
import { encodeFrame, type Frame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type {
  ApplicationId,
  AskId,
  OfferId,
  PeerKey,
  PromiseId,
} from '../../src/lib/protocol/ids.ts';
import { askForBroadcast, payloadIdOf } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import { broadcastPayload } from '../../src/lib/protocol/job/broadcast.ts';
import { growOnion, startOnion } from '../../src/lib/protocol/job/onion-route.ts';
import { mineSlice, workInner } from '../../src/lib/protocol/job/proof-of-work.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { Effect, Event } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { settlerRoot } from '../../src/lib/protocol/node/state.ts';
import { xOnlyOf } from '../../src/lib/protocol/crypto.ts';
import * as m from '../../src/lib/protocol/wire/messages.ts';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { writeInvoice } from '../../src/simulator/bolt11-writer.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import * as cast from '../protocol/cast.ts';
import type { Dice } from './dice.ts';
import { Budget, overgrown, sizeOf } from './measure.ts';

export interface Flooded {
  recvs: number;
  mostBytes: number;
  mostTouched: number;
  /** Largest each collection was. */
  readonly most: Record<string, number>;
}

export function newFlooded(): Flooded {
  return { recvs: 0, mostBytes: 0, mostTouched: 0, most: {} };
}

/** Looked at after so many frames: measuring takes longer than a step. */
const lookEvery = 500;
/** Connected at a time; whoever is longest there leaves for the next. */
const nearby = 24;

export function flood(dice: Dice, flooded: Flooded, count: number): void {
  const town = new Flood(dice);
  for (const end = flooded.recvs + count; flooded.recvs < end; flooded.recvs++) {
    town.next();
    if ((flooded.recvs + 1) % lookEvery === 0 || flooded.recvs + 1 === end) town.look(flooded);
  }
}

interface Visitor {
  readonly peer: PeerKey;
  allowance: number;
}

class Flood {
  readonly #dice: Dice;
  readonly #budget = new Budget();
  readonly #node: Node;
  readonly #visitors: Visitor[] = [];
  readonly #wakes: { readonly atMs: number; readonly key: string }[] = [];
  readonly #promises: PromiseId[] = [];
  #nowMs = cast.nowMs;
  #came = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
    const made = createNode({ secret: cast.seedOf('flooded'), network: cast.network });
    this.#node = this.#budget.watch(made);
    this.#step({ on: 'start', entries: [] });
    const { root, devices } = cast;
    const { peer, addresses } = devices.settler;
    this.#command({ command: 'addSettler', root: root.key, peer, addresses });
    this.#command({ command: 'becomeSettler', name: 'Somebody' });
    const policy = { workMs: 0, approveAutomatically: true };
    this.#command({ command: 'setPolicy', policy });
    const wallet = { alias: '', network: 'regtest', balanceMsat: 10n ** 12n, shadowBlocks: 0 };
    this.#step({ on: 'walletReady', canHold: true, height: cast.height, ...wallet });
    for (let i = 0; i < nearby; i++) this.#come();
  }

  next(): void {
    this.#nowMs += 100;
    this.#wake();
    if (this.#dice.one(50)) this.#come();
    const visitor = this.#dice.pick(this.#visitors);
    switch (this.#dice.below(8)) {
      case 0:
      case 1:
      case 2:
        return this.#broadcast(visitor);
      case 3:
        return this.#say(visitor, this.#ask(this.#request()));
      case 4:
        return this.#say(visitor, this.#application());
      case 5:
        return this.#say(visitor, this.#draftRequest());
      case 6: {
        const promiseId = this.#promises.length > 0 ? this.#dice.pick(this.#promises) : null;
        if (promiseId !== null) this.#say(visitor, { kind: 'watch', promiseId });
        return;
      }
      default:
        return this.#say(visitor, { kind: 'settlerInfoRequest' });
    }
  }

  look(flooded: Flooded): void {
    const outgrown = overgrown(this.#node);
    if (outgrown !== null) throw new Error(`after ${flooded.recvs} true frames: ${outgrown}`);
    flooded.mostBytes = Math.max(flooded.mostBytes, sizeOf(this.#node));
    flooded.mostTouched = Math.max(flooded.mostTouched, this.#budget.mostTouched);
    for (const [name, value] of Object.entries(this.#node)) {
      if (!(value instanceof Map)) continue;
      flooded.most[name] = Math.max(flooded.most[name] ?? 0, value.size);
    }
  }

  /** Somebody new connects, and somebody who was there leaves for good. */
  #come(): void {
    const peer = cast.device(`visitor ${this.#came++}`).peer;
    if (this.#visitors.length >= nearby) {
      this.#step({ on: 'disconnected', peer: this.#visitors.shift()!.peer });
    }
    this.#step({ on: 'connected', peer, direct: true, dialled: false });
    const visitor = { peer, allowance: 0 };
    this.#visitors.push(visitor);
    const { onionKey } = cast.devices.mallory;
    const hello = { kind: 'hello', version: 1, network: cast.network, onionKey } as const;
    this.#say(visitor, { ...hello, challenge: this.#dice.bytes(16), clockMs: this.#nowMs });
    // As if it had worked: mining 12 bits for every 32 asks would be most of what this does.
    this.#allow(peer, 1_000);
  }

  #allow(peer: PeerKey, allowance: number): void {
    const session = this.#node.sessions.get(peer);
    if (session !== undefined) this.#node.sessions.set(peer, { ...session, allowance });
  }

  #request(): m.Signed {
    const window = { pickupAfterMs: this.#nowMs, dropoffBeforeMs: this.#nowMs + 3_600_000 };
    const topic = { ...cast.topic, ...window };
    return cast.makeRequest({ topic, nonce: this.#dice.bytes(16) });
  }

  #ask(request: m.Signed): FrameOf<'askForBroadcast'> {
    return askForBroadcast(hexOf(this.#dice.bytes(16)) as AskId, request);
  }

  #broadcast(visitor: Visitor): void {
    const request = this.#request();
    const ask = this.#ask(request);
    const answer = this.#tell(visitor, ask).find(
      (effect) => effect.do === 'send' && effect.frame.kind === 'conditions',
    );
    if (answer?.do !== 'send' || answer.frame.kind !== 'conditions') return;
    const { askId } = ask;
    const { powTarget, challenge } = answer.frame.workRequest;
    const payload = this.#payload(request, visitor.peer, askId);
    const inner = workInner({
      request: { powScheme: 'sha256', powTarget, challenge },
      payloadHash: hash(payload),
      askId,
      asker: visitor.peer,
      receiver: this.#node.self,
    });
    const nonce = mineSlice(inner, powTarget, { high: 0, low: 0 }, 2 ** 20)!;
    const proof = { kind: 'proofOfWork', powScheme: 'sha256', powTarget, nonce } as const;
    this.#say(visitor, { kind: 'broadcast', askId, broadcastPayload: payload, proof });
  }

  #payload(request: m.Signed, peer: PeerKey, askId: AskId): Uint8Array {
    const random = (length: number) => this.#dice.bytes(length);
    const common = { payloadId: payloadIdOf(request), random };
    const { onionKey } = cast.devices.mallory;
    const onion = startOnion({ to: onionKey, expirySeconds: 1, ...common });
    const head = { kind: 'forward', peer, askId, expirySeconds: 1 } as const;
    const to = xOnlyOf(this.#node.onionSecret);
    return broadcastPayload(request, growOnion(onion, { to, head, ...common }), this.#nowMs);
  }

  #application(): Frame {
    const body = {
      applicationId: hexOf(this.#dice.bytes(16)) as ApplicationId,
      publicKey: cast.mallory.key,
      certificateName: 'worker',
      statement: 'x'.repeat(limits.statementBytes),
      settlerKey: settlerRoot(this.#node),
    };
    const by = [m.CertificateApplication, body, 'application', cast.mallory] as const;
    return { kind: 'certificateApplication', application: cast.signed(...by) };
  }

  #draftRequest(): Frame {
    const body: m.DraftRequest = {
      draftId: hexOf(this.#dice.bytes(16)),
      payloadId: cast.payloadId,
      offerId: hexOf(this.#dice.bytes(16)) as OfferId,
      replierCertificate: cast.workerChain,
      senderKey: cast.customer.key,
      amountMsat: 12_000_000n,
      sealedReplyMessage: this.#dice.bytes(600),
      jobBlocks: 18,
      unlock: 'both-accepted',
      settleOn: 'service',
    };
    return {
      kind: 'draftRequest',
      request: cast.signed(m.DraftRequest, body, 'draft-request', cast.worker),
    };
  }

  #say(visitor: Visitor, frame: Frame): void {
    this.#tell(visitor, frame);
  }

  #tell({ peer }: Visitor, frame: Frame): readonly Effect[] {
    return this.#step({ on: 'received', peer, bytes: encodeFrame(frame) });
  }

  /** What it waits for happens when it is time. */
  #wake(): void {
    for (let due = this.#wakes[0]; due !== undefined; due = this.#wakes[0]) {
      if (due.atMs > this.#nowMs) return;
      this.#wakes.shift();
      this.#step({ on: 'wake', key: due.key });
    }
  }

  #command(command: Extract<Event, { on: 'command' }>['command']): void {
    this.#step({ on: 'command', command });
  }

  #step(event: Event): readonly Effect[] {
    this.#budget.begin();
    const effects = stepNode(this.#node, event, this.#nowMs, this.#dice.bytes(32));
    for (const effect of effects) this.#perform(effect);
    return effects;
  }

  #perform(effect: Effect): void {
    if (effect.do === 'send' && effect.frame.kind === 'draft') {
      this.#promises.push(effect.frame.promiseId);
      if (this.#promises.length > 5_000) this.#promises.shift();
    }
    if (effect.do === 'wake') {
      const at = this.#wakes.findLastIndex(({ atMs }) => atMs <= effect.atMs) + 1;
      this.#wakes.splice(at, 0, { atMs: effect.atMs, key: effect.key });
    }
    if (effect.do !== 'issueInvoice') return;
    const { do: _do, ...wanted } = effect;
    const invoice = writeInvoice({
      ...wanted,
      network: 'regtest',
      timestampMs: this.#nowMs,
      paymentSecret: cast.seedOf('payment secret'),
      secretKey: cast.seedOf('wallet'),
    });
    this.#step({ on: 'invoiceIssued', paymentHash: wanted.paymentHash, invoice });
  }
}
