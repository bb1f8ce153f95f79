/** The shell: served under strict headers, installable, alive without a network, updated only when asked. */
import { appendFile, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, test, type BrowserContext, type Page } from '@playwright/test';
import { buildApp } from '../../src/devnet/build-app.ts';
import { PortTakenError, serveApp, type AppServer } from '../../src/devnet/serve.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';

let folder: string;
let root: string;
let server: AppServer;
let context: BrowserContext;
let page: Page;

test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gig-gossip-shell-'));
  root = join(folder, 'app');
  await cp(await buildApp(), root, { recursive: true });
  server = await serveApp({ root, port: 0 });
  // A profile on disk: browsers install nothing from a private window.
  context = await chromium.launchPersistentContext(join(folder, 'profile'), {
    executablePath: await ensureChromium(),
    args: [...CHROMIUM_FLAGS],
    viewport: { width: 360, height: 740 },
  });
  page = context.pages()[0] ?? (await context.newPage());
});

test.afterEach(async () => {
  await context.close();
  await server.close();
  await rm(folder, { recursive: true });
});

test('every answer carries the security headers, and no file outside the app is served', async () => {
  for (const path of ['', 'service-worker.js', 'nothing-here']) {
    const { headers } = await fetch(server.url + path);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("require-trusted-types-for 'script'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
  for (const path of ['..%2fprofile%2fLocal%20State', '%00', '%', 'assets']) {
    expect((await fetch(server.url + path)).status, path).toBe(404);
  }
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405);
});

test('a taken port is said in one line', async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveApp({ root, port })).rejects.toThrow(PortTakenError);
});

test('shows itself without breaking the content security policy, and can be installed', async () => {
  const complaints: string[] = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(server.url);
  await expect(page.getByRole('heading').first()).toBeVisible();
  await serviceWorkerInControl(page);

  const devtools = await context.newCDPSession(page);
  expect(await devtools.send('Page.getInstallabilityErrors')).toEqual({ installabilityErrors: [] });
  expect(complaints).toEqual([]);
});

test('keeps all of itself, and starts with the server dead at any of its addresses [NET-10]', async () => {
  await page.goto(server.url);
  await serviceWorkerInControl(page);
  const assets = (await readdir(join(root, 'assets'))).map((file) => `./assets/${file}`);
  const languages = assets.filter((file) => file.includes('/language-'));
  await expect.poll(() => page.evaluate(uncached, assets)).toEqual(languages);

  // Another language is fetched when somebody wants to read it, and then kept as well.
  await page.goto(`${server.url}#/node`);
  await page.getByTestId('language').selectOption('ar');
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar');
  const ofArabic = languages.filter((file) => file.includes('/language-ar'));
  expect(await page.evaluate(uncached, ofArabic)).toEqual([]);
  await server.close();
  for (const address of [server.url, `${server.url}?from=home#/node`, `${server.url}index.html`]) {
    await page.goto('about:blank');
    await page.goto(address);
    await expect(page.getByRole('heading').first()).toBeVisible();
    await expect(page.locator('html')).toHaveAttribute('dir', 'rtl');
  }
});

test('offers an update and takes it when asked', async () => {
  await page.goto(server.url);
  await serviceWorkerInControl(page);
  await appendFile(join(root, 'service-worker.js'), '\n// a newer version\n');
  await page.evaluate(async () => (await navigator.serviceWorker.ready).update());

  const reloaded = page.waitForEvent('load');
  await page.getByRole('button', { name: /update/i }).click();
  await reloaded;
  const waiting = page.evaluate(async () => (await navigator.serviceWorker.ready).waiting);
  expect(await waiting).toBeNull();
  await expect(page.getByRole('button', { name: /update/i })).toBeHidden();
});

async function serviceWorkerInControl(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** Runs in the page: which of these files a lost network would take away. */
async function uncached(urls: string[]): Promise<string[]> {
  const hits = await Promise.all(urls.map((url) => caches.match(url)));
  return urls.filter((_, index) => !hits[index]);
}
