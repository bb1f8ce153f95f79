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
import { setTimeout } from 'node:timers/promises';
import { noise } from '@chainsafe/libp2p-noise';
import { yamux } from '@libp2p/yamux';
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2';
import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys';
import { identify, identifyPush } from '@libp2p/identify';
import type { Libp2p, PeerId, Stream } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import { createGate, openCircuits, ordinaryLimits, refusals } from './limits.ts';
import type { Gate, Refusal, RelayLimits } from './limits.ts';
import { countCircuits, countedRelay } from './traffic.ts';
import type { Traffic } from './traffic.ts';

const INTRODUCE = '/gig-gossip/introduce/1';
/** What a node speaks that wants to be introduced. */
const NODE_PROTOCOL = '/gig-gossip/1';

/** Records in one answer; the answer is at most this times `MAX_RECORD_BYTES`. */
const MAX_INTRODUCED = 16;
/** A record of a node with four relays is about 1 kB. */
const MAX_RECORD_BYTES = 4_096;
/** ms for a question and its answer. */
const ANSWER_MS = 10_000;

/** ms that the far end of a circuit has to answer; phones sleep. */
const HOP_MS = 30_000;
/** ms from one look to the next whether the last circuit has ended. */
const DRAIN_LOOK_MS = 250;
/** What stands for no limit: libp2p wants a number. The longest timer there is, and 4 EiB. */
const LONGEST_MS = 2_147_483_647;
const MOST_BYTES = 2n ** 62n;

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
  /** Multiaddrs that nodes are told instead of where it listens, when a proxy stands before it. */
  readonly announce?: readonly string[];
  /** What differs from the ordinary. */
  readonly limits?: Partial<RelayLimits>;
}

export interface RelayNumbers {
  readonly connections: number;
  /** Nodes behind these connections, and those of them that can be reached through us. */
  readonly nodes: number;
  readonly reservations: number;
  /** Circuits open now. */
  readonly circuits: number;
  readonly circuitsOpened: number;
  readonly carriedBytes: number;
  readonly introductions: number;
  readonly refusals: Readonly<Record<Refusal, number>>;
}

export interface Relay {
  /** Multiaddrs under which nodes use it. */
  readonly addresses: readonly string[];
  numbers(): RelayNumbers;
  /** Lets nobody new in, waits for the open circuits to end, though no longer than `ms`, and closes. */
  drain(ms: number): Promise<void>;
  close(): Promise<void>;
}

type Counts = Traffic & { introductions: number };
type RelayNode = Libp2p<{ relay: CircuitRelayService }>;

export async function startRelay(options: RelayOptions): Promise<Relay> {
  const limits = { ...ordinaryLimits, ...options.limits };
  const counts: Counts = { carriedBytes: 0, opened: 0, introductions: 0 };
  const refused = Object.fromEntries(refusals.map((why) => [why, 0])) as Record<Refusal, number>;
  const gate = createGate(limits, (why) => refused[why]++);
  const node = await createNode(options, limits, gate, counts);
  gate.watch(node);
  countCircuits(node, counts);
  await node.handle(INTRODUCE, (stream, { remotePeer }) =>
    introduce(node, stream, remotePeer, counts),
  );
  await node.start();
  const circuits = () => openCircuits(node.getConnections());
  const close = async () => {
    await node.stop();
  };
  return {
    addresses: node.getMultiaddrs().map(String),
    numbers: () => ({
      connections: node.getConnections().length,
      nodes: node.getPeers().length,
      reservations: node.services.relay.reservations.size,
      circuits: circuits(),
      circuitsOpened: counts.opened,
      carriedBytes: counts.carriedBytes,
      introductions: counts.introductions,
      refusals: { ...refused },
    }),
    drain: async (ms) => {
      gate.drain();
      const until = Date.now() + ms;
      while (circuits() > 0 && Date.now() < until) await setTimeout(DRAIN_LOOK_MS);
      await close();
    },
    close,
  };
}

async function createNode(
  { host, port, privateKey, announce = [] }: RelayOptions,
  limits: RelayLimits,
  { gater }: Gate,
  counts: Counts,
): Promise<RelayNode> {
  const family = host.includes(':') ? 'ip6' : 'ip4';
  const { circuitBytes, circuitSeconds } = limits;
  return createLibp2p({
    start: false,
    privateKey:
      privateKey === undefined ? await generateKeyPair('secp256k1') : privateKeyFromRaw(privateKey),
    addresses: { listen: [`/${family}/${host}/tcp/${port}/ws`], announce: [...announce] },
    transports: [webSockets()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionGater: gater,
    connectionManager: {
      maxConnections: limits.nodes,
      inboundConnectionThreshold: limits.connectionsPerSecond,
      maxIncomingPendingConnections: limits.connectionsPerSecond,
    },
    services: {
      identify: identify(),
      identifyPush: identifyPush(),
      ping: ping(),
      relay: countedRelay(
        {
          hopTimeout: HOP_MS,
          // One more than its circuits: the gate tells a node why it gets no further one.
          maxInboundHopStreams: limits.circuitsPerNode + 1,
          maxOutboundStopStreams: limits.circuitsToNode,
          reservations: {
            maxReservations: limits.nodes,
            applyDefaultLimit: circuitBytes > 0 || circuitSeconds > 0,
            defaultDataLimit: circuitBytes > 0 ? BigInt(circuitBytes) : MOST_BYTES,
            defaultDurationLimit: circuitSeconds > 0 ? circuitSeconds * 1_000 : LONGEST_MS,
          },
        },
        counts,
      ),
    },
  });
}

/**
 * Answers one question: up to n others who are connected, want to be known and have signed where
 * they are.
 */
async function introduce(
  node: Libp2p,
  stream: Stream,
  asker: PeerId,
  counts: Counts,
): Promise<void> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const wanted = Math.min(await firstByte(stream, signal), MAX_INTRODUCED);
    for (const record of await sampleRecords(node, asker, wanted)) {
      const length = Uint8Array.of(record.length >> 8, record.length & 0xff);
      stream.send(length);
      counts.introductions++;
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
