/** Relays as operators run them (`npm run relay`): processes that a test kills, freezes, and starts again at the same address. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { PracticeNetwork } from './practice-network.ts';

const main = resolve(import.meta.dirname, '../../src/relay/main.ts');

export interface RelayProcess {
  readonly address: string;
  readonly isRunning: boolean;
  start(): Promise<void>;
  /** Gone at once: every connection to it breaks. */
  kill(): Promise<void>;
  /** It answers nothing any more, and no connection breaks; `kill` ends it. */
  freeze(): void;
  /** It is killed, and what it stored is removed. */
  remove(): Promise<void>;
}

export async function startRelayProcess(): Promise<RelayProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'gig-gossip-relay-'));
  let child = run(folder, 0);
  const address = await firstLine(child);
  const port = Number(/\/tcp\/(\d+)\/ws/.exec(address)![1]);
  const isRunning = () => child.exitCode === null && child.signalCode === null;
  const kill = async () => {
    if (!isRunning()) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  return {
    address,
    get isRunning() {
      return isRunning();
    },
    async start() {
      if (isRunning()) return;
      child = run(folder, port);
      await firstLine(child);
    },
    kill,
    freeze: () => void child.kill('SIGSTOP'),
    async remove() {
      await kill();
      await rm(folder, { recursive: true });
    },
  };
}

function run(folder: string, port: number): ChildProcess {
  const settings = {
    RELAY_HOST: '127.0.0.1',
    RELAY_PORT: String(port),
    RELAY_KEY_FILE: join(folder, 'relay.key'),
    RELAY_STATUS_PORT: '0',
    RELAY_STUN_PORT: '0',
  };
  return spawn(process.execPath, [main], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Its address, which it prints once it runs. */
async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line;
  throw new Error(`the relay ended (${String(child.exitCode)})`);
}

/** The link of that network, with these relays instead of its own. */
export async function linkThrough(
  network: PracticeNetwork,
  relays: readonly RelayProcess[],
): Promise<string> {
  const { headers } = await fetch(network.url, { redirect: 'manual' });
  const link = new URL(headers.get('location') ?? '', network.url);
  const [screen, query] = link.hash.split('?');
  const parameters = new URLSearchParams(query);
  parameters.delete('relay');
  for (const { address } of relays) parameters.append('relay', address);
  link.hash = `${screen}?${parameters.toString()}`;
  return link.href;
}
