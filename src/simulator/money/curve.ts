/**
 * secp256k1 that remembers, in place of @noble/curves while money is simulated (`hooks.ts` puts it there). Same functions, same
 * answers: what was computed once is looked up, and what follows from it is known. All parties of a town live in this process,
 * so whoever opens or verifies meets what somebody sealed or signed here. Every twentieth run does without and must leave the
 * same trace.
 */
import { schnorr as plainSchnorr, secp256k1 as plain } from '@noble/curves/secp256k1.js';
import { hash } from 'node:crypto';
import { memory, Table, text } from './memory.ts';

const { Point } = plain;
const { Fn } = Point;

/** Multiplications after which it pays to prepare more multiples of the generator than noble has. */
const many = 3_000;
let multiplied = 0;
const generator = Point.fromAffine(Point.BASE.toAffine());

/** Nobody's secret is at stake in a simulation: no constant time. */
function timesG(scalar: bigint): PlainPoint {
  if (++multiplied === many) generator.precompute(12, false);
  return (multiplied < many ? Point.BASE : generator).multiplyUnsafe(scalar);
}

// -------------------------------------------------------------------------------------------- keys

interface Key {
  /** x, 32 bytes. */
  readonly x: Uint8Array;
  readonly compressed: Uint8Array;
  /** The secret of the point with this x and an even y. */
  readonly even: bigint;
}

const keys = new Table<Key>();
/** Secret of the even point, by x: everybody's, for all of them live here. */
const secrets = new Table<bigint>();

function keyOf(secret: Uint8Array): Key {
  return keys.of(text(secret), () => {
    const scalar = Fn.fromBytes(secret);
    const compressed = timesG(scalar).toBytes(true);
    const x = compressed.slice(1);
    const even = compressed[0] === 2 ? scalar : Fn.neg(scalar);
    secrets.learn(text(x), even);
    return { x, compressed, even };
  });
}

// -------------------------------------------------------------------------------------- signatures

const signatures = new Table<Uint8Array>();
const verified = new Table<boolean>();

function sign(message: Uint8Array, secret: Uint8Array, aux: Uint8Array): Uint8Array {
  if (!memory.on) return plainSchnorr.sign(message, secret, aux);
  return signatures
    .of(text(secret, aux, message), () => {
      const signature = bip340(message, keyOf(secret), aux);
      verified.learn(text(keyOf(secret).x, signature, message), true);
      return signature;
    })
    .slice();
}

/** BIP-340 as it is written there, without verifying its own result. */
function bip340(message: Uint8Array, { x, even }: Key, aux: Uint8Array): Uint8Array {
  const mask = number(taggedHash('BIP0340/aux', aux));
  const masked = Fn.toBytes(even ^ mask);
  const nonce = Fn.create(number(taggedHash('BIP0340/nonce', masked, x, message)));
  const point = timesG(nonce).toBytes(true);
  const r = point.slice(1);
  const k = point[0] === 2 ? nonce : Fn.neg(nonce);
  const e = Fn.create(number(taggedHash('BIP0340/challenge', r, x, message)));
  return Uint8Array.from([...r, ...Fn.toBytes(Fn.create(k + e * even))]);
}

const tags = new Map<string, Uint8Array>();

function taggedHash(tag: string, ...parts: Uint8Array[]): Uint8Array {
  if (!memory.on) return plainSchnorr.utils.taggedHash(tag, ...parts);
  let twice = tags.get(tag);
  if (twice === undefined) {
    const once = hash('sha256', tag, 'buffer');
    twice = Buffer.concat([once, once]);
    tags.set(tag, twice);
  }
  return new Uint8Array(hash('sha256', Buffer.concat([twice, ...parts]), 'buffer'));
}

function number(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}

function verify(signature: Uint8Array, message: Uint8Array, key: Uint8Array): boolean {
  if (!memory.on) return plainSchnorr.verify(signature, message, key);
  const name = text(key, signature, message);
  return verified.of(name, () => plainSchnorr.verify(signature, message, key));
}

// ------------------------------------------------------------------------------------ shared secrets

type PlainPoint = ReturnType<typeof Point.fromBytes>;
/** What the core does with a point it was given. */
interface GivenPoint {
  multiply(scalar: bigint): { toBytes(compressed: true): Uint8Array };
  multiplyUnsafe(scalar: bigint): PlainPoint;
  toBytes(compressed: true): Uint8Array;
}

const lifted = new Table<PlainPoint | 'none'>();
/** By the x of two even points: their secrets' product times the generator, compressed. */
const shared = new Table<Uint8Array>();

function fromBytes(bytes: Uint8Array): PlainPoint | GivenPoint {
  // What others opened to the world is looked at as it is.
  if (!memory.on || bytes.length !== 33 || bytes[0] !== 2) return Point.fromBytes(bytes);
  const x = bytes.slice(1);
  const secret = secrets.peek(text(x));
  const lift = () => {
    const point = lifted.of(text(bytes), () => {
      try {
        return Point.fromBytes(bytes);
      } catch {
        return 'none';
      }
    });
    return point === 'none' ? Point.fromBytes(bytes) : point; // throws what it always throws
  };
  if (secret === undefined) lift();
  // (scalar * secret) * G is the same point, by a multiplication of which half is prepared.
  const multiplied = (scalar: bigint) =>
    secret === undefined ? lift().multiplyUnsafe(scalar) : timesG(Fn.mul(scalar, secret));
  return {
    multiply: (scalar) => times(x, scalar, () => multiplied(scalar)),
    multiplyUnsafe: (scalar) => lift().multiplyUnsafe(scalar),
    toBytes: () => bytes.slice(),
  };
}

/** What both sides know is the same but for its sign, which is that of the y of one's own. */
function times(x: Uint8Array, scalar: bigint, compute: () => PlainPoint) {
  const own = keyOf(Fn.toBytes(scalar));
  const isOdd = own.compressed[0] === 3;
  const signed = (bytes: Uint8Array) => {
    const copy = bytes.slice();
    if (isOdd) copy[0] = copy[0] === 2 ? 3 : 2;
    return copy;
  };
  const name = [text(x), text(own.x)].sort().join('');
  const bytes = shared.of(name, () => signed(compute().toBytes(true)));
  return { toBytes: () => signed(bytes) };
}

// ---------------------------------------------------------------------------------------- invoices

const ecdsa = new Table<Uint8Array>();
const recovered = new Table<Uint8Array>();
type SignOptions = Parameters<typeof plain.sign>[2];
type RecoverOptions = Parameters<typeof plain.recoverPublicKey>[2];

function signEcdsa(digest: Uint8Array, secret: Uint8Array, options?: SignOptions): Uint8Array {
  if (!memory.on) return plain.sign(digest, secret, options);
  return ecdsa
    .of(text(secret, digest) + JSON.stringify(options), () => {
      const signature = plain.sign(digest, secret, options);
      recovered.learn(text(signature, digest), keyOf(secret).compressed);
      return signature;
    })
    .slice();
}

function recoverPublicKey(signature: Uint8Array, digest: Uint8Array, options?: RecoverOptions) {
  if (!memory.on) return plain.recoverPublicKey(signature, digest, options);
  const name = text(signature, digest);
  return recovered.of(name, () => plain.recoverPublicKey(signature, digest, options)).slice();
}

// --------------------------------------------------------------------------------- in noble's shape

export const schnorr = {
  ...plainSchnorr,
  getPublicKey: (secret: Uint8Array) =>
    memory.on ? keyOf(secret).x.slice() : plainSchnorr.getPublicKey(secret),
  sign,
  verify,
  utils: { ...plainSchnorr.utils, taggedHash },
};

export const secp256k1 = {
  ...plain,
  getPublicKey: (secret: Uint8Array, compressed = true) =>
    memory.on && compressed
      ? keyOf(secret).compressed.slice()
      : plain.getPublicKey(secret, compressed),
  sign: signEcdsa,
  recoverPublicKey,
  Point: { Fn, BASE: Point.BASE, fromBytes },
};
