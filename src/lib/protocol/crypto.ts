/**
 * Signatures, seals and locks: with `shared-point.ts` the only file of the core that touches a key. One curve, secp256k1.
 * Whitepaper: "Digital Certificates" (signatures), "Replying" (the two layers around a reply
 * message).
 *
 * Differs from the paper: it names no primitives and one key for everything; here party keys, node
 * keys and onion keys are different keys, and a reply message is *sealed* to its reader and then
 * *locked* with the settler's key.
 *
 *   seal   e 32 ‖ commit 32 ‖ XChaCha20-Poly1305      to one public key    80 bytes longer
 *   lock   commit 32 ‖ XChaCha20-Poly1305             under one secret     48 bytes longer
 *   box    XChaCha20-Poly1305                         a numbered channel   16 bytes longer
 *
 * No function here rolls dice: randomness comes from the caller, who has it from `Context.random`.
 */
import { chacha20, xchacha20poly1305 } from '@noble/ciphers/chacha.js';
import { mapHashToField } from '@noble/curves/abstract/modular.js';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesOf, concat, equal, hexOf, isHex, u64, utf8 } from './bytes.ts';
import type { PartyKey, PeerKey } from './ids.ts';

/**
 * The Bitcoin networks; part of every signature tag, so that a regtest signature is worthless on
 * mainnet.
 */
export type Network = 'mainnet' | 'testnet' | 'regtest';

/** An x-only public key: 32 bytes or their hex. */
export type XOnlyKey = PartyKey | Uint8Array;

/** Length of e, of a commitment, of an AEAD's tag, and of an XChaCha20 nonce. */
const keyBytes = 32;
const commitBytes = 32;
const tagBytes = 16;
const nonceBytes = 24;

/** What `seal` and `lock` add to a plaintext, in bytes. */
export const sealOverhead = keyBytes + commitBytes + tagBytes;
export const lockOverhead = commitBytes + tagBytes;
export const boxOverhead = tagBytes;

// --------------------------------------------------------------------------- hashes and derivation

/** SHA-256 of the parts, one after the other. */
export function hash(...parts: Uint8Array[]): Uint8Array {
  return sha256(concat(...parts));
}

/** BIP-340's tagged hash: SHA256(SHA256(tag) ‖ SHA256(tag) ‖ parts). The tag is ASCII. */
export function taggedHash(tag: string, ...parts: Uint8Array[]): Uint8Array {
  return schnorr.utils.taggedHash(tag, ...parts);
}

/** `length` bytes of HKDF-SHA256(secret, salt, info). The salt says what for, the info for whom. */
export function derive(secret: Uint8Array, salt: string, info: Uint8Array, length: number) {
  return hkdf(sha256, secret, utf8(salt), info, length);
}

/**
 * The same bytes for the same seed (32 bytes), in the same order: `Context.random` of one step.
 * Every call is a ChaCha20 keystream of its own, so what one call gives does not depend on how much
 * the former took.
 */
export function randomStream(seed: Uint8Array): (n: number) => Uint8Array {
  let calls = 0n;
  return (n) => chacha20(seed, concat(new Uint8Array(4), u64(calls++)), new Uint8Array(n));
}

// -------------------------------------------------------------------------------------------- keys

/** A valid secret key (32 bytes) from 32 random bytes. */
export function secretFrom(random: Uint8Array): Uint8Array {
  return scalar(random, 'gig-gossip/1/secret');
}

/** Uniform scalar, 1 .. n - 1: 48 derived bytes, reduced. */
export function scalar(random: Uint8Array, salt: string): Uint8Array {
  return mapHashToField(derive(random, salt, new Uint8Array(), 48), secp256k1.Point.Fn.ORDER);
}

/** A party's or an onion's public key: x-only, 32 bytes. */
export function xOnlyOf(secret: Uint8Array): Uint8Array {
  return schnorr.getPublicKey(secret);
}

/** The same as branded hex, for certificates and jobs. */
export function publicKeyOf(secret: Uint8Array): PartyKey {
  return hexOf(xOnlyOf(secret)) as PartyKey;
}

/** The public key of a node: compressed, 33 bytes, hex. */
export function peerKeyOf(secret: Uint8Array): PeerKey {
  return hexOf(secp256k1.getPublicKey(secret, true)) as PeerKey;
}

/** Do these bytes name a point of the curve by its x? Half of all 32-byte strings do not. */
export function isXOnlyKey(bytes: Uint8Array): boolean {
  return bytes.length === keyBytes && liftX(bytes) !== null;
}

/**
 * The x of secret · P, 32 bytes, or null if `to` is on no curve: what two sides share. Only x is
 * taken, so the signs of both points do not matter and x-only keys suffice.
 */
export function sharedX(secret: Uint8Array, to: Uint8Array): Uint8Array | null {
  const point = liftX(to);
  if (point === null) return null;
  const shared = point.multiply(secp256k1.Point.Fn.fromBytes(secret));
  return shared.toBytes(true).slice(1);
}

/** The point with this x and an even y, or null if there is none. */
export function liftX(x: Uint8Array) {
  try {
    return secp256k1.Point.fromBytes(concat(Uint8Array.of(2), x));
  } catch {
    return null; // no such point, or x beyond the field
  }
}

export function xOnly(key: XOnlyKey): Uint8Array {
  return typeof key === 'string' ? bytesOf(key) : key;
}

// -------------------------------------------------------------------------------------- signatures

/**
 * The tag of a signed type. It is fixed by the field that is being read and never taken from the
 * message.
 */
export function signatureTag(network: Network, type: string): string {
  return `gig-gossip/1/${network}/${type}`;
}

/**
 * BIP-340 signature, 64 bytes, over the tagged hash of exactly these bytes. `auxRand`: 32 fresh
 * random bytes.
 */
export function sign(
  secret: Uint8Array,
  tag: string,
  body: Uint8Array,
  auxRand: Uint8Array,
): Uint8Array {
  if (auxRand.length !== 32) throw new Error('sign: auxRand is 32 bytes');
  return schnorr.sign(taggedHash(tag, body), secret, auxRand);
}

/**
 * Did the holder of this key sign exactly these bytes under this tag? Never throws, whatever a peer
 * sent.
 */
export function verify(
  key: XOnlyKey,
  tag: string,
  body: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (typeof key === 'string' && !isHex(key, keyBytes)) return false;
  const publicKey = xOnly(key);
  if (publicKey.length !== keyBytes || signature.length !== 64) return false;
  return schnorr.verify(signature, taggedHash(tag, body), publicKey);
}

// ------------------------------------------------------------------------------------------- seals

/**
 * A one-time secret for one message. Hashing the message in means that randomness that repeats (a
 * journal replayed after a crash) never gives one key to two messages.
 */
export function ephemeralSecret(random: Uint8Array, ...message: Uint8Array[]): Uint8Array {
  return scalar(concat(random, hash(...message)), 'gig-gossip/1/ephemeral');
}

export interface Seal {
  /** Names the use, e.g. `reply`: a seal for one purpose opens for no other. */
  readonly purpose: string;
  readonly to: XOnlyKey;
  /** What the message belongs to, mostly the 32 bytes of a payload id. */
  readonly context: Uint8Array;
  readonly plaintext: Uint8Array;
  /** 32 fresh bytes. */
  readonly random: Uint8Array;
}

/**
 * Encrypts to a public key, `sealOverhead` bytes longer: e ‖ commit ‖ XChaCha20-Poly1305 with key
 * 32 ‖ nonce 24 ‖ commit 32 = HKDF-SHA256(x(e·P), salt `gig-gossip/1/seal/<purpose>`, info e ‖ P ‖
 * context). Throws if `to` is on no curve: keys are checked where they come in.
 */
export function seal({ purpose, to, context, plaintext, random }: Seal): Uint8Array {
  const recipient = xOnly(to);
  const secret = ephemeralSecret(random, plaintext, recipient, context);
  const shared = sharedX(secret, recipient);
  if (shared === null) throw new Error('seal: not a public key');
  const e = xOnlyOf(secret);
  const keys = committedKeys(shared, sealSalt(purpose), concat(e, recipient, context));
  return concat(e, encryptCommitted(keys, plaintext));
}

export interface OpenSealed {
  readonly purpose: string;
  readonly secret: Uint8Array;
  readonly context: Uint8Array;
  readonly sealed: Uint8Array;
}

/**
 * The plaintext, or null if the seal is not for this key, purpose and context, or was tampered
 * with. Never throws.
 */
export function openSealed({ purpose, secret, context, sealed }: OpenSealed): Uint8Array | null {
  if (sealed.length < sealOverhead) return null;
  const e = sealed.subarray(0, keyBytes);
  const shared = sharedX(secret, e);
  if (shared === null) return null;
  return openWithX(shared, { purpose, key: xOnlyOf(secret), context }, sealed);
}

/** The same for whoever knows what the seal shares with the holder of `key`: x, 32 bytes. Never throws. */
export function openWithX(
  x: Uint8Array,
  to: { readonly purpose: string; readonly key: XOnlyKey; readonly context: Uint8Array },
  sealed: Uint8Array,
): Uint8Array | null {
  if (sealed.length < sealOverhead) return null;
  const info = concat(sealed.subarray(0, keyBytes), xOnly(to.key), to.context);
  const keys = committedKeys(x, sealSalt(to.purpose), info);
  return decryptCommitted(keys, sealed.subarray(keyBytes));
}

function sealSalt(purpose: string): string {
  return `gig-gossip/1/seal/${purpose}`;
}

// ------------------------------------------------------------------------------------------- locks

/**
 * Encrypts under the settler's unlocking key (32 bytes), `lockOverhead` bytes longer. The key is
 * used for one message. The commitment makes a broken lock provable: no second key opens the same
 * bytes to something else.
 */
export function lock(unlockingKey: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return encryptCommitted(lockKeys(unlockingKey), plaintext);
}

/** The plaintext, or null if this key does not open these bytes. Never throws. */
export function unlock(unlockingKey: Uint8Array, locked: Uint8Array): Uint8Array | null {
  if (unlockingKey.length !== keyBytes || locked.length < lockOverhead) return null;
  return decryptCommitted(lockKeys(unlockingKey), locked);
}

function lockKeys(unlockingKey: Uint8Array): CommittedKeys {
  if (unlockingKey.length !== keyBytes) throw new Error('lock: the key is 32 bytes');
  return committedKeys(unlockingKey, 'gig-gossip/1/lock', new Uint8Array());
}

interface CommittedKeys {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly commit: Uint8Array;
}

function committedKeys(secret: Uint8Array, salt: string, info: Uint8Array): CommittedKeys {
  const bytes = derive(secret, salt, info, keyBytes + nonceBytes + commitBytes);
  return {
    key: bytes.subarray(0, keyBytes),
    nonce: bytes.subarray(keyBytes, keyBytes + nonceBytes),
    commit: bytes.subarray(keyBytes + nonceBytes),
  };
}

function encryptCommitted(keys: CommittedKeys, plaintext: Uint8Array): Uint8Array {
  return concat(keys.commit, xchacha20poly1305(keys.key, keys.nonce).encrypt(plaintext));
}

function decryptCommitted(keys: CommittedKeys, bytes: Uint8Array): Uint8Array | null {
  if (!equal(keys.commit, bytes.subarray(0, commitBytes))) return null;
  return decrypt(keys.key, keys.nonce, bytes.subarray(commitBytes));
}

function decrypt(key: Uint8Array, nonce: Uint8Array, bytes: Uint8Array): Uint8Array | null {
  try {
    return xchacha20poly1305(key, nonce).decrypt(bytes);
  } catch {
    return null; // the tag does not fit
  }
}

// ------------------------------------------------------------------------------------------- boxes

export interface Box {
  /** 32 bytes both sides know. */
  readonly channelKey: Uint8Array;
  /** Names who writes, e.g. `sender`: the two directions of a channel have different keys. */
  readonly direction: string;
  /** Never twice with another message: it is the nonce. Integer, 0 .. 2^53 - 1. */
  readonly sequence: number;
}

/** Encrypts one numbered message of the contact channel, `boxOverhead` bytes longer. */
export function box(where: Box, plaintext: Uint8Array): Uint8Array {
  return xchacha20poly1305(boxKey(where), boxNonce(where)).encrypt(plaintext);
}

/**
 * The message, or null if it is not the one of this channel, direction and number. Never throws.
 */
export function openBox(where: Box, boxed: Uint8Array): Uint8Array | null {
  if (!Number.isSafeInteger(where.sequence) || where.sequence < 0) return null;
  if (boxed.length < boxOverhead) return null;
  return decrypt(boxKey(where), boxNonce(where), boxed);
}

function boxKey({ channelKey, direction }: Box): Uint8Array {
  return derive(channelKey, 'gig-gossip/1/box', utf8(direction), keyBytes);
}

function boxNonce({ sequence }: Box): Uint8Array {
  return concat(new Uint8Array(16), u64(BigInt(sequence)));
}
