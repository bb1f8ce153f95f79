/**
 * A node without a page: the core and runtime of the phone, with SQLite for a disk, worker threads for work, and a WebSocket
 * that browsers dial directly.
 */
import { createNetwork, type Libp2pNetwork } from '../lib/adapters/network/libp2p.ts';
import { createSqliteStore } from '../lib/adapters/store/sqlite.ts';
import { createNwcWallet } from '../lib/adapters/wallet/nwc.ts';
import {
  nodeSecret,
  viewName,
  type Command,
  type Notice,
  type Policy,
} from '../lib/protocol/index.ts';
import { loadIdentity } from '../lib/runtime/identity.ts';
import type { AppPort, WorkPort } from '../lib/runtime/ports.ts';
import { startRuntime } from '../lib/runtime/runtime.ts';
import { createSystemClock } from '../lib/runtime/system-clock.ts';

export interface HeadlessOptions {
  readonly name: string;
  /** Numeric address it listens on. */
  readonly host?: string;
  /** Mines for it; may be shared by all nodes of a process. */
  readonly work: WorkPort;
  readonly policy?: Partial<Policy>;
  /** Where its memory is, a path; by default it has none that outlives it. */
  readonly disk?: string;
}

export interface HeadlessNode {
  readonly name: string;
  command(command: Command): void;
  /** Every notice from now on, after the latest of each view. Answers how to stop listening. */
  watch(listener: (notice: Notice) => void): () => void;
  /** Settles with the first notice that `holds` is true of, past ones included. */
  until<N extends Notice>(holds: (notice: Notice) => notice is N): Promise<N>;
  /** Dies without a word in the middle of whatever it does, and lives again from its disk, at the same port. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startHeadless(options: HeadlessOptions): Promise<HeadlessNode> {
  const { port, command, watch } = createAppEnd();
  let tcpPort = 0;
  watch((notice) => {
    const address = notice.view === 'node' ? (notice.node.addresses[0] ?? '') : '';
    tcpPort = Number(/^\/ip4\/[\d.]+\/tcp\/(\d+)\/ws/.exec(address)?.[1] ?? tcpPort);
  });
  let life = await live(options, port, tcpPort);
  return {
    name: options.name,
    command,
    watch,
    until: (holds) =>
      new Promise((resolve) => {
        const stop = watch((notice) => {
          if (!holds(notice)) return;
          resolve(notice);
          queueMicrotask(() => stop());
        });
      }),
    async restart() {
      await life.end();
      life = await live(options, port, tcpPort);
    },
    stop: () => life.end(),
  };
}

/** One life of a node, from its start to its end or death. */
async function live(
  { work, policy, host = '127.0.0.1', disk = ':memory:' }: HeadlessOptions,
  app: AppPort,
  tcpPort: number,
): Promise<{ end(): Promise<void> }> {
  const clock = createSystemClock(globalThis);
  const store = createSqliteStore({ path: disk });
  const secret = await loadIdentity(store, clock);
  const peers: Libp2pNetwork = createNetwork({
    privateKey: nodeSecret(secret),
    iceServers: [],
    allowPrivateAddresses: true,
    listen: [`/ip4/${host}/tcp/${tcpPort}/ws`],
    webrtc: false,
  });
  const wallet = createNwcWallet({ network: 'regtest' });
  const runtime = startRuntime({
    secret,
    network: 'regtest',
    ...(policy ? { policy } : {}),
    clock,
    store,
    peers,
    wallet,
    work,
    app,
  });
  return {
    async end() {
      runtime.stop();
      wallet.perform({ do: 'disconnectWallet' });
      await peers.close();
      store.close();
    },
  };
}

/** The app's end of a node that may have any number of watchers, or none. */
function createAppEnd() {
  const latest = new Map<string, Notice>();
  const watchers = new Set<(notice: Notice) => void>();
  let take: ((command: Command) => void) | null = null;
  const port: AppPort = {
    perform(notice) {
      latest.delete(viewName(notice));
      latest.set(viewName(notice), notice);
      for (const watcher of watchers) watcher(notice);
    },
    listen(to) {
      take = to;
    },
  };
  return {
    port,
    command: (command: Command) => take?.(command),
    watch(watcher: (notice: Notice) => void) {
      for (const notice of latest.values()) watcher(notice);
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
  };
}
