/** A node's secret as 24 words that can be written on paper: BIP-39's English list and checksum, so that a slip of the pen shows. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bip39English as list } from './bip39-english.ts';

const secretBytes = 32;
const bitsOfWord = 11;
const wordCount = 24;

/** 32 bytes -> 24 words. */
export function wordsOf(secret: Uint8Array): readonly string[] {
  if (secret.length !== secretBytes) throw new Error(`${secret.length} bytes, 32 wanted`);
  const bits = binary(Uint8Array.of(...secret, sha256(secret)[0]!));
  return Array.from(
    { length: wordCount },
    (_, at) => list[parseInt(bits.slice(at * bitsOfWord, (at + 1) * bitsOfWord), 2)]!,
  );
}

/** Null unless these are 24 words of the list, in an order that adds up. */
export function secretOf(text: string): Uint8Array | null {
  const words = text
    .normalize('NFKD')
    .trim()
    .toLowerCase()
    .split(/[\s,.;]+/);
  const places = words.map((word) => list.indexOf(word));
  if (words.length !== wordCount || places.includes(-1)) return null;
  const bits = places.map((place) => place.toString(2).padStart(bitsOfWord, '0')).join('');
  const bytes = Uint8Array.from(bits.match(/.{8}/g)!, (byte) => parseInt(byte, 2));
  const secret = bytes.slice(0, secretBytes);
  return sha256(secret)[0] === bytes[secretBytes] ? secret : null;
}

function binary(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
}
