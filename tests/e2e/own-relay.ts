/** `npm run relay` as an operator runs it, in a process of its own that a test can kill. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export interface OwnRelay {
  readonly address: string;
  /** Without a word, as a machine dies. */
  kill(): Promise<void>;
}

export async function startOwnRelay(): Promise<OwnRelay> {
  const folder = await mkdtemp(join(tmpdir(), 'gig-gossip-relay-'));
  const child = spawn(process.execPath, [resolve(import.meta.dirname, '../../src/relay/main.ts')], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      RELAY_HOST: '127.0.0.1',
      RELAY_PORT: '0',
      RELAY_STATUS_PORT: '0',
      RELAY_STUN_PORT: '0',
      RELAY_KEY_FILE: join(folder, 'relay.key'),
    },
  });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  const address = await new Promise<string>((found, fail) => {
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
      const line = /^\/ip4\/\S+$/m.exec(said);
      if (line) found(line[0]);
    });
    void ended.then(() => fail(new Error(`the relay ended: ${said}`)));
  });
  return {
    address,
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
