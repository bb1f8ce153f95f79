/** Rides that fail, in real browsers: nobody loses a sat, and the screens say where every sat is. */
import { inFlight, ledger, sum, twoPeople } from './people.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const price = 12_000;

test('the worker vanishes, the customer cancels: everything is refunded', async ({ join }) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    const before = await ledger(network);
    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(price, 'Ola, white Skoda');
    const offer = new URL(worker.page.url()).hash;
    await customer.networkFeeMsat();
    await worker.kill();

    await customer.accept();
    await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'pending', {
      timeout: 60_000,
    });
    await expect(customer.at('contact-text')).toHaveCount(0);
    await customer.at('job-cancel').click();
    await customer.at('job-cancel-yes').click();
    await expect(customer.at('payment-network-out')).toHaveAttribute('data-state', 'cancelled', {
      timeout: 120_000,
    });

    await worker.reopen(offer);
    await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'cancelled', {
      timeout: 120_000,
    });
    await expect(customer.at('journey-now')).toContainText(/back|returned|yours/i);
    await expect.poll(() => ledger(network), { timeout: 60_000 }).toMatchObject(before);
  } finally {
    await network.stop();
  }
});

test('nobody claims: the gig is refunded, the network paid at decide_by', async ({ join }) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    const before = await ledger(network);
    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(price, 'Ola, white Skoda');
    const fee = await customer.networkFeeMsat();
    await customer.accept();
    await expect(customer.at('contact-text')).toBeVisible({ timeout: 120_000 });

    await network.mine(40);
    await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'cancelled', {
      timeout: 120_000,
    });
    await expect(customer.at('payment-network-out')).toHaveAttribute('data-state', 'accepted');

    await network.mine(40);
    await expect(customer.at('payment-network-out')).toHaveAttribute('data-state', 'settled', {
      timeout: 120_000,
    });
    await expect(worker.at('payment-gig-in')).toHaveAttribute('data-state', 'cancelled');
    await expect.poll(async () => inFlight(await network.wallets())).toBe(0n);
    const after = await ledger(network);
    const change = (key: string) => (after[key] ?? 0n) - (before[key] ?? 0n);
    expect(change(customer.walletKey)).toBe(-fee);
    expect(change(worker.walletKey)).toBe(0n);
    expect(sum(Object.keys(before).map(change))).toBe(0n);
  } finally {
    await network.stop();
  }
});

test('a disputed job is for the settler to rule; without a ruling the gig is refunded [STL-07]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(price, 'Ola, white Skoda');
    await customer.accept();
    await expect(customer.at('contact-text')).toBeVisible({ timeout: 120_000 });
    await customer.page.getByText('Something is wrong?').click();
    await customer.at('dispute-text').fill('Nobody came.');
    await customer.at('dispute').click();
    for (const phone of [customer, worker]) {
      await expect(phone.page.getByText('The settler decides who gets the sats')).toBeVisible();
    }
    await network.mine(80);
    await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'cancelled', {
      timeout: 120_000,
    });
  } finally {
    await network.stop();
  }
});
