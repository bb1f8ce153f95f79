/**
 * From what a person knows, or an authenticator gives, to a key: Argon2id (RFC 9106) for a passphrase, so that each guess costs 64
 * MiB and about a second, HKDF for a passkey's secret, which nobody guesses. Keys are WebCrypto's and cannot be read back.
 */
import { argon2idAsync } from '@noble/hashes/argon2.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';

export interface Stretching {
  /** KiB. */
  readonly m: number;
  readonly t: number;
  /** 16 bytes, as hex. */
  readonly salt: string;
}

/** What a guess costs: KiB and passes. Stored beside what they protect, so that they may rise. */
const cost = { m: 65_536, t: 2 } as const;
/** A file made by somebody else must not take all memory of a phone. */
const most = { m: 262_144, t: 8 } as const;

export const saltBytes = 16;
const nonceBytes = 12;

export type Bytes = Uint8Array<ArrayBuffer>;

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** `cheap` is for tests, which are no attack. */
export function freshStretching(cheap = false): Stretching {
  const { m, t } = cheap ? { m: 64, t: 1 } : cost;
  return { m, t, salt: toHex(randomBytes(saltBytes)) };
}

export function isStretching(value: unknown): value is Stretching {
  const { m, t, salt } = (value ?? {}) as Partial<Stretching>;
  const whole = Number.isInteger(m) && Number.isInteger(t) && m! >= 8 && t! >= 1;
  const bounded = whole && m! <= most.m && t! <= most.t;
  return bounded && typeof salt === 'string' && /^[0-9a-f]{32}$/.test(salt);
}

export async function keyOfPassphrase(passphrase: string, how: Stretching): Promise<CryptoKey> {
  const { m, t, salt } = how;
  const raw = await argon2idAsync(passphrase.normalize('NFKC'), fromHex(salt), {
    m,
    t,
    p: 1,
    dkLen: 32,
  });
  return importKey(raw as Bytes);
}

/** `secret`: 32 bytes of a passkey's PRF. */
export function keyOfPasskey(secret: Uint8Array, salt: string): Promise<CryptoKey> {
  const raw = hkdf(
    sha256,
    secret,
    fromHex(salt),
    new TextEncoder().encode('gig-gossip/1/passkey'),
    32,
  );
  return importKey(raw as Bytes);
}

/** Wipes the bytes: what is left of the key cannot be read back. */
export async function importKey(raw: Bytes): Promise<CryptoKey> {
  const key = await crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
  raw.fill(0);
  return key;
}

/** nonce 12 ‖ AES-GCM; `about` is bound to it and must be said again to open it. */
export async function seal(key: CryptoKey, plain: Uint8Array, about: string): Promise<Bytes> {
  const iv = randomBytes(nonceBytes);
  const additionalData = new TextEncoder().encode(about);
  const how = { name: 'AES-GCM', iv, additionalData };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(how, key, plain as Bytes));
  const whole = new Uint8Array(nonceBytes + sealed.length);
  whole.set(iv);
  whole.set(sealed, nonceBytes);
  return whole;
}

/** Null for another key, other bytes, or another `about`. */
export async function open(
  key: CryptoKey,
  sealed: Uint8Array,
  about: string,
): Promise<Bytes | null> {
  const additionalData = new TextEncoder().encode(about);
  const iv = sealed.slice(0, nonceBytes);
  try {
    const how = { name: 'AES-GCM', iv, additionalData };
    return new Uint8Array(await crypto.subtle.decrypt(how, key, sealed.slice(nonceBytes)));
  } catch {
    return null;
  }
}

export function toHex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function fromHex(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
