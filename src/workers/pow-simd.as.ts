/**
 * SHA-256 of 40-byte messages, four at a time: inner 32 ‖ nonce 8, of which only the low nonce word changes from one to
 * the next. AssemblyScript; 128-bit SIMD. FIPS 180-4, sections 4.1.2, 4.2.2 and 6.2.2, whose names it uses.
 *
 * Whatever does not depend on that word (message word 9) is computed once by `prepare`: the rounds before it, and every
 * constant part of the schedule and of the rounds. `mine` looks at the first word of each digest alone; the caller
 * hashes the four nonces of a hit in full.
 */

/** Where the caller puts the 8 words of `inner`, in the machine's byte order. */
export const INNER: usize = memory.data(32, 16);
/** v128 each, all four lanes alike: what is added in round i (R + i) and to message word i (W + i), see `prepare`. */
const TABLE: usize = memory.data(16 * 136, 16);
const R: i32 = 0;
const W: i32 = 64;
/** Registers before round 10: those that depend on word 9 lack it still. */
const A: i32 = 128;

const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
]);
const H = memory.data<u32>([
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
]);

/** Takes over `inner` from memory for nonces whose high word is `high`. */
export function prepare(high: u32): void {
  let a = word(H, 0);
  let b = word(H, 1);
  let c = word(H, 2);
  let d = word(H, 3);
  let e = word(H, 4);
  let f = word(H, 5);
  let g = word(H, 6);
  let h = word(H, 7);
  for (let i = 0; i < 9; i++) {
    const w = i < 8 ? word(INNER, i) : high;
    const t1 = h + bigSigma1(e) + ((e & f) ^ (~e & g)) + word(K, i) + w;
    const t2 = bigSigma0(a) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = d + t1;
    d = c;
    c = b;
    b = a;
    a = t1 + t2;
  }
  // Round 9 adds word 9 to both new registers and nothing else of it.
  const t1 = h + bigSigma1(e) + ((e & f) ^ (~e & g)) + word(K, 9);
  const t2 = bigSigma0(a) + ((a & b) ^ (a & c) ^ (b & c));
  put(A + 0, t1 + t2);
  put(A + 1, a);
  put(A + 2, b);
  put(A + 3, c);
  put(A + 4, d + t1);
  put(A + 5, e);
  put(A + 6, f);
  put(A + 7, g);

  const w10: u32 = 0x80000000; // the bit after the message; words 11 to 14 are 0
  const w15: u32 = 320; // its length in bits
  const w17 = smallSigma1(w15) + w10 + smallSigma0(word(INNER, 2)) + word(INNER, 1);
  const w19 = smallSigma1(w17) + smallSigma0(word(INNER, 4)) + word(INNER, 3);
  const w21 = smallSigma1(w19) + smallSigma0(word(INNER, 6)) + word(INNER, 5);
  put(W + 16, smallSigma0(word(INNER, 1)) + word(INNER, 0));
  put(W + 18, smallSigma0(word(INNER, 3)) + word(INNER, 2));
  put(W + 20, smallSigma0(word(INNER, 5)) + word(INNER, 4));
  put(W + 22, w15 + smallSigma0(word(INNER, 7)) + word(INNER, 6));
  put(W + 23, smallSigma1(w21) + smallSigma0(high) + word(INNER, 7));
  put(W + 24, w17 + high);
  put(W + 25, smallSigma0(w10));
  put(W + 26, w19 + w10);
  put(W + 28, w21);
  put(W + 30, smallSigma0(w15));
  put(W + 31, w15);
  put(W + 32, smallSigma0(w17));
  put(W + 33, w17);
  put(W + 34, smallSigma0(w19));
  put(W + 35, w19);
  put(W + 36, smallSigma0(w21));
  put(W + 37, w21);

  for (let i = 10; i < 64; i++) put(R + i, word(K, i));
  put(R + 10, word(K, 10) + w10);
  put(R + 15, word(K, 15) + w15);
  put(R + 17, word(K, 17) + w17);
  put(R + 19, word(K, 19) + w19);
  put(R + 21, word(K, 21) + w21);
  put(R + 63, word(K, 63) + word(H, 0));
}

/**
 * Tries `groups` times four nonces, upwards from `low`. At the first group in which a digest's first word is at most
 * `bound`: how many groups were left, that one included, else 0.
 */
export function mine(low: u32, groups: u32, bound: u32): u32 {
  const most = i32x4.splat(bound);
  let w9 = add(i32x4.splat(low), i32x4(0, 1, 2, 3));
  for (; groups > 0; groups--) {
    let a = add(at(A + 0), w9), b = at(A + 1), c = at(A + 2), d = at(A + 3);
    let e = add(at(A + 4), w9), f = at(A + 5), g = at(A + 6), h = at(A + 7);
    let t: v128, x = xor(b, c), y: v128;
    t = t1(e, f, g, h, at(R + 10)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    t = t1(d, e, f, g, at(R + 11)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    t = t1(c, d, e, f, at(R + 12)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    t = t1(b, c, d, e, at(R + 13)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    t = t1(a, b, c, d, at(R + 14)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    t = t1(h, a, b, c, at(R + 15)); g = add(g, t); c = t2(t, d, e, (x = xor(d, e)), y);
    const w16 = add(w9, at(W + 16));
    t = t1(g, h, a, b, add(at(R + 16), w16)); f = add(f, t); b = t2(t, c, d, (y = xor(c, d)), x);
    t = t1(f, g, h, a, at(R + 17)); e = add(e, t); a = t2(t, b, c, (x = xor(b, c)), y);
    const w18 = add(s1(w16), at(W + 18));
    t = t1(e, f, g, h, add(at(R + 18), w18)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    t = t1(d, e, f, g, at(R + 19)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    const w20 = add(s1(w18), at(W + 20));
    t = t1(c, d, e, f, add(at(R + 20), w20)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    t = t1(b, c, d, e, at(R + 21)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    const w22 = add(s1(w20), at(W + 22));
    t = t1(a, b, c, d, add(at(R + 22), w22)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    const w23 = add(w16, at(W + 23));
    t = t1(h, a, b, c, add(at(R + 23), w23)); g = add(g, t); c = t2(t, d, e, (x = xor(d, e)), y);
    const w24 = add(add(s1(w22), s0(w9)), at(W + 24));
    t = t1(g, h, a, b, add(at(R + 24), w24)); f = add(f, t); b = t2(t, c, d, (y = xor(c, d)), x);
    const w25 = add(add(s1(w23), w18), add(w9, at(W + 25)));
    t = t1(f, g, h, a, add(at(R + 25), w25)); e = add(e, t); a = t2(t, b, c, (x = xor(b, c)), y);
    const w26 = add(s1(w24), at(W + 26));
    t = t1(e, f, g, h, add(at(R + 26), w26)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    const w27 = add(s1(w25), w20);
    t = t1(d, e, f, g, add(at(R + 27), w27)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    const w28 = add(s1(w26), at(W + 28));
    t = t1(c, d, e, f, add(at(R + 28), w28)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    const w29 = add(s1(w27), w22);
    t = t1(b, c, d, e, add(at(R + 29), w29)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    const w30 = add(add(s1(w28), w23), at(W + 30));
    t = t1(a, b, c, d, add(at(R + 30), w30)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    const w31 = add(add(s1(w29), w24), add(s0(w16), at(W + 31)));
    t = t1(h, a, b, c, add(at(R + 31), w31)); g = add(g, t); c = t2(t, d, e, (x = xor(d, e)), y);
    const w32 = add(add(s1(w30), w25), add(w16, at(W + 32)));
    t = t1(g, h, a, b, add(at(R + 32), w32)); f = add(f, t); b = t2(t, c, d, (y = xor(c, d)), x);
    const w33 = add(add(s1(w31), w26), add(s0(w18), at(W + 33)));
    t = t1(f, g, h, a, add(at(R + 33), w33)); e = add(e, t); a = t2(t, b, c, (x = xor(b, c)), y);
    const w34 = add(add(s1(w32), w27), add(w18, at(W + 34)));
    t = t1(e, f, g, h, add(at(R + 34), w34)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    const w35 = add(add(s1(w33), w28), add(s0(w20), at(W + 35)));
    t = t1(d, e, f, g, add(at(R + 35), w35)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    const w36 = add(add(s1(w34), w29), add(w20, at(W + 36)));
    t = t1(c, d, e, f, add(at(R + 36), w36)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    const w37 = add(add(s1(w35), w30), add(s0(w22), at(W + 37)));
    t = t1(b, c, d, e, add(at(R + 37), w37)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    const w38 = add(add(s1(w36), w31), add(s0(w23), w22));
    t = t1(a, b, c, d, add(at(R + 38), w38)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    const w39 = add(add(s1(w37), w32), add(s0(w24), w23));
    t = t1(h, a, b, c, add(at(R + 39), w39)); g = add(g, t); c = t2(t, d, e, (x = xor(d, e)), y);
    const w40 = add(add(s1(w38), w33), add(s0(w25), w24));
    t = t1(g, h, a, b, add(at(R + 40), w40)); f = add(f, t); b = t2(t, c, d, (y = xor(c, d)), x);
    const w41 = add(add(s1(w39), w34), add(s0(w26), w25));
    t = t1(f, g, h, a, add(at(R + 41), w41)); e = add(e, t); a = t2(t, b, c, (x = xor(b, c)), y);
    const w42 = add(add(s1(w40), w35), add(s0(w27), w26));
    t = t1(e, f, g, h, add(at(R + 42), w42)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    const w43 = add(add(s1(w41), w36), add(s0(w28), w27));
    t = t1(d, e, f, g, add(at(R + 43), w43)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    const w44 = add(add(s1(w42), w37), add(s0(w29), w28));
    t = t1(c, d, e, f, add(at(R + 44), w44)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    const w45 = add(add(s1(w43), w38), add(s0(w30), w29));
    t = t1(b, c, d, e, add(at(R + 45), w45)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    const w46 = add(add(s1(w44), w39), add(s0(w31), w30));
    t = t1(a, b, c, d, add(at(R + 46), w46)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    const w47 = add(add(s1(w45), w40), add(s0(w32), w31));
    t = t1(h, a, b, c, add(at(R + 47), w47)); g = add(g, t); c = t2(t, d, e, (x = xor(d, e)), y);
    const w48 = add(add(s1(w46), w41), add(s0(w33), w32));
    t = t1(g, h, a, b, add(at(R + 48), w48)); f = add(f, t); b = t2(t, c, d, (y = xor(c, d)), x);
    const w49 = add(add(s1(w47), w42), add(s0(w34), w33));
    t = t1(f, g, h, a, add(at(R + 49), w49)); e = add(e, t); a = t2(t, b, c, (x = xor(b, c)), y);
    const w50 = add(add(s1(w48), w43), add(s0(w35), w34));
    t = t1(e, f, g, h, add(at(R + 50), w50)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    const w51 = add(add(s1(w49), w44), add(s0(w36), w35));
    t = t1(d, e, f, g, add(at(R + 51), w51)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    const w52 = add(add(s1(w50), w45), add(s0(w37), w36));
    t = t1(c, d, e, f, add(at(R + 52), w52)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    const w53 = add(add(s1(w51), w46), add(s0(w38), w37));
    t = t1(b, c, d, e, add(at(R + 53), w53)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    const w54 = add(add(s1(w52), w47), add(s0(w39), w38));
    t = t1(a, b, c, d, add(at(R + 54), w54)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    const w55 = add(add(s1(w53), w48), add(s0(w40), w39));
    t = t1(h, a, b, c, add(at(R + 55), w55)); g = add(g, t); c = t2(t, d, e, (x = xor(d, e)), y);
    const w56 = add(add(s1(w54), w49), add(s0(w41), w40));
    t = t1(g, h, a, b, add(at(R + 56), w56)); f = add(f, t); b = t2(t, c, d, (y = xor(c, d)), x);
    const w57 = add(add(s1(w55), w50), add(s0(w42), w41));
    t = t1(f, g, h, a, add(at(R + 57), w57)); e = add(e, t); a = t2(t, b, c, (x = xor(b, c)), y);
    const w58 = add(add(s1(w56), w51), add(s0(w43), w42));
    t = t1(e, f, g, h, add(at(R + 58), w58)); d = add(d, t); h = t2(t, a, b, (y = xor(a, b)), x);
    const w59 = add(add(s1(w57), w52), add(s0(w44), w43));
    t = t1(d, e, f, g, add(at(R + 59), w59)); c = add(c, t); g = t2(t, h, a, (x = xor(h, a)), y);
    const w60 = add(add(s1(w58), w53), add(s0(w45), w44));
    t = t1(c, d, e, f, add(at(R + 60), w60)); b = add(b, t); f = t2(t, g, h, (y = xor(g, h)), x);
    const w61 = add(add(s1(w59), w54), add(s0(w46), w45));
    t = t1(b, c, d, e, add(at(R + 61), w61)); a = add(a, t); e = t2(t, f, g, (x = xor(f, g)), y);
    const w62 = add(add(s1(w60), w55), add(s0(w47), w46));
    t = t1(a, b, c, d, add(at(R + 62), w62)); h = add(h, t); d = t2(t, e, f, (y = xor(e, f)), x);
    const w63 = add(add(s1(w61), w56), add(s0(w48), w47));
    t = t1(h, a, b, c, add(at(R + 63), w63));
    const digest = t2(t, d, e, xor(d, e), y);
    if (v128.any_true(i32x4.le_u(digest, most))) return groups;
    w9 = add(w9, i32x4.splat(4));
  }
  return 0;
}

// One lane.

// @ts-ignore: decorator
@inline
function word(base: usize, i: i32): u32 {
  return load<u32>(base + (<usize>i << 2));
}

// @ts-ignore: decorator
@inline
function put(i: i32, value: u32): void {
  v128.store(TABLE + (<usize>i << 4), i32x4.splat(value));
}

function bigSigma0(x: u32): u32 {
  return rotr(x, 2) ^ rotr(x, 13) ^ rotr(x, 22);
}

function bigSigma1(x: u32): u32 {
  return rotr(x, 6) ^ rotr(x, 11) ^ rotr(x, 25);
}

function smallSigma0(x: u32): u32 {
  return rotr(x, 7) ^ rotr(x, 18) ^ (x >>> 3);
}

function smallSigma1(x: u32): u32 {
  return rotr(x, 17) ^ rotr(x, 19) ^ (x >>> 10);
}

// Four lanes.

// @ts-ignore: decorator
@inline
function at(i: i32): v128 {
  return v128.load(TABLE + (<usize>i << 4));
}

// @ts-ignore: decorator
@inline
function add(x: v128, y: v128): v128 {
  return i32x4.add(x, y);
}

// @ts-ignore: decorator
@inline
function xor(x: v128, y: v128): v128 {
  return v128.xor(x, y);
}

// @ts-ignore: decorator
@inline
function right(x: v128, n: i32): v128 {
  return v128.or(i32x4.shr_u(x, n), i32x4.shl(x, 32 - n));
}

// @ts-ignore: decorator
@inline
function s0(x: v128): v128 {
  return xor(xor(right(x, 7), right(x, 18)), i32x4.shr_u(x, 3));
}

// @ts-ignore: decorator
@inline
function s1(x: v128): v128 {
  return xor(xor(right(x, 17), right(x, 19)), i32x4.shr_u(x, 10));
}

// @ts-ignore: decorator
@inline
function t1(e: v128, f: v128, g: v128, h: v128, kw: v128): v128 {
  return add(add(h, kw), add(xor(xor(right(e, 6), right(e, 11)), right(e, 25)), v128.bitselect(f, g, e)));
}

// @ts-ignore: decorator
@inline
function t2(t: v128, a: v128, b: v128, ab: v128, bc: v128): v128 {
  return add(add(t, xor(xor(right(a, 2), right(a, 13)), right(a, 22))), xor(b, v128.and(ab, bc)));
}
