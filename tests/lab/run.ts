/** The lab from start to end; its exit code says whether what was asked for was done. */
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { hasDisplay } from './browsers.ts';
import { openLab, tableFor, type LabScript, type OpenLab } from './lab.ts';
import type { LabOptions } from './options.ts';
import { prompt } from './prompt.ts';

/** The app is built, a browser installed, and the world of routers open if `behind` one. */
export async function runLab(options: LabOptions): Promise<number> {
  const log = (line: string) => (options.json ? console.error(line) : console.log(line));
  const stopped = untilStopped();
  const script = options.script === null ? null : await load(options.script);
  if (options.headed && !hasDisplay()) log('No display here: phones have addresses instead.');
  const time = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
  const lab = await openLab(options, { log, time });
  const failures: string[] = [];
  try {
    if (script === null) await byHand(lab, options, stopped);
    else await Promise.race([script(lab), stopped.then(giveUp)]);
  } catch (error) {
    failures.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  for (const { name, death } of lab.phones) if (death !== null) failures.push(`${name}: ${death}`);
  const connections = await lab.connections().catch(() => []);
  const table = await tableFor(lab).catch(() => '');
  const kept = await lab.close();
  for (const failure of failures) console.error(failure);
  log(table);
  log(`Kept: ${kept.join(' ')}`);
  if (options.traces) log('See a trace with: npx playwright show-trace <file>');
  const { nodes, behind } = options;
  const result = lab.result();
  if (options.json) {
    console.log(JSON.stringify({ nodes, behind, connections, kept, failures, result }));
  }
  return failures.length === 0 ? 0 : 1;
}

/** Loaded before anything is started, so that what does not compile costs no time. */
async function load(path: string): Promise<LabScript> {
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  if (typeof module.default === 'function') return module.default as LabScript;
  throw new Error(`${path} has no default export that is a function`);
}

/** On a terminal by its commands, elsewhere through the addresses, until there is no more time or a signal. */
async function byHand(lab: OpenLab, options: LabOptions, stopped: Promise<string>): Promise<void> {
  const { log, phones, browsers, minutes } = lab;
  for (const [index, phone] of phones.entries()) {
    log(`${phone.name}: ${await browsers.handleOf(phone, index + 1)}`);
  }
  await gathered(lab);
  log(await tableFor(lab));
  const over = new AbortController();
  const ends: Promise<unknown>[] = [stopped];
  if (minutes !== null) ends.push(pause(minutes * 60_000, null, { signal: over.signal }));
  if (process.stdin.isTTY && !options.json) {
    ends.push(prompt(lab, process.stdin, process.stdout));
  } else if (minutes === null) log('Ctrl-C ends it.');
  await Promise.race(ends);
  over.abort();
}

/** Waits a while for everybody to be connected with everybody, for the first table's sake. */
async function gathered({ phones, connections }: OpenLab): Promise<void> {
  for (let tries = 0; tries < 40; tries++) {
    const all = await connections();
    if (all.every((each) => Object.keys(each.phones).length === phones.length - 1)) return;
    await pause(500);
  }
}

function giveUp(signal: string): never {
  throw new Error(`${signal} before the script was done`);
}

/** A second signal ends it at once. */
function untilStopped(): Promise<string> {
  return new Promise((stop) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop);
  });
}
