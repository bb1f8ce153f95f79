/** Rides that fail, in real browsers: nobody loses a sat, and the screens say where every sat is. */
import { inFlight, ledger, sum, twoPeople } from './people.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { expect, test, type Phones } from './test.ts';

const price = 12_000;

/** Hired, and the customer says that something is wrong. */
async function wrong(join: Phones['join'], network: PracticeNetwork) {
  const people = await twoPeople(join, network);
  const { customer, worker } = people;
  const before = await ledger(network);
  await customer.post('u2yhvdp', 'u2yj2b3');
  await worker.offer(price, 'Ola, white Skoda');
  await customer.accept();
  await expect(customer.at('contact-text')).toBeVisible({ timeout: 120_000 });
  await customer.page.getByText('Something is wrong?').click();
  return { ...people, before };
}

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

test('a disputed job is ruled on at the settler’s desk, and the worker paid [STL-07, STL-13]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker, before } = await wrong(join, network);
    await customer.at('dispute-text').fill('The car had no seat belts.');
    await customer.at('dispute').click();
    for (const phone of [customer, worker]) {
      await expect(phone.page.getByText('The settler decides who gets the sats')).toBeVisible();
    }

    const desk = await join('settler', `${network.url}?desk`);
    await desk.go('#/settle');
    await desk.page.locator('li[data-stage="disputed"] a').first().click({ timeout: 60_000 });
    await expect(desk.page.getByText('The car had no seat belts.')).toBeVisible();
    await expect(desk.at('suggestion')).toBeVisible();
    await desk.at('rule-paid').click();
    await expect(desk.at('decide-effect')).toContainText('The worker receives 12,000');
    await desk.at('promise-decide-yes').click();

    await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'settled', {
      timeout: 120_000,
    });
    await expect(worker.at('payment-gig-in')).toHaveAttribute('data-state', 'settled');
    await expect(desk.at('promise-reason')).toContainText('The settler decided');
    await expect(desk.at('timeline')).toContainText('You ruled');
    await desk.kill(); // before the node that it shows ends
    const after = await ledger(network);
    expect(after[worker.walletKey]! - before[worker.walletKey]!).toBe(BigInt(price) * 1_000n);
  } finally {
    await network.stop();
  }
});

test('nobody came, and the worker agrees: everything goes back, the network’s fee too', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker, before } = await wrong(join, network);
    await customer.at('no-contact').click();
    await expect(customer.at('no-contact-said')).toContainText('You said that nobody came');
    await worker.page.getByText('Something is wrong?').click();
    await worker.at('concede').click({ timeout: 60_000 });
    for (const leg of ['gig', 'network']) {
      await expect(customer.at(`payment-${leg}-out`)).toHaveAttribute('data-state', 'cancelled', {
        timeout: 120_000,
      });
    }
    await expect(customer.at('job-reason')).toContainText('The worker agreed');
    await expect.poll(() => ledger(network), { timeout: 60_000 }).toMatchObject(before);
  } finally {
    await network.stop();
  }
});
