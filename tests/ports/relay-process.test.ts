/** `npm run relay` as an operator runs it: a process with a file of settings, asked for its health, and told to stop. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { createSocket } from 'node:dgram';
import { afterEach, beforeEach, expect, test } from 'vitest';

const main = resolve(import.meta.dirname, '../../src/relay/main.ts');

let folder: string;
let running: ChildProcess[];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gig-gossip-relay-'));
  running = [];
});
afterEach(async () => {
  for (const child of running) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const settings = [
  'RELAY_HOST=127.0.0.1',
  'RELAY_PORT=0',
  'RELAY_STATUS_PORT=0',
  'RELAY_DRAIN_SECONDS=1',
];

function start(): { readonly child: ChildProcess; readonly ended: Promise<unknown[]> } {
  const child = spawn(process.execPath, [main, '--config', 'relay.env'], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  return { child, ended: once(child, 'exit') };
}

/** Its first lines: address, health, numbers, STUN. */
async function lines(child: ChildProcess, count: number): Promise<string[]> {
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout! })) {
    if (said.push(line) === count) break;
  }
  return said;
}

async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}

async function askStun(port: number): Promise<Buffer> {
  const socket = createSocket('udp4');
  socket.send(Buffer.from(`000100002112a442${'07'.repeat(12)}`, 'hex'), port, '127.0.0.1');
  const [answer] = (await once(socket, 'message')) as [Buffer];
  socket.close();
  return answer;
}

test('it says where it is, answers tools and STUN, ends when told, and keeps its name', async () => {
  const stunPort = await freeUdpPort();
  const file = [...settings, `RELAY_STUN_PORT=${stunPort}`].join('\n');
  await writeFile(join(folder, 'relay.env'), file);
  const first = start();
  const [address, health, metrics, stun] = await lines(first.child, 4);
  expect(address).toMatch(/^\/ip4\/127\.0\.0\.1\/tcp\/\d+\/ws\/p2p\/16Uiu2\w+$/);
  expect(stun).toContain(String(stunPort));
  expect(await (await fetch(health!)).json()).toMatchObject({ status: 'ready', nodes: 0 });
  expect((await askStun(stunPort)).readUInt16BE(0)).toBe(0x0101);
  expect(await (await fetch(metrics!)).text()).toContain('\ngig_relay_stun_answers_total 1\n');
  first.child.kill('SIGTERM');
  expect(await first.ended).toEqual([0, null]);

  const second = start();
  const [again] = await lines(second.child, 1);
  expect(again!.split('/p2p/')[1]).toBe(address!.split('/p2p/')[1]);
});

test('a setting that makes no sense ends the start with a sentence', async () => {
  await writeFile(join(folder, 'relay.env'), [...settings, 'RELAY_NODES=none'].join('\n'));
  const { child, ended } = start();
  let said = '';
  child.stderr!.on('data', (data: Buffer) => {
    said += data.toString();
  });
  expect(await ended).toEqual([1, null]);
  expect(said).toContain('RELAY_NODES wants a whole number from 1');
});
