/** `npm run shots`: every screen in every state of a ride as a picture, 360 px wide, in three looks; none is wider than the phone. */
import { resolve } from 'node:path';
import { twoPeople } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const folder = resolve(import.meta.dirname, '../../.cache/shots');
const patience = { timeout: 90_000 };

const looks = {
  light: { colorScheme: 'light', fontSize: '' },
  dark: { colorScheme: 'dark', fontSize: '' },
  // As somebody has it who asks the browser for text twice the size.
  large: { colorScheme: 'light', fontSize: '34px' },
} as const;

/** `page` is named in the picture's file name: `hire-offers-dark.png`. */
async function shoot({ page }: Phone, name: string): Promise<void> {
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  for (const [look, { colorScheme, fontSize }] of Object.entries(looks)) {
    await page.emulateMedia({ colorScheme });
    await page.evaluate((size) => {
      document.documentElement.style.fontSize = size;
    }, fontSize);
    const beyond = () =>
      page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(beyond, `${name}, ${look}`).toBeLessThanOrEqual(0);
    // As tall as the page is: what is fixed to the screen's edges then covers nothing.
    const height = await page.evaluate(() => document.documentElement.scrollHeight);
    await page.setViewportSize({ width: 360, height: Math.max(740, height) });
    await page.screenshot({ path: resolve(folder, `${name}-${look}.png`) });
    await page.setViewportSize({ width: 360, height: 740 });
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.evaluate(() => {
    document.documentElement.style.fontSize = '';
  });
}

test('@full every screen, in light, in dark and twice the size', async ({ join }) => {
  test.setTimeout(900_000);
  const network = await startPracticeNetwork();
  try {
    const fresh = await join('fresh', network.url);
    for (const [name, hash] of [
      ['home', '#/'],
      ['hire-empty', '#/hire'],
      ['post-unvouched', '#/hire/new'],
      ['work-unvouched', '#/work'],
      ['settle-none', '#/settle'],
      ['node', '#/node'],
      ['wallet-none', '#/node/wallet'],
    ] as const) {
      await fresh.go(hash);
      await shoot(fresh, name);
    }
    await fresh.connectWallet();
    await shoot(fresh, 'wallet-ready');
    await fresh.go('#/settle');
    await fresh.at('settler-name').fill('Couriers Union');
    await fresh.at('settler-become').click();
    await expect(fresh.at('settler-share')).toBeVisible(patience);
    await shoot(fresh, 'settle-desk');

    const { customer, worker } = await twoPeople(join, network);
    await customer.go('#/hire/new');
    await shoot(customer, 'post');
    const job = await customer.post('u2yhvdp', 'u2yj2b3');
    await shoot(customer, 'job-posted');
    await worker.go('#/work');
    const heard = worker.page.locator(`a[data-testid^="heard-${job}"]`);
    await expect(heard).toBeVisible(patience);
    await shoot(worker, 'work-heard');
    await heard.click();
    await shoot(worker, 'heard-job');
    await worker.offer(12_000, 'Ola, white Skoda', job);
    await shoot(worker, 'offer-made');
    await expect(customer.at('offer-price').first()).toBeVisible(patience);
    await shoot(customer, 'job-offers');
    await customer.page.locator('[data-testid^="offer-choose-"]').first().click();
    await shoot(customer, 'job-lock');
    await customer.page.locator('[data-testid^="offer-accept-"]').first().click();
    await expect(customer.at('contact-text')).toBeVisible(patience);
    await customer.say('I wait at the corner.');
    await shoot(customer, 'job-matched');
    const matched = customer.hash;
    await customer.go('#/node/money');
    await expect(customer.at('total-heldOut')).toBeVisible();
    await shoot(customer, 'money');
    await customer.go(matched);
    await shoot(worker, 'offer-matched');
    await customer.at('job-confirm').click();
    await shoot(customer, 'job-confirm');
    await customer.at('job-confirm-yes').click();
    await expect(customer.at('journey-title')).toHaveText('Settled', patience);
    await shoot(customer, 'job-settled');
    await expect(worker.at('journey-now')).toContainText('You are paid', patience);
    await shoot(worker, 'offer-paid');
    await worker.go('#/node');
    await shoot(worker, 'node-earned');
    const desk = await join('settler', `${network.url}?desk`);
    await desk.go('#/settle');
    const promise = desk.page.locator('li[data-stage] a').first();
    await desk.page
      .locator('label')
      .filter({ has: desk.at('filter-all') })
      .click();
    await expect(promise).toBeVisible(patience);
    await shoot(desk, 'settle-busy');
    await desk.go('#/settle/people');
    await desk.page.getByRole('button', { name: 'Stop vouching' }).first().click();
    await shoot(desk, 'settle-revoke');
    await desk.page.keyboard.press('Escape');
    for (const section of ['money', 'lists', 'log', 'rules']) {
      await desk.go(`#/settle/${section}`);
      await shoot(desk, `settle-${section}`);
    }
    await desk.go('#/settle');
    await promise.click();
    await shoot(desk, 'settle-promise');
    await desk.kill(); // before the node that it shows ends
    for (const phone of [fresh, customer, worker]) expect(phone.errors, phone.name).toEqual([]);
  } finally {
    await network.stop();
  }
});
