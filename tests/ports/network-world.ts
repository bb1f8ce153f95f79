/** What the worlds of the real network share: keys, a relay that comes and goes, waiting. */
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { bytesToHex } from '@noble/curves/utils.js';
import type { PeerKey } from '../../src/lib/protocol/index.ts';
import { startRelay } from '../../src/relay/relay.ts';
import type { Relay } from '../../src/relay/relay.ts';

/** ms; generous, for a machine that does other things too. */
const PATIENCE_MS = 60_000;

export interface Key {
  readonly secret: Uint8Array;
  readonly peer: PeerKey;
}

/** Remembers what it made, so that a node can come back under its key. */
export function createKeys(): (peer?: PeerKey) => Key {
  const known = new Map<PeerKey, Key>();
  return (peer) => {
    if (peer !== undefined) return known.get(peer)!;
    const secret = secp256k1.utils.randomSecretKey();
    const key = { secret, peer: bytesToHex(secp256k1.getPublicKey(secret)) as PeerKey };
    known.set(key.peer, key);
    return key;
  };
}

/** A port that nothing listens on. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Looks again whenever something happened, told by `poke`. */
export function createWaiting() {
  const waiting = new Set<() => void>();
  const until = (what: string, done: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (error?: unknown) => {
        clearTimeout(timer);
        waiting.delete(check);
        if (error === undefined) resolve();
        else reject(error);
      };
      const check = () => {
        try {
          if (done()) end();
        } catch (error) {
          end(error);
        }
      };
      const timer = setTimeout(() => end(new Error(`waited in vain for ${what}`)), PATIENCE_MS);
      waiting.add(check);
      check();
    });
  return { until, poke: () => waiting.forEach((check) => check()) };
}

/** A relay that can go and come back under the same address. */
export async function createRelay() {
  const port = await freePort();
  const { secret: privateKey } = createKeys()();
  const start = () => startRelay({ host: '127.0.0.1', port, privateKey });
  let relay: Relay | null = await start();
  return {
    address: relay.addresses[0]!,
    deadAddress: `/ip4/127.0.0.1/tcp/${await freePort()}/ws`,
    set: async (up: boolean) => {
      if (!up) await relay?.close();
      relay = up ? await start() : null;
    },
  };
}
