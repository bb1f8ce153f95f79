/**
 * How a peer is reached over libp2p: directly, through a relay, and from there by punching through
 * NATs.
 */
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface';
import { multiaddr } from '@multiformats/multiaddr';
import type { Multiaddr } from '@multiformats/multiaddr';
import type { PeerKey } from '../../protocol/index.ts';
import { routes, tidyAddresses } from './addresses.ts';
import type { Between } from './addresses.ts';
import { peerIdOf, peerKeyOf, reasonOf } from './keys.ts';
import type { Reach } from './link.ts';
import { createPipe, isBrief, isDirect } from './pipe.ts';
import type { Pipe } from './pipe.ts';
import { PROTOCOL } from './wire.ts';

/**
 * ms for one way of reaching a peer, and for punching; with UDP blocked ICE takes long to say so.
 */
const ROUTE_MS = 10_000;
const PUNCH_MS = 20_000;
/** ms that a connection without a stream of ours may stay. */
const IDLE_MS = 30_000;
/** The same of a neighbour's circuit: the neighbour has better uses, and libp2p might take it for a way to others. */
const BRIEF_IDLE_MS = 5_000;

export interface ReachOptions {
  readonly node: Libp2p;
  readonly webrtc: boolean;
  /** Relays that we are on and neighbours that introduce us: a last resort for any peer. */
  readonly between: () => Omit<Between, 'hasConnection'>;
}

export interface Libp2pReach extends Reach {
  /** Where a peer that is connected says it is. */
  whereIs(peer: PeerKey): Promise<readonly string[]>;
  /**
   * Closes connections to nodes that carry nothing; `carrier` is the one that carries a peer's
   * link.
   */
  sweep(carrier: (peer: PeerKey) => object | null, kept: (peer: PeerId) => boolean): void;
}

export function createReach({ node, webrtc, between }: ReachOptions): Libp2pReach {
  return {
    open: async (peer, addresses, signal) => {
      const id = peerIdOf(peer);
      const reasons: string[] = [];
      const known = addresses.length > 0 ? addresses : await heardOf(node, id);
      const names = new Set(node.getPeers().map(String));
      const hasConnection = (name: string) => names.has(name);
      for (const route of routes(id, known, { ...between(), hasConnection })) {
        const timed = AbortSignal.any([signal, AbortSignal.timeout(ROUTE_MS)]);
        try {
          return await dialPipe(node, route, timed);
        } catch (error) {
          if (signal.aborted) throw new Error('no longer wanted', { cause: error });
          reasons.push(reasonOf(error));
        }
      }
      throw new Error([...new Set(reasons)].join('; ') || 'no address of this peer can be dialled');
    },
    punch: async (peer, signal) => {
      if (!webrtc) throw new Error('this node has no WebRTC');
      const relayed = openConnections(node, peerIdOf(peer)).find((one) => !isDirect(one));
      if (relayed === undefined) throw new Error('no relayed connection to punch from');
      const timed = AbortSignal.any([signal, AbortSignal.timeout(PUNCH_MS)]);
      const address = String(relayed.remoteAddr).replace('/p2p-circuit/', '/p2p-circuit/webrtc/');
      const pipe = await dialPipe(node, [multiaddr(address)], timed);
      if (pipe.direct) return pipe;
      await pipe.end();
      throw new Error('libp2p gave us the relayed connection again');
    },
    whereIs: (peer) => heardOf(node, peerIdOf(peer)),
    sweep: (carrier, kept) => {
      for (const connection of node.getConnections()) {
        const peer = peerKeyOf(connection.remotePeer);
        const age = Date.now() - connection.timeline.open;
        if (age < (isBrief(connection) ? BRIEF_IDLE_MS : IDLE_MS)) continue;
        if (kept(connection.remotePeer)) continue;
        if (peer !== null && carrier(peer) === connection) continue;
        // Circuits of others' links run as streams of a connection to their relay.
        if (connection.streams.some(isInUse)) continue;
        void connection.close().catch((error: unknown) => connection.abort(toError(error)));
      }
    },
  };
}

/** Where a peer that called us said it is. */
async function heardOf(node: Libp2p, id: PeerId): Promise<string[]> {
  // libp2p forgets who left; then our own relays are left to try.
  const peer = await node.peerStore.get(id).catch(() => null);
  return tidyAddresses(peer?.addresses.map(({ multiaddr: address }) => address) ?? [], id);
}

/**
 * A stream of ours or one that libp2p has yet to finish; pings and identifications end by
 * themselves.
 */
function isInUse({ status, protocol }: Stream): boolean {
  return status === 'open' && !protocol.startsWith('/ipfs/');
}

export function openConnections(node: Libp2p, peer: PeerId): Connection[] {
  return node.getConnections(peer).filter(({ status }) => status === 'open');
}

export function openDirect(node: Libp2p, peer: PeerId): Connection | undefined {
  return openConnections(node, peer).find(isDirect);
}

/**
 * Twice if need be: libp2p may give us a connection that is closing, or that died unnoticed, or let us wait for a dial under way
 * that then was given up by whoever began it.
 */
async function dialPipe(node: Libp2p, route: Multiaddr[], signal: AbortSignal): Promise<Pipe> {
  try {
    return await openPipe(await node.dial(route, { signal }), signal);
  } catch (error) {
    const isAnothers = toError(error).name === 'AbortError' && !signal.aborted;
    if (!(error instanceof StaleConnection) && !isAnothers) throw error;
    signal.throwIfAborted();
    return await openPipe(await node.dial(route, { signal }), signal);
  }
}

class StaleConnection extends Error {}

async function openPipe(connection: Connection, signal: AbortSignal): Promise<Pipe> {
  try {
    const options = { signal, runOnLimitedConnection: true };
    return createPipe(await connection.newStream(PROTOCOL, options), connection);
  } catch (error) {
    // No longer wanted for this: what else runs on the connection goes on.
    if (signal.aborted && toError(signal.reason).name !== 'TimeoutError') throw error;
    connection.abort(toError(error));
    throw new StaleConnection(reasonOf(error), { cause: error });
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
