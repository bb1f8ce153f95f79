/**
 * Nodes that talk to each other by `stepNode` alone: no runtime, no ports, no time but what a test lets pass. Every step is
 * kept, so that a life can be lived again.
 */
import { utf8 } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import { encodeFrame } from '../../src/lib/protocol/frame.ts';
import type { PeerKey } from '../../src/lib/protocol/ids.ts';
import { kernels } from '../../src/lib/protocol/job/proof-of-work.ts';
import type { Effect, Event, StoreEntry } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node, type NodeOptions } from '../../src/lib/protocol/node.ts';
import type { Command } from '../../src/lib/protocol/commands.ts';
import { createMoneyGuard, type MoneyGuard } from '../../src/lib/runtime/money-guard.ts';
import { Bank } from './bank.ts';
import { upgradeStored } from '../../src/lib/protocol/stored.ts';
import { height, nowMs, seedOf } from './cast.ts';

/** One step of a life. */
export interface Lived {
  /** Counts the steps of the whole town. */
  readonly order: number;
  readonly event: Event;
  readonly nowMs: number;
  readonly seed: Uint8Array;
  readonly effects: readonly Effect[];
}

export interface Seat {
  readonly name: string;
  readonly options: NodeOptions;
  node: Node;
  guard: MoneyGuard;
  readonly life: Lived[];
  /** What a store would hold. */
  readonly disk: Map<string, Uint8Array>;
}

const repeatable = /^(invoice|payment|wake|mined|height|walletReady)/;

export class Town {
  nowMs = nowMs;
  height = height;
  /** Wallets and clocks say everything twice. */
  doubled = false;
  readonly seats = new Map<PeerKey, Seat>();
  #steps = 0;
  readonly #queue: [Seat, Event][] = [];
  readonly #wakes: { seat: Seat; atMs: number; key: string }[] = [];
  readonly ledger = new Bank((name, event) => this.#tell(this.named(name), event));
  /** Sees every step when what it asked for is done. */
  onStep: (seat: Seat, effects: readonly Effect[]) => void = () => undefined;
  /** Sees every frame on its way, and may put other bytes in its place, or none. */
  onFrame: (from: Seat, to: Seat, bytes: Uint8Array) => Uint8Array | null = (_from, _to, bytes) =>
    bytes;

  /** Sees what a node asks of its wallet, and may have the wallet do something else. */
  onBank: (seat: Seat, effect: Effect) => Effect = (_seat, effect) => effect;

  seat(name: string, policy: NodeOptions['policy'] = {}): Seat {
    const cheap = { workMs: 2 ** -10, ...policy };
    const options = { secret: seedOf(`node ${name}`), network: 'regtest', policy: cheap } as const;
    const seat = this.takeSeat(name, options, []);
    this.#start(seat);
    return seat;
  }

  /** Somebody with a disk, whose device has not started yet. */
  takeSeat(name: string, options: NodeOptions, entries: readonly StoreEntry[]): Seat {
    const [node, guard] = [createNode(options), createMoneyGuard(options.policy)];
    const disk = new Map(entries.map(({ key, value }) => [key, value!]));
    const seat: Seat = { name, options, node, guard, life: [], disk };
    this.seats.set(node.self, seat);
    return seat;
  }

  #start(seat: Seat): void {
    const entries = upgradeStored([...seat.disk].map(([key, value]) => ({ key, value })));
    seat.node = createNode(seat.options);
    seat.guard = createMoneyGuard(seat.options.policy);
    seat.guard.restore(entries);
    this.hear(seat, { on: 'start', entries });
    this.hear(seat, { on: 'addresses', addresses: [`/memory/${seat.name}`] });
  }

  named(name: string): Seat {
    return [...this.seats.values()].find((seat) => seat.name === name)!;
  }

  /** The wallet is there. */
  bank(seat: Seat, canHold = true): void {
    this.hear(seat, {
      on: 'walletReady',
      alias: seat.name,
      network: 'regtest',
      canHold,
      shadowBlocks: 0,
      height: this.height,
      balanceMsat: 1_000_000_000n,
    });
  }

  /** The device starts again from its disk; its neighbours connect to it again. */
  restart(seat: Seat): void {
    const { self } = seat.node;
    const near = [...seat.node.sessions.keys()].map((peer) => this.seats.get(peer)!);
    for (const other of near) this.hear(other, { on: 'disconnected', peer: self });
    this.#start(seat);
    this.bank(seat);
    for (const other of near) this.connect(seat, other);
  }

  connect(a: Seat, b: Seat): void {
    this.#queue.push([a, { on: 'connected', peer: b.node.self, direct: true, dialled: true }]);
    this.hear(b, { on: 'connected', peer: a.node.self, direct: true, dialled: false });
  }

  command(seat: Seat, command: Command): void {
    this.hear(seat, { on: 'command', command });
  }

  mine(blocks: number): void {
    this.height += blocks;
    for (const seat of this.seats.values()) {
      this.hear(seat, { on: 'height', height: this.height });
    }
  }

  /** Something happens to a node, and all that follows from it at once. */
  hear(seat: Seat, event: Event): void {
    this.#tell(seat, event);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      this.#step(...next);
    }
  }

  /** Time passes; whoever asked is woken. */
  pass(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (;;) {
      this.#wakes.sort((a, b) => a.atMs - b.atMs);
      if (this.#wakes[0] === undefined || this.#wakes[0].atMs > untilMs) break;
      const { seat, atMs, key } = this.#wakes.shift()!;
      this.nowMs = Math.max(this.nowMs, atMs);
      this.hear(seat, { on: 'wake', key });
    }
    this.nowMs = untilMs;
  }

  #tell(seat: Seat, event: Event): void {
    this.#queue.push([seat, event]);
    if (this.doubled && repeatable.test(event.on)) this.#queue.push([seat, event]);
  }

  #step(seat: Seat, event: Event): void {
    if (seat.life.length === 0 && event.on !== 'start') return; // not switched on yet
    const seed = hash(utf8(`${seat.name} ${seat.life.length}`));
    seat.guard.see(event);
    const effects = stepNode(seat.node, event, this.nowMs, seed);
    seat.guard.check(effects);
    seat.life.push({ order: this.#steps++, event, nowMs: this.nowMs, seed, effects });
    for (const effect of effects) this.#perform(seat, effect);
    this.onStep(seat, effects);
  }

  #perform(seat: Seat, effect: Effect): void {
    switch (effect.do) {
      case 'store':
        if (effect.value === null) seat.disk.delete(effect.key);
        else seat.disk.set(effect.key, effect.value);
        return;
      case 'send': {
        const to = this.seats.get(effect.to);
        const bytes = to && this.onFrame(seat, to, encodeFrame(effect.frame));
        if (bytes) this.#queue.push([to, { on: 'received', peer: seat.node.self, bytes }]);
        return;
      }
      case 'dial': {
        const to = this.seats.get(effect.peer);
        const isOn = to !== undefined && to.life.length > 0;
        if (isOn && !seat.node.sessions.has(effect.peer)) this.connect(seat, to);
        return;
      }
      case 'wake':
        this.#wakes.push({ seat, atMs: effect.atMs, key: effect.key });
        return;
      case 'mine': {
        const nonce = kernels[effect.scheme](
          effect.inner,
          effect.target,
          { high: 0, low: 0 },
          2 ** 20,
        )!;
        this.#queue.push([seat, { on: 'mined', id: effect.id, nonce }]);
        return;
      }
      default:
        return this.ledger.perform(seat.name, this.onBank(seat, effect), {
          height: seat.node.height,
          nowMs: this.nowMs,
        });
    }
  }
}

/** Customer, two middlemen, worker in a line, and a settler whom everybody knows. */
export function ride(doubled = false, atMs = nowMs) {
  const town = new Town();
  town.nowMs = atMs;
  town.doubled = doubled;
  const settler = town.seat('settler', {
    allowPeers: [],
    approveAutomatically: true,
    approveWith: [
      { name: 'known_to_settler', value: 'checked' },
      { name: 'driving_licence', value: 'checked' },
      { name: 'no_criminal_record', value: 'checked' },
    ],
  });
  town.command(settler, { command: 'becomeSettler', name: 'Couriers Union' });
  const [customer, m1, m2, worker] = ['customer', 'm1', 'm2', 'worker'].map((name) =>
    town.seat(name),
  ) as [Seat, Seat, Seat, Seat];
  const line = [customer, m1, m2, worker];
  const root = settler.life[2]!.effects.flatMap((effect) =>
    effect.do === 'notify' && effect.notice.view === 'node' ? [effect.notice.node.settlerRoot] : [],
  )[0]!;
  for (const [i, seat] of line.entries()) {
    const near = [line[i - 1], line[i + 1]].flatMap((other) => (other ? [other.node.self] : []));
    town.command(seat, { command: 'setPolicy', policy: { allowPeers: near } });
    const { self: peer } = settler.node;
    town.command(seat, { command: 'addSettler', root, peer, addresses: ['/memory/settler'] });
  }
  for (const seat of town.seats.values()) town.bank(seat);
  const apply = { command: 'applyForCertificate', root, statement: 'It is me.' } as const;
  town.command(customer, { ...apply, name: 'customer' });
  town.command(worker, { ...apply, name: 'worker' });
  town.connect(customer, m1);
  town.connect(m1, m2);
  town.connect(m2, worker);
  return { town, settler, customer, m1, m2, worker, line };
}

export type Ride = ReturnType<typeof ride>;

/** How far a ride may be driven. */
export const stages = ['posted', 'offered', 'matched', 'confirmed'] as const;
export type Stage = (typeof stages)[number];

/** Drives a new ride as far as a stage. */
export function driveTo(stage: Stage, doubled = false): Ride {
  const made = ride(doubled);
  for (const name of stages.slice(0, stages.indexOf(stage) + 1)) driveOn(name, made);
  return made;
}

/** Drives a ride to the stage after the one it is at. */
export function driveOn(stage: Stage, { town, customer, worker }: Ride): void {
  const payloadId = () => [...customer.node.jobs.keys()][0]!;
  switch (stage) {
    case 'posted': {
      const window = {
        pickupAfterMs: town.nowMs,
        dropoffBeforeMs: town.nowMs + 2 * 3_600_000,
      };
      const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
      const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;
      return town.command(customer, { command: 'postJob', topic });
    }
    case 'offered': {
      const heard = [...worker.node.heard.keys()][0]!;
      const wish = { priceMsat: 12_000_000n, contactText: 'Ola, white Skoda' };
      return town.command(worker, { command: 'makeOffer', payloadId: heard, ...wish });
    }
    case 'matched': {
      const { promiseId } = customer.node.jobs.get(payloadId())!.offers[0]!;
      const choice = { payloadId: payloadId(), promiseId };
      return town.command(customer, { command: 'chooseReply', ...choice });
    }
    case 'confirmed':
      return town.command(customer, { command: 'confirmJob', payloadId: payloadId() });
  }
}
