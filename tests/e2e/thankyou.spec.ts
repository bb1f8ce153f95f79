/** A job without a settler, in real browsers: the worker pays for its reply once it is thanked, and nothing else moves. */
import { inFlight, ledger, meet, twoPeople } from './people.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

/** What a customer's own invoice in such a chain is for. */
const thankYouMsat = 1_000n;

test('replied to without a settler, thanked, met: the reply is paid for, to the sat [THX-03, THX-04, THX-07]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    for (const phone of [customer, worker]) {
      await phone.go('#/node');
      await phone.at('policy-without-settler').check();
    }
    // Nobody in between: the reply costs the worker what the customer is paid for saying thank you.
    await meet([[customer, worker]], []);
    const before = await ledger(network);

    await customer.go('#/hire/new');
    await customer.at('post-pickup').fill('u2yhvdp');
    await customer.at('post-dropoff').fill('u2yj2b3');
    await customer.at('post-without-settler').check();
    await customer.at('post-submit').click();
    await customer.page.waitForURL(/#\/hire\/[0-9a-f]{64}$/);

    await worker.go('#/work');
    await worker.page.locator('a[data-testid^="heard-"]').first().click({ timeout: 60_000 });
    await worker.at('reply-unsettled').locator('summary').click();
    await expect(worker.at('reply-unsettled')).toContainText('Nobody holds the price');
    await worker.at('reply-price').fill('12000');
    await worker.at('reply-contact').fill('Ola, white Skoda');
    await worker.at('reply-submit').click();
    await expect(worker.at('reply-made')).toHaveAttribute('data-stage', 'sent', {
      timeout: 60_000,
    });

    await expect(customer.at('thank-you')).toHaveAttribute('data-stage', 'offered', {
      timeout: 60_000,
    });
    await expect(customer.page.getByText('Ola, white Skoda')).toHaveCount(0);
    expect(await ledger(network)).toMatchObject(before);
    await customer.at('thank-you-take').click();
    await expect(customer.at('thank-you-contact')).toHaveText('Ola, white Skoda', {
      timeout: 60_000,
    });
    await expect(worker.at('reply-made')).toHaveAttribute('data-stage', 'met', {
      timeout: 60_000,
    });
    await customer.say('I am at the corner.');
    await expect(worker.page.getByText('I am at the corner.')).toBeVisible();

    await expect.poll(async () => inFlight(await network.wallets())).toBe(0n);
    const moved = async () => {
      const after = await ledger(network);
      const changes = Object.keys(before).map((key) => [key, after[key]! - before[key]!] as const);
      return Object.fromEntries(changes.filter(([, change]) => change !== 0n));
    };
    await expect.poll(moved).toEqual({
      [customer.walletKey]: thankYouMsat,
      [worker.walletKey]: -thankYouMsat,
    });
  } finally {
    await network.stop();
  }
});
