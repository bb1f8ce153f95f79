/**
 * `npm run nat`: rides between browsers behind real NAT routers, on Linux as root. Arguments are pairs, as `cone/symmetric`; by
 * default all that matter. `--json` prints the rows as one JSON object. Exits with 1 if a row is not as it should be, with 2 if it
 * cannot run here.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { buildApp } from '../src/devnet/build-app.ts';
import type { Row } from '../tests/nat/rows.ts';
import { KINDS, PUBLIC } from '../tests/nat/segments.ts';
import { openWorld, whyNoRouters } from '../tests/nat/world.ts';
import { ensureChromium } from './chromium.ts';
import { root } from './commands.ts';

/** Both phones' routers, and how they are then connected. */
const EXPECTED: Readonly<Record<string, 'direct' | 'relayed'>> = {
  'open/open': 'direct',
  'cone/cone': 'direct',
  'cone/cone+handover': 'direct',
  'symmetric/open': 'direct',
  'symmetric/cone': 'relayed',
  'symmetric/symmetric': 'relayed',
  'blocked/cone': 'relayed',
};

const args = process.argv.slice(2);
const json = args.includes('--json');
const pairs = args.filter((arg) => !arg.startsWith('--'));
const reason = whyNot();
if (reason !== null) {
  console.error(reason);
  process.exit(2);
}
await ensureChromium();
await buildApp();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => process.exit(1));
}
try {
  await openWorld();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(2);
}
const rows = await runRows(pairs.length > 0 ? pairs : Object.keys(EXPECTED));
const asExpected = rows.filter(isAsExpected).length;
if (json) console.log(JSON.stringify({ rows }));
else console.log(`${asExpected} passed, ${rows.length - asExpected} failed`);
process.exit(asExpected > 0 && asExpected === rows.length ? 0 : 1);

/** Why it cannot run here, for a person; null if it can. */
function whyNot(): string | null {
  const noRouters = whyNoRouters();
  if (noRouters !== null) return noRouters;
  const known = new Set<string>(KINDS);
  const bad = pairs.find((pair) => {
    const kinds = /^([a-z]+)\/([a-z]+)(\+handover)?$/.exec(pair)?.slice(1, 3) ?? [''];
    return !kinds.every((kind) => known.has(kind)) || (pair.includes('+') && kinds[1] === 'open');
  });
  return bad === undefined ? null : `"${bad}" is no pair of ${KINDS.join(', ')}, as cone/symmetric`;
}

function isAsExpected({ a, b, connection, rideSettled }: Row): boolean {
  const wanted = EXPECTED[`${a}/${b}`] ?? EXPECTED[`${b}/${a}`] ?? connection;
  return rideSettled && connection === wanted;
}

/** Runs them in the public segment, where the practice network is; tells of each as it comes. */
async function runRows(wanted: readonly string[]): Promise<Row[]> {
  const rows: Row[] = [];
  const script = [process.execPath, 'tests/nat/rows.ts', ...wanted];
  const child = spawn('ip', ['netns', 'exec', PUBLIC, ...script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const row = JSON.parse(line) as Row;
    rows.push(row);
    console.error(describe(row));
  }
  // One that never came is one that failed.
  for (const pair of wanted.slice(rows.length)) {
    const [a, b] = pair.split(/[/+]/) as [Row['a'], Row['b']];
    const none = { connection: null, connectMs: null, rideSettled: false };
    rows.push({ a, b, ...none, failure: 'the run ended before it' });
  }
  return rows;
}

function describe(row: Row): string {
  const { a, b, connection, connectMs, rideSettled, upgradeMs, recoverMs, failure } = row;
  const how = connection === null ? 'no connection' : `${connection} in ${connectMs} ms`;
  const then =
    (upgradeMs === undefined ? '' : `, direct ${upgradeMs} ms after the routers allow it`) +
    (recoverMs === undefined ? '' : `, talking ${recoverMs} ms after another address`);
  const end = rideSettled ? `ride settled${then}` : `no ride: ${failure ?? 'unknown'}`;
  return `${isAsExpected(row) ? 'ok  ' : 'FAIL'} ${`${a}/${b}`.padEnd(20)} ${how}, ${end}`;
}
