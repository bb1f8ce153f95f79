/**
 * `npm run nat`: rides between browsers behind real NAT routers, on Linux as root. Arguments are rows, as `cone/symmetric` or
 * `cone/cone+lossy`; by default all that matter. `--json` prints the rows as one JSON object. Exits with 1 if a row is not as it
 * should be, with 2 if it cannot run here. `npm test` runs some of the rows.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { buildApp } from '../src/devnet/build-app.ts';
import { missingForCables } from '../tests/nat/cables.ts';
import { EXPECTED } from '../tests/nat/expected.ts';
import type { Row } from '../tests/nat/rows.ts';
import { nameOf, parseScene, type Scene } from '../tests/nat/scene.ts';
import { FAULTS, KINDS, PUBLIC } from '../tests/nat/segments.ts';
import { openWorld, whyNoRouters } from '../tests/nat/world.ts';
import { ensureChromium } from './chromium.ts';
import { root, type Counts } from './commands.ts';

const IN_NPM_TEST = Object.keys(EXPECTED).filter((name) => EXPECTED[name]!.often);

/** It is no fault of the app's that nothing was tried. */
const CANNOT = 2;

/** For `npm test`: in a process of its own, which says for itself how it goes. */
export async function runNat(): Promise<Counts> {
  const args = [fileURLToPath(import.meta.url), '--json', ...IN_NPM_TEST];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const said = await text(child.stdout);
  const [code] = (await ended) as [number | null];
  const all = IN_NPM_TEST.length;
  if (code === CANNOT) {
    console.log(`skip ${all} rides behind routers: they cannot be had here, as said above`);
    return { passed: 0, failed: 0, skipped: all };
  }
  const rows = said === '' ? [] : (JSON.parse(said) as { readonly rows: readonly Row[] }).rows;
  const passed = rows.filter(isAsExpected).length;
  return { passed, failed: all - passed, skipped: 0 };
}

async function main(args: readonly string[]): Promise<void> {
  const named = args.filter((arg) => !arg.startsWith('--'));
  const names = named.length > 0 ? named : Object.keys(EXPECTED);
  const scenes = names.map((name) => parseScene(name) ?? giveUp(noScene(name)));
  const reason = whyNot(scenes);
  if (reason !== null) giveUp(reason);
  await ensureChromium();
  await buildApp();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => process.exit(1));
  }
  try {
    await openWorld();
  } catch (error) {
    giveUp(error instanceof Error ? error.message : String(error));
  }
  const rows = await runRows(scenes);
  const asExpected = rows.filter(isAsExpected).length;
  if (args.includes('--json')) console.log(JSON.stringify({ rows }));
  else console.log(`${asExpected} passed, ${rows.length - asExpected} failed`);
  process.exit(asExpected > 0 && asExpected === rows.length ? 0 : 1);
}

function giveUp(reason: string): never {
  console.error(reason);
  process.exit(CANNOT);
}

/** Why they cannot be played here, for a person; null if they can. */
function whyNot(scenes: readonly Scene[]): string | null {
  const noRouters = whyNoRouters();
  if (noRouters !== null) return noRouters;
  const missing = scenes.some(({ faults }) => faults.includes('slow')) ? missingForCables() : [];
  return missing.length === 0 ? null : `${missing.join(', ')} not found: +slow needs them`;
}

function noScene(name: string): string {
  const faults = FAULTS.map((fault) => `+${fault}`).join(', ');
  return `"${name}" is no pair of ${KINDS.join(', ')}, as cone/symmetric, with ${faults} behind routers`;
}

function isAsExpected({ a, b, connection, rideSettled }: Row): boolean {
  const wanted = EXPECTED[`${a}/${b}`] ?? EXPECTED[`${b}/${a}`];
  return rideSettled && connection === (wanted?.connection ?? connection);
}

/** Runs them in the public segment, where the practice network is; tells of each as it comes. */
async function runRows(scenes: readonly Scene[]): Promise<Row[]> {
  const rows: Row[] = [];
  const script = [process.execPath, 'tests/nat/rows.ts', ...scenes.map(nameOf)];
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
  for (const { a, b, faults } of scenes.slice(rows.length)) {
    const none = { connection: null, connectMs: null, rideSettled: false };
    rows.push({ a, b, faults, ...none, failure: 'the run ended before it' });
  }
  return rows;
}

function describe(row: Row): string {
  const { a, b, faults = [], connection, connectMs, rideSettled } = row;
  const { rideMs, upgradeMs, recoverMs, failure } = row;
  const how = connection === null ? 'no connection' : `${connection} in ${connectMs} ms`;
  const then =
    (rideMs === undefined ? '' : ` in ${(rideMs / 1000).toFixed(1)} s`) +
    (upgradeMs === undefined ? '' : `, direct ${upgradeMs} ms after the routers allow it`) +
    (recoverMs === undefined ? '' : `, talking ${recoverMs} ms after another address`);
  const end = rideSettled ? `ride settled${then}` : `no ride: ${failure ?? 'unknown'}`;
  const name = nameOf({ a, b, faults });
  const line = `${name.padEnd(24)} ${how}, ${end}`;
  if (isAsExpected(row)) return `ok   ${line}`;
  const must = EXPECTED[name];
  return `FAIL ${line}${must ? ` (must be ${must.connection}: ${must.proves})` : ''}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href)
  await main(process.argv.slice(2));
