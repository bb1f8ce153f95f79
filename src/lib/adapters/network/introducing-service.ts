/** libp2p's circuit relay and our introductions, as small as introductions are. */
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import type { CircuitRelayServerComponents } from '@libp2p/circuit-relay-v2';
import type { PeerId, PeerStore, Startable, Stream } from '@libp2p/interface';
import { ANSWER_MS, INTRODUCE, MAX_RECORD_BYTES, WANTED } from './introductions.ts';
import { INTRODUCTION_BYTES } from './pipe.ts';
import { PROTOCOL } from './wire.ts';

/** Neighbours with a place here: as many as a node has. */
const MOST_PLACES = 16;
/** Circuits that one neighbour holds open to others, and others to one. */
const CIRCUITS_PER_NEIGHBOUR = 8;
/** ms that a circuit lasts; with UDP blocked a punch takes 20 s to fail. */
const CIRCUIT_MS = 60_000;
/** ms that the far end of a circuit has to answer; phones sleep. */
const HOP_MS = 20_000;
/** Questions that one neighbour asks at once. */
const QUESTIONS_AT_ONCE = 2;

/** What runs while this node introduces. */
export interface IntroducingService {
  /** Places of others are given up. */
  keepOnly(neighbours: readonly PeerId[]): void;
  stop(): Promise<void>;
}

export async function startIntroducing(
  components: CircuitRelayServerComponents,
  whom: (asker: PeerId) => readonly PeerId[],
): Promise<IntroducingService> {
  const { registrar, peerStore } = components;
  const server = circuitRelayServer({
    hopTimeout: HOP_MS,
    maxInboundHopStreams: CIRCUITS_PER_NEIGHBOUR,
    maxOutboundStopStreams: CIRCUITS_PER_NEIGHBOUR,
    reservations: {
      maxReservations: MOST_PLACES,
      defaultDataLimit: BigInt(INTRODUCTION_BYTES),
      defaultDurationLimit: CIRCUIT_MS,
    },
  })(components);
  const life = server as unknown as Startable;
  await registrar.handle(
    INTRODUCE,
    (stream, { remotePeer }) => answer(stream, whom(remotePeer), peerStore),
    { maxInboundStreams: QUESTIONS_AT_ONCE, force: true },
  );
  await life.start();
  return {
    keepOnly: (kept) => {
      const names = new Set(kept.map(String));
      for (const peer of [...server.reservations.keys()]) {
        if (!names.has(peer.toString())) server.reservations.delete(peer);
      }
    },
    stop: async () => {
      await life.stop();
      await registrar.unhandle(INTRODUCE);
    },
  };
}

/** Up to n of these neighbours, each as it signed where it is: length 2, big-endian ‖ envelope. */
async function answer(
  stream: Stream,
  neighbours: readonly PeerId[],
  peerStore: PeerStore,
): Promise<void> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  try {
    const wanted = Math.min(await firstByte(stream, signal), WANTED);
    const left = [...neighbours];
    for (let given = 0; given < wanted && left.length > 0;) {
      const [peer] = left.splice(Math.floor(Math.random() * left.length), 1);
      const record = await recordOf(peer!, peerStore);
      if (record === undefined) continue;
      given++;
      stream.send(Uint8Array.of(record.length >> 8, record.length & 0xff));
      if (!stream.send(record)) await stream.onDrain({ signal });
    }
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
  }
}

async function recordOf(peer: PeerId, peerStore: PeerStore): Promise<Uint8Array | undefined> {
  const known = await peerStore.get(peer).catch(() => null);
  const record = known?.peerRecordEnvelope;
  if (record === undefined || record.length > MAX_RECORD_BYTES) return undefined;
  const isFound = known!.addresses.length > 0 && known!.protocols.includes(PROTOCOL);
  return isFound ? record : undefined;
}

function firstByte(stream: Stream, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    stream.addEventListener('message', ({ data }) => resolve(data.subarray()[0] ?? 0));
    stream.addEventListener('close', () => reject(new Error('closed before it asked')));
    signal.addEventListener('abort', () => reject(new Error('asked nothing')));
  });
}
