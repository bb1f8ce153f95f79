/** Work that is paid in parts, in real browsers: the second part is asked of the same worker, and both are paid. */
import { inFlight, ledger, twoPeople } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const price = 12_000;

async function hireAndPay(customer: Phone): Promise<void> {
  await customer.accept();
  await expect(customer.at('contact-text')).toBeVisible({ timeout: 120_000 });
  await customer.at('job-confirm').click();
  await customer.at('job-confirm-yes').click();
  await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'settled', {
    timeout: 120_000,
  });
}

test('work in two parts: each is locked and paid on its own [TOP-12, PAY-12]', async ({ join }) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    const before = await ledger(network);
    const paid = async () => {
      const after = await ledger(network);
      return Number(after[worker.walletKey]! - before[worker.walletKey]!) / 1_000;
    };
    await customer.go('#/hire/new');
    await customer.at('post-kind').selectOption('freelance');
    await customer.at('post-parts').fill('30');
    await customer.at('post-submit').click();
    await expect(customer.page.getByText('cannot be used')).toBeVisible();
    await customer.at('post-parts').fill('2');
    await customer.at('post-submit').click();
    await customer.page.waitForURL(/#\/hire\/[0-9a-f]{64}$/);
    await worker.offer(price, 'Ola');
    await hireAndPay(customer);
    await expect.poll(paid, { timeout: 60_000 }).toBe(price);

    await customer.at('next-part').click();
    await expect(customer.page.getByText('part 2 of 2')).toBeVisible({ timeout: 60_000 });
    await hireAndPay(customer);
    await expect(customer.at('next-part')).toHaveCount(0);
    await expect.poll(paid, { timeout: 60_000 }).toBe(2 * price);
    await expect.poll(async () => inFlight(await network.wallets())).toBe(0n);
  } finally {
    await network.stop();
  }
});
