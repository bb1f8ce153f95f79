/**
 * Runs one node: takes events from its ports one at a time, lets the core compute, and performs what the core asks, in order:
 * stored first, and only when that is durable, sent, paid or settled. The phone, the devnet and the simulator run this very
 * code.
 */
import {
  createNode,
  encodeFrame,
  stepNode,
  upgradeStored,
  type Effect,
  type Event,
  type NodeOptions,
  type StoreEntry,
} from '../protocol/index.ts';
import { createJournal } from './journal.ts';
import { createMoneyGuard } from './money-guard.ts';
import type { AppPort, Clock, NetworkPort, StorePort, WalletPort, WorkPort } from './ports.ts';

export interface RuntimeOptions extends NodeOptions {
  readonly clock: Clock;
  readonly peers: NetworkPort;
  readonly wallet: WalletPort;
  readonly store: StorePort;
  readonly work: WorkPort;
  readonly app: AppPort;
}

export interface Runtime {
  /** Does nothing more and hears nothing more; what was stored stays. */
  stop(): void;
}

export function startRuntime(options: RuntimeOptions): Runtime {
  const { clock, app, wallet, work } = options;
  const net = options.peers;
  const node = createNode(options);
  const guard = createMoneyGuard(options.policy);
  const queue: Event[] = [];
  const wakes = new Map<string, number>();
  /** A write is under way, or the node has not started yet. */
  let busy = true;
  let stopped = false;

  const journal = createJournal(options.store, (reason) => stop(`storage failed: ${reason}`));

  function stop(reason: string): void {
    if (stopped) return;
    stopped = true;
    app.perform({ view: 'stopped', reason });
  }

  function hear(event: Event): void {
    if (stopped) return;
    queue.push(event);
    run();
  }

  function run(): void {
    while (!busy && !stopped) {
      const event = queue.shift();
      if (event === undefined) return;
      orStop(() => step(event));
    }
  }

  /** An invariant of our own that breaks stops the node, wherever it does; what was stored stays. */
  function orStop(work: () => void): void {
    try {
      work();
    } catch (error) {
      stop(error instanceof Error ? error.message : String(error));
    }
  }

  /** One event, one step. */
  function step(event: Event): void {
    guard.see(event);
    const effects = stepNode(node, event, clock.now(), clock.seed());
    guard.check(effects);
    const entries = effects.filter((effect) => effect.do === 'store');
    const others = effects.filter((effect) => effect.do !== 'store');
    if (entries.length === 0) return perform(others);
    busy = true;
    journal.write(lastOfEach(entries), () => {
      if (stopped) return;
      busy = false;
      orStop(() => perform(others));
      run();
    });
  }

  function perform(effects: readonly Effect[]): void {
    for (const effect of effects) performOne(effect);
  }

  function performOne(effect: Effect): void {
    switch (effect.do) {
      case 'store':
        return;
      case 'send':
        return net.perform({ do: 'transmit', peer: effect.to, bytes: encodeFrame(effect.frame) });
      case 'wake':
        return wakeAt(effect.key, effect.atMs);
      case 'dial':
      case 'hangUp':
      case 'useRelays':
        return net.perform(effect);
      case 'mine':
      case 'cancelMining':
        return work.perform(effect);
      case 'notify':
        return app.perform(effect.notice);
      case 'fault': {
        const { code, peer, detail } = effect;
        return app.perform({ view: 'fault', code, peer, detail });
      }
      default:
        return wallet.perform(effect);
    }
  }

  /** A later wish for the same key takes the place of the former. */
  function wakeAt(key: string, atMs: number): void {
    wakes.set(key, atMs);
    clock.at(atMs, () => {
      if (wakes.get(key) !== atMs) return;
      wakes.delete(key);
      hear({ on: 'wake', key });
    });
  }

  net.listen(hear);
  wallet.listen(hear);
  work.listen(hear);
  app.listen((command) => hear({ on: 'command', command }));
  journal.load((stored) => {
    if (stopped) return;
    busy = false;
    orStop(() => {
      const entries = upgradeStored(stored);
      guard.restore(entries);
      step({ on: 'start', entries });
    });
    run();
  });
  return {
    stop() {
      stopped = true;
    },
  };
}

/** One write a key: the last one of the step. */
function lastOfEach(entries: readonly StoreEntry[]): StoreEntry[] {
  const last = new Map(entries.map(({ key, value }) => [key, { key, value }]));
  return [...last.values()];
}
