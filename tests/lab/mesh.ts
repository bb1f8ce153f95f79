/**
 * Every phone directly connected with every other, and jobs among them for `--minutes` (10 unless said): nothing disconnects for
 * good, and no page's memory grows by more than a tenth once its caches are warm. It is read every minute.
 *
 *   npm run mesh -- --nodes 12 --minutes 10
 */
import { setTimeout as pause } from 'node:timers/promises';
import { meet } from '../e2e/people.ts';
import type { Phone } from '../e2e/phone.ts';
import { heapOf, type Heap } from '../bench/page.ts';
import { descendantsOf, processLabel, proportionalBytes } from '../bench/processes.ts';
import type { Lab } from './lab.ts';
import { seenBy } from './seen.ts';

/** What a page holds, bytes after a forced collection, and its WebRTC connections. */
interface Reading extends Heap {
  /** Of the page's thread and its node's, with their buffers; miners come and go with the work. */
  readonly kept: number;
  readonly openConnections: number;
  readonly madeConnections: number;
}

interface Disconnection {
  readonly phone: string;
  readonly from: string;
  /** Seconds after gossip began. */
  readonly atSeconds: number;
  readonly reason: string;
}

interface PhoneResult {
  readonly phone: string;
  readonly firstBytes: number;
  readonly lastBytes: number;
  readonly ratio: number;
  readonly readings: readonly Reading[];
}

/** What `--json` has of it; while it runs, only the readings. */
export interface MeshResult {
  readonly phones: readonly PhoneResult[];
  readonly jobs: number;
  readonly disconnections: readonly Disconnection[];
  /** As `phone-1 from phone-2`. */
  readonly lostForGood: readonly string[];
}

const DEFAULT_MINUTES = 10;
/**
 * Before the first reading, with jobs closer together, or as long as the rest if that is shorter: screens are loaded and engines
 * compile what runs often, which is most of what a heap gains in its first minutes.
 */
const WARM_UP_MINUTES = 3;
const WARM_UP_JOB_MS = 8_000;
const MOST_GROWTH = 1.1;
/** ms between two jobs. */
const JOB_MS = 20_000;
/** ms until a job is heard, on a machine that runs a dozen phones. */
const HEARD_MS = 120_000;
/** ms that a link which ended has to come back. */
const RETURN_MS = 90_000;
const PICKUPS = ['u2yhvdp', 'u2yhvdr', 'u2yhve0', 'u2yhve2', 'u2yhve8'];

export default async function mesh(lab: Lab): Promise<void> {
  const { phones, log, report } = lab;
  if (phones.length < 2) throw new Error('a mesh needs two phones');
  const links = phones.flatMap((one, i) => phones.slice(i + 1).map((two) => [one, two] as const));
  await meet(links, []);
  log(`${links.length} links stand, all of them direct`);
  const town = { ...lab, customers: phones.slice(0, 3), workers: phones.slice(-3), jobs: 0 };
  for (const customer of town.customers) await customer.vouch('customer');
  for (const worker of town.workers) await worker.vouch('worker');

  const startMs = Date.now();
  const minutes = lab.minutes ?? DEFAULT_MINUTES;
  const rounds = Math.max(1, Math.round(minutes)); // a minute each
  await gossip(town, Math.min(WARM_UP_MINUTES, minutes), WARM_UP_JOB_MS);
  const readings = [await readAll(lab)];
  for (let round = 1; round <= rounds; round++) {
    await gossip(town, minutes / rounds, JOB_MS);
    readings.push(await readAll(lab));
    log(`${round} of ${rounds}: ${await lineOf(readings.at(-1)!)}`);
    report({ readings });
  }
  const lost = await lostForGood(phones);
  const results = phones.map((phone, i) =>
    resultOf(
      phone,
      readings.map((each) => each[i]!),
    ),
  );
  const disconnections = (await Promise.all(phones.map((phone) => cutsOf(phone, startMs)))).flat();
  report({
    phones: results,
    jobs: town.jobs,
    disconnections,
    lostForGood: lost,
  } satisfies MeshResult);
  for (const line of linesOf(results, disconnections)) log(line);
  const grown = results.filter(({ ratio }) => ratio > MOST_GROWTH).map(({ phone }) => phone);
  if (lost.length > 0) throw new Error(`lost for good: ${lost.join(', ')}`);
  if (grown.length > 0) throw new Error(`memory grew by more than a tenth: ${grown.join(', ')}`);
}

interface Town extends Lab {
  readonly customers: readonly Phone[];
  readonly workers: readonly Phone[];
  jobs: number;
}

/** Somebody posts a job now and then, somebody hears it, and it is called off; in the end all show their Node screen. */
async function gossip(town: Town, minutes: number, everyMs: number): Promise<void> {
  const endMs = Date.now() + minutes * 60_000;
  while (Date.now() < endMs) {
    const nextMs = Date.now() + everyMs;
    const customer = town.customers[town.jobs % town.customers.length]!;
    const worker = town.workers.findLast((each) => each !== customer)!;
    const pickup = PICKUPS[town.jobs++ % PICKUPS.length]!;
    const payloadId = await customer.post(pickup, 'u2yj2b3');
    await worker.go('#/work');
    await worker.at(`heard-${payloadId}`).waitFor({ timeout: HEARD_MS });
    await customer.command({ command: 'cancelJob', payloadId });
    for (const phone of [customer, worker]) await phone.go('#/node');
    await pause(Math.max(0, Math.min(nextMs, endMs) - Date.now()));
  }
}

async function readAll({ phones }: Lab): Promise<Reading[]> {
  const readings: Reading[] = [];
  for (const phone of phones) readings.push(await read(phone));
  return readings;
}

async function read({ page }: Phone): Promise<Reading> {
  const heap = await heapOf(page);
  const connections = await page.evaluate(() => {
    const { seenConnections: made } = globalThis as unknown as {
      seenConnections: RTCPeerConnection[];
    };
    const open = made.filter(({ connectionState }) => connectionState !== 'closed');
    return { openConnections: open.length, madeConnections: made.length };
  });
  return { ...heap, kept: heap.page + heap.node + heap.buffers, ...connections };
}

async function lineOf(readings: readonly Reading[]): Promise<string> {
  const most = Math.max(...readings.map(({ kept }) => kept));
  const open = readings.map(({ openConnections }) => openConnections).join(' ');
  const { renderers, bytes } = await renderersNow();
  return `at most ${mB(most)} a page, WebRTC connections ${open}; ${renderers} renderers have ${mB(bytes)}`;
}

/** The processes that pages are in, and their memory, what they share counted once; zeroes where there is no /proc. */
async function renderersNow(): Promise<{ readonly renderers: number; readonly bytes: number }> {
  let [renderers, bytes] = [0, 0];
  for (const pid of await descendantsOf(process.pid)) {
    if ((await processLabel(pid)) !== 'renderer') continue;
    renderers++;
    bytes += await proportionalBytes(pid);
  }
  return { renderers, bytes };
}

/** Links that are not there when there was time to make them again, as `phone-1 from phone-2`. */
async function lostForGood(phones: readonly Phone[]): Promise<string[]> {
  const endMs = Date.now() + RETURN_MS;
  for (;;) {
    const seen = await Promise.all(phones.map(seenBy));
    const lost = seen.flatMap(({ peers }, i) =>
      phones
        .filter((_, j) => i !== j && peers[seen[j]!.self] === undefined)
        .map(({ name }) => `${phones[i]!.name} from ${name}`),
    );
    if (lost.length === 0 || Date.now() > endMs) return lost;
    await pause(1_000);
  }
}

async function cutsOf(phone: Phone, startMs: number): Promise<Disconnection[]> {
  const { events } = await seenBy(phone);
  return events
    .filter(({ on, atMs }) => on === 'disconnected' && atMs >= startMs)
    .map(({ peer, atMs, reason }) => ({
      phone: phone.name,
      from: peer,
      atSeconds: Math.round((atMs - startMs) / 1_000),
      reason,
    }));
}

function resultOf({ name }: Phone, readings: readonly Reading[]): PhoneResult {
  const [firstBytes, lastBytes] = [readings[0]!.kept, readings.at(-1)!.kept];
  const ratio = Math.round((lastBytes / firstBytes) * 1_000) / 1_000;
  return { phone: name, firstBytes, lastBytes, ratio, readings };
}

function* linesOf(results: readonly PhoneResult[], cuts: readonly Disconnection[]) {
  for (const { phone, firstBytes, lastBytes, ratio } of results) {
    yield `${phone}: ${mB(firstBytes)} first, ${mB(lastBytes)} last, ratio ${ratio.toFixed(3)}`;
  }
  for (const { phone, from, atSeconds, reason } of cuts) {
    yield `${phone} lost ${from.slice(0, 8)} after ${atSeconds} s: ${reason}`;
  }
  yield `${cuts.length} disconnections`;
}

function mB(bytes: number): string {
  return `${(bytes / 1e6).toFixed(2)} MB`;
}
