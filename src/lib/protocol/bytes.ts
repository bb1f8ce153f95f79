/**
 * Bytes and numbers as the wire writes them. Integers are big-endian; hex is lower case. Beneath
 * every part of the whitepaper that says "Bytes", so it has no section of its own.
 */
import { bytesToUtf8 } from '@noble/ciphers/utils.js';
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';

export { bytesToHex as hexOf, concatBytes as concat, utf8ToBytes as utf8 };

/** Bytes of a hex string that is known to be one (a branded id); throws if it is not. */
export function bytesOf(hex: string): Uint8Array {
  return hexToBytes(hex);
}

/** Is the text `length` bytes in lower-case hex, the only spelling of a public id? */
export function isHex(text: string, length: number): boolean {
  return text.length === length * 2 && /^[0-9a-f]*$/.test(text);
}

/**
 * Text of UTF-8 bytes, or null if they are not exactly the UTF-8 of some text (a leading BOM counts
 * as not).
 */
export function textOf(bytes: Uint8Array): string | null {
  const text = bytesToUtf8(bytes);
  return equal(utf8ToBytes(text), bytes) ? text : null;
}

/** Same length and same bytes, in time that depends on the length alone. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a[i]! ^ b[i]!;
  return difference === 0;
}

/**
 * Negative, zero or positive as `a` is below, equal to or above `b`, both big-endian numbers of one
 * length.
 */
export function compare(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    if (a[i] !== b[i]) return a[i]! - b[i]!;
  }
  return 0;
}

/** 4 bytes of an integer 0 .. 2^32 - 1. */
export function u32(value: number): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff)
    throw new Error('u32: out of range');
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** 8 bytes of an integer 0 .. 2^64 - 1. */
export function u64(value: bigint): Uint8Array {
  if (value < 0n || value > 0xffff_ffff_ffff_ffffn) throw new Error('u64: out of range');
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, value);
  return bytes;
}

/** The integer in 4 bytes from `offset`. */
export function readU32(bytes: Uint8Array, offset = 0): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(offset);
}

/** The integer in 8 bytes from `offset`. */
export function readU64(bytes: Uint8Array, offset = 0): bigint {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getBigUint64(offset);
}
