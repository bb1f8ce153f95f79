/** gig-gossip.proto read as text: its messages, and the bounds that its comments promise, as its head says how to read them. */
import { readFileSync } from 'node:fs';

const url = new URL('../../src/lib/protocol/wire/gig-gossip.proto', import.meta.url);
const proto = readFileSync(url, 'utf8');

export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly number: number;
  readonly repeated: boolean;
  /** Bytes: `32` is exactly 32, `1 to 512` no more than 512 (text: `at most 512 bytes`), `, or empty` none at all. */
  readonly exactBytes: number | null;
  readonly atMostBytes: number | null;
  readonly orEmpty: boolean;
  readonly mostItems: number | null;
  /** The list that an integer is a position in. */
  readonly wordOf: string | null;
  /** One of several, of which exactly one must be there. */
  readonly inOneOf: boolean;
  /** A message that may be missing. */
  readonly optional: boolean;
}

/** Message -> fields. */
export const schema: ReadonlyMap<string, readonly SchemaField[]> = new Map(
  [...proto.matchAll(/^message (\w+) \{(.*?)\}/gms)].map(([, name, body]) => {
    const oneOf = body!.indexOf('oneof ');
    const fields = body!.matchAll(/^\s*(repeated )?(\w+) (\w+) = (\d+);(?: *\/\/ ?(.*))?$/gm);
    return [name!, [...fields].map((found) => readField(found, oneOf >= 0 && found.index > oneOf))];
  }),
);

function readField(found: RegExpMatchArray, inOneOf: boolean): SchemaField {
  const [, repeated = '', type, name, number, comment = ''] = found;
  const said = (pattern: RegExp) => {
    const digits = pattern.exec(comment)?.[1];
    return digits === undefined ? null : Number(digits.replaceAll(',', ''));
  };
  const range = type === 'bytes' ? said(/^1 to ([\d,]+)/) : null;
  const most = type === 'string' ? said(/at most ([\d,]+) bytes/) : range;
  const exact = repeated === '' ? /^(\d[\d,]*)(?! to)\b/ : /\beach (\d[\d,]*)\b/;
  return {
    name: name!,
    type: type!,
    number: Number(number),
    repeated: repeated !== '',
    exactBytes: type === 'bytes' ? said(exact) : null,
    atMostBytes: most,
    orEmpty: /^[\d, to]+, or empty/.test(comment),
    mostItems: repeated === '' ? null : said(/^at most ([\d,]+)/),
    wordOf: /word of `(\w+)`/.exec(comment)?.[1] ?? /words of `(\w+)`/.exec(comment)?.[1] ?? null,
    inOneOf,
    optional: comment.startsWith('optional'),
  };
}

/** Vectors of one byte too many are written up to here; what may be longer only the tests try. */
export const mostWritten = 5_000;

/** Kind of a frame -> its message's name and its number in `Frame`. */
export const frameKinds: ReadonlyMap<string, { readonly type: string; readonly number: number }> =
  new Map(
    [
      ...(/^message Frame \{\s*oneof kind \{(.*?)\}/ms.exec(proto)?.[1] ?? '').matchAll(
        /(\w+) (\w+) = (\d+);/g,
      ),
    ].map(([, type, name, number]) => [camelCase(name!), { type: type!, number: Number(number) }]),
  );

function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
