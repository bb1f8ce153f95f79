/** `npm start` as people run it, in a process of its own, and its ledger as nobody in the ride can see it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

export interface Wallet {
  /** Public key of the wallet, as in its address. */
  readonly key: string;
  readonly balanceMsat: bigint;
  readonly incomingMsat: bigint;
  readonly outgoingMsat: bigint;
}

export interface PracticeNetwork {
  readonly url: string;
  mine(blocks: number): Promise<number>;
  /** Kills a node of the network's own, and starts it again from its disk. */
  restart(node: string): Promise<void>;
  /** The wallet of that key is like that from now on; without a key a new one is made. Answers its address. */
  wallet(personality: string, key?: string): Promise<string>;
  wallets(): Promise<readonly Wallet[]>;
  stop(): Promise<void>;
}

export async function startPracticeNetwork(...options: string[]): Promise<PracticeNetwork> {
  const main = resolve(root, 'src/devnet/main.ts');
  const child = spawn(process.execPath, [main, '--port', '0', ...options], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const url = await firstLine(child);
  const host = new URL('/devnet/', url).href;
  const post = async (what: string, parameters: Record<string, string>) => {
    const query = new URLSearchParams(parameters).toString();
    const answer = await fetch(`${host}${what}?${query}`, { method: 'POST' });
    if (!answer.ok) throw new Error(`${what}: ${await answer.text()}`);
    return (await answer.json()) as { readonly height: number; readonly uri: string };
  };
  return {
    url,
    mine: async (blocks) => (await post('mine', { blocks: String(blocks) })).height,
    async restart(node) {
      await post('restart', { node });
    },
    wallet: async (personality, key) =>
      (await post('wallets', { personality, ...(key === undefined ? {} : { key }) })).uri,
    async wallets() {
      const answer = (await (await fetch(`${host}balances`)).json()) as {
        wallets: { [K in keyof Wallet]: string }[];
      };
      return answer.wallets.map((wallet) => ({
        key: wallet.key,
        balanceMsat: BigInt(wallet.balanceMsat),
        incomingMsat: BigInt(wallet.incomingMsat),
        outgoingMsat: BigInt(wallet.outgoingMsat),
      }));
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** The URL it prints once everything is up. Rejects with what it said if it ends before. */
function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((found, fail) => {
    let out = '';
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
    child.stdout?.on('data', (data: Buffer) => {
      out += data.toString();
      const line = /^http:\S+$/m.exec(out);
      if (line) found(line[0]);
    });
    child.once('exit', (code) => fail(new Error(`the practice network ended (${code}): ${said}`)));
  });
}
