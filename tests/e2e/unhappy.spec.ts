/** Rides that fail, in real browsers: nobody loses a sat, and the screens say where every sat is. */
import { expect, test } from '@playwright/test';
import { Phone } from './phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';

const price = 12_000;

test('the worker vanishes, the customer cancels: everything is refunded', async ({ browser }) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(browser, network);
    const before = await balances(network);
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
    const ofThen = async () => ({ ...pick(await balances(network), before) });
    await expect.poll(ofThen, { timeout: 60_000 }).toEqual(before);
  } finally {
    await network.stop();
  }
});

test('nobody claims: the gig is refunded, the network paid at decide_by', async ({ browser }) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(browser, network);
    const before = await balances(network);
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
    const change = (after: Record<string, bigint>, phone: Phone) =>
      (after[phone.walletKey] ?? 0n) - (before[phone.walletKey] ?? 0n);
    await expect.poll(async () => change(await balances(network), customer)).toBe(-fee);
    expect(change(await balances(network), worker)).toBe(0n);
    expect(sum(pick(await balances(network), before))).toBe(sum(before));
  } finally {
    await network.stop();
  }
});

async function twoPeople(browser: Parameters<typeof Phone.join>[0], network: PracticeNetwork) {
  const customer = await Phone.join(browser, 'customer', network.url);
  const worker = await Phone.join(browser, 'worker', network.url);
  for (const phone of [customer, worker]) await phone.connectWallet();
  await customer.vouch('customer');
  await worker.vouch('worker');
  return { customer, worker };
}

async function balances(network: PracticeNetwork): Promise<Record<string, bigint>> {
  const wallets = await network.wallets();
  const used = wallets.map(({ key, balanceMsat }) => [key, balanceMsat] as const);
  return Object.fromEntries(used);
}

/** Those wallets of now that were there then; the network opens new ones as it goes. */
function pick(now: Readonly<Record<string, bigint>>, then: Readonly<Record<string, bigint>>) {
  return Object.fromEntries(Object.keys(then).map((key) => [key, now[key] ?? 0n]));
}

function sum(amounts: Readonly<Record<string, bigint>>): bigint {
  return Object.values(amounts).reduce((total, amount) => total + amount, 0n);
}
