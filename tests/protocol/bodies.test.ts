import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { jsonOf, type Json } from '../vectors/json.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import { fieldsOf, number, part, varint, withField, withoutField } from './protobuf.ts';
import { bodies } from './samples.ts';
import { mostWritten, schema } from './schema.ts';

/** Which message of the schema the bytes are to be. */
interface Of {
  readonly message: string;
}

const longer = (bytes: Uint8Array) => concat(bytes, Uint8Array.of(0));

/** Bytes that mean the same as the canonical ones, and so would have another hash and the same sense. */
function otherSpellings(message: string, bytes: Uint8Array): [name: string, Uint8Array][] {
  const [first, ...rest] = fieldsOf(bytes);
  const plain = schema.get(message)!.find(({ type }) => type === 'bytes' || type === 'string')!;
  const twice = fieldsOf(bytes).find((field) => field.number === plain.number)!;
  const tag = varint(first!.number * 8 + first!.type, 1);
  const untagged = first!.bytes.subarray(tag.length - 1);
  const others = rest.map((field) => field.bytes);
  const spellings: [string, Uint8Array][] = [
    ['an unknown field', concat(bytes, number(100, 0))],
    ['an unknown part', concat(bytes, part(101, utf8('hello')))],
    ['a field twice', concat(bytes, twice.bytes)],
    ['an overlong varint', concat(tag, untagged, ...others)],
  ];
  if (others.length > 0) {
    spellings.push(['fields in another order', concat(...others, first!.bytes)]);
  }
  return spellings;
}

/** Fields whose length the schema's comments promise, one byte longer. */
function wrongLengths(message: string, bytes: Uint8Array): [name: string, Uint8Array][] {
  const sent = fieldsOf(bytes).map((field) => field.number);
  return schema.get(message)!.flatMap(({ name, number: field, exactBytes, atMostBytes }) => {
    if (!sent.includes(field)) return [];
    const change = (value: Uint8Array): Uint8Array =>
      exactBytes !== null ? longer(value) : utf8('x'.repeat(atMostBytes! + 1));
    if (exactBytes === null && atMostBytes === null) return [];
    if ((atMostBytes ?? 0) > mostWritten) return [];
    const length = (exactBytes ?? atMostBytes)! + 1;
    return [[`${name} of ${length} bytes`, withField(bytes, field, change)]];
  });
}

function encoded(message: string): Uint8Array {
  const { codec, body } = bodies[message]!;
  return codec.encode(body);
}

function buildVectors() {
  const valid: Vector<Of & { readonly value: Json }>[] = Object.entries(bodies).map(
    ([message, { body }]) => ({
      name: message,
      hex: hexOf(encoded(message)),
      json: { message, value: jsonOf(body) },
    }),
  );
  const invalid: InvalidVector<Of>[] = [];
  const refuse = (message: string, code: string) => (cases: [string, Uint8Array][]) => {
    for (const [name, bytes] of cases) {
      invalid.push({ name: `${message}: ${name}`, hex: hexOf(bytes), json: { message }, code });
    }
  };
  for (const message of Object.keys(bodies)) {
    const bytes = encoded(message);
    refuse(message, 'FRAME_NOT_CANONICAL')(otherSpellings(message, bytes));
    refuse(message, 'FRAME_MALFORMED')(wrongLengths(message, bytes));
    refuse(message, 'FRAME_MALFORMED')([['cut off', bytes.subarray(0, bytes.length - 1)]]);
  }
  refuse('SettlementPromise', 'FRAME_MALFORMED')(brokenPromises());
  refuse(
    'Outcome',
    'FRAME_NOT_CANONICAL',
  )([['a word beyond 32 bits', said('Outcome', 2, 2n ** 32n + 1n)]]);
  refuse(
    'Certificate',
    'FRAME_MALFORMED',
  )([
    ['a time beyond 2^53 ms', said('Certificate', 4, 2n ** 53n)],
    ['17 properties', repeated('Certificate', 3, 17)],
    ['9 addresses', repeated('Certificate', 9, 9)],
  ]);
  const about =
    'Bodies that are hashed, signed or sealed: the messages of src/lib/protocol/wire/' +
    'gig-gossip.proto. A body that does not re-encode to its own bytes is refused.';
  return { about, valid, invalid };
}

function said(message: string, field: number, value: bigint): Uint8Array {
  const fields = fieldsOf(encoded(message));
  const bytes = fields.map((found) =>
    found.number === field ? number(field, value) : found.bytes,
  );
  return concat(...bytes);
}

function repeated(message: string, field: number, times: number): Uint8Array {
  const found = fieldsOf(encoded(message)).find((other) => other.number === field)!;
  const bytes = encoded(message);
  return concat(withoutField(bytes, field), ...Array<Uint8Array>(times).fill(found.bytes));
}

function brokenPromises(): [string, Uint8Array][] {
  const bytes = encoded('SettlementPromise');
  return [
    ['no heights', withoutField(bytes, 11)],
    ['settle_on 3', said('SettlementPromise', 12, 3n)],
    ['default_outcome 0', withoutField(bytes, 13)],
    ['a chain of 5', withField(bytes, 5, (chain) => concat(...Array<Uint8Array>(5).fill(chain)))],
  ];
}

const { valid, invalid } = keepVectors('bodies', buildVectors());

describe('valid', () => {
  test.each(valid)('$name', ({ hex, json }) => {
    const { codec, body } = bodies[json.message]!;
    const core = codec.decodeCanonical(bytesOf(hex));
    if (isFault(core)) throw new Error(core.detail);
    expect(core).toEqual(body);
    expect(jsonOf(core)).toEqual(json.value);
    expect(hexOf(codec.encode(core))).toBe(hex);
  });
});

describe('invalid', () => {
  test.each(invalid)('$name -- $code', ({ hex, json, code }) => {
    const core = bodies[json.message]!.codec.decodeCanonical(bytesOf(hex));
    expect(isFault(core) && core.code).toBe(code);
  });
});
