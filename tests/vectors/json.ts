/** A value of the core as JSON: bytes as lower-case hex, big integers as decimal text. */
import { hexOf } from '../../src/lib/protocol/bytes.ts';

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Uint8Array) return hexOf(value);
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null) return value as Json;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonOf(inner)]));
}
