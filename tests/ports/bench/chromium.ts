/** A real Chromium on the bench page, served as the app is: same server, same policy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext, type Page } from '@playwright/test';
import { build } from 'vite';
import { serveApp } from '../../../src/devnet/serve.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../../../tools/chromium.ts';
import { packed, unpacked, type Caller } from './bench.ts';
import type { Benches } from './page.ts';

export interface ChromiumBench {
  readonly page: Caller;
  readonly worker: Caller;
  /** The page itself. */
  readonly tab: () => Page;
  /** Opens the page anew: at home, or where it may store 512 kB. No disk is shared by the two. */
  visit(place: Place): Promise<void>;
  /** The browser dies; another one opens the page on the same disk. */
  crash(): Promise<void>;
  /** What the page complained of: refused by its policy, or not caught. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

type Place = 'home' | 'small';

export async function startChromiumBench(): Promise<ChromiumBench> {
  const executablePath = await ensureChromium();
  const folder = await mkdtemp(join(tmpdir(), 'gig-gossip-bench-'));
  const root = join(folder, 'site');
  await buildBench(root);
  const server = await serveApp({ root, port: 0 });
  const complaints: string[] = [];
  let place: Place = 'home';
  let { context, page } = await open();

  async function open(): Promise<{ context: BrowserContext; page: Page }> {
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      args: [...CHROMIUM_FLAGS],
    });
    const page = context.pages()[0] ?? (await context.newPage());
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    await load(page);
    return { context, page };
  }

  async function load(page: Page): Promise<void> {
    await page.goto(urlOf(place).href);
    await page.waitForFunction(() => 'benches' in globalThis);
  }

  function urlOf(where: Place): URL {
    const url = new URL(server.url);
    if (where === 'small') url.hostname = 'small.localhost'; // another origin, this machine
    return url;
  }

  const caller =
    (where: keyof Benches): Caller =>
    async (call) => {
      const text = await page.evaluate(
        ([at, packedCall]) =>
          (globalThis as unknown as { benches: Benches }).benches[at](packedCall),
        [where, packed(call)] as const,
      );
      return unpacked(text);
    };

  return {
    page: caller('page'),
    worker: caller('worker'),
    tab: () => page,
    complaints,
    visit: async (next) => {
      if (next === place) return;
      place = next;
      await load(page);
      if (place === 'home') return;
      // Now: it would not outlive a visit elsewhere, nor be heard of after a first write.
      const devtools = await context.newCDPSession(page);
      const quota = { origin: urlOf('small').origin, quotaSize: 2 ** 19 };
      await devtools.send('Storage.overrideQuotaForOrigin', quota);
    },
    crash: async () => {
      const devtools = await context.newCDPSession(page);
      const gone = new Promise((resolve) => context.once('close', resolve));
      devtools.send('Browser.crash').catch(() => undefined); // nobody answers
      await gone;
      ({ context, page } = await open());
    },
    close: async () => {
      await context.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function buildBench(outDir: string): Promise<void> {
  await build({
    root: import.meta.dirname,
    base: './',
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    worker: { format: 'es' },
    build: {
      outDir,
      emptyOutDir: true,
      target: 'es2022',
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      minify: false,
    },
  });
}
