/**
 * The wire format without the compiler that reads its description. The generated file carries the schema as a descriptor in
 * base64, and @bufbuild/protobuf brings what parses descriptors of any kind, 40 kB of it. The build parses it instead, and
 * hands the codec, which stays @bufbuild/protobuf's, the same tables as a few lines of text.
 */
import { pathToFileURL } from 'node:url';
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import type { Plugin } from 'vite';

const GENERATED = /[\\/]wire[\\/]gig-gossip_pb\.js$/;

export function slimWire(): Plugin {
  return {
    name: 'slim-wire',
    apply: 'build',
    enforce: 'pre',
    load: {
      filter: { id: GENERATED },
      handler: async (id) => ({
        code: slimSchemas((await import(pathToFileURL(id).href)) as Schemas),
        map: null,
        moduleSideEffects: false,
      }),
    },
  };
}

/** A generated module: the file's description, and every message's. */
export type Schemas = Readonly<Record<string, unknown>>;

/** The module's messages by the names of their exports. */
export function messagesOf(schemas: Schemas): [name: string, desc: DescMessage][] {
  return Object.entries(schemas).filter((entry): entry is [string, DescMessage] =>
    entry[0].endsWith('Schema'),
  );
}

/** JavaScript that exports what the generated module does, as far as reading and writing bytes needs it. */
export function slimSchemas(schemas: Schemas): string {
  const messages = messagesOf(schemas);
  const all = messages.map(([, desc]) => desc);
  const table = all.map((desc) => describe(desc, all)).join(';');
  const names = messages.map(([name]) => name).join(', ');
  return `${READER}\nexport const [${names}] = read(${JSON.stringify(table)});\n`;
}

/** `typeName field field ...`; a field is `localName number type label oneof`, separated by commas. */
function describe(desc: DescMessage, all: readonly DescMessage[]): string {
  if (desc.file.edition !== PROTO3) throw new Error(`${desc.typeName} is not proto3`);
  return [desc.typeName, ...desc.fields.map((field) => describeField(field, all))].join(' ');
}

function describeField(field: DescField, all: readonly DescMessage[]): string {
  const { localName, number, oneof } = field;
  const list = field.fieldKind === 'list';
  const parts = [localName, number, typeOf(field, all)];
  if (list && field.packed) parts.push('packed');
  else if (list) parts.push('list');
  else if (oneof) parts.push('', oneof.localName);
  // What is neither repeated nor in a oneof is implicit, or a message: the reader takes it so.
  else if (field.fieldKind !== 'message' && field.presence !== IMPLICIT)
    throw new Error(`${field.toString()} has explicit presence`);
  return parts.join(',');
}

/** A scalar's number in the descriptor format, or `m` and the place of a message. */
function typeOf(field: DescField, all: readonly DescMessage[]): string {
  if (field.message) return `m${all.indexOf(field.message)}`;
  if (field.scalar === undefined || field.fieldKind === 'map')
    throw new Error(`${field.toString()} is an enum or a map`);
  return String(field.scalar);
}

const PROTO3 = 999;
const IMPLICIT = 2;
const EXPLICIT = 1;

/** Rebuilds the descriptors that `create`, `fromBinary` and `toBinary` walk. */
const READER = `
function read(table) {
  const file = { edition: ${PROTO3} };
  const all = table.split(';').map((line) => {
    const [typeName, ...rest] = line.split(' ');
    const name = typeName.split('.').pop();
    const toString = () => 'message ' + typeName;
    return { kind: 'message', file, typeName, name, rest, fields: [], members: [], toString };
  });
  for (const parent of all) {
    const oneofs = {};
    for (const field of parent.rest) {
      const [localName, number, type, label, group] = field.split(',');
      const message = type[0] === 'm' ? all[type.slice(1)] : undefined;
      const valueKind = message ? 'message' : 'scalar';
      const desc = {
        kind: 'field', parent, localName, name: localName, number: +number, message,
        scalar: message ? undefined : +type, fieldKind: label ? 'list' : valueKind,
        listKind: label ? valueKind : undefined, packed: label === 'packed',
        presence: (message && !label) || group ? ${EXPLICIT} : ${IMPLICIT}, utf8Validation: type === '9',
        delimitedEncoding: false, longAsString: false, getDefaultValue() {},
        toString: () => 'field ' + parent.typeName + '.' + localName,
      };
      parent.fields.push(desc);
      if (!group) parent.members.push(desc);
      else if (oneofs[group]) oneofs[group].fields.push(desc);
      else parent.members.push(oneofs[group] = { kind: 'oneof', localName: group, fields: [desc] });
      desc.oneof = oneofs[group];
    }
  }
  return all;
}`;
