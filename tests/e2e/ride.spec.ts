/** One ride among six browsers, each a node of its own: customer, three middlemen, worker and settler, over real Lightning. */
import type { Browser } from '@playwright/test';
import { balancesOf, inFlight, meet } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const price = 12_000;
const contact = 'Ola, white Skoda, 600 100 200';

test('a ride settles to the sat among six browsers [NET-01, NET-09, STL-13]', async ({
  browser,
  join,
}) => {
  test.setTimeout(600_000);
  const network = await startPracticeNetwork('--bare');
  try {
    const names = ['customer', 'm1', 'm2', 'm3', 'worker', 'settler'] as const;
    const phones = {} as Record<(typeof names)[number], Phone>;
    for (const name of names) {
      phones[name] = await join(name, network.url);
      await phones[name].connectWallet();
    }
    const { customer, m1, m2, m3, worker, settler } = phones;

    await test.step('a settler opens its desk, and everybody trusts it', async () => {
      await settler.go('#/settle');
      await settler.at('settler-name').fill('Couriers Union');
      await settler.at('settler-become').click();
      const line = await settler.at('settler-share').innerText();
      for (const phone of [customer, m1, m2, m3, worker]) await phone.trust(line);
    });

    await test.step('two middlemen stand between customer and worker, whichever way', async () => {
      const links = [
        [customer, m1],
        [m1, m2],
        [m1, m3],
        [m2, worker],
        [m3, worker],
      ] as const;
      await meet(links, [settler]);
    });

    await test.step('the settler vouches for customer and worker', async () => {
      await customer.askVouch('customer');
      await worker.askVouch('worker');
      await settler.go('#/settle/people');
      for (let i = 0; i < 2; i++) {
        await settler.page
          .locator('button[data-testid^="approve-"][data-row]')
          .first()
          .click({ timeout: 60_000 });
        await settler.at('say-known_to_settler-checked').check();
        await settler.at('approve-yes').click();
      }
      await customer.expectVouched('customer');
      await worker.expectVouched('worker');
    });

    const before = await balancesOf(network, phones);

    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(price, contact);
    await expect(customer.at('offer-price').first()).toContainText('12,000', { timeout: 60_000 });
    const networkFee = Number(
      (await customer.at('offer-fee').first().innerText()).replace(/\D/g, ''),
    );

    await test.step('work was done by workers, over direct connections', async () => {
      expect(await miners(browser)).toBeGreaterThanOrEqual(3);
      for (const phone of [customer, m1, worker]) {
        expect(await phone.directConnections()).toBeGreaterThan(0);
      }
    });

    await test.step('the contact is locked until both payments are held', async () => {
      expect(await customer.hasStored(contact)).toBe(false);
      expect(inFlight(await network.wallets())).toBe(0n);
      await customer.accept();
      await expect(customer.at('contact-text')).toContainText(contact, { timeout: 120_000 });
      const held = await network.wallets();
      expect(held.find(({ key }) => key === worker.walletKey)?.incomingMsat).toBe(
        BigInt(price) * 1_000n,
      );
      expect(held.find(({ key }) => key === settler.walletKey)?.incomingMsat).toBe(10_000n);
      expect(await customer.hasStored(contact)).toBe(true);
    });

    await test.step('the money screen has every held sat, and by when it is back', async () => {
      const job = customer.hash;
      await customer.go('#/node/money');
      const msat = String((price + networkFee) * 1_000);
      await expect(customer.at('total-heldOut')).toHaveAttribute('data-msat', msat);
      await expect(customer.at('all-back')).toContainText('block');
      await customer.go(job);
    });

    await test.step('they talk', async () => {
      await customer.say('I wait at the corner.');
      await expect(worker.at('chat-lines')).toContainText('I wait at the corner.', {
        timeout: 60_000,
      });
      await worker.say('Two minutes.');
      await expect(customer.at('chat-lines')).toContainText('Two minutes.', { timeout: 60_000 });
    });

    await test.step('done, confirmed, paid', async () => {
      await worker.at('offer-done').click();
      await customer.at('job-confirm').click();
      await customer.at('job-confirm-yes').click();
      await expect(customer.at('journey-title')).toHaveText('Settled', { timeout: 120_000 });
      await expect(worker.at('journey-now')).toContainText('You are paid', { timeout: 120_000 });
    });

    await test.step('every sat is where it should be', async () => {
      await expect
        .poll(async () => inFlight(await network.wallets()), { timeout: 120_000 })
        .toBe(0n);
      const after = await balancesOf(network, phones);
      const change = (name: keyof typeof phones) => Number(after[name] - before[name]);
      const middlemen = [change('m2'), change('m3')].sort((a, b) => a - b);
      expect(change('customer')).toBe(-(price + networkFee) * 1_000);
      // 11 sats each, and one for every day that the money might have been held.
      expect(change('m1')).toBeGreaterThanOrEqual(11_000);
      expect(middlemen[0]).toBe(0);
      expect(middlemen[1]).toBeGreaterThanOrEqual(11_000);
      expect(change('m1') + middlemen[1]! + 10_000).toBe(networkFee * 1_000);
      expect(change('settler')).toBe(10_000);
      expect(change('worker')).toBe(price * 1_000);
      // The settler's 10, 11 + 1 for a day at the first hop, 11 + 2 for two days at the next.
      expect(networkFee).toBe(35);
    });

    for (const name of names) expect(phones[name].errors, name).toEqual([]);
  } finally {
    await network.stop();
  }
});

/** Mining workers alive in this browser. */
async function miners(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { targetInfos } = await session.send('Target.getTargets', { filter: [{}] });
  await session.detach();
  return targetInfos.filter(({ url }) => /pow\.worker/.test(url)).length;
}
