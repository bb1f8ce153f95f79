/** Bytes as a hostile peer writes them: noise, honest messages with bytes changed, and honest messages with fields changed. */
import { concat } from '../../src/lib/protocol/bytes.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { number, part, varint, type Field } from '../protocol/protobuf.ts';
import type { Dice } from './dice.ts';

/** One in ten is noise, the rest was one of the originals. */
export function hostile(dice: Dice, originals: readonly Uint8Array[]): Uint8Array {
  if (originals.length === 0 || dice.one(10)) return noise(dice);
  let bytes = dice.pick(originals);
  for (let changes = dice.pick([1, 1, 1, 2, 3]); changes > 0; changes--) {
    bytes = dice.one(2) ? changed(dice, bytes, originals) : changedField(dice, bytes, originals);
  }
  return bytes;
}

/** Mostly short; rarely as long as a frame may be, or longer. */
function noise(dice: Dice): Uint8Array {
  if (dice.one(2_000)) return dice.bytes(limits.frameBytes - 8 + dice.below(16));
  const bytes = dice.bytes(dice.below(dice.pick([2, 16, 64, 600])));
  // A tag that some message knows, and a length that fits: what comes after it is looked at.
  if (bytes.length > 2 && dice.one(2)) {
    return part(1 + dice.below(80), bytes);
  }
  return bytes;
}

/** A few bytes are others, gone, there twice, or from elsewhere. */
function changed(dice: Dice, bytes: Uint8Array, originals: readonly Uint8Array[]): Uint8Array {
  if (bytes.length === 0) return dice.bytes(1 + dice.below(8));
  const [from, to] = [dice.below(bytes.length), dice.below(bytes.length + 1)].sort((a, b) => a - b);
  const [before, after] = [bytes.subarray(0, from), bytes.subarray(to)];
  switch (dice.below(7)) {
    case 0:
      return before;
    case 1:
      return concat(before, after);
    case 2:
      return bytes.length > 100_000 ? before : concat(bytes.subarray(0, to), bytes.subarray(from!));
    case 3:
      return concat(before, dice.bytes(1 + dice.below(20)), bytes.subarray(from!));
    case 4: {
      const other = dice.pick(originals);
      return concat(before, other.subarray(dice.below(other.length + 1)));
    }
    case 5: {
      const copy = bytes.slice();
      copy[from!] = dice.pick([0, 1, 127, 128, 255]);
      return copy;
    }
    default: {
      const copy = bytes.slice();
      copy[from!]! ^= 1 << dice.below(8);
      return copy;
    }
  }
}

/** A field, at any depth, is another, gone, there twice or elsewhere; the lengths around it are right again. */
export function changedField(
  dice: Dice,
  bytes: Uint8Array,
  originals: readonly Uint8Array[],
): Uint8Array {
  const fields = readFields(bytes);
  if (fields === null || fields.length === 0) return changed(dice, bytes, originals);
  const at = dice.below(fields.length);
  const field = fields[at]!;
  const parts = fields.map((other) => other.bytes);
  switch (dice.below(field.type === 2 ? 12 : 7)) {
    case 0:
      parts.splice(at, 1);
      break;
    case 1:
      for (let times = dice.pick([1, 1, 2, 30]); times > 0; times--) parts.push(field.bytes);
      break;
    case 2:
      parts.reverse();
      break;
    case 3:
      parts[at] = concat(varint(dice.below(90) * 8 + field.type), parts[at]!.subarray(1));
      break;
    case 4:
    case 5:
    case 6:
      parts[at] = number(field.number, dice.pick(integers) + BigInt(dice.below(3)));
      break;
    case 7:
      parts[at] = part(field.number, dice.bytes(dice.pick([0, 1, 16, 31, 32, 33, 64, 600])));
      break;
    default:
      parts[at] = part(field.number, changedField(dice, field.value, originals));
  }
  return concat(...parts);
}

const integers = [0n, 1n, 7n, 127n, 1_000n, 2n ** 31n - 1n, 2n ** 32n - 1n, 2n ** 53n - 1n];
integers.push(2n ** 53n, 2n ** 63n - 1n, 2n ** 64n - 2n);

/** The fields of a message, or null if these bytes are none that is well formed. */
function readFields(message: Uint8Array): Field[] | null {
  const fields: Field[] = [];
  for (let at = 0; at < message.length;) {
    const tag = readVarint(message, at);
    const type = tag === null ? 1 : tag.value & 7;
    if (tag === null || tag.value < 8 || (type !== 0 && type !== 2)) return null;
    const length = readVarint(message, tag.end);
    if (length === null) return null;
    const end = type === 2 ? length.end + length.value : length.end;
    if (end > message.length) return null;
    const value = message.subarray(type === 2 ? length.end : tag.end, end);
    fields.push({ number: tag.value >> 3, type, bytes: message.subarray(at, end), value });
    at = end;
  }
  return fields;
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let at = start, weight = 1; at < bytes.length && at < start + 10; at++, weight *= 128) {
    value += (bytes[at]! & 127) * weight;
    if (bytes[at]! < 128) return { value, end: at + 1 };
  }
  return null;
}
