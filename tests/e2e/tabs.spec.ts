/** Two tabs of one browser are one person: one of them has the node, and hands it over when the other asks. */
import type { BrowserContext, Page } from '@playwright/test';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

let network: PracticeNetwork;
let context: BrowserContext;

test.beforeAll(async () => {
  network = await startPracticeNetwork();
});

test.afterAll(() => network.stop());

test.beforeEach(async ({ browser }) => {
  // Not a `Phone`: those count a node that does not start as a death.
  context = await browser.newContext({ viewport: { width: 360, height: 740 } });
});

test.afterEach(() => context.close());

async function open(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  return page;
}

const patience = { timeout: 60_000 };

/** The node's key and how many neighbours it has, once it has some. */
async function expectRunning(page: Page): Promise<string> {
  await page.evaluate(() => {
    location.hash = '#/node';
  });
  await expect(page.getByTestId('start-failed')).toBeHidden(patience);
  await expect(page.locator('[data-testid="relay"][data-connected="true"]')).toBeVisible(patience);
  await expect(page.locator('[data-testid^="peer-0"]').first()).toBeVisible(patience);
  return (await page.getByTestId('peer-key').getAttribute('data-key')) ?? '';
}

async function expectWaiting(page: Page): Promise<void> {
  await expect(page.getByTestId('start-failed')).toContainText('another tab', patience);
  await expect(page.getByTestId('take-over')).toBeVisible();
}

test('a second tab says so, goes on with the node when asked to, and gives it back [NET-01]', async () => {
  const first = await open(network.url);
  const key = await expectRunning(first);
  const second = await open(new URL('/', first.url()).href);
  await expectWaiting(second);

  await second.getByTestId('take-over').click();
  expect(await expectRunning(second)).toBe(key);
  await expectWaiting(first);

  await first.getByTestId('take-over').click();
  expect(await expectRunning(first)).toBe(key);
  await expectWaiting(second);
});

test('when the tab that has the node is closed, another takes it at a touch', async () => {
  const first = await open(network.url);
  const key = await expectRunning(first);
  const second = await open(new URL('/', first.url()).href);
  await expectWaiting(second);
  await first.close();
  await second.getByTestId('take-over').click();
  expect(await expectRunning(second)).toBe(key);
});

test('a tab that does not hand over keeps its node, and the other says what to do', async () => {
  const first = await open(network.url);
  await expectRunning(first);
  const second = await open(new URL('/', first.url()).href);
  await expectWaiting(second);
  await first.close();
  // Held by a page that answers nobody.
  const deaf = await open(new URL('/manifest.webmanifest', second.url()).href);
  await deaf.evaluate(() => {
    void navigator.locks.request('gig-gossip-node', () => new Promise(() => undefined));
  });
  await second.getByTestId('take-over').click();
  await expect(second.getByTestId('start-failed')).toContainText('does not hand over', patience);
  await deaf.close();
  await second.getByTestId('take-over').click();
  await expectRunning(second);
});
