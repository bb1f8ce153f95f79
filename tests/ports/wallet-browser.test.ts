/** The wallet suite where users have it: in a browser's worker, under the app's own policy. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build } from 'vite';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { serveApp } from '../../src/devnet/serve.ts';
import type { NwcOptions } from '../../src/lib/adapters/wallet/nwc.ts';
import type { WalletEvent } from '../../src/lib/protocol/index.ts';
import type { WalletPort } from '../../src/lib/runtime/ports.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { ONE_COPY, slimWallet } from '../../tools/slim-wallet.ts';
import { PATIENCE_MS, startRealWorlds, type RealWorlds } from './wallet-lightning.ts';
import type { WalletPage } from './wallet-page/page.ts';
import type { ToWorker } from './wallet-page/wallet.worker.ts';
import { walletSuite } from './wallet-suite.ts';

let folder: string;
let server: Awaited<ReturnType<typeof serveApp>>;
let browser: Browser;
let worlds: RealWorlds;
const complaints: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gig-gossip-wallets-'));
  await buildPage(folder);
  server = await serveApp({ root: folder, port: 0 });
  browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: [...CHROMIUM_FLAGS],
  });
  worlds = await startRealWorlds(await portsIn(await browser.newPage()));
});
afterEach(() => worlds.rest());
afterAll(async () => {
  await worlds.stop();
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true });
  expect(complaints).toEqual([]);
});

/** Makes ports in the page's worker. */
async function portsIn(page: Page): Promise<(options: NwcOptions) => WalletPort> {
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  const listeners = new Map<number, (event: WalletEvent) => void>();
  const told: WalletPage['told'] = ({ seat, event }) =>
    Promise.resolve(listeners.get(seat)?.(event));
  await page.exposeFunction('told', told);
  await page.goto(server.url);
  await page.waitForFunction(() => 'toWorker' in globalThis);
  const send = (message: ToWorker) =>
    page.evaluate((said) => (globalThis as unknown as WalletPage).toWorker(said), message);

  let seats = 0;
  return (options) => {
    const seat = seats++;
    // One after the other, or a command might come before its port.
    let sent = send({ seat, open: options });
    return {
      perform(effect) {
        sent = sent.then(() => send({ seat, perform: effect }));
      },
      listen: (listener) => void listeners.set(seat, listener),
    };
  };
}

async function buildPage(outDir: string): Promise<void> {
  await build({
    root: join(import.meta.dirname, 'wallet-page'),
    base: './',
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    // The client as the app bundles it.
    resolve: { dedupe: ONE_COPY },
    worker: { format: 'es', plugins: () => [slimWallet()] },
    build: { outDir, emptyOutDir: true, modulePreload: { polyfill: false } },
  });
}

describe('real Lightning, from a browser', { timeout: 2 * PATIENCE_MS }, () => {
  walletSuite('a wallet behind Nostr Wallet Connect', () => worlds.world());
});
