/** gig-gossip.proto read as text: its messages, and the lengths that its comments promise. */
import { readFileSync } from 'node:fs';

const url = new URL('../../src/lib/protocol/wire/gig-gossip.proto', import.meta.url);
const proto = readFileSync(url, 'utf8');

export interface SchemaField {
  readonly name: string;
  readonly type: string;
  readonly number: number;
  /** What the comment beside it begins with, or null: `32, x-only` is 32. */
  readonly exactBytes: number | null;
  readonly atMostBytes: number | null;
}

/** Message -> fields. */
export const schema: ReadonlyMap<string, readonly SchemaField[]> = new Map(
  [...proto.matchAll(/^message (\w+) \{(.*?)\}/gms)].map(([, name, body]) => [
    name!,
    [...body!.matchAll(/^\s*(?:repeated )?(\w+) (\w+) = (\d+);(?: *\/\/ ?(.*))?$/gm)].map(
      readField,
    ),
  ]),
);

function readField([, type, name, number, comment = '']: RegExpMatchArray): SchemaField {
  const exact = type === 'bytes' ? /^(?:settlers only: )?(\d+)\b/.exec(comment) : null;
  const most = type === 'string' ? /at most ([\d,]+) bytes/.exec(comment) : null;
  return {
    name: name!,
    type: type!,
    number: Number(number),
    exactBytes: exact && Number(exact[1]),
    atMostBytes: most && Number(most[1]!.replaceAll(',', '')),
  };
}

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
