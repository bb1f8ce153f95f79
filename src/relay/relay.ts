/**
 * A relay: introduces browsers to each other and carries their bytes until they have a path of
 * their own. One process, anyone's; it holds nothing and decides nothing.
 *
 *   Node                                    Relay
 *     | identify, with its signed record ----->|   kept while connected
 *     | /gig-gossip/introduce/1: 1 byte n ---->|
 *     |<---- at most n signed records, a sample|   each: length 2, big-endian ‖ libp2p envelope
 *     | circuit relay v2 <-- sealed bytes ---->|   Noise end to end: the relay reads none of it
 */
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@libp2p/yamux';
import { circuitRelayServer } from '@libp2p/circuit-relay-v2';
import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys';
import { identify, identifyPush } from '@libp2p/identify';
import type { Libp2p, PeerId, Stream } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';

const INTRODUCE = '/gig-gossip/introduce/1';
/** What a node speaks that wants to be introduced. */
const NODE_PROTOCOL = '/gig-gossip/1';

/** Records in one answer; the answer is at most this times `MAX_RECORD_BYTES`. */
const MAX_INTRODUCED = 16;
/** A record of a node with four relays is about 1 kB. */
const MAX_RECORD_BYTES = 4_096;
/** ms for a question and its answer. */
const ANSWER_MS = 10_000;

/** Pages that one relay carries; each is one reservation. */
const MAX_NODES = 1_000;
/** New connections a second from one address: behind one NAT there may be many phones. */
const CONNECTIONS_PER_SECOND = 500;
/** Circuits at once, per connection. */
const MAX_CIRCUITS = 1_024;
/** ms that the far end of a circuit has to answer; phones sleep. */
const HOP_MS = 30_000;

export interface RelayOptions {
  /** Numeric address to listen on. */
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /**
   * 32-byte secp256k1 secret: the relay's address contains its public half, so keep it. Random if
   * absent.
   */
  readonly privateKey?: Uint8Array;
}

export interface Relay {
  /** Multiaddrs under which nodes use it. */
  readonly addresses: readonly string[];
  close(): Promise<void>;
}

export async function startRelay({ host, port, privateKey }: RelayOptions): Promise<Relay> {
  const family = host.includes(':') ? 'ip6' : 'ip4';
  const node = await createLibp2p({
    privateKey:
      privateKey === undefined ? await generateKeyPair('secp256k1') : privateKeyFromRaw(privateKey),
    addresses: { listen: [`/${family}/${host}/tcp/${port}/ws`] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: {
      maxConnections: MAX_NODES,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: CONNECTIONS_PER_SECOND,
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      // The defaults are 15 reservations, and circuits of 2 minutes and 128 KiB.
      relay: circuitRelayServer({
        hopTimeout: HOP_MS,
        maxInboundHopStreams: MAX_CIRCUITS,
        maxOutboundHopStreams: MAX_CIRCUITS,
        maxOutboundStopStreams: MAX_CIRCUITS,
        reservations: { maxReservations: MAX_NODES, applyDefaultLimit: false },
      }),
    },
  });
  await node.handle(INTRODUCE, (stream, { remotePeer }) => introduce(node, stream, remotePeer));
  return {
    addresses: node.getMultiaddrs().map(String),
    close: async () => {
      await node.stop();
    },
  };
}

/**
 * Answers one question: up to n others who are connected, want to be known and have signed where
 * they are.
 */
async function introduce(node: Libp2p, stream: Stream, asker: PeerId): Promise<void> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const wanted = Math.min(await firstByte(stream, signal), MAX_INTRODUCED);
    for (const record of await sampleRecords(node, asker, wanted)) {
      const length = Uint8Array.of(record.length >> 8, record.length & 0xff);
      stream.send(length);
      if (!stream.send(record)) await stream.onDrain({ signal });
    }
    await stream.close({ signal });
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)));
  }
}

function firstByte(stream: Stream, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    stream.addEventListener('message', ({ data }) => resolve(data.subarray()[0] ?? 0));
    stream.addEventListener('close', () => reject(new Error('closed before it asked')));
    signal.addEventListener('abort', () => reject(new Error('asked nothing')));
  });
}

async function sampleRecords(node: Libp2p, asker: PeerId, wanted: number): Promise<Uint8Array[]> {
  const records: Uint8Array[] = [];
  const peers = node.getPeers().filter((peer) => !peer.equals(asker));
  while (peers.length > 0 && records.length < wanted) {
    const [peer] = peers.splice(Math.floor(Math.random() * peers.length), 1);
    // A peer that has just left is no longer known.
    const known = await node.peerStore.get(peer!).catch(() => null);
    const record = known?.peerRecordEnvelope;
    if (known === null || record === undefined || record.length > MAX_RECORD_BYTES) continue;
    if (known.addresses.length > 0 && known.protocols.includes(NODE_PROTOCOL)) records.push(record);
  }
  return records;
}
