/** What people get wrong, on their own phone: a sentence that says what to do, and nothing changes. */
import { expect, test } from '@playwright/test';
import { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';

const money = /money|sats|paid/i;

test('bad input gets a clear sentence and changes nothing', async ({ browser }) => {
  test.setTimeout(300_000);
  const network = await startPracticeNetwork();
  try {
    const phone = await Phone.join(browser, 'newcomer', network.url);
    await test.step('wallet addresses: malformed, dead', async () => {
      await paste(phone, 'nostr+walletconnect://not-a-key');
      await expect(
        phone.page.getByText(/not a wallet address|not complete|wallet address/i).first(),
      ).toBeVisible();
      const alive = await mint(network.url);
      await paste(phone, alive.replace(/relay=[^&]+/, 'relay=ws%3A%2F%2F127.0.0.1%3A1'));
      await expect(phone.at('wallet-failed')).toHaveAttribute('title', 'WALLET_UNREACHABLE', {
        timeout: 60_000,
      });
      await expect(phone.at('wallet-failed')).toContainText(money);
    });

    await test.step('a wallet without hold invoices can hire, not drive', async () => {
      await paste(phone, await mint(network.url, '?holds=no'));
      await expect(phone.at('wallet-cannot-hold')).toBeVisible({ timeout: 60_000 });
    });

    await test.step('places too coarse, too exact, no places; a window in the past', async () => {
      await phone.vouch('customer');
      for (const [pickup, why] of [
        ['u2yhvd', /too|larger|more/i],
        ['u2yhvdpqp', /too|exact/i],
        ['u2yhva!', /not|cell|place/i],
      ] as const) {
        await phone.at('post-pickup').fill(pickup);
        await phone.at('post-dropoff').fill('u2yj2b3');
        await phone.at('post-submit').click();
        await expect(phone.at('post-pickup-wrong')).toContainText(why);
        expect(phone.page.url()).toContain('#/hire/new');
      }
      await phone.at('post-pickup').fill('u2yhvdp');
      await phone.at('post-when-later').check();
      await phone.at('post-after').fill('2020-01-01T10:00');
      await phone.at('post-before').fill('2020-01-01T12:00');
      await phone.at('post-submit').click();
      await expect(phone.at('post-window-wrong')).not.toBeEmpty();
      expect(phone.page.url()).toContain('#/hire/new');
    });

    await test.step('a relay that does not answer is named, with its reason', async () => {
      await phone.go('#/node');
      await phone.at('relays-edit').locator('xpath=ancestor::details/summary').click();
      await phone
        .at('relays-edit')
        .fill('/ip4/127.0.0.1/tcp/1/ws/p2p/16Uiu2HAmFS92t6uqBUeGk4bV7doqfUCQ6u2wBQLyYXfzsQ3HbRus');
      await phone.at('relays-save').click();
      const relay = phone.at('relay').first();
      await expect(relay).toHaveAttribute('data-connected', 'false');
      await expect(relay).toContainText(/answer|reach|refused|failed/i, { timeout: 60_000 });
    });
  } finally {
    await network.stop();
  }
});

test('amounts that make no sense are refused before anything is sent', async ({ browser }) => {
  test.setTimeout(300_000);
  const network = await startPracticeNetwork();
  try {
    const customer = await Phone.join(browser, 'customer', network.url);
    const worker = await Phone.join(browser, 'worker', network.url);
    for (const phone of [customer, worker]) await phone.connectWallet();
    await customer.vouch('customer');
    await worker.vouch('driver');
    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.go('#/work');
    await worker.page.locator('a[data-testid^="heard-"]').first().click({ timeout: 60_000 });
    await worker.at('offer-contact-input').fill('Ola');
    for (const amount of ['0', '-5', '99999999999', 'lots']) {
      await worker.at('offer-price-input').fill(amount);
      await worker.at('offer-submit').click();
      await expect(worker.at('offer-price-wrong')).not.toBeEmpty();
      expect(worker.page.url()).toContain('#/work/heard/');
    }
    const inFlight = (await network.wallets()).some(({ outgoingMsat }) => outgoingMsat > 0n);
    expect(inFlight).toBe(false);
  } finally {
    await network.stop();
  }
});

async function mint(home: string, query = ''): Promise<string> {
  const answer = await fetch(new URL(`/devnet/wallets${query}`, home), { method: 'POST' });
  return ((await answer.json()) as { uri: string }).uri;
}

async function paste(phone: Phone, address: string): Promise<void> {
  await phone.go('#/node/wallet');
  if (!(await phone.at('wallet-uri').isVisible())) await phone.at('wallet-other').click();
  await phone.at('wallet-uri').fill(address);
  await phone.at('wallet-connect-submit').click();
}
