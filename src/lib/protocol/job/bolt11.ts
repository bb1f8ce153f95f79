/**
 * What a Lightning invoice says: its text is BOLT 11, and everything that pays, forwards or holds
 * one reads it here first. Whitepaper: "HODL invoices".
 *
 *   ln<network><amount> 1 <timestamp 35 bits> (<type 5> <length 10> <data>)* <signature 520 bits>
 *
 * Stricter than BOLT 11 where it leaves readers a choice: an invoice without an amount is refused,
 * and so is one that says something twice, as two wallets might read it differently.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bech32 } from '@scure/base';
import { concat, hexOf, textOf, utf8 } from '../bytes.ts';
import type { Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { PaymentHash } from '../ids.ts';

export interface InvoiceFields {
  readonly network: Network;
  readonly paymentHash: PaymentHash;
  readonly amountMsat: bigint;
  /** Blocks the last HTLC must have left when it arrives; 18 if the invoice does not say. */
  readonly minFinalCltv: number;
  /** When it was made: ms since the epoch, whole seconds. */
  readonly timestampMs: number;
  /** How long it may be paid; 3,600 if the invoice does not say. */
  readonly expirySeconds: number;
  /** Empty if the invoice carries the hash of a description instead. */
  readonly description: string;
  /** Compressed key of the node that signed it, 33 bytes in hex. */
  readonly payee: string;
}

/** Longest text we read: an invoice with a long description and route hints has about 1,500. */
const longestInvoice = 2_000;
/** Largest amount: all bitcoin there will ever be. */
const largestMsat = 21_000_000n * 100_000_000_000n;
/** Largest number of seconds or blocks a field may say: 32 bits, 136 years of seconds. */
const largestNumber = 0xffff_ffff;

const defaultCltv = 18;
const defaultExpirySeconds = 3_600;

const networks: Readonly<Record<string, Network>> = {
  bc: 'mainnet',
  tb: 'testnet',
  bcrt: 'regtest',
};

/** Pico-bitcoin (tenths of a millisatoshi) in one unit of the amount. */
const picoOf: Readonly<Record<string, bigint>> = {
  '': 1_000_000_000_000n,
  m: 1_000_000_000n,
  u: 1_000_000n,
  n: 1_000n,
  p: 1n,
};

/** Types of tagged fields that we read; each may occur once. */
const fieldTypes = {
  paymentHash: 1,
  features: 5,
  expiry: 6,
  description: 13,
  paymentSecret: 16,
  payee: 19,
  cltv: 24,
} as const;

/** Words (5 bits) of the fields whose length is fixed; with another length a field is ignored. */
const fixedWords: Readonly<Record<number, number>> = {
  [fieldTypes.paymentHash]: 52,
  [fieldTypes.paymentSecret]: 52,
  [fieldTypes.payee]: 53,
};

/** BOLT 9: variable onion, payment secret, multi-part, metadata. Other even bits are fatal. */
const knownFeatures: readonly number[] = [8, 14, 16, 48];

const timestampWords = 7;
const signatureWords = 104;

/** What the invoice says, or INVOICE_MALFORMED for any other text. */
export function readInvoice(text: string): InvoiceFields | Fault {
  const malformed = (detail: string): Fault => fault('INVOICE_MALFORMED', detail);
  if (text.length > longestInvoice) return malformed(`${text.length} characters`);
  const decoded = bech32.decodeUnsafe(text, longestInvoice);
  if (!decoded) return malformed('no bech32, or a wrong checksum');
  const { prefix, words } = decoded;

  const head = readPrefix(prefix);
  if (typeof head === 'string') return malformed(head);
  if (words.length < timestampWords + signatureWords) return malformed('too short');
  const data = words.slice(0, -signatureWords);
  const fields = readFields(data.slice(timestampWords));
  if (typeof fields === 'string') return malformed(fields);
  const said = readMeaning(fields);
  if (typeof said === 'string') return malformed(said);

  const payee = readPayee(prefix, data, words.slice(-signatureWords), said.payee);
  if (payee === null) return malformed('signature does not verify');
  const timestampMs = numberOf(data.slice(0, timestampWords)) * 1_000;
  return { ...head, ...said, timestampMs, payee };
}

/** Network and amount, or what is wrong with them. */
function readPrefix(prefix: string): Pick<InvoiceFields, 'network' | 'amountMsat'> | string {
  const parts = /^ln(bcrt|bc|tb)(?:([1-9][0-9]{0,17})([munp]?))?$/.exec(prefix);
  const network = networks[parts?.[1] ?? ''];
  if (!parts || !network) return 'network or amount not understood';
  if (parts[2] === undefined) return 'no amount';
  const pico = BigInt(parts[2]) * picoOf[parts[3] ?? '']!;
  if (pico % 10n !== 0n) return 'amount is no whole number of millisatoshi';
  const amountMsat = pico / 10n;
  if (amountMsat > largestMsat) return 'more bitcoin than there is';
  return { network, amountMsat };
}

/** The fields we know by type, as words, or what is wrong with them. */
function readFields(words: readonly number[]): ReadonlyMap<number, readonly number[]> | string {
  const fields = new Map<number, readonly number[]>();
  const known: readonly number[] = Object.values(fieldTypes);
  for (let at = 0; at < words.length;) {
    if (at + 3 > words.length) return 'a field is cut off';
    const type = words[at]!;
    const start = at + 3;
    at = start + words[at + 1]! * 32 + words[at + 2]!;
    if (at > words.length) return 'a field is cut off';
    const length = fixedWords[type];
    if (!known.includes(type) || (length !== undefined && at - start !== length)) continue;
    if (fields.has(type)) return `field ${type} twice`;
    fields.set(type, words.slice(start, at));
  }
  return fields;
}

type Meaning = Pick<
  InvoiceFields,
  'paymentHash' | 'minFinalCltv' | 'expirySeconds' | 'description'
> & { readonly payee: Uint8Array | null };

function readMeaning(fields: ReadonlyMap<number, readonly number[]>): Meaning | string {
  const bytes = (type: number) => bytesOfWords(fields.get(type) ?? []);
  const number = (type: number, otherwise: number) =>
    fields.has(type) ? numberOf(fields.get(type)!) : otherwise;

  if (!fields.has(fieldTypes.paymentHash)) return 'no payment hash';
  if (!fields.has(fieldTypes.paymentSecret)) return 'no payment secret';
  const unknown = unknownFeature(fields.get(fieldTypes.features) ?? []);
  if (unknown !== null) return `needs feature ${unknown}`;
  const paymentHash = bytes(fieldTypes.paymentHash);
  const written = bytes(fieldTypes.description);
  if (paymentHash === null || written === null) return 'a field badly padded';
  const description = textOf(written);
  if (description === null) return 'description is no UTF-8';
  const minFinalCltv = number(fieldTypes.cltv, defaultCltv);
  const expirySeconds = number(fieldTypes.expiry, defaultExpirySeconds);
  if (minFinalCltv > largestNumber || expirySeconds > largestNumber) return 'a number too large';
  const payee = fields.has(fieldTypes.payee) ? bytes(fieldTypes.payee) : null;
  return {
    paymentHash: hexOf(paymentHash) as PaymentHash,
    minFinalCltv,
    expirySeconds,
    description,
    payee,
  };
}

/** The lowest even feature bit that is set and that we do not know; null if there is none. */
function unknownFeature(words: readonly number[]): number | null {
  for (let bit = 0; bit < words.length * 5; bit += 2) {
    const word = words[words.length - 1 - Math.floor(bit / 5)]!;
    if ((word >> (bit % 5)) & 1 && !knownFeatures.includes(bit)) return bit;
  }
  return null;
}

/**
 * Key that made the signature; null if none did. With a key in the invoice the signature must be
 * that key's and canonical (low S), otherwise the key is recovered from it.
 */
function readPayee(
  prefix: string,
  data: readonly number[],
  signatureData: readonly number[],
  named: Uint8Array | null,
): string | null {
  const signature = bytesOfWords(signatureData);
  if (signature === null || signature[64]! > 3) return null;
  const digest = sha256(concat(utf8(prefix), paddedBytes(data)));
  const compact = signature.subarray(0, 64);
  try {
    if (named !== null) {
      const good = secp256k1.verify(compact, digest, named, { prehash: false, lowS: true });
      return good ? hexOf(named) : null;
    }
    const recovered = concat(signature.subarray(64), compact);
    return hexOf(secp256k1.recoverPublicKey(recovered, digest, { prehash: false }));
  } catch {
    return null; // r or s out of range, or no point on the curve
  }
}

/** Big-endian number of 5-bit words; above `largestNumber` it may be inexact. */
function numberOf(words: readonly number[]): number {
  return words.reduce((sum, word) => sum * 32 + word, 0);
}

/** Bytes of 5-bit words; null if what is left over is more than 4 bits, or not zero. */
function bytesOfWords(words: readonly number[]): Uint8Array | null {
  return bech32.fromWordsUnsafe([...words]) ?? null;
}

/** Bytes of 5-bit words, with zero bits up to the next byte: what the signature covers. */
function paddedBytes(words: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.ceil((words.length * 5) / 8));
  words.forEach((word, i) => {
    const shifted = word << (11 - ((i * 5) % 8));
    const at = Math.floor((i * 5) / 8);
    bytes[at]! |= (shifted >> 8) & 0xff;
    if (at + 1 < bytes.length) bytes[at + 1]! |= shifted & 0xff;
  });
  return bytes;
}
