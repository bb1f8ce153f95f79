/** Onions as another implementation would read and write them, from node:crypto alone. */
import { createCipheriv, createDecipheriv, createECDH, hkdfSync } from 'node:crypto';
import { bytesOf, concat, utf8 } from '../../src/lib/protocol/bytes.ts';

const zeroNonce = new Uint8Array(12);
const aead = 'chacha20-poly1305';
const tagLength = { authTagLength: 16 };
const slotBytes = 104;

interface Keys {
  readonly e: Uint8Array;
  /** x-only onion key of the reader. */
  readonly to: Uint8Array;
  readonly payloadId: string;
}

function keysOf(secret: Uint8Array, other: Uint8Array, { e, to, payloadId }: Keys) {
  const ecdh = createECDH('secp256k1');
  ecdh.setPrivateKey(secret);
  const shared = ecdh.computeSecret(concat(Uint8Array.of(2), other));
  const info = concat(e, to, bytesOf(payloadId));
  const keys = new Uint8Array(hkdfSync('sha256', shared, utf8('gig-gossip/1/onion'), info, 64));
  return { head: keys.subarray(0, 32), rest: keys.subarray(32) };
}

/** The 56 bytes of the head and the 728 bytes of the rest that were really there. Throws. */
export function peelElsewhere(
  onion: Uint8Array,
  by: { readonly secret: Uint8Array; readonly to: Uint8Array; readonly payloadId: string },
): { readonly head: Uint8Array; readonly rest: Uint8Array } {
  const e = onion.subarray(0, 32);
  const keys = keysOf(by.secret, e, { ...by, e });
  const opening = createDecipheriv(aead, keys.head, zeroNonce, tagLength);
  opening.setAuthTag(onion.subarray(88, slotBytes));
  const head = concat(opening.update(onion.subarray(32, 88)), opening.final());
  const stream = createCipheriv('chacha20', keys.rest, new Uint8Array(16));
  return { head, rest: new Uint8Array(stream.update(onion.subarray(slotBytes))) };
}

/** A slot that opens and whose head says whatever it is told to. */
export function slotSaying(
  head: Uint8Array,
  layer: Keys & { readonly ephemeral: Uint8Array },
): Uint8Array {
  const keys = keysOf(layer.ephemeral, layer.to, layer);
  const sealing = createCipheriv(aead, keys.head, zeroNonce, tagLength);
  const sealed = concat(sealing.update(head), sealing.final());
  return concat(layer.e, sealed, sealing.getAuthTag());
}
