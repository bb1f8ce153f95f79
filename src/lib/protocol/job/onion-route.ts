/**
 * The route a reply takes back, hidden from those who carry it: one onion a topic, grown by every
 * hop on the way out and peeled by the next. Whitepaper: "Onion-routing".
 *
 *   sender            middleman A            middleman B
 *   start, grow -------> peel, keep, grow -----> peel, keep
 *          <--- peeled rest ---        <--- peeled rest ---   the reply, hop by hop
 *
 * Differs from the paper: its onion gains a layer a hop and so tells everybody how far the sender
 * is. Ours is always 8 slots of 104 bytes: growing drops the last slot, peeling appends random
 * bytes, and where the slots end and the random fill begins nobody can see. By itself it brings a
 * reply back over 7 hops; but every hop sends on the rest it kept, so a reply comes home from any
 * distance, and what ends a flood is that nobody sends one topic on more than a few times. A layer
 * also names the ask and its expiry, and a hop peels when it hears the topic, not when the reply
 * comes: then no neighbour can alter the rest to find out who is the sender.
 *
 *   slot   e 32 ‖ ChaCha20-Poly1305(head 56) ‖ tag 16
 *   head   kind 1 (1 end, 2 forward) ‖ peer key 33 ‖ ask id 16 ‖ expiry 4 ‖ zero 2
 *   keys   k_head 32 ‖ k_rest 32 = HKDF-SHA256(x(e·P), salt `gig-gossip/1/onion`, info e ‖ P ‖
 *          payload id); P is an onion key, e is fresh for every layer, nonces are zero
 *   grow   new slot ‖ ChaCha20(k_rest, old onion without its last slot), block counter from 0
 */
import { chacha20, chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { bytesOf, concat, hexOf, readU32, u32 } from '../bytes.ts';
import { derive, ephemeralSecret, sharedX, xOnlyOf } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { AskId, PayloadId, PeerKey } from '../ids.ts';

const slotCount = 8;
const headBytes = 56;

/** One slot in bytes: e, the sealed head, its tag. */
export const onionSlotBytes = 32 + headBytes + 16;
/** A whole onion in bytes, always. */
export const onionBytes = slotCount * onionSlotBytes;
/** The most hops one onion remembers; with one more the end is lost from it. */
export const onionHops = slotCount - 1;

const endKind = 1;
const forwardKind = 2;
const noNonce = new Uint8Array(12);

/** Where a reply goes next. */
export type OnionHead =
  /** Nowhere: who opens this is the sender. */
  | { readonly kind: 'end'; readonly expirySeconds: number }
  | {
      readonly kind: 'forward';
      /** Who asked us to broadcast. */
      readonly peer: PeerKey;
      /** The ask it belongs to. */
      readonly askId: AskId;
      /** Seconds since the epoch, u32. */
      readonly expirySeconds: number;
    };
export type ForwardHead = Extract<OnionHead, { kind: 'forward' }>;

/** A layer taken off. */
export interface PeeledOnion {
  readonly head: OnionHead;
  /** The slot that held the head, hex: a reply that comes back must begin with these bytes. */
  readonly slot: string;
  /** What is passed on with the reply, `onionBytes` long. */
  readonly rest: Uint8Array;
}

type Random = (n: number) => Uint8Array;

interface Layer {
  /** x-only onion key of whoever shall open the layer. */
  readonly to: Uint8Array;
  readonly payloadId: PayloadId;
  readonly random: Random;
}

/**
 * The sender's own onion: an end slot sealed to its own onion key, and random fill. It is grown
 * before it leaves. (Random bytes in place of the end slot would show: half of them are no point.)
 */
export function startOnion(start: Layer & { readonly expirySeconds: number }): Uint8Array {
  const fill = start.random(onionBytes - onionSlotBytes);
  const head = encodeHead({ kind: 'end', expirySeconds: start.expirySeconds });
  return addLayer(start, head, fill);
}

/** A layer for the peer that is asked next, so that it can send the reply to us. */
export function growOnion(
  onion: Uint8Array,
  layer: Layer & { readonly head: ForwardHead },
): Uint8Array {
  if (onion.length !== onionBytes) throw new Error('growOnion: not an onion');
  return addLayer(layer, encodeHead(layer.head), onion.subarray(0, onionBytes - onionSlotBytes));
}

/**
 * Opens the first slot with our onion secret. Bytes appended at the end are random. Any bytes give
 * a layer or ONION_UNREADABLE.
 */
export function peelOnion(
  onion: Uint8Array,
  by: { readonly secret: Uint8Array; readonly payloadId: PayloadId; readonly random: Random },
): PeeledOnion | Fault {
  if (onion.length !== onionBytes) return unreadable(`${onion.length} bytes, not ${onionBytes}`);
  const e = onion.subarray(0, 32);
  const shared = sharedX(by.secret, e);
  if (shared === null) return unreadable('e is not on the curve');
  const keys = layerKeys(shared, e, xOnlyOf(by.secret), by.payloadId);
  const bytes = openHead(keys.head, onion.subarray(32, onionSlotBytes));
  if (bytes === null) return unreadable('not sealed to this key and payload');
  const head = decodeHead(bytes);
  if (head === null) return unreadable('a head that says nothing');
  const rest = chacha20(keys.rest, noNonce, onion.subarray(onionSlotBytes));
  return {
    head,
    slot: hexOf(onion.subarray(0, onionSlotBytes)),
    rest: concat(rest, by.random(onionSlotBytes)),
  };
}

function addLayer(layer: Layer, head: Uint8Array, inside: Uint8Array): Uint8Array {
  const payload = bytesOf(layer.payloadId);
  const secret = ephemeralSecret(layer.random(32), head, inside, layer.to, payload);
  const shared = sharedX(secret, layer.to);
  if (shared === null) throw new Error('onion: not a public key');
  const e = xOnlyOf(secret);
  const keys = layerKeys(shared, e, layer.to, layer.payloadId);
  const sealedHead = chacha20poly1305(keys.head, noNonce).encrypt(head);
  return concat(e, sealedHead, chacha20(keys.rest, noNonce, inside));
}

function layerKeys(shared: Uint8Array, e: Uint8Array, to: Uint8Array, payloadId: PayloadId) {
  const info = concat(e, to, bytesOf(payloadId));
  const keys = derive(shared, 'gig-gossip/1/onion', info, 64);
  return { head: keys.subarray(0, 32), rest: keys.subarray(32) };
}

function openHead(key: Uint8Array, sealed: Uint8Array): Uint8Array | null {
  try {
    return chacha20poly1305(key, noNonce).decrypt(sealed);
  } catch {
    return null; // another's slot, or tampered with
  }
}

function encodeHead(head: OnionHead): Uint8Array {
  const expiry = u32(head.expirySeconds);
  const zero = new Uint8Array(2);
  if (head.kind === 'end') return concat(Uint8Array.of(endKind), new Uint8Array(49), expiry, zero);
  const bytes = concat(
    Uint8Array.of(forwardKind),
    bytesOf(head.peer),
    bytesOf(head.askId),
    expiry,
    zero,
  );
  if (bytes.length !== headBytes) throw new Error('onion: peer key is 33 bytes, ask id 16');
  return bytes;
}

/** Null unless kind, key prefix and every zero are as `encodeHead` writes them. */
function decodeHead(bytes: Uint8Array): OnionHead | null {
  const kind = bytes[0];
  const expirySeconds = readU32(bytes, 50);
  if (bytes[54] !== 0 || bytes[55] !== 0) return null;
  if (kind === endKind) {
    return bytes.subarray(1, 50).every((byte) => byte === 0)
      ? { kind: 'end', expirySeconds }
      : null;
  }
  if (kind !== forwardKind || (bytes[1] !== 2 && bytes[1] !== 3)) return null;
  return {
    kind: 'forward',
    peer: hexOf(bytes.subarray(1, 34)) as PeerKey,
    askId: hexOf(bytes.subarray(34, 50)) as AskId,
    expirySeconds,
  };
}

function unreadable(detail: string): Fault {
  return fault('ONION_UNREADABLE', detail);
}
