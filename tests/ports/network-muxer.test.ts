/** A connection is given up in the middle of everything: what libp2p's yamux makes of it, and what we make of that. */
import { noise } from '@chainsafe/libp2p-noise';
import { webSockets } from '@libp2p/websockets';
import { yamux } from '@libp2p/yamux';
import { createLibp2p } from 'libp2p';
import type { Connection, Libp2p } from '@libp2p/interface';
import { afterEach, expect, test } from 'vitest';
import { streamMuxer } from '../../src/lib/adapters/network/muxer.ts';
import { createPipe } from '../../src/lib/adapters/network/pipe.ts';

type Muxer = ReturnType<typeof streamMuxer>;

const PROTOCOL = '/muxer-test/1';
const nodes: Libp2p[] = [];

async function node(muxer: Muxer, listen: string[]): Promise<Libp2p> {
  const made = await createLibp2p({
    addresses: { listen },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [muxer],
    connectionMonitor: { enabled: false },
  });
  nodes.push(made);
  return made;
}

/** A connection with a pipe on it, whose owner closes everything beneath as soon as it is told of its end. */
async function carrying(muxer: Muxer): Promise<{ connection: Connection; told: string[] }> {
  const far = await node(muxer, ['/ip4/127.0.0.1/tcp/0/ws']);
  await far.handle(PROTOCOL, () => {});
  const connection = await (await node(muxer, [])).dial(far.getMultiaddrs());
  const pipe = createPipe(await connection.newStream(PROTOCOL), connection);
  const told: string[] = [];
  pipe.listen({
    onWord: () => {},
    onEnd: (reason) => {
      told.push(reason);
      pipe.cut(reason);
    },
  });
  return { connection, told };
}

afterEach(async () => {
  for (const one of nodes.splice(0)) await one.stop();
});

test('a connection with a link on it is aborted without a throw', async () => {
  const { connection, told } = await carrying(streamMuxer());
  connection.abort(new Error('network changed'));
  expect(told).toEqual(['the connection was closed']);
  expect(connection.status).toBe('aborted');
  expect(connection.streams).toEqual([]);
});

test('yamux by itself still throws; when it no longer does, muxer.ts can go', async () => {
  const { connection } = await carrying(yamux());
  expect(() => connection.abort(new Error('network changed'))).toThrow('stream that is closed');
});
