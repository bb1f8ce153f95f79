/**
 * The network port over libp2p: Noise links, WebRTC where there is a browser, WebSockets to relays
 * and to nodes that listen. On the page's UI thread (WebRTC lives only there) and in Node.
 *
 *   keys.ts        a node's name here and there     link.ts, links.ts      which stream counts
 *   addresses.ts   where nodes are dialled          reach.ts               how peers are reached
 *   wire.ts        what is said on a stream         relays.ts, circuit.ts  who introduces us
 *   pipe.ts        one stream                       reconnect.ts           whom we call again
 *   muxer.ts       streams of a connection        waking.ts              what slept through it all
 *   introducers.ts, introducing.ts                  who introduces us when no relay does, and whom we introduce
 *   former-peers.ts                                 whom we knew before a restart
 */
import { noise } from '@chainsafe/libp2p-noise';
import { privateKeyFromRaw } from '@libp2p/crypto/keys';
import { identify, identifyPush } from '@libp2p/identify';
import type { Libp2p } from '@libp2p/interface';
import { ping } from '@libp2p/ping';
import type { Ping } from '@libp2p/ping';
import { isPrivate } from '@libp2p/utils';
import { webSockets } from '@libp2p/websockets';
import { createLibp2p } from 'libp2p';
import type { NetworkEffect, NetworkEvent } from '../../protocol/index.ts';
import type { NetworkPort } from '../../runtime/ports.ts';
import { stunServers, tidyAddresses } from './addresses.ts';
import { createCircuit } from './circuit.ts';
import type { Circuit } from './circuit.ts';
import { FormerPeers } from './former-peers.ts';
import type { PeerMemory } from './former-peers.ts';
import { Introducers } from './introducers.ts';
import { Introducing } from './introducing.ts';
import { peerKeyOf, reasonOf } from './keys.ts';
import { TICK_MS } from './link.ts';
import { Links } from './links.ts';
import { streamMuxer } from './muxer.ts';
import { createPipe } from './pipe.ts';
import { createReach } from './reach.ts';
import { Relays } from './relays.ts';
import { dropDead, hookPage, sleepWatch } from './waking.ts';
import { PROTOCOL } from './wire.ts';

/** ms; a punch on a slow phone, and all of a dial with it. */
const ADDRESS_DIAL_MS = 20_000;
const DIAL_MS = 40_000;
/** Dials at once: more of them and each is slower than its time-out on a phone. */
const PARALLEL_DIALS = 3;
/** All relayed connections come from the relay's one address. */
const CONNECTIONS_PER_SECOND = 1_000;
const PENDING_CONNECTIONS = 100;
/**
 * Streams of our protocol a peer may open on one connection: one, and what ends as another begins.
 */
const STREAMS_PER_PEER = 8;

export interface NetworkOptions {
  /** 32-byte secp256k1 secret; its public half is the node's name. */
  readonly privateKey: Uint8Array;
  /**
   * STUN and TURN servers beside the relays' own STUN, or what answers them for each try; libp2p's
   * own list of companies' servers is never used.
   */
  readonly iceServers: readonly RTCIceServer[] | (() => readonly RTCIceServer[]);
  /** Dial addresses of this machine and of local networks, and `ws:` without TLS from a page. */
  readonly allowPrivateAddresses: boolean;
  /** Multiaddrs to listen on, for nodes in Node: `/ip4/0.0.0.0/tcp/0/ws`. */
  readonly listen?: readonly string[];
  /** False in Node: the package is not even loaded then. */
  readonly webrtc: boolean;
  /** May this node introduce its neighbours to each other now? Always, if absent. */
  readonly means?: () => boolean;
  /** Where former peers are remembered; nowhere, if absent. */
  readonly formerPeers?: PeerMemory;
}

export interface Libp2pNetwork extends NetworkPort {
  /** Says bye to everybody and stops; nothing is told afterwards. */
  close(): Promise<void>;
}

type Node = Libp2p<{ ping: Ping }>;

/**
 * Starts at once; what is performed before it has started waits. Never throws: failures are events.
 */
export function createNetwork(options: NetworkOptions): Libp2pNetwork {
  const outlet = createOutlet();
  const started = start(options, outlet.tell);
  let running: Running | null = null;
  const early: NetworkEffect[] = [];
  const perform = (effect: NetworkEffect) => {
    if (running === null) early.push(effect);
    else performOn(running, effect, outlet.tell);
  };
  const ready = started.then(
    (node) => {
      running = node;
      for (const effect of early.splice(0)) perform(effect);
    },
    (error: unknown) => {
      const reason = `the network did not start: ${reasonOf(error)}`;
      running = { failed: reason };
      for (const effect of early.splice(0)) perform(effect);
    },
  );
  return {
    perform,
    listen: outlet.listen,
    close: async () => {
      await ready;
      outlet.shut();
      if (running !== null && !('failed' in running)) await running.close();
    },
  };
}

type Running = Started | { readonly failed: string };

interface Started {
  readonly links: Links;
  readonly former: FormerPeers;
  readonly relays: Relays;
  close(): Promise<void>;
}

function performOn(on: Running, effect: NetworkEffect, tell: (event: NetworkEvent) => void): void {
  if ('failed' in on) return refuse(effect, on.failed, tell);
  switch (effect.do) {
    case 'dial':
      return on.links.dial(effect.peer, effect.addresses);
    case 'transmit':
      return on.links.transmit(effect.peer, effect.bytes);
    case 'hangUp':
      on.former.forget(effect.peer);
      return on.links.hangUp(effect.peer);
    case 'useRelays':
      return on.relays.use(effect.relays);
  }
}

function refuse(effect: NetworkEffect, reason: string, tell: (event: NetworkEvent) => void): void {
  if (effect.do === 'dial') tell({ on: 'dialFailed', peer: effect.peer, reason });
  if (effect.do !== 'useRelays') return;
  for (const address of effect.relays) tell({ on: 'relay', address, connected: false, reason });
}

/** Events in the order they happened, never from inside `perform`; kept until somebody listens. */
function createOutlet() {
  let listener: ((event: NetworkEvent) => void) | null = null;
  let open = true;
  const queue: NetworkEvent[] = [];
  const flush = () => {
    while (listener !== null && queue.length > 0) listener(queue.shift()!);
  };
  return {
    tell: (event: NetworkEvent) => {
      if (!open) return;
      queue.push(event);
      if (queue.length === 1) queueMicrotask(flush);
    },
    listen: (given: (event: NetworkEvent) => void) => {
      listener = given;
      queueMicrotask(flush);
    },
    shut: () => {
      open = false;
      queue.length = 0;
    },
  };
}

async function start(
  options: NetworkOptions,
  tell: (event: NetworkEvent) => void,
): Promise<Started> {
  const circuit = createCircuit();
  const introducing = new Introducing({
    neighbours: () => links.neighbours,
    means: options.means ?? (() => true),
  });
  const node = await createNode(options, circuit, introducing, () => relays.addresses);
  const reach = createReach({
    node,
    webrtc: options.webrtc,
    between: () => ({ relays: relays.addresses, introducers: introducers.names }),
  });
  const self = peerKeyOf(node.peerId)!;
  const links = new Links({ self, run: randomRun(), reach, tell });
  const relays = new Relays({
    node,
    circuit,
    connected: () => links.connected.length,
    tell,
    back: () => links.hurry(),
  });
  const introducers = new Introducers({
    node,
    circuit,
    neighbours: () => links.neighbours,
    connected: () => links.connected.length,
    isOnRelay: () => relays.addresses.length > 0,
    isRelay: (peer) => relays.has(peer),
    tell,
    back: () => links.hurry(),
  });

  const former = new FormerPeers({
    memory: options.formerPeers ?? { recall: () => [], remember: () => {} },
    where: (peer) => reach.whereIs(peer),
    call: (peer, addresses) => links.call(peer, addresses),
  });

  await node.handle(
    PROTOCOL,
    (stream, connection) => {
      const peer = peerKeyOf(connection.remotePeer);
      if (peer === null) stream.abort(new Error('only secp256k1 keys name nodes'));
      else links.accept(peer, createPipe(stream, connection));
    },
    { runOnLimitedConnection: true, maxInboundStreams: STREAMS_PER_PEER },
  );
  tellAddresses(node, tell);
  await node.start();
  const wake = () => {
    relays.hurry();
    links.hurry();
    void dropDead(node);
  };
  const slept = sleepWatch(TICK_MS);
  const ticking = setInterval(() => {
    if (slept()) wake();
    links.tick();
    introducing.tick();
    introducers.tick();
    former.tick(links.connected, relays.addresses.length > 0);
    reach.sweep(
      (peer) => links.get(peer)?.pipe?.connection ?? null,
      (peer) => relays.has(peer),
    );
  }, TICK_MS);
  const unhook = hookPage({ node, links, relays, wake });
  const close = async () => {
    clearInterval(ticking);
    unhook();
    relays.use([]);
    links.stop('the node was stopped');
    await introducing.stop();
    await node.stop();
  };
  return { links, former, relays, close };
}

async function createNode(
  options: NetworkOptions,
  circuit: Circuit,
  introducing: Introducing,
  relays: () => readonly string[],
): Promise<Node> {
  const { privateKey, webrtc, iceServers, allowPrivateAddresses, listen = [] } = options;
  const punching = webrtc
    ? [
        (await import('@libp2p/webrtc')).webRTC({
          rtcConfiguration: () => {
            const named = typeof iceServers === 'function' ? iceServers() : iceServers;
            return { iceServers: [...named, ...stunServers(relays())] };
          },
        }),
      ]
    : [];
  return createLibp2p({
    start: false,
    privateKey: privateKeyFromRaw(privateKey),
    addresses: { listen: [...listen, ...(webrtc ? ['/webrtc'] : [])] },
    transports: [webSockets(), circuit.transport, ...punching],
    connectionEncrypters: [noise()],
    streamMuxers: [streamMuxer()],
    connectionGater: {
      ...introducing.gater,
      denyDialMultiaddr: (address) => !allowPrivateAddresses && isPrivate(address),
    },
    connectionManager: {
      addressDialTimeout: ADDRESS_DIAL_MS,
      dialTimeout: DIAL_MS,
      inboundUpgradeTimeout: ADDRESS_DIAL_MS,
      maxParallelDials: PARALLEL_DIALS,
      inboundConnectionThreshold: CONNECTIONS_PER_SECOND,
      maxIncomingPendingConnections: PENDING_CONNECTIONS,
      reconnectRetries: 0,
    },
    // Links beat and relays are asked: nothing else needs to ping every connection.
    connectionMonitor: { enabled: false },
    services: {
      identify: identify({ runOnLimitedConnection: true }),
      identifyPush: identifyPush({ runOnLimitedConnection: true }),
      ping: ping({ runOnLimitedConnection: true }),
      introducing: introducing.components,
    },
  });
}

/** Tells where we can be dialled, whenever that changes. */
function tellAddresses(node: Node, tell: (event: NetworkEvent) => void): void {
  let told = '';
  const check = () => {
    const addresses = tidyAddresses(node.getMultiaddrs(), node.peerId);
    if (addresses.join() === told) return;
    told = addresses.join();
    tell({ on: 'addresses', addresses });
  };
  node.addEventListener('self:peer:update', check);
  node.addEventListener('start', check);
}

function randomRun(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
