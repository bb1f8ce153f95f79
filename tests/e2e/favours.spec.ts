/** Sats in place of work, in real browsers with real wallets: the owners' rules, and what one job then moves. */
import { inFlight, ledger, meet, twoPeople } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const priceSat = 5;

/** Types into a field of the rules, and leaves it. */
async function rule(phone: Phone, field: string, value: number): Promise<void> {
  await phone.at(field).fill(String(value));
  await phone.at(field).blur();
  await expect(phone.at(field)).toHaveValue(String(value));
}

test('a neighbour takes 5 sat for passing on a job, and the job is there [NET-06, WRK-03, WRK-18]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    for (const phone of [customer, worker]) {
      await phone.go('#/node');
      await phone.at('pay-rules').locator('summary').first().click();
    }
    await rule(worker, 'policy-price', priceSat);
    await rule(customer, 'policy-max-pay', 20);
    // Who allows a sum for one neighbour allows some of them in a day.
    await expect(customer.at('policy-pay-day')).toHaveValue('200');
    await rule(customer, 'policy-pay-above', 0);
    await meet([[customer, worker]], []);
    const before = await ledger(network);

    await customer.go('#/hire/new');
    await customer.at('post-pickup').fill('u2yhvdp');
    await customer.at('post-dropoff').fill('u2yj2b3');
    await customer.at('post-submit').click();
    await customer.page.waitForURL(/#\/hire\/[0-9a-f]{64}$/);
    await worker.go('#/work');
    await expect(worker.page.locator('a[data-testid^="heard-"]').first()).toBeVisible({
      timeout: 60_000,
    });
    await customer.page
      .locator('details', { has: customer.page.locator('li') })
      .first()
      .click();
    await expect(customer.page.getByText('5 sats instead of about')).toBeVisible();

    await expect.poll(async () => inFlight(await network.wallets())).toBe(0n);
    const moved = async () => {
      const after = await ledger(network);
      const changes = Object.keys(before).map((key) => [key, after[key]! - before[key]!] as const);
      return Object.fromEntries(changes.filter(([, change]) => change !== 0n));
    };
    const priceMsat = BigInt(priceSat) * 1_000n;
    await expect.poll(moved).toEqual({
      [customer.walletKey]: -priceMsat,
      [worker.walletKey]: priceMsat,
    });
  } finally {
    await network.stop();
  }
});
