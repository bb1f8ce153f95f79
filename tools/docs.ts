/**
 * `npm run docs`: writes the tables of docs/protocol.md that come from the code (faults, limits, words), and that of
 * docs/relay.md (settings), and fails when the former lacks a signed type, a frame, a statement or a file of vectors. With `--check` writes nothing, and fails when a table is stale.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultCodes } from '../src/lib/protocol/faults.ts';
import { propertyKinds } from '../src/lib/protocol/job/properties.ts';
import { limits } from '../src/lib/protocol/limits.ts';
import * as fields from '../src/lib/protocol/wire/fields.ts';
import * as words from '../src/lib/protocol/wire/topic-messages.ts';
import { settingRows } from '../src/relay/settings.ts';
import { root } from './commands.ts';

const file = join(root, 'docs/protocol.md');
const core = (name: string) => readFileSync(join(root, 'src/lib/protocol', name), 'utf8');

const faults = Object.entries(faultCodes).map(([code, rule]) => [`\`${code}\``, rule]);
const lists = Object.entries({ ...fields, ...words }).flatMap(([name, list]) =>
  Array.isArray(list) && name !== 'topicKinds' ? [[`\`${name}\``, list.join(', ')]] : [],
);

const properties = Object.entries(propertyKinds).map(([name, { of, values }]) => [
  `property \`${name}\` of ${of.join(', ')}`,
  values.join(', '),
]);

/** Every entry of limits.ts with its comment. */
function limitRows(): string[][] {
  const rows: string[][] = [];
  let comment = '';
  for (const line of core('limits.ts').split('\n')) {
    const said = /^ {2}\/\*\* (.*?) ?\*\/$/.exec(line);
    const group = /^ {2}\/\/ -+ (.*)$/.exec(line);
    const entry = /^ {2}(\w+): /.exec(line);
    if (said) comment = said[1]!;
    if (group) rows.push([`**${group[1]!}**`, '', '']);
    if (!entry) continue;
    const value = limits[entry[1] as keyof typeof limits];
    rows.push([`\`${entry[1]!}\``, value.toLocaleString('en'), comment.replaceAll('|', '\\|')]);
    comment = '';
  }
  return rows;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

function withTable(text: string, name: string, rows: string): string {
  const place = new RegExp(`(<!-- ${name} -->)[\\s\\S]*?(<!-- /${name} -->)`);
  return text.replace(
    place,
    (_all, open: string, close: string) => `${open}\n\n${rows}\n\n${close}`,
  );
}

/** What the document must name in code: `name`. */
function named(): string[] {
  const types = [...core('job/signed.ts').matchAll(/^ {2}\| '([a-z-]+)'/gm)].map(
    ([, type]) => type!,
  );
  const proto = core('wire/gig-gossip.proto');
  const fieldsOf = (message: string) => {
    const body = new RegExp(`message ${message} \\{([\\s\\S]*?)\\n\\}`).exec(proto)?.[1] ?? '';
    return [...body.matchAll(/(?:Signed|\w+Frame) (\w+) = /g)].map(([, name]) => name!);
  };
  const statements = fieldsOf('StatementsFrame').filter((name) => !name.endsWith('_receipt'));
  const vectors = readdirSync(join(root, 'tests/vectors')).filter((name) => name.endsWith('.json'));
  return [...types, ...fieldsOf('Frame'), ...statements, ...vectors];
}

const now = readFileSync(file, 'utf8');
let text = now;
text = withTable(text, 'faults', table(['code', 'rule'], faults));
text = withTable(text, 'limits', table(['limit', 'value', 'of what'], limitRows()));
text = withTable(text, 'words', table(['list', 'words'], [...lists, ...properties]));

const missing = named().filter((name) => !text.includes(`\`${name}\``));
if (missing.length > 0) console.error(`docs/protocol.md says nothing of ${missing.join(', ')}`);
const relayFile = join(root, 'docs/relay.md');
const relayNow = readFileSync(relayFile, 'utf8');
const relayText = withTable(
  relayNow,
  'settings',
  table(['setting', 'if absent', 'what it is'], settingRows()),
);

/** True if it is written as it should be, now or already. */
function keep(path: string, is: string, should: string): boolean {
  if (is === should) return true;
  if (!process.argv.includes('--check')) writeFileSync(path, should);
  else console.error(`${path} is stale: npm run docs`);
  return !process.argv.includes('--check');
}

const kept = [keep(file, now, text), keep(relayFile, relayNow, relayText)];
process.exitCode = kept.includes(false) || missing.length > 0 ? 1 : 0;
