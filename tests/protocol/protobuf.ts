/** Protobuf written by hand, so that tests can say what the codec never would: field by field, to the byte. */
import { concat } from '../../src/lib/protocol/bytes.ts';

/** Seven bits a byte, lowest first; `longer` bytes more than needed. */
export function varint(value: number | bigint, longer = 0): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  } while (rest > 0n);
  for (let i = 0; i < longer; i++) bytes.push(128);
  bytes[bytes.length - 1]! &= 127;
  return Uint8Array.from(bytes);
}

/** A field that is an integer. */
export function number(field: number, value: number | bigint): Uint8Array {
  return concat(varint(field * 8), varint(value));
}

/** A field that is bytes, text or a message. */
export function part(field: number, bytes: Uint8Array): Uint8Array {
  return concat(varint(field * 8 + 2), varint(bytes.length), bytes);
}

export interface Field {
  readonly number: number;
  /** Wire type: 0 an integer, 2 bytes. */
  readonly type: number;
  /** The whole field. */
  readonly bytes: Uint8Array;
  /** What is in it: of bytes the bytes, of an integer its varint. */
  readonly value: Uint8Array;
}

/** The top fields of a message that is well formed and has none but integers and bytes. */
export function fieldsOf(message: Uint8Array): Field[] {
  const fields: Field[] = [];
  for (let at = 0; at < message.length;) {
    const start = at;
    const [tag, afterTag] = readVarint(message, at);
    const [length, afterNumber] = readVarint(message, afterTag);
    const type = tag & 7;
    at = type === 2 ? afterNumber + length : afterNumber;
    const value = message.subarray(type === 2 ? afterNumber : afterTag, at);
    fields.push({ number: tag >> 3, type, bytes: message.subarray(start, at), value });
  }
  return fields;
}

function readVarint(bytes: Uint8Array, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start, weight = 1; ; at++, weight *= 128) {
    value += (bytes[at]! & 127) * weight;
    if (bytes[at]! < 128) return [value, at + 1];
  }
}

/** The message with a field's content changed wherever it occurs. */
export function withField(
  message: Uint8Array,
  field: number,
  change: (value: Uint8Array) => Uint8Array,
): Uint8Array {
  return concat(
    ...fieldsOf(message).map((found) =>
      found.number === field ? part(field, change(found.value)) : found.bytes,
    ),
  );
}

export function withoutField(message: Uint8Array, field: number): Uint8Array {
  const left = fieldsOf(message).filter((found) => found.number !== field);
  return concat(...left.map(({ bytes }) => bytes));
}
