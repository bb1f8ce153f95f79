/**
 * One person's place in a simulated town: what stands between its node and its ports. From the node outwards: its cheats, if it
 * has any; then whoever watches it, if it has none; then the point where its device dies; then its purse.
 *
 *   runtime <-> cheats <-> watch, trace <-> cut after the nth effect <-> purse <-> the simulated world
 */
import {
  decodeFrame,
  encodeFrame,
  hash,
  isFault,
  type Frame,
  type NetworkEffect,
  type NetworkEvent,
  type PeerKey,
  type WalletEffect,
  type WalletEvent,
} from '../../lib/protocol/index.ts';
import type { Port, StoreEffect, StoreEvent } from '../../lib/runtime/ports.ts';
import type { Person, Ports } from '../world.ts';
import type { Cheat, Tools } from './cheats/index.ts';
import { makerOf, type CheatName } from './cheats/index.ts';
import type { Dice } from './dice.ts';
import type { PlannedPerson } from './plan.ts';
import type { Purse } from './personalities.ts';
import type { Trace } from './trace.ts';
import type { FraudWatch } from './watch-frauds.ts';
import { Watch, type Watched } from './watch.ts';

export interface SeatOptions {
  readonly planned: PlannedPerson;
  readonly seed: string;
  readonly purse: Purse;
  readonly skewMs: number;
  readonly cheats: readonly CheatName[];
  readonly honest: boolean;
  readonly dice: Dice;
  readonly trace: Trace;
  readonly watched: Watched;
  readonly frauds: FraudWatch;
}

export class Seat {
  readonly options: SeatOptions;
  readonly watch: Watch;
  person!: Person;
  /** Of its node; set when that starts. */
  secret: Uint8Array = new Uint8Array();
  /** What its cheats remember. */
  readonly kept = new Map<string, unknown>();
  /** Effects performed since the town was ready. */
  effects = 0;
  /** Deaths to come, by the effect after which they happen: how long for, ms, or null for good. */
  readonly deaths = new Map<number, number | null>();
  /** The town is ready: oddities begin. */
  ready = false;
  /** Up, down until it starts again, or gone for good. */
  state: 'up' | 'down' | 'gone' = 'up';
  downSince = 0;
  #life = 0;
  #dead = false;
  #ports: Ports | null = null;
  readonly #near = new Set<PeerKey>();

  constructor(options: SeatOptions) {
    this.options = options;
    this.watch = new Watch(options.watched);
  }

  get name(): string {
    return this.options.planned.name;
  }

  /** Which of its lives this is: a device that died and started again has another. */
  get life(): number {
    return this.#life;
  }

  /** Stops the node between two of its effects; the world is told once its callback is over. */
  die(forMs: number | null): void {
    if (this.#dead) return;
    this.#dead = true;
    const clock = this.#ports!.clock;
    const { ledger } = this.options.watched;
    this.state = forMs === null ? 'gone' : 'down';
    this.downSince = ledger.height;
    this.options.trace.note(clock.now(), `${this.name} dies`);
    clock.at(clock.now(), () => this.person.crash());
    const life = this.#life;
    if (forMs !== null) clock.at(clock.now() + 1 + forMs, () => this.start(life));
  }

  /** Starts the device again, unless it is in another life by now. */
  start(life = this.#life): void {
    if (life !== this.#life || this.state !== 'down') return;
    this.state = 'up';
    this.person.restart();
  }

  around(ports: Ports, secret: Uint8Array): Ports {
    this.secret = secret;
    const life = ++this.#life;
    this.#dead = false;
    this.#ports = ports;
    this.#near.clear();
    const alive = () => life === this.#life && !this.#dead;
    const clock = this.#clock(ports.clock);
    const wallet = this.#cut(this.options.purse.port(ports.wallet), 'wallet', alive);
    const peers = this.#cut(ports.peers, 'peers', alive);
    const store = this.#cut(ports.store, 'store', alive);
    const work = this.#cut(ports.work, 'work', alive);
    if (this.options.cheats.length === 0)
      return { clock, wallet, peers, store, work, app: ports.app };
    const cheats = new Cheats(this, { clock, wallet, peers, store, work, app: ports.app }, secret);
    return { ...cheats.ports(), clock };
  }

  peers(): readonly PeerKey[] {
    return [...this.#near];
  }

  /**
   * A device whose clock may be wrong. Until the town is ready every seed of a name is the same in all towns, so that their
   * setting up costs little where cryptography is remembered.
   */
  #clock(clock: Ports['clock']): Ports['clock'] {
    const { skewMs, seed } = this.options;
    const own = new TextEncoder().encode(seed);
    return {
      now: () => clock.now() + (this.ready ? skewMs : 0),
      at: (atMs, callback) => clock.at(this.ready ? atMs - skewMs : atMs, callback),
      seed: () => (this.ready ? hash(clock.seed(), own) : clock.seed()),
    };
  }

  /** Counts, watches, and lets the device die after an effect. */
  #cut<Effect extends object, Event extends object>(
    port: Port<Effect, Event>,
    name: 'peers' | 'wallet' | 'store' | 'work',
    alive: () => boolean,
  ): Port<Effect, Event> {
    const { trace } = this.options;
    const now = () => this.#ports!.clock.now();
    return {
      perform: (effect) => {
        if (!alive()) return;
        trace.add(now(), this.name, effect);
        this.#sees(name, effect);
        port.perform(effect);
        if (!this.ready) return;
        const death = this.deaths.get(++this.effects);
        if (death !== undefined) this.die(death);
      },
      listen: (listener) =>
        port.listen((event) => {
          if (!alive()) return;
          trace.add(now(), `>${this.name}`, event);
          this.#hears(name, event);
          listener(event);
        }),
    };
  }

  #sees(name: string, effect: object): void {
    if (name === 'store') this.watch.storing(effect as StoreEffect);
    if (!this.ready) return;
    const { honest, frauds } = this.options;
    if (name === 'peers') {
      const sent = effect as NetworkEffect;
      if (sent.do === 'transmit') frauds.said(this, sent.bytes);
    }
    if (!honest) return;
    if (name === 'store') {
      const written = effect as StoreEffect;
      this.watch.believes(written);
      if (written.do === 'write') frauds.stores(this, written.entries);
    }
    if (name === 'wallet') this.watch.asks(effect as WalletEffect, this.#ports!.clock.now());
    if (name === 'peers') this.watch.sends(effect as NetworkEffect);
  }

  #hears(name: string, event: object): void {
    if (name === 'store') this.watch.stored(event as StoreEvent);
    if (name === 'wallet') this.watch.wallet(event as WalletEvent, this.#ports!.clock.now());
    if (name !== 'peers') return;
    const told = event as NetworkEvent;
    if (told.on === 'connected') this.#near.add(told.peer);
    if (told.on === 'disconnected') this.#near.delete(told.peer);
    if (told.on !== 'received' || !this.ready || !this.options.honest) return;
    this.options.frauds.heard(this, told.peer, told.bytes);
  }
}

/** The ports of a node behind its cheats, each of which sees what the one before let through. */
class Cheats {
  readonly #seat: Seat;
  readonly #ports: Ports;
  readonly #cheats: readonly Cheat[];

  constructor(seat: Seat, ports: Ports, secret: Uint8Array) {
    this.#seat = seat;
    this.#ports = ports;
    const { dice, watched } = seat.options;
    const { clock, peers, wallet } = ports;
    const tools: Tools = {
      secret,
      dice,
      disk: () => seat.watch.disk,
      height: () => watched.ledger.height,
      peers: () => seat.peers(),
      say: (peer, frame) => peers.perform({ do: 'transmit', peer, bytes: encodeFrame(frame) }),
      wallet: (effect) => wallet.perform(effect),
      later: (ms, work) => clock.at(clock.now() + ms, work),
      vanish: () => seat.die(null),
      restart: () => seat.die(0),
      kept: seat.kept,
    };
    this.#cheats = seat.options.cheats.map((name) => makerOf(name)(tools));
  }

  ports(): Ports {
    const { peers, wallet, store } = this.#ports;
    return {
      ...this.#ports,
      store: {
        perform: (effect) => store.perform(effect),
        listen: (heard) => store.listen((event) => heard(this.#loaded(event))),
      },
      wallet: {
        perform: (effect) => this.#wallet(effect, 0),
        listen: (heard) => wallet.listen((event) => this.#told(event, 0, () => heard(event))),
      },
      peers: {
        perform: (effect) => this.#peers(effect),
        listen: (heard) =>
          peers.listen((event) => {
            const frame = event.on === 'received' ? decodeFrame(event.bytes) : null;
            if (event.on !== 'received' || frame === null || isFault(frame)) return heard(event);
            this.#in(frame, event.peer, 0, (altered) =>
              heard(altered ? { ...event, bytes: encodeFrame(altered) } : event),
            );
          }),
      },
    };
  }

  /** The ith cheat that is at work; none before the town is ready. */
  #cheat(i: number): Cheat | undefined {
    return this.#seat.ready ? this.#cheats[i] : undefined;
  }

  #wallet(effect: WalletEffect, i: number): void {
    const cheat = this.#cheat(i);
    if (cheat === undefined) return this.#ports.wallet.perform(effect);
    if (cheat.wallet) cheat.wallet(effect, (next) => this.#wallet(next, i + 1));
    else this.#wallet(effect, i + 1);
  }

  #loaded(event: StoreEvent): StoreEvent {
    if (event.on !== 'loaded' || !this.#seat.ready) return event;
    const entries = this.#cheats.reduce(
      (all, { loaded }) => (loaded ? loaded(all) : all),
      event.entries,
    );
    return { ...event, entries };
  }

  #told(event: WalletEvent, i: number, pass: () => void): void {
    const cheat = this.#cheat(i);
    if (cheat === undefined) return pass();
    if (cheat.told) cheat.told(event, () => this.#told(event, i + 1, pass));
    else this.#told(event, i + 1, pass);
  }

  #in(frame: Frame, from: PeerKey, i: number, pass: (altered?: Frame) => void): void {
    const cheat = this.#cheat(i);
    if (cheat === undefined) return pass();
    const go = (altered?: Frame) =>
      this.#in(altered ?? frame, from, i + 1, (later) => pass(later ?? altered));
    if (cheat.in) cheat.in(frame, from, go);
    else go();
  }

  #peers(effect: NetworkEffect): void {
    const frame = effect.do === 'transmit' ? decodeFrame(effect.bytes) : null;
    if (effect.do !== 'transmit' || frame === null || isFault(frame)) {
      return this.#ports.peers.perform(effect);
    }
    this.#out(frame, effect.peer, 0);
  }

  #out(frame: Frame, to: PeerKey, i: number): void {
    const cheat = this.#cheat(i);
    if (cheat !== undefined) {
      if (cheat.out) cheat.out(frame, to, (next) => this.#out(next, to, i + 1));
      else this.#out(frame, to, i + 1);
      return;
    }
    let bytes = encodeFrame(frame);
    if (this.#seat.ready && frame.kind !== 'hello') {
      for (const { bytes: alter } of this.#cheats) bytes = alter ? alter(bytes, to) : bytes;
    }
    this.#ports.peers.perform({ do: 'transmit', peer: to, bytes });
  }
}
