/** A runtime on ports that keep what they are asked and tell what a test wants, and on a disk that answers when told to. */
import { randomStream, type Notice, type StoreEntry } from '../../src/lib/protocol/index.ts';
import type { Clock, StoreEffect, StoreEvent } from '../../src/lib/runtime/ports.ts';
import { startRuntime, type Runtime } from '../../src/lib/runtime/runtime.ts';
import { nowMs, seedOf } from '../protocol/cast.ts';

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

type Listener = (event: never) => void;

/** One end of a port: hands on what is asked, remembers who listens. */
function end(heard: (effect: object) => void) {
  const port = {
    listener: null as Listener | null,
    perform: heard,
    listen(listener: Listener) {
      port.listener = listener;
    },
  };
  return port;
}

export class Bench {
  nowMs = nowMs;
  /** Everything that left, in order: `store write`, `wallet connectWallet`, `app rejected`. */
  readonly log: string[] = [];
  readonly sent: object[] = [];
  readonly notices: Notice[] = [];
  /** A port whose adapter has a mistake: it throws. */
  broken = '';
  readonly #asked: StoreEffect[] = [];
  readonly #timers: Timer[] = [];
  readonly #ports = {
    peers: end((effect) => this.#out('peers', effect)),
    wallet: end((effect) => this.#out('wallet', effect)),
    work: end((effect) => this.#out('work', effect)),
    store: end((effect) => {
      this.#out('store', effect);
      this.#asked.push(effect as StoreEffect);
    }),
    app: end((notice) => {
      this.notices.push(notice as Notice);
      this.log.push(`app ${(notice as Notice).view}`);
    }),
  };
  readonly runtime: Runtime;

  constructor(name = 'somebody') {
    const { peers, wallet, work, store, app } = this.#ports;
    this.runtime = startRuntime({
      secret: seedOf(name),
      network: 'regtest',
      clock: this.#clock(name),
      peers: peers as never,
      wallet: wallet as never,
      work: work as never,
      store: store as never,
      app: app as never,
    });
  }

  #clock(name: string): Clock {
    const random = randomStream(seedOf(name));
    return {
      now: () => this.nowMs,
      at: (atMs, callback) => this.#timers.push({ atMs, callback }),
      seed: () => random(32),
    };
  }

  #out(port: string, effect: object): void {
    if (port === this.broken) throw new Error(`${port} is broken`);
    this.log.push(`${port} ${(effect as { do: string }).do}`);
    this.sent.push(structuredClone(effect));
  }

  /** A port tells something; a command is told by the app. */
  tell(port: 'peers' | 'wallet' | 'work' | 'app', event: object): void {
    this.#ports[port].listener?.(event as never);
  }

  /** The disk answers the oldest thing it was asked. */
  answer(entries: readonly StoreEntry[] = []): StoreEntry[] {
    const asked = this.#asked.shift();
    if (asked === undefined) throw new Error('the disk was asked nothing');
    const { id } = asked;
    if (asked.do === 'load') this.#disk({ on: 'loaded', id, entries });
    else this.#disk({ on: 'written', id });
    return asked.do === 'write' ? [...asked.entries] : [];
  }

  /** As it does until it is asked nothing more. */
  answerAll(): void {
    while (this.#asked.length > 0) this.answer();
  }

  fail(reason: string): void {
    const { id } = this.#asked.shift()!;
    this.#disk({ on: 'storeFailed', id, reason });
  }

  #disk(event: StoreEvent): void {
    this.#ports.store.listener?.(event as never);
  }

  /** Time passes, and timers ring, in their order. */
  pass(ms: number): void {
    this.nowMs += ms;
    const due = this.#timers.filter(({ atMs }) => atMs <= this.nowMs);
    due.sort((a, b) => a.atMs - b.atMs);
    for (const timer of due) this.#timers.splice(this.#timers.indexOf(timer), 1);
    for (const { callback } of due) callback();
  }

  /** What left since the last look. */
  since(): string[] {
    return this.log.splice(0);
  }
}
