/**
 * From protobuf messages to the core's types and back: a message is a table of fields, a field knows its length and bounds.
 * Reading is total: whatever the bytes, the answer is a value or one fault, never a throw.
 */
import {
  create,
  fromBinary,
  toBinary,
  type DescMessage,
  type MessageInitShape,
} from '@bufbuild/protobuf';
import { bytesOf, equal, hexOf, utf8 } from '../bytes.ts';
import { fault, type Fault } from '../faults.ts';

/** A field of a message: `Wire` is what protobuf carries, `Core` what the core works with. */
export interface Field<Core> {
  read(wire: unknown): Core;
  write(core: Core): unknown;
}

/** A whole message. */
export interface MessageCodec<Core> extends Field<Core> {
  decode(bytes: Uint8Array): Core | Fault;
  /** As `decode`, for bodies that are hashed or signed: refuses bytes that do not re-encode to themselves. */
  decodeCanonical(bytes: Uint8Array): Core | Fault;
  encode(core: Core): Uint8Array;
}

export type CoreOf<F> = F extends Field<infer Core> ? Core : never;

class Malformed extends Error {}

function refuse(why: string): never {
  throw new Malformed(why);
}

export function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'code' in value && 'detail' in value;
}

/** Exactly `length` bytes. */
export function bytes(length: number): Field<Uint8Array> {
  return {
    read: (wire) => {
      const value = wire as Uint8Array;
      return value.length === length ? value : refuse(`${value.length} bytes, not ${length}`);
    },
    write: (core) => core,
  };
}

/** 1 to `max` bytes. */
export function bytesUpTo(max: number): Field<Uint8Array> {
  return {
    read: (wire) => {
      const value = wire as Uint8Array;
      if (value.length === 0 || value.length > max) refuse(`${value.length} bytes, not 1-${max}`);
      return value;
    },
    write: (core) => core,
  };
}

/** Exactly `length` bytes, as a branded lower-case hex string. */
export function hex<Id extends string>(length: number): Field<Id> {
  const inner = bytes(length);
  return {
    read: (wire) => hexOf(inner.read(wire)) as Id,
    write: (core) => bytesOf(core),
  };
}

/** As `hex`, or nothing at all: null. */
export function hexOrNone<Id extends string>(length: number): Field<Id | null> {
  const inner = hex<Id>(length);
  return {
    read: (wire) => ((wire as Uint8Array).length === 0 ? null : inner.read(wire)),
    write: (core) => (core === null ? new Uint8Array(0) : inner.write(core)),
  };
}

export function bytesOrNone(length: number): Field<Uint8Array | null> {
  const inner = bytes(length);
  return {
    read: (wire) => ((wire as Uint8Array).length === 0 ? null : inner.read(wire)),
    write: (core) => core ?? new Uint8Array(0),
  };
}

/** 1 to `max` bytes, or nothing at all: null. */
export function bytesUpToOrNone(max: number): Field<Uint8Array | null> {
  const inner = bytesUpTo(max);
  return {
    read: (wire) => ((wire as Uint8Array).length === 0 ? null : inner.read(wire)),
    write: (core) => core ?? new Uint8Array(0),
  };
}

/** UTF-8 of at most `max` bytes. */
export function text(max: number): Field<string> {
  return {
    read: (wire) =>
      utf8(wire as string).length > max ? refuse(`text over ${max} bytes`) : (wire as string),
    write: (core) => core,
  };
}

export const uint: Field<number> = { read: (wire) => wire as number, write: (core) => core };

export const flag: Field<boolean> = { read: (wire) => wire as boolean, write: (core) => core };

/** uint64 as bigint: msat, sequence numbers. */
export const big: Field<bigint> = { read: (wire) => wire as bigint, write: (core) => core };

/** uint64 as number: ms since the epoch. */
export const time: Field<number> = {
  read: (wire) => {
    const value = wire as bigint;
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : refuse('time beyond 2^53');
  },
  write: (core) => BigInt(core),
};

/** As `time`, or 0: null. */
export const timeOrNone: Field<number | null> = {
  read: (wire) => (wire === 0n ? null : time.read(wire)),
  write: (core) => time.write(core ?? 0),
};

/** One of a closed set of words, carried as its position from 1. */
export function word<const Words extends readonly string[]>(words: Words): Field<Words[number]> {
  return {
    read: (wire) => words[(wire as number) - 1] ?? refuse(`no word ${String(wire)}`),
    write: (core) => words.indexOf(core) + 1,
  };
}

export function list<Core>(item: Field<Core>, max: number): Field<readonly Core[]> {
  return {
    read: (wire) => {
      const items = wire as unknown[];
      return items.length > max
        ? refuse(`${items.length} items, at most ${max}`)
        : items.map(item.read);
    },
    write: (core) => core.map(item.write),
  };
}

export function required<Core>(inner: Field<Core>): Field<Core> {
  return {
    read: (wire) => (wire === undefined ? refuse('missing part') : inner.read(wire)),
    write: inner.write,
  };
}

export function optional<Core>(inner: Field<Core>): Field<Core | null> {
  return {
    read: (wire) => (wire === undefined ? null : inner.read(wire)),
    write: (core) => (core === null ? undefined : inner.write(core)),
  };
}

type Fields = Readonly<Record<string, Field<unknown>>>;
type CoreFields<F> = { readonly [K in keyof F]: CoreOf<F[K]> };

/** A message from the table of its fields, whose names are the schema's in camelCase. */
export function message<Desc extends DescMessage, F extends Fields>(
  schema: Desc,
  fields: F & { readonly [K in Exclude<keyof MessageInitShape<Desc>, `$${string}`>]: unknown },
): MessageCodec<CoreFields<F>> {
  type Core = CoreFields<F>;
  const names = Object.keys(fields);
  const codec: MessageCodec<Core> = {
    read: (wire) => {
      const source = wire as Record<string, unknown>;
      const core: Record<string, unknown> = {};
      for (const name of names) core[name] = fields[name]!.read(source[name]);
      return core as Core;
    },
    write: (core) => {
      const source = core as Record<string, unknown>;
      const wire: Record<string, unknown> = {};
      for (const name of names) {
        const value = fields[name]!.write(source[name]);
        if (value !== undefined) wire[name] = value;
      }
      return create(schema, wire as MessageInitShape<Desc>);
    },
    decode: (encoded) => {
      try {
        return codec.read(fromBinary(schema, encoded, { readUnknownFields: false }));
      } catch (error) {
        return fault('FRAME_MALFORMED', `${schema.name}: ${(error as Error).message}`);
      }
    },
    decodeCanonical: (encoded) => {
      const core = codec.decode(encoded);
      if (isFault(core) || equal(codec.encode(core), encoded)) return core;
      return fault('FRAME_NOT_CANONICAL', schema.name);
    },
    encode: (core) => toBinary(schema, codec.write(core) as never),
  };
  return codec;
}

type Members = Readonly<Record<string, MessageCodec<object>>>;
type OneOf<M extends Members> = { [K in keyof M]: { readonly kind: K } & CoreOf<M[K]> }[keyof M];

/** A oneof, of which exactly one must be there: `{ kind: name, ...message }`. */
export function oneOf<M extends Members>(members: M): Field<OneOf<M>> {
  return {
    read: (wire) => {
      const { case: kind, value } = wire as { case: string | undefined; value: unknown };
      if (kind === undefined) refuse('none of what it could be');
      return { kind, ...members[kind]!.read(value) } as OneOf<M>;
    },
    write: (core) => ({ case: core.kind, value: members[core.kind as string]!.write(core) }),
  };
}

/** A message whose only field is the oneof `kind`: `{ kind: name, ...message }`. */
export function union<M extends Members>(schema: DescMessage, members: M, maxBytes: number) {
  type Core = OneOf<M>;
  const one = oneOf(members);
  const codec = {
    read: (wire: unknown): Core => one.read((wire as { kind: unknown }).kind),
    write: (core: Core): unknown => create(schema, { kind: one.write(core) } as never),
    decode(encoded: Uint8Array): Core | Fault {
      if (encoded.length > maxBytes) return fault('FRAME_TOO_LARGE', `${encoded.length} bytes`);
      try {
        return codec.read(fromBinary(schema, encoded, { readUnknownFields: false }));
      } catch (error) {
        return fault('FRAME_MALFORMED', (error as Error).message);
      }
    },
    encode: (core: Core): Uint8Array => toBinary(schema, codec.write(core) as never),
  };
  return codec;
}
