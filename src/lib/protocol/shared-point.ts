/**
 * One's own seal, opened to the world: what shows that somebody sealed rubbish to us, without giving away our key.
 * Whitepaper: "Replying" (the seal is the inner of the two layers around a reply message).
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { concat, hexOf } from './bytes.ts';
import { hash, liftX, openWithX, scalar, taggedHash, xOnly, type XOnlyKey } from './crypto.ts';

const keyBytes = 32;

/** What a seal shares with its reader, so that others can open it too, and the proof that it is that. */
export interface SharedPoint {
  /** d · E, 33 bytes compressed: E is the seal's e and d the reader's secret, both for the points with an even y. */
  readonly shared: Uint8Array;
  /** c 32 ‖ s 32: the same d is behind the reader's public key and behind `shared`. */
  readonly proof: Uint8Array;
}

export const sharedPointBytes = 33;
export const sharedProofBytes = 64;

/**
 * Opens one's own seal to the world without giving away the key: the shared point S = d·E, and the proof of Chaum and Pedersen
 * ("Wallet Databases with Observers", CRYPTO '92, section 3.2) that log_G(P) = log_E(S), made non-interactive by Fiat and Shamir:
 *
 *   statement = P 33 ‖ E 33 ‖ S 33 ‖ SHA-256(sealed), points compressed
 *   c = taggedHash(`gig-gossip/1/shared-point`, statement ‖ k·G 33 ‖ k·E 33) mod n,   s = k + c·d mod n
 *
 * k is hashed from 32 fresh bytes, the secret and the statement, so that no two statements share it. The curve's order is prime:
 * every point but infinity, which has no encoding, generates all of it. Null if the seal's e is no point: everybody sees that
 * without a proof. What it gives away besides: any other seal to this key under the same e, which only a liar makes.
 */
export function proveShared(
  secret: Uint8Array,
  sealed: Uint8Array,
  random: Uint8Array,
): SharedPoint | null {
  if (random.length !== 32) throw new Error('proveShared: random is 32 bytes');
  const ephemeral = liftX(sealed.subarray(0, keyBytes));
  if (ephemeral === null) return null;
  const { Fn, BASE } = secp256k1.Point;
  const raw = Fn.fromBytes(secret);
  const own = BASE.multiply(raw);
  // x-only keys stand for the point with the even y.
  const even = own.toBytes(true)[0] === 2;
  const d = even ? raw : Fn.neg(raw);
  const publicKey = even ? own : own.negate();
  const shared = ephemeral.multiply(d);
  const statement = sharedStatement([publicKey, ephemeral, shared], sealed);
  const k = Fn.fromBytes(scalar(concat(random, hash(secret, statement)), sharedNonceSalt));
  const c = challenge(statement, BASE.multiply(k), ephemeral.multiply(k));
  const s = Fn.add(k, Fn.mul(c, d));
  return { shared: shared.toBytes(true), proof: concat(Fn.toBytes(c), Fn.toBytes(s)) };
}

/**
 * Is `shared` what the seal shares with the holder of this key? c = taggedHash(statement ‖ s·G − c·P ‖ s·E − c·S) with canonical c
 * and s, neither of them zero. Never throws, whatever a peer sent.
 */
export function verifyShared(key: XOnlyKey, sealed: Uint8Array, { shared, proof }: SharedPoint) {
  try {
    if (shared.length !== sharedPointBytes || proof.length !== sharedProofBytes) return false;
    const { Point } = secp256k1;
    const [publicKey, ephemeral] = [liftX(xOnly(key)), liftX(sealed.subarray(0, keyBytes))];
    if (publicKey === null || ephemeral === null) return false;
    const point = Point.fromBytes(shared);
    const c = Point.Fn.fromBytes(proof.subarray(0, keyBytes));
    const s = Point.Fn.fromBytes(proof.subarray(keyBytes));
    if (c === 0n || s === 0n) return false;
    const statement = sharedStatement([publicKey, ephemeral, point], sealed);
    const a = Point.BASE.multiplyUnsafe(s).subtract(publicKey.multiplyUnsafe(c));
    const b = ephemeral.multiplyUnsafe(s).subtract(point.multiplyUnsafe(c));
    return challenge(statement, a, b) === c;
  } catch {
    return false; // no point, infinity, or a number beyond the order
  }
}

/** The plaintext of a seal to somebody else, whose shared point was verified; null if it does not open. Never throws. */
export function openWithShared(
  to: { readonly purpose: string; readonly key: XOnlyKey; readonly context: Uint8Array },
  sealed: Uint8Array,
  shared: Uint8Array,
): Uint8Array | null {
  return shared.length === sharedPointBytes ? openWithX(shared.subarray(1), to, sealed) : null;
}

const sharedNonceSalt = 'gig-gossip/1/shared-point/nonce';
type Point = NonNullable<ReturnType<typeof liftX>>;

function sharedStatement(points: readonly Point[], sealed: Uint8Array): Uint8Array {
  return concat(...points.map((point) => point.toBytes(true)), hash(sealed));
}

function challenge(statement: Uint8Array, a: Point, b: Point): bigint {
  const bytes = taggedHash(
    'gig-gossip/1/shared-point',
    statement,
    a.toBytes(true),
    b.toBytes(true),
  );
  const { Fn } = secp256k1.Point;
  return Fn.create(BigInt(`0x${hexOf(bytes)}`));
}
