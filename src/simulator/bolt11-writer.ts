/**
 * Writes the invoices of simulated wallets: true BOLT 11, signed, so that the core reads them as it
 * reads anybody's. Route hints and fallback addresses have no use in a simulated network.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, hexToBytes, utf8ToBytes } from '@noble/hashes/utils.js';
import { bech32 } from '@scure/base';

export interface InvoiceToWrite {
  readonly network: 'mainnet' | 'testnet' | 'regtest';
  /** 32 bytes in hex. */
  readonly paymentHash: string;
  /** At least 1. */
  readonly amountMsat: bigint;
  readonly minFinalCltv: number;
  /** ms since the epoch; what is less than a second is lost. */
  readonly timestampMs: number;
  readonly expirySeconds: number;
  /** At most 639 bytes in UTF-8. */
  readonly description: string;
  /** 32 bytes. */
  readonly paymentSecret: Uint8Array;
  /** Key of the node that signs, 32 bytes. */
  readonly secretKey: Uint8Array;
}

const prefixOf = { mainnet: 'lnbc', testnet: 'lntb', regtest: 'lnbcrt' } as const;

/** Variable onion (8) and payment secret (14) required, as every wallet of today does. */
const features = [0b10000, 0b01000, 0b00000];

/** The invoice, in lower case. */
export function writeInvoice(invoice: InvoiceToWrite): string {
  const prefix = `${prefixOf[invoice.network]}${invoice.amountMsat * 10n}p`;
  const data = [
    ...wordsOf(Math.floor(invoice.timestampMs / 1_000), 7),
    ...field(1, bech32.toWords(hexToBytes(invoice.paymentHash))),
    ...field(16, bech32.toWords(invoice.paymentSecret)),
    ...field(13, bech32.toWords(utf8ToBytes(invoice.description))),
    ...field(24, wordsOf(invoice.minFinalCltv)),
    ...field(6, wordsOf(invoice.expirySeconds)),
    ...field(5, features),
  ];
  const digest = sha256(concatBytes(utf8ToBytes(prefix), bytesOf(data)));
  const options = { prehash: false, format: 'recovered' } as const;
  const signed = secp256k1.sign(digest, invoice.secretKey, options);
  const signature = concatBytes(signed.subarray(1), signed.subarray(0, 1));
  return bech32.encode(prefix, [...data, ...bech32.toWords(signature)], false);
}

function field(type: number, words: readonly number[]): number[] {
  if (words.length > 1_023) throw new Error('invoice field too long');
  return [type, ...wordsOf(words.length, 2), ...words];
}

/** Big-endian 5-bit words of an integer, as few as hold it or as many as asked for. */
function wordsOf(value: number, length = 1): number[] {
  const words: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / 32)) words.unshift(rest % 32);
  while (words.length < length) words.unshift(0);
  return words;
}

/** What is signed: the words as bytes, with zero bits up to the next byte. */
function bytesOf(words: readonly number[]): Uint8Array {
  const bits = words.map((word) => word.toString(2).padStart(5, '0')).join('');
  const octets = bits.match(/.{1,8}/g) ?? [];
  return Uint8Array.from(octets, (octet) => Number.parseInt(octet.padEnd(8, '0'), 2));
}
