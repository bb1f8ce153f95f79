/** The house style where only reading the sources can hold it: names, sizes, and nothing forgotten. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { faultCodes } from '../src/lib/protocol/index.ts';

const root = join(import.meta.dirname, '..');
const core = 'src/lib/protocol';
const read = (file: string) => readFileSync(join(root, file), 'utf8');

/** Files beneath a folder, as paths from the root; nothing generated. */
function filesIn(folder: string, ...extensions: readonly string[]): string[] {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && extensions.includes(extname(entry.name)))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((file) => !file.includes('_pb.'))
    .sort();
}

const tests = filesIn('tests', '.ts').filter((file) => file !== 'tests/tidy.test.ts');
const sources = filesIn(core, '.ts');

describe('fault codes', () => {
  const tested = tests.map(read).join('\n');
  const given = sources
    .filter((file) => !file.endsWith('/faults.ts'))
    .map(read)
    .join('\n');
  const readme = read(`${core}/README.md`);

  test.each(Object.entries(faultCodes))('%s: %s', (code, rule) => {
    const name = new RegExp(`\\b${code}\\b`);
    expect(tested, 'no test earns it').toMatch(name);
    expect(given, 'nothing in the core gives it').toMatch(name);
    expect(readme, 'the table of the README lacks it').toContain(`| \`${code}\` | ${rule} |`);
  });

  test('the table of the README has no others', () => {
    const listed = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
    expect(listed).toEqual(Object.keys(faultCodes));
  });
});

describe('core files', () => {
  const plain = sources.filter((file) => !/\/(index|ids)\.ts$/.test(file));

  test.each(plain)('%s opens by saying what it is', (file) => {
    expect(read(file)).toMatch(/^\/\*\*[\s\S]{20,}?\*\//);
  });

  const walked = sources.filter((file) => /\/(job|roles|overlay)\//.test(file));
  test.each(walked)('%s is on the walk through the README', (file) => {
    const readme = read(`${core}/README.md`);
    const name = file.slice(core.length + 1);
    const [folder, base] = name.split('/');
    const row = readme.split('\n').find((line) => line.startsWith('|') && line.includes(base!));
    expect(row, `no row of the README has ${name}`).toBeDefined();
    expect(row).toContain(`\`${folder}/`);
  });

  test.each(sources.filter((file) => file.includes('/job/')))('%s is exported', (file) => {
    expect(read(`${core}/index.ts`)).toContain(`'./${file.slice(core.length + 1)}'`);
  });
});

test.each([
  'AskForBroadcastFrame',
  'POWBroadcastConditionsFrame',
  'POWBroadcastFrame',
  'ReplyFrame',
  'RequestPayload',
  'BroadcastPayload',
  'ReplyPayload',
  'SettlementPromise',
  'Certificate',
  'WorkRequest',
  'ProofOfWork',
  'TaxiTopic',
])('%s of the whitepaper exists under its name', (name) => {
  expect(read(`${core}/wire/gig-gossip.proto`)).toMatch(new RegExp(`^message ${name} \\{`, 'm'));
});

test('every message and field of the schema of a frame is used by the codec', () => {
  const messages = [...read(`${core}/wire/gig-gossip.proto`).matchAll(/^message (\w+) \{/gm)];
  const used = filesIn(`${core}/wire`, '.ts').map(read).join() + read(`${core}/frame.ts`);
  for (const [, name] of messages) expect(used).toContain(`${name}Schema`);
});

describe('sizes', () => {
  const all = ['src', 'tests', 'tools'].flatMap((folder) =>
    filesIn(folder, '.ts', '.js', '.mjs', '.svelte'),
  );

  test('no source file is longer than 400 lines', () => {
    const long = all.map((file) => [file, read(file).split('\n').length - 1] as const);
    expect(long.filter(([, lines]) => lines > 400)).toEqual([]);
  });

  test('nobody left a note to do it later', () => {
    const later = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME'].join('|')})\\b`);
    expect(all.filter((file) => later.test(read(file)))).toEqual([]);
  });
});

test('vectors: every file is kept by a test', () => {
  const kept = tests.map(read).join('\n');
  for (const file of filesIn('tests/vectors', '.json')) {
    const name = file.slice('tests/vectors/'.length, -'.json'.length);
    expect(kept).toMatch(new RegExp(`keepVectors\\(\\s*'${name}'`));
  }
});
