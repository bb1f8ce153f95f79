/** What somebody on the line sees of a link between two nodes: an ear between them hears every byte. */
import { connect as dial, createServer, type AddressInfo, type Server } from 'node:net';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { NetworkEffect, NetworkEvent, PeerKey } from '../../src/lib/protocol/index.ts';
import { createKeys, createWaiting } from './network-world.ts';

interface Node {
  readonly peer: PeerKey;
  readonly events: NetworkEvent[];
  readonly perform: (...effects: NetworkEffect[]) => void;
}

const marker = Buffer.from('meet me at the corner, '.repeat(20));
const { poke, until } = createWaiting();
const keyOf = createKeys();
const workers: Worker[] = [];
const heard: Buffer[] = [];
let ear: Server;

function node(listen: readonly string[]): Node {
  const { peer, secret } = keyOf();
  const workerData = {
    privateKey: secret,
    iceServers: [],
    allowPrivateAddresses: true,
    listen,
    webrtc: false,
  };
  const worker = new Worker(new URL('./network-seat.ts', import.meta.url), { workerData });
  workers.push(worker);
  const events: NetworkEvent[] = [];
  worker.on('message', (event: NetworkEvent) => {
    events.push(event);
    poke();
  });
  return { peer, events, perform: (...effects) => worker.postMessage(effects) };
}

const told = <On extends NetworkEvent['on']>({ events }: Node, on: On) =>
  events.filter((event): event is Extract<NetworkEvent, { on: On }> => event.on === on);

/** Listens on a port of its own and passes everything on, both ways. */
async function listenIn(port: number): Promise<number> {
  ear = createServer((from) => {
    const to = dial(port, '127.0.0.1');
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      one.on('data', (bytes: Buffer) => {
        heard.push(bytes);
        other.write(bytes);
      });
      one.on('close', () => other.destroy());
      one.on('error', () => other.destroy());
    }
  });
  await new Promise<void>((done) => ear.listen(0, '127.0.0.1', done));
  return (ear.address() as AddressInfo).port;
}

describe('a link', () => {
  let [a, b] = [] as unknown as [Node, Node];

  beforeAll(async () => {
    [a, b] = [node(['/ip4/127.0.0.1/tcp/0/ws']), node([])];
    const addressOf = () => told(a, 'addresses').at(-1)?.addresses[0];
    await until('an address', () => addressOf() !== undefined);
    const [, port] = /tcp\/(\d+)/.exec(addressOf()!)!;
    const overheard = addressOf()!.replace(`tcp/${port}`, `tcp/${await listenIn(Number(port))}`);
    b.perform({ do: 'dial', peer: a.peer, addresses: [overheard] });
    await until('the link', () => told(a, 'connected').length + told(b, 'connected').length === 2);
  });
  afterAll(async () => {
    ear?.close();
    await Promise.all(workers.map((worker) => worker.terminate()));
  });

  test('is Noise: who listens in reads no frame, either way [NET-04]', async () => {
    const before = heard.length;
    a.perform({ do: 'transmit', peer: b.peer, bytes: marker });
    b.perform({ do: 'transmit', peer: a.peer, bytes: marker });
    const arrived = (seat: Node) => told(seat, 'received').length > 0;
    await until('both frames', () => arrived(a) && arrived(b));
    expect(Buffer.from(told(a, 'received')[0]!.bytes).equals(marker)).toBe(true);
    const line = Buffer.concat(heard);
    expect(heard.length).toBeGreaterThan(before);
    expect(line.includes('/noise')).toBe(true);
    expect(line.includes('meet me')).toBe(false);
    expect(line.includes('/gig-gossip/1')).toBe(false);
  });
});
