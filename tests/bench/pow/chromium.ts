/** Mining threads of a page, served as the app is. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { serveApp } from '../../../src/devnet/serve.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../../../tools/chromium.ts';
import { descendantsOf } from '../processes.ts';
import type { Bench } from './measure.ts';
import type { BenchPage } from './page.ts';

export async function chromiumBench(): Promise<Bench> {
  const outDir = await mkdtemp(join(tmpdir(), 'gig-gossip-pow-'));
  await build({
    root: import.meta.dirname,
    base: './',
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'es2022', assetsInlineLimit: 0 },
  });
  const server = await serveApp({ root: outDir, port: 0 });
  const executablePath = await ensureChromium();
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
  const page = await browser.newPage();
  await page.goto(server.url);
  await page.waitForFunction(() => 'benchPage' in globalThis);
  return {
    order: (thread, order) =>
      page.evaluate(
        ([thread, order]) =>
          (globalThis as unknown as { benchPage: BenchPage }).benchPage.order(thread, order),
        [thread, order] as const,
      ),
    cpuMs: workersCpuMs,
    close: async () => {
      await browser.close();
      await server.close();
      await rm(outDir, { recursive: true, force: true });
    },
  };
}

/** Of all worker threads of our browser, by Linux's books; elsewhere the time that went by. */
async function workersCpuMs(): Promise<number> {
  if (process.platform !== 'linux') return performance.now();
  let sum = 0;
  for (const pid of await descendantsOf(process.pid)) {
    for (const thread of await readdir(`/proc/${pid}/task`).catch(() => [])) {
      const stat = await readFile(`/proc/${pid}/task/${thread}/stat`, 'utf8').catch(() => '');
      if (stat.includes('(DedicatedWorker')) sum += ticksOf(stat) * msPerTick;
    }
  }
  return sum;
}

const msPerTick = 10;

/** User and system time, the 14th and 15th fields; the name in brackets may hold anything. */
function ticksOf(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}
