/**
 * SHA-256 and HKDF in place of @noble/hashes while money is simulated (`hooks.ts` puts them there): Node's own hash, and keys
 * that were derived before are looked up. Same functions, same answers; off together with that of `curve.ts`.
 */
import { hkdf as plainHkdf } from '@noble/hashes/hkdf.js';
import { sha256 as plainSha256 } from '@noble/hashes/sha2.js';
import { hash, hkdfSync } from 'node:crypto';
import { memory, Table, text } from './memory.ts';

function quickSha256(message: Uint8Array): Uint8Array {
  // A copy: noble gives plain bytes, not a Buffer.
  return memory.on ? new Uint8Array(hash('sha256', message, 'buffer')) : plainSha256(message);
}

export const sha256 = Object.assign(quickSha256, plainSha256);

const derived = new Table<Uint8Array>();

type Hkdf = typeof plainHkdf;

/** The core derives with SHA-256 only, and gives salt and info. */
export const hkdf: Hkdf = (of, secret, salt, info, length) => {
  if (!memory.on || salt === undefined || info === undefined) {
    return plainHkdf(of, secret, salt, info, length);
  }
  return derived
    .of(`${length} ${text(secret)} ${text(salt)} ${text(info)}`, () => {
      return new Uint8Array(hkdfSync('sha256', secret, salt, info, length));
    })
    .slice();
};
