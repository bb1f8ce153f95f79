/** A settler takes its word back, in real browsers: no money goes out on it any more. */
import { inFlight, twoPeople } from './people.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

test('who is vouched for no longer is not paid any more, and is told so [CRT-05, STL-09]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(12_000, 'Ola, white Skoda');
    await customer.networkFeeMsat();
    const take = customer.page.locator('[data-testid^="offer-choose-"]').first();
    await expect(take).toBeEnabled();

    const desk = await join('settler', `${network.url}?desk`);
    await desk.go('#/settle/people');
    const members = desk.page.locator('[data-testid^="member-"][data-state="active"]');
    const member = members.filter({ hasText: 'worker, vouched for' });
    await expect(member).toHaveCount(1, { timeout: 60_000 });
    await member.getByRole('button', { name: 'Stop vouching' }).click();
    await desk.at('revoke-reason').fill('The licence ran out.');
    await expect(desk.at('revoke-at-once')).toBeChecked();
    await desk.at('revoke-yes').click();
    await expect(member).toHaveCount(0);
    await desk.at('member-filter').selectOption('revoked');
    await expect(desk.page.locator('[data-testid^="member-"][data-state="revoked"]')).toContainText(
      'The licence ran out.',
    );

    await expect(customer.at('offer-standing')).toBeVisible({ timeout: 60_000 });
    await expect(take).toBeDisabled();
    await worker.go('#/work');
    await expect(worker.at('vouch-worker')).toContainText('no longer vouches for you', {
      timeout: 60_000,
    });
    await desk.kill(); // before the node that it shows ends
    expect(inFlight(await network.wallets())).toBe(0n);
  } finally {
    await network.stop();
  }
});
