/** Keys on a device: backed up, erased, restored, moved, locked; in a profile on disk, as an installed app has. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, expect, test, type BrowserContext, type Page } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';

const passphrase = 'four quiet words here';
const another = 'another passphrase';

let network: PracticeNetwork;
let folder: string;

test.beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gig-gossip-keys-'));
  network = await startPracticeNetwork();
});

test.afterAll(async () => {
  await network.stop();
  await rm(folder, { recursive: true });
});

/** A device: a profile on disk, and what went wrong on its pages. */
async function device(name: string) {
  const context: BrowserContext = await chromium.launchPersistentContext(join(folder, name), {
    executablePath: await ensureChromium(),
    args: [...CHROMIUM_FLAGS],
    viewport: { width: 360, height: 740 },
  });
  const page: Page = context.pages()[0] ?? (await context.newPage());
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  const at = (id: string) => page.getByTestId(id);
  const go = (hash: string) =>
    page.evaluate((to) => {
      location.hash = to;
    }, hash);
  const nodeKey = async () => {
    await go('#/node');
    return at('peer-key').getAttribute('data-key');
  };
  /** Saves a file by that form. */
  const save = async (form: string, tap: () => Promise<void>) => {
    await at(`${form}-passphrase`).fill(passphrase);
    await at(`${form}-again`).fill(passphrase);
    const download = page.waitForEvent('download');
    await tap();
    const path = join(folder, `${name}-${form}.json`);
    await (await download).saveAs(path);
    return path;
  };
  const openFile = async (path: string, with_: string) => {
    await go('#/node/keys');
    await at('restore-file').setInputFiles(path);
    await at('restore-passphrase').fill(with_);
    await at('restore-do').click();
  };
  const erase = async () => {
    await go('#/node');
    await at('erase').click();
    await at('erase-yes').click();
    await expect(at('home-hire')).toBeVisible();
  };
  return { context, page, errors, at, go, nodeKey, save, openFile, erase };
}

type Device = Awaited<ReturnType<typeof device>>;

async function connectWallet({ at, go }: Device): Promise<void> {
  await go('#/node/wallet');
  await at('wallet-play').click();
  await expect(at('wallet-ready')).toBeVisible({ timeout: 60_000 });
}

test('what is backed up, erased and restored is all there; moved, it runs in one place only', async () => {
  test.setTimeout(300_000);
  const phone = await device('phone');
  const { page, at, go } = phone;
  await page.goto(network.url);
  await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
  await connectWallet(phone);
  const key = await phone.nodeKey();
  await at('policy-carry').uncheck();

  await go('#/node/keys');
  await expect(at('last-backup')).toContainText('No backup');
  await at('words-show').click();
  const words = (await at('words').locator('li').allInnerTexts()).map((word) => word.trim());
  expect(words).toHaveLength(24);
  await at('words-written').click();
  for (const asked of await at('word-asked').all()) {
    await asked.fill(words[Number(await asked.getAttribute('data-place'))]!);
  }
  await at('words-check').click();
  await expect(at('words-done')).toBeVisible();

  await at('backup-wallet').first().check();
  const file = await phone.save('backup', () => at('backup-do').click());
  await expect(at('backup-made')).toBeVisible();
  expect(await readFile(file, 'utf8')).not.toContain('walletconnect');

  await phone.erase();
  await page.goto(network.url);
  await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
  expect(await phone.nodeKey()).not.toBe(key);

  await phone.openFile(file, 'something else');
  await expect(at('restore-wrong')).toContainText('nothing is lost');
  await at('restore-passphrase').fill(passphrase);
  await at('restore-do').click();
  await expect(at('restore-found')).toContainText('A copy of a node');
  await at('restore-yes').click();
  await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
  expect(await phone.nodeKey()).toBe(key);
  await expect(at('policy-carry')).not.toBeChecked();
  await expect(at('bar-wallet')).toContainText('1,000,000', { timeout: 60_000 });

  await test.step('words alone bring back the key', async () => {
    await phone.erase();
    await page.goto(network.url);
    await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
    await go('#/node/keys');
    await at('restore-by-words').click();
    await at('restore-words').fill([...words].reverse().join(' '));
    await at('restore-words-do').click();
    await expect(at('restore-words-wrong')).toContainText('not the 24 words');
    await at('restore-words').fill(words.join(' '));
    await at('restore-words-do').click();
    await at('restore-yes').click();
    await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
    expect(await phone.nodeKey()).toBe(key);
  });

  const tablet = await device('tablet');
  await test.step('a second device is refused while the first runs with that key', async () => {
    await expect(at('bar-peers')).not.toHaveAttribute('data-count', '0', { timeout: 60_000 });
    await tablet.page.goto(network.url);
    await expect(tablet.at('home-hire')).toBeVisible({ timeout: 60_000 });
    await expect(tablet.at('bar-peers')).not.toHaveAttribute('data-count', '0', {
      timeout: 60_000,
    });
    await tablet.openFile(file, passphrase);
    await tablet.at('restore-yes').click();
    await expect(tablet.at('restore-awake')).toBeVisible({ timeout: 30_000 });
    expect(await tablet.nodeKey()).not.toBe(key);
  });

  await test.step('a move stops it here, and it goes on there', async () => {
    await go('#/node/keys');
    await at('move-open').click();
    const moved = await phone.save('move', async () => {
      await at('move-do').click();
      await at('move-yes').click();
    });
    await expect(at('moved')).toBeVisible();
    await page.reload();
    await expect(at('gate-moved')).toBeVisible({ timeout: 60_000 });
    await tablet.openFile(moved, passphrase);
    await expect(tablet.at('restore-found')).toContainText('A node that was moved');
    await tablet.at('restore-yes').click();
    await expect(tablet.at('home-hire')).toBeVisible({ timeout: 60_000 });
    expect(await tablet.nodeKey()).toBe(key);
    await at('gate-erase').click();
    await at('gate-erase-yes').click();
    await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
    expect(await phone.nodeKey()).not.toBe(key);
  });
  expect([...phone.errors, ...tablet.errors]).toEqual([]);
  await phone.context.close();
  await tablet.context.close();
});

test('a locked device starts nothing before its passphrase or its passkey', async () => {
  const phone = await device('locked');
  const { context, page, at, go } = phone;
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      ctap2Version: 'ctap2_1',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      hasPrf: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  await page.goto(network.url);
  await expect(at('home-hire')).toBeVisible({ timeout: 60_000 });
  const key = await phone.nodeKey();
  const stored = () =>
    page.evaluate(async () => {
      const open = indexedDB.open('gig-gossip');
      const db = await new Promise<IDBDatabase>((resolve) => {
        open.onsuccess = () => resolve(open.result);
      });
      const all = db.transaction('entries').objectStore('entries').get('identity');
      const value = await new Promise<Uint8Array>((resolve) => {
        all.onsuccess = () => resolve(all.result as Uint8Array);
      });
      db.close();
      return new TextDecoder().decode(value);
    });
  expect(await stored()).toContain('$bytes');

  await go('#/node/keys');
  await at('lock-set-passphrase').fill('short');
  await at('lock-set-again').fill('short');
  await at('lock-set-do').click();
  await expect(at('lock-set-wrong')).toContainText('Too short');
  await at('lock-set-passphrase').fill(passphrase);
  await at('lock-set-again').fill(passphrase);
  await at('lock-set-do').click();
  await expect(at('lock')).toHaveAttribute('data-on', 'true', { timeout: 30_000 });
  expect(await stored()).not.toContain('$bytes');

  await page.reload();
  await expect(at('locked')).toBeVisible({ timeout: 60_000 });
  await at('unlock-passphrase').fill(another);
  await at('unlock-do').click();
  await expect(at('unlock-wrong')).toContainText('nothing is lost', { timeout: 30_000 });
  await at('unlock-passphrase').fill(passphrase);
  await at('unlock-do').click();
  await expect(at('locked')).toBeHidden({ timeout: 30_000 });
  expect(await phone.nodeKey()).toBe(key);

  await go('#/node/keys');
  await at('passkey-open').click();
  await at('passkey-passphrase').fill(passphrase);
  await at('passkey-do').click();
  await expect(at('passkey-on')).toBeVisible({ timeout: 30_000 });
  await page.reload();
  await at('unlock-passkey').click({ timeout: 60_000 });
  await expect(at('locked')).toBeHidden({ timeout: 30_000 });
  expect(await phone.nodeKey()).toBe(key);

  await go('#/node/keys');
  await at('lock-change-open').click();
  await at('lock-current-passphrase').fill(passphrase);
  await at('lock-current-do').click();
  await at('lock-change-passphrase').fill(another);
  await at('lock-change-again').fill(another);
  await at('lock-change-do').click();
  await expect(at('lock-current-do')).toBeVisible({ timeout: 30_000 });
  await at('lock-remove-open').click();
  await at('lock-remove-passphrase').fill(passphrase);
  await at('lock-remove-do').click();
  await expect(at('lock-remove-wrong')).toContainText('nothing is lost', { timeout: 30_000 });
  await at('lock-remove-passphrase').fill(another);
  await at('lock-remove-do').click();
  await expect(at('lock')).toHaveAttribute('data-on', 'false', { timeout: 30_000 });
  expect(await stored()).toContain('$bytes');
  await page.reload();
  await expect(at('last-backup')).toBeVisible({ timeout: 60_000 });
  expect(await phone.nodeKey()).toBe(key);
  expect(phone.errors).toEqual([]);
  await context.close();
});
