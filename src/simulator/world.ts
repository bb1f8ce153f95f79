/**
 * A world of nodes under virtual time: the core and the runtime that the phone runs, on a simulated network, Lightning ledger,
 * disks and workers. The same seed gives the same world, to the byte.
 */
import {
  decodeFrame,
  isFault,
  nodeSecret,
  peerKeyOf,
  viewName,
  type Command,
  type Frame,
  type Network,
  type NetworkEffect,
  type Notice,
  type PeerKey,
  type Policy,
  type WalletEffect,
} from '../lib/protocol/index.ts';
import type {
  AppPort,
  Clock,
  NetworkPort,
  Port,
  StorePort,
  WalletPort,
  WorkPort,
} from '../lib/runtime/ports.ts';
import { startRuntime, type Runtime } from '../lib/runtime/runtime.ts';
import { createVirtualClock, type VirtualClock } from './clock.ts';
import { createLedger, type Ledger, type WalletOptions } from './lightning.ts';
import { createSimulatedNetwork, type SimulatedNetwork } from './network.ts';
import { createMemoryStore, type MemoryStore } from './store.ts';
import { createSimulatedWork } from './work.ts';

export interface WorldOptions {
  readonly seed: string;
  readonly startMs: number;
  readonly latencyMs?: number;
  readonly hashesPerSecond?: number;
  readonly network?: Network;
  /** Sees what happens, in order. */
  readonly watch?: Watcher;
}

export interface Watcher {
  notice?(name: string, notice: Notice): void;
  /** A frame leaves a node. */
  frame?(from: string, to: PeerKey, frame: Frame): void;
  /** A node asks something of its wallet. */
  wallet?(name: string, effect: WalletEffect): void;
}

export interface PersonOptions {
  readonly wallet?: WalletOptions | null;
  readonly policy?: Partial<Policy>;
  /** Puts something between a node and its ports, at each of its starts. */
  readonly around?: (ports: Ports, secret: Uint8Array) => Ports;
}

/** The sockets of one node. */
export interface Ports {
  readonly clock: Clock;
  readonly peers: NetworkPort;
  readonly wallet: WalletPort;
  readonly store: StorePort;
  readonly work: WorkPort;
  readonly app: AppPort;
}

/** One person's node, and what its app would show. */
export interface Person {
  readonly name: string;
  readonly peer: PeerKey;
  readonly address: string;
  /** Latest view of each thing: `job/<id>`, `wallet`, ... */
  readonly views: ReadonlyMap<string, Notice>;
  readonly notices: readonly Notice[];
  command(command: Command): void;
  /** The device dies; what was not durable may be lost. */
  crash(): void;
  /** Starts again from its disk. */
  restart(): void;
}

export interface World {
  readonly clock: VirtualClock;
  readonly ledger: Ledger;
  readonly network: SimulatedNetwork;
  person(name: string, options?: PersonOptions): Person;
}

export function createWorld(options: WorldOptions): World {
  const { seed, startMs, latencyMs = 20, network: bitcoin = 'regtest' } = options;
  const clock = createVirtualClock(startMs, seed);
  const network = createSimulatedNetwork({ clock: clock.fork('network'), latencyMs });
  const ledger = createLedger({ clock: clock.fork('ledger'), network: bitcoin });
  return {
    clock,
    ledger,
    network,
    person(name, { wallet = { balanceMsat: 1_000_000_000n }, policy = {}, around } = {}) {
      const own = clock.fork(name);
      const secret = own.seed();
      const peer = peerKeyOf(nodeSecret(secret));
      const store = createMemoryStore({ clock: own });
      if (wallet !== null) ledger.wallet(name, wallet);
      const node = {
        options,
        world: { clock: own, ledger, network },
        name,
        secret,
        store,
        policy,
        around,
      };
      const person = new SimulatedPerson(node, peer, wallet !== null);
      person.restart();
      return person;
    },
  };
}

interface Body {
  readonly options: WorldOptions;
  readonly world: {
    readonly clock: Clock;
    readonly ledger: Ledger;
    readonly network: SimulatedNetwork;
  };
  readonly name: string;
  readonly secret: Uint8Array;
  readonly store: MemoryStore;
  readonly policy: Partial<Policy>;
  readonly around: PersonOptions['around'];
}

class SimulatedPerson implements Person {
  readonly peer: PeerKey;
  readonly views = new Map<string, Notice>();
  readonly notices: Notice[] = [];
  readonly #body: Body;
  readonly #hasWallet: boolean;
  #runtime: Runtime | null = null;
  #command: ((command: Command) => void) | null = null;

  constructor(body: Body, peer: PeerKey, hasWallet: boolean) {
    this.#body = body;
    this.peer = peer;
    this.#hasWallet = hasWallet;
  }

  get name(): string {
    return this.#body.name;
  }

  get address(): string {
    return this.#body.world.network.addressOf(this.peer);
  }

  command(command: Command): void {
    this.#command?.(command);
  }

  crash(): void {
    this.#runtime?.stop();
    this.#runtime = null;
    this.#command = null;
    this.#body.store.crash();
    this.#body.world.network.kill(this.peer);
  }

  restart(): void {
    const { options, secret, policy, around } = this.#body;
    const ports = around ? around(this.#ports(), secret) : this.#ports();
    this.#runtime = startRuntime({
      secret,
      network: options.network ?? 'regtest',
      policy,
      ...ports,
    });
  }

  #ports(): Ports {
    const { options, world, name, store } = this.#body;
    const { clock, ledger, network } = world;
    const { frame, wallet } = options.watch ?? {};
    const peers = network.node(this.peer);
    const purse = this.#hasWallet ? ledger.wallet(name) : noWallet;
    return {
      clock,
      peers: frame ? watched(peers, (effect) => this.#seeFrame(effect)) : peers,
      wallet: wallet ? watched(purse, (effect) => options.watch?.wallet?.(name, effect)) : purse,
      store,
      work: createSimulatedWork(clock, options.hashesPerSecond ?? 500_000),
      app: {
        perform: (notice) => this.#hear(notice),
        listen: (listener) => {
          this.#command = (command) => clock.at(clock.now(), () => listener(command));
        },
      },
    };
  }

  #seeFrame(effect: NetworkEffect): void {
    if (effect.do !== 'transmit') return;
    const frame = decodeFrame(effect.bytes);
    const { options, name } = this.#body;
    if (!isFault(frame)) options.watch?.frame?.(name, effect.peer, frame);
  }

  #hear(notice: Notice): void {
    this.notices.push(notice);
    this.views.set(viewName(notice), notice);
    this.#body.options.watch?.notice?.(this.name, notice);
  }
}

function watched<Effect, Event>(
  port: Port<Effect, Event>,
  see: (effect: Effect) => void,
): Port<Effect, Event> {
  return {
    listen: (listener) => port.listen(listener),
    perform: (effect) => {
      see(effect);
      port.perform(effect);
    },
  };
}

const noWallet: WalletPort = { perform: () => undefined, listen: () => undefined };
