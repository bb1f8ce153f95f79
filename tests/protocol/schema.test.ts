/** What the comments of gig-gossip.proto promise of every field is what the codec does, at the bound and one beyond it. */
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame } from '../../src/lib/protocol/frame.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as fields from '../../src/lib/protocol/wire/fields.ts';
import * as topicWords from '../../src/lib/protocol/wire/topic-messages.ts';
import { fieldsOf, number, part, withoutField } from './protobuf.ts';
import { bodies, frames, kindOf } from './samples.ts';
import { frameKinds, schema, type SchemaField } from './schema.ts';

/** A message somewhere in a sample: its bytes, and whether the whole is read with other bytes in their place. */
interface Found {
  readonly bytes: Uint8Array;
  readonly reads: (bytes: Uint8Array) => boolean;
}

const found = new Map<string, Found>();

function collect(type: string, bytes: Uint8Array, reads: Found['reads']): void {
  if (!found.has(type)) found.set(type, { bytes, reads });
  for (const field of schema.get(type)!) {
    const sent = fieldsOf(bytes).find((other) => other.number === field.number);
    if (sent === undefined || !schema.has(field.type) || found.has(field.type)) continue;
    const rest = withoutField(bytes, field.number);
    collect(field.type, sent.value, (inner) => reads(concat(rest, part(field.number, inner))));
  }
}

for (const [name, frame] of Object.entries(frames)) {
  const { type, number: tag } = frameKinds.get(kindOf(name))!;
  const [{ value }] = fieldsOf(encodeFrame(frame)) as [ReturnType<typeof fieldsOf>[0]];
  collect(type, value, (bytes) => !isFault(decodeFrame(part(tag, bytes))));
}
for (const [type, { codec, body }] of Object.entries(bodies)) {
  collect(type, codec.encode(body), (bytes) => !isFault(codec.decode(bytes)));
}

const words = { ...fields, ...topicWords } as unknown as Record<string, readonly string[]>;
const all = [...found].flatMap(([type, { bytes, reads }]) =>
  schema.get(type)!.map((field) => {
    const rest = withoutField(bytes, field.number);
    const sent = fieldsOf(bytes).find((other) => other.number === field.number);
    const put = (...values: Uint8Array[]) =>
      reads(concat(rest, ...values.map((value) => part(field.number, value))));
    const say = (value: bigint | number) => reads(concat(rest, number(field.number, value)));
    const item = sent?.type === 2 ? sent.value : new Uint8Array(field.exactBytes ?? 1);
    return { name: `${type}.${field.name}`, field, put, say, item, left: () => reads(rest) };
  }),
);
const of = (wanted: (field: SchemaField) => boolean) => all.filter(({ field }) => wanted(field));
const filled = (length: number) => new Uint8Array(length).fill(0x61);

test('a sample of every message there is', () => {
  const messages = [...schema.keys()].filter((name) => name !== 'Frame' && name !== 'Topic');
  expect(messages.filter((name) => !found.has(name))).toEqual([]);
});

test('every text, byte string and list says its bound', () => {
  const open = of(
    ({ type, repeated, exactBytes, atMostBytes, mostItems }) =>
      (repeated && mostItems === null) ||
      (['bytes', 'string'].includes(type) && exactBytes === null && atMostBytes === null),
  );
  expect(open.map(({ name }) => name)).toEqual([]);
});

describe('bytes', () => {
  test.each(of(({ exactBytes }) => exactBytes !== null))('$name', ({ field, put, left }) => {
    const { exactBytes, orEmpty, repeated } = field;
    expect(put(filled(exactBytes! + 1))).toBe(false);
    expect(put(filled(exactBytes! - 1))).toBe(false);
    expect(put(filled(exactBytes!))).toBe(true);
    expect(left()).toBe(orEmpty || repeated);
  });

  test.each(of(({ type, atMostBytes }) => type === 'bytes' && atMostBytes !== null))(
    '$name',
    ({ field, put, left }) => {
      expect(put(filled(field.atMostBytes! + 1))).toBe(false);
      expect(put(filled(field.atMostBytes!))).toBe(true);
      expect(put(filled(1))).toBe(true);
      expect(left()).toBe(field.orEmpty);
    },
  );
});

test.each(of(({ type }) => type === 'string'))('text: $name', ({ field, put, left }) => {
  expect(put(filled(field.atMostBytes! + 1))).toBe(false);
  expect(put(filled(field.atMostBytes!))).toBe(true);
  expect(left()).toBe(true);
});

test.each(of(({ repeated }) => repeated))('list: $name', ({ field, put, item, left }) => {
  const times = (count: number) => Array<Uint8Array>(count).fill(item);
  // A list of words is packed into one field.
  const packed = field.wordOf !== null;
  const sent = (count: number) => (packed ? [filled(count).fill(1)] : times(count));
  expect(put(...sent(field.mostItems! + 1))).toBe(false);
  expect(put(...sent(field.mostItems!))).toBe(true);
  expect(left()).toBe(true);
});

test.each(of(({ wordOf, repeated }) => wordOf !== null && !repeated))(
  'word: $name',
  ({ field, say, left }) => {
    const list = words[field.wordOf!]!;
    expect(say(list.length)).toBe(true);
    expect(say(list.length + 1)).toBe(false);
    expect(left()).toBe(false);
  },
);

test.each(of(({ type, name }) => type === 'uint64' && name.endsWith('_ms')))(
  'time: $name',
  ({ say }) => {
    expect(say(2n ** 53n - 1n)).toBe(true);
    expect(say(2n ** 53n)).toBe(false);
  },
);

const isMessage = ({ type, repeated, inOneOf }: SchemaField) =>
  schema.has(type) && !repeated && !inOneOf;

test.each(of((field) => isMessage(field) && !field.optional))(
  'message that must be there: $name',
  ({ left }) => {
    expect(left()).toBe(false);
  },
);

test.each(of((field) => isMessage(field) && field.optional))(
  'message that may be missing: $name',
  ({ left }) => {
    expect(left()).toBe(true);
  },
);
