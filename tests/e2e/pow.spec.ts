/**
 * Proof of work where it is done: mining workers of a real Chromium, served by the app's own server under its content security
 * policy and Trusted Types. Whatever a worker finds is verified here, with noble's hashes and nothing of the app's.
 */
import { readFile } from 'node:fs/promises';
import { argon2id } from '@noble/hashes/argon2.js';
import { sha256 } from '@noble/hashes/sha2.js';
import type { Page } from '@playwright/test';
import { buildApp } from '../../src/devnet/build-app.ts';
import { serveApp, type AppServer } from '../../src/devnet/serve.ts';
import type { Miners, WorkEffect, WorkEvent } from '../../src/lib/protocol/index.ts';
import { targetForBits } from '../../src/lib/protocol/index.ts';
import { descendantsOf } from '../bench/processes.ts';
import { RemotePort } from '../ports/bench/bench.ts';
import { startChromiumBench, type ChromiumBench } from '../ports/bench/chromium.ts';
import { expect, test } from './test.ts';

type Mine = Extract<WorkEffect, { do: 'mine' }>;
type Pool = RemotePort<WorkEffect, WorkEvent>;

let bench: ChromiumBench;
let ids = 0;

test.beforeEach(async () => {
  bench = await startChromiumBench();
});
test.afterEach(async () => {
  await bench.close();
});

const hourMs = 3_600_000;
const impossible = new Uint8Array(32);

function puzzle(bits: number | null, change: Partial<Mine> = {}): Mine {
  const inner = sha256(new TextEncoder().encode(`puzzle ${++ids}`));
  const target = bits === null ? impossible : targetForBits(bits);
  const validTillMs = Date.now() + hourMs;
  const common = { do: 'mine', id: `${ids}`, scheme: 'sha256', own: true } as const;
  return { ...common, inner, target, validTillMs, ...change };
}

const openPool = (workers: number): Promise<Pool> =>
  RemotePort.open<WorkEffect, WorkEvent>(bench.page, 'work', { workers });

function of(events: readonly WorkEvent[], id: string) {
  return events.filter((event) => event.on !== 'miners' && event.id === id);
}

/** Waits until it is told of this puzzle; between looks the page is left alone. */
async function told<K extends WorkEvent['on']>(pool: Pool, on: K, id: string) {
  const find = async () => of(await pool.events(), id).find((event) => event.on === on);
  await expect.poll(async () => (await find())?.on, { timeout: 60_000 }).toBe(on);
  return (await find()) as Extract<WorkEvent, { on: K }>;
}

const number = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`);

/** The rule of docs/protocol.md, section 9, with noble's hashes. */
function isWork({ inner, target, scheme }: Mine, nonce: Uint8Array): boolean {
  if (nonce.length !== 8) return false;
  const message = Uint8Array.from([...inner, ...nonce]);
  const cheap = sha256(message);
  if (scheme === 'sha256') return number(cheap) <= number(target);
  const dear = argon2id(message, cheap.slice(0, 16), { t: 1, m: 1_024, p: 1, dkLen: 32 });
  return number(cheap) < 1n << 240n && number(dear) <= number(target);
}

async function minersOf(pool: Pool): Promise<Miners> {
  const find = async () => (await pool.events()).find((event) => event.on === 'miners');
  await expect.poll(async () => (await find())?.on).toBe('miners');
  return ((await find()) as Extract<WorkEvent, { on: 'miners' }>).miners;
}

/** Page and workers live in renderer processes: one that is stopped sleeps as a phone in a pocket does. */
async function renderersOf(parent: number): Promise<number[]> {
  const renderers: number[] = [];
  for (const pid of await descendantsOf(parent)) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes('--type=renderer')) renderers.push(pid);
  }
  return renderers;
}

for (const kernel of ['simd', 'js'] as const) {
  test(`${kernel}: what workers find is work, of both schemes [WRK-07, WRK-14, WRK-17]`, async () => {
    if (kernel === 'js') await bench.tab().route('**/pow-simd*.wasm', (route) => route.abort());
    const pool = await openPool(2);
    const puzzles = [
      ...[0, 1, 8, 11, 14, 17, 20].map((bits) => puzzle(bits)),
      ...[0, 1, 2].map((bits) => puzzle(bits, { scheme: 'argon2id' })),
    ];
    for (const mine of puzzles) await pool.perform(mine);
    for (const mine of puzzles) {
      const { nonce } = await told(pool, 'mined', mine.id);
      expect(isWork(mine, nonce), `${mine.scheme} ${mine.id}`).toBe(true);
    }
    const miners = await minersOf(pool);
    expect(miners).toMatchObject({ kernel, workers: 2 });
    const refused = /ERR_FAILED/; // the kernel that is kept from it
    expect(bench.complaints.filter((text) => kernel === 'simd' || !refused.test(text))).toEqual([]);
    await pool.close();
  });
}

test('a page that mines two puzzles stays responsive [WRK-15]', async () => {
  const tab = bench.tab();
  await tab.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    const watch = (list: PerformanceObserverEntryList) =>
      tasks.push(...list.getEntries().map(({ duration }) => duration));
    new PerformanceObserver(watch).observe({ type: 'longtask' });
  });
  const longTasks = () =>
    tab.evaluate(() => (globalThis as unknown as { tasks: number[] }).tasks.splice(0));
  const pool = await openPool(2);
  const [one, other] = [puzzle(null), puzzle(null, { scheme: 'argon2id' })];
  await pool.perform(one);
  await pool.perform(other);
  // Frames go on being drawn: one that is late by a long task would be seen by the observer.
  await tab.evaluate(
    () =>
      new Promise<void>((resolve) => {
        let frames = 0;
        const next = () => (++frames < 180 ? requestAnimationFrame(next) : resolve());
        next();
      }),
  );
  for (const { id } of [one, other]) {
    const { hashes } = await told(pool, 'miningProgress', id);
    expect(hashes).toBeGreaterThan(0);
  }
  expect((await longTasks()).filter((ms) => ms > 50)).toEqual([]);
  await pool.close();
});

test('progress counts up, and what is cancelled is told of no more [WRK-15]', async () => {
  const pool = await openPool(1);
  const hard = puzzle(null);
  await pool.perform(hard);
  const progress = async () =>
    of(await pool.events(), hard.id).flatMap((e) => (e.on === 'miningProgress' ? [e] : []));
  await expect.poll(async () => (await progress()).length).toBeGreaterThan(3);
  const hashes = (await progress()).map((event) => event.hashes);
  expect(hashes).toEqual([...hashes].sort((a, b) => a - b));
  expect(new Set(hashes).size).toBe(hashes.length);
  const { hashRates } = await minersOf(pool);
  for (const { hashesPerSecond } of await progress()) {
    expect(hashesPerSecond).toBeGreaterThan(0);
    expect(hashesPerSecond).toBeLessThan(hashRates.sha256 * 10);
  }

  const before = await pool.perform({ do: 'cancelMining', id: hard.id });
  const next = puzzle(12);
  await pool.perform(next);
  await told(pool, 'mined', next.id);
  expect(of((await pool.events()).slice(before), hard.id)).toEqual([]);
  await pool.close();
});

test('a page that was suspended goes on, and gives up what is past its deadline', async () => {
  test.skip(process.platform !== 'linux', 'which process is whose is read from /proc');
  const pool = await openPool(2);
  const late = puzzle(null, { validTillMs: Date.now() + 1_000 });
  const long = puzzle(null);
  for (const mine of [late, long]) await pool.perform(mine);
  await told(pool, 'miningProgress', long.id);

  const soFar = (await pool.events()).length;
  const renderers = await renderersOf(process.pid);
  expect(renderers).not.toEqual([]);
  for (const pid of renderers) process.kill(pid, 'SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  for (const pid of renderers) process.kill(pid, 'SIGCONT');

  const { reason } = await told(pool, 'miningFailed', late.id);
  expect(reason).toBe('ran out of time');
  const slept = of((await pool.events()).slice(soFar), long.id).length;
  expect(slept).toBeLessThan(15); // of 20 that 5 s awake would have told of
  const further = async () => of((await pool.events()).slice(soFar), long.id).length;
  await expect.poll(further).toBeGreaterThan(1);
  const next = puzzle(16);
  await pool.perform(next);
  const { nonce } = await told(pool, 'mined', next.id);
  expect(isWork(next, nonce)).toBe(true);
  await pool.close();
});

test('a worker that dies is replaced, and its puzzle continued', async () => {
  const pool = await openPool(1);
  const hard = puzzle(null);
  await pool.perform(hard);
  await told(pool, 'miningProgress', hard.id);
  const miner = bench
    .tab()
    .workers()
    .find((worker) => worker.url().includes('pow.worker'))!;
  const gone = miner.waitForEvent('close');
  await miner.evaluate(() => {
    setTimeout(() => {
      throw new Error('struck dead by its test');
    });
  });
  await gone;
  const next = puzzle(14);
  await pool.perform(next);
  const { nonce } = await told(pool, 'mined', next.id);
  expect(isWork(next, nonce)).toBe(true);
  const soFar = (await pool.events()).length;
  const further = async () => of((await pool.events()).slice(soFar), hard.id).length;
  await expect.poll(further).toBeGreaterThan(1);
  await pool.close();
});

test.describe('the app itself', () => {
  let server: AppServer;
  test.beforeEach(async () => {
    server = await serveApp({ root: await buildApp(), port: 0 });
  });
  test.afterEach(async () => {
    await server.close();
  });

  /** Where the Node screen says what mines. */
  async function openMiners(page: Page) {
    await page.goto(`${server.url}#/node`);
    await page.getByText('Details').first().click();
    return page.getByTestId('miners');
  }

  test('warms its miners up and says what they are', async ({ page }) => {
    const complaints: string[] = [];
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    const miners = await openMiners(page);
    await expect(miners).toHaveAttribute('data-kernel', 'simd', { timeout: 30_000 });
    await expect(miners).toContainText('a second');
    expect(complaints).toEqual([]);
  });

  test('mines with fewer workers when nobody looks, and with one when the battery is low', async ({
    page,
  }) => {
    await page.addInitScript(pretendPhone);
    const miners = await openMiners(page);
    const workers = (count: number) =>
      expect(miners).toHaveAttribute('data-workers', `${count}`, { timeout: 30_000 });
    const change = (phone: Partial<Phone>) =>
      page.evaluate((changed) => {
        (globalThis as unknown as { phone(changed: Partial<Phone>): void }).phone(changed);
      }, phone);
    await workers(4);
    await change({ hidden: true });
    await workers(2);
    await change({ level: 0.1 });
    await workers(1);
    await change({ hidden: false, charging: true });
    await workers(4);
  });
});

interface Phone {
  readonly hidden: boolean;
  readonly charging: boolean;
  readonly level: number;
}

/** Runs in the page: eight cores, a battery, and a screen that a test turns off. */
function pretendPhone(): void {
  let phone: Phone = { hidden: false, charging: false, level: 0.9 };
  const battery = Object.defineProperties(new EventTarget(), {
    charging: { get: () => phone.charging },
    level: { get: () => phone.level },
  });
  Object.defineProperty(Document.prototype, 'hidden', { get: () => phone.hidden });
  Object.defineProperty(Navigator.prototype, 'hardwareConcurrency', { get: () => 8 });
  Object.defineProperty(Navigator.prototype, 'getBattery', {
    value: () => Promise.resolve(battery),
  });
  const change = (changed: Partial<Phone>) => {
    phone = { ...phone, ...changed };
    document.dispatchEvent(new Event('visibilitychange'));
    for (const what of ['chargingchange', 'levelchange']) battery.dispatchEvent(new Event(what));
  };
  Object.assign(globalThis, { phone: change });
}
