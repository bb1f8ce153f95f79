/**
 * A node's name here and in libp2p: the same compressed secp256k1 key, as hex and inside a peer id.
 */
import { publicKeyFromRaw } from '@libp2p/crypto/keys';
import type { PeerId } from '@libp2p/interface';
import { peerIdFromPublicKey } from '@libp2p/peer-id';
import type { PeerKey } from '../../protocol/index.ts';

/** Throws if the key is no point of the curve. */
export function peerIdOf(key: PeerKey): PeerId {
  const bytes = Uint8Array.from(key.match(/../g) ?? [], (byte) => parseInt(byte, 16));
  if (bytes.length !== 33) throw new Error('this is not the key of a node');
  return peerIdFromPublicKey(publicKeyFromRaw(bytes));
}

/**
 * `null` for a peer with a key of another type, which is no node of ours (a foreign relay, say).
 */
export function peerKeyOf(peer: PeerId): PeerKey | null {
  if (peer.type !== 'secp256k1') return null;
  const hex = [...peer.publicKey.raw].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex as PeerKey;
}

/** What libp2p says in its own words, and what that comes to. */
const KNOWN: readonly (readonly [text: string, reason: string])[] = [
  ['NO_RESERVATION', 'the peer is not on the relay now'],
  ['CONNECTION_FAILED', 'the relay cannot reach the peer'],
  ['RESERVATION_REFUSED', 'the relay has no room for us'],
  ['RESOURCE_LIMIT_EXCEEDED', 'the relay is full'],
  ['multiaddr must start with', 'this is not an address'],
];

/** One sentence of an error's, libp2p's codes and stacks left out. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(reasonOf))].slice(0, 3).join('; ');
  }
  // A WebSocket's error event, which says nothing by design.
  if (!(error instanceof Error)) return 'nothing answers at this address';
  if (error.name === 'TimeoutError' || error.name === 'AbortError') return 'no answer in time';
  const message = error.message || error.name;
  const known = KNOWN.find(([text]) => message.includes(text));
  if (known !== undefined) return known[1];
  const refused = /listen E\w+: [^\n]*/.exec(message);
  return (refused?.[0] ?? message).split('\n', 1)[0]!.slice(0, 200);
}
