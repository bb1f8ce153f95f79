/**
 * Real Lightning for the devnet: LDK nodes around a hub, on a chain of its own, whose wallets speak
 * Nostr Wallet Connect. No Lightning daemon, no bitcoind, no TCP; one child process.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Answer, Balances, Calls } from './ipc.ts';
import type { Personality } from './personality.ts';

export type { Balances, WalletBalance } from './ipc.ts';
export { ordinary, personalities, personalityOf, type Personality } from './personality.ts';

export interface LightningOptions {
  /** The Nostr relay as seen from here. */
  readonly nostrUrl: string;
  /** The same as seen by whoever uses a wallet; `nostrUrl` unless given. */
  readonly advertisedUrl?: string;
  /** Wallets to keep open, so that minting is quick. */
  readonly wallets: number;
}

export interface Lightning {
  /** Address of a new wallet with so many sats (at most 7,000,000). Mines no block. */
  mint(wanted: {
    readonly sats: number;
    readonly personality?: Partial<Personality>;
  }): Promise<string>;
  /** The height after `blocks` more. */
  mine(blocks: number): Promise<number>;
  balances(): Promise<Balances>;
  /** The wallet of that public key, or that one of the address, is like that from now on. */
  setPersonality(wallet: string, personality: Partial<Personality>): Promise<void>;
  /** Settles when the process has ended, with why. */
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (error: Error) => void;
}

export async function startLightning(options: LightningOptions): Promise<Lightning> {
  const child = startProcess();
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  const call = <Name extends keyof Calls>(
    name: Name,
    params: Calls[Name]['params'],
  ): Promise<Calls[Name]['result']> =>
    new Promise((resolve, reject) => {
      if (!child.connected) return reject(new Error('the Lightning process has ended'));
      waiting.set(++calls, { resolve, reject });
      child.send({ id: calls, do: name, params });
    });
  child.on('message', (answer: Answer) => {
    const asked = waiting.get(answer.id);
    waiting.delete(answer.id);
    if ('error' in answer) asked?.reject(new Error(answer.error));
    else asked?.resolve(answer.result as never);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('exit', (code, signal) => {
      for (const { reject } of waiting.values()) reject(new Error('the Lightning process ended'));
      resolve(`code ${code}, signal ${signal}`);
    });
  });
  const { nostrUrl, advertisedUrl = nostrUrl, wallets } = options;
  await call('start', { nostrUrl, advertisedUrl, wallets });
  return {
    mint: ({ sats, personality = {} }) => call('mint', { sats, personality }),
    mine: (blocks) => call('mine', { blocks }),
    balances: () => call('balances', {}),
    setPersonality: (wallet, personality) => call('setPersonality', { wallet, personality }),
    ended,
    async stop() {
      child.disconnect();
      await ended;
    },
  };
}

function startProcess(): ChildProcess {
  const host = fileURLToPath(new URL('./host.ts', import.meta.url));
  // Amounts are bigint, which JSON cannot say. Of our own flags none is meant for it; a small young
  // generation saves it 70 MB.
  return fork(host, { serialization: 'advanced', execArgv: ['--max-semi-space-size=4'] });
}
