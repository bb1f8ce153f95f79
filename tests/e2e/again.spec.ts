/** A choice that comes to nothing, in real browsers: the money comes back, and another worker is hired for the same job. */
import { inFlight, ledger, twoPeople } from './people.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

test('the worker chosen first has withdrawn: another offer for the same job is taken [RPL-11]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    const other = await join('other', network.url);
    await other.connectWallet();
    await other.vouch('worker');
    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(12_000, 'Ola');
    await other.offer(13_000, 'Kim');
    await expect(customer.at('offer-count')).toHaveText('2', { timeout: 60_000 });
    const before = await ledger(network);
    await worker.at('offer-withdraw').click();
    await expect(worker.at('offer-made')).toHaveAttribute('data-stage', 'withdrawn', {
      timeout: 60_000,
    });

    await customer.accept(); // the cheaper one, which nobody stands behind any more
    await expect(customer.at('choice-failed')).toContainText('Choose another offer', {
      timeout: 120_000,
    });
    await expect(customer.at('offer-count')).toHaveText('1');
    await expect.poll(async () => inFlight(await network.wallets())).toBe(0n);
    expect(await ledger(network)).toMatchObject(before);

    await customer.accept();
    await expect(customer.at('contact-text')).toHaveText('Kim', { timeout: 120_000 });
    await customer.at('job-confirm').click();
    await customer.at('job-confirm-yes').click();
    await expect(customer.at('payment-gig-out')).toHaveAttribute('data-state', 'settled', {
      timeout: 120_000,
    });
    const after = await ledger(network);
    expect(after[other.walletKey]! - before[other.walletKey]!).toBe(13_000_000n);
    expect(after[worker.walletKey]).toBe(before[worker.walletKey]);
  } finally {
    await network.stop();
  }
});
