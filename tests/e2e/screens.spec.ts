/** The screens themselves: bad input earns a sentence and changes nothing; keys, focus and large text work. */
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

let network: PracticeNetwork;

test.beforeAll(async () => {
  network = await startPracticeNetwork();
});

test.afterAll(() => network.stop());

test('a wallet address that is none, or that nobody answers, is said and harms nothing', async ({
  join,
}) => {
  const phone = await join('phone', network.url);
  await phone.go('#/node/wallet');
  await phone.at('wallet-other').click();
  await phone.at('wallet-uri').fill('lnbc1pvjluez');
  await phone.at('wallet-connect-submit').click();
  await expect(phone.at('wallet-address-wrong')).toContainText('no wallet address');

  const dead = `nostr+walletconnect://${'ab'.repeat(32)}?relay=ws%3A%2F%2F127.0.0.1%3A1&secret=${'cd'.repeat(32)}`;
  await phone.at('wallet-uri').fill(dead);
  await phone.at('wallet-connect-submit').click();
  await expect(phone.at('wallet-stop')).toBeVisible();
  await expect(phone.at('wallet-failed')).toContainText('Your money is', { timeout: 60_000 });
  await phone.connectWallet();
  await expect(phone.at('bar-wallet')).toContainText('1,000,000');

  // By a link: its secret leaves the address bar, and only a word connects it.
  await phone.go(`#nwc?uri=${encodeURIComponent(dead)}`);
  await expect(phone.at('wallet-offered')).toContainText('127.0.0.1:1');
  expect(phone.page.url()).not.toContain('cdcd');
  await phone.at('wallet-offered').getByRole('button', { name: 'No', exact: true }).click();
  await expect(phone.at('wallet-offered')).toBeHidden();
  await expect(phone.at('bar-wallet')).toContainText('1,000,000');
});

test('places and times that cannot be are refused at their field', async ({ join }) => {
  const phone = await join('phone', network.url);
  await phone.go('#/hire/new');
  for (const [place, sentence] of [
    ['u2yh', 'too vague'],
    ['u2yhvdpk1', 'exact spot'],
    ['not a place', 'no place code'],
  ] as const) {
    await phone.at('post-pickup').fill(place);
    await phone.at('post-pickup').blur();
    await expect(phone.at('post-pickup-wrong')).toContainText(sentence);
  }
  await phone.at('post-pickup').fill('50.0614, 19.9366');
  await expect(phone.at('post-pickup-cell')).toHaveText('u2yhv9m');
  await phone.at('post-when-later').check();
  await phone.at('post-before').fill('2020-01-01T10:00');
  await expect(phone.at('post-before-wrong')).toContainText('already over');
  await phone.go('#/hire');
  await expect(phone.at('hire-new')).toBeVisible();
  await expect(phone.page.locator('[data-testid^="job-"]')).toHaveCount(0);
});

test('prices that cannot be are refused, and no offer leaves', async ({ join }) => {
  const customer = await join('customer', network.url);
  const worker = await join('worker', network.url);
  await customer.connectWallet();
  await customer.vouch('customer');
  await worker.connectWallet();
  await worker.vouch('worker');
  await customer.post('u2yhvdp', 'u2yj2b3');
  await worker.go('#/work');
  await worker.page.locator('a[data-testid^="heard-"]').first().click({ timeout: 60_000 });
  await worker.at('offer-contact-input').fill('Ola');
  for (const [price, sentence] of [
    ['0', 'not an amount'],
    ['-5', 'not an amount'],
    ['twelve', 'not an amount'],
    ['99999999999', 'too large'],
  ] as const) {
    await worker.at('offer-price-input').fill(price);
    await worker.at('offer-submit').click();
    await expect(worker.at('offer-price-wrong')).toContainText(sentence);
  }
  await worker.go('#/work');
  await expect(worker.page.locator('[data-testid^="my-offer-"]')).toHaveCount(0);
});

test('a relay that is none, or does not answer, is said', async ({ join }) => {
  const phone = await join('phone', network.url);
  await phone.go('#/node');
  await expect(phone.at('relay')).toHaveAttribute('data-connected', 'true');
  const relays = phone.page.locator('details', { has: phone.at('relays-edit') });
  await relays.locator('summary').click();
  const good = await phone.at('relays-edit').inputValue();
  await phone.at('relays-edit').fill('relay.example.org');
  await phone.at('relays-save').click();
  await expect(phone.at('relays-wrong')).toContainText('no address');
  await expect(phone.at('relay')).toHaveAttribute('data-connected', 'true');

  const nobody =
    '/ip4/127.0.0.1/tcp/1/ws/p2p/16Uiu2HAmPLe7Mzm8TsYUubgCAW1aJoeFScxrLj8ppHFivPo97bUZ';
  await phone.at('relays-edit').fill(`${good}\n${nobody}`);
  await phone.at('relays-save').click();
  const silent = phone.at('relay').filter({ hasText: '/tcp/1/' });
  await expect(silent).toContainText('Your money is safe', { timeout: 60_000 });
});

test('everything can be reached by keyboard, and the focus follows', async ({ join }) => {
  const phone = await join('phone', network.url);
  await phone.page.keyboard.press('Tab');
  await expect(phone.page.getByText('Skip to content')).toBeFocused();
  await phone.at('home-hire').press('Enter');
  await expect(phone.page.getByRole('heading', { level: 1 })).toBeFocused();

  await phone.at('post-pickup-map').press('Enter');
  const map = phone.at('map-canvas');
  await expect(map).toBeVisible();
  await map.focus();
  await expect(async () => {
    await map.press('Enter');
    await expect(phone.at('map-use')).toBeEnabled({ timeout: 300 });
  }).toPass();
  await phone.at('map-use').press('Enter');
  await expect(phone.at('post-pickup')).toHaveValue(/^[0-9b-hjkmnp-z]{7}$/);
  await expect(phone.at('post-pickup-map')).toBeFocused();

  await phone.go('#/nowhere');
  await expect(phone.at('home-hire')).toBeVisible();
  expect(new URL(phone.page.url()).hash).toBe('#/');
});

test('no screen is wider than a phone, even with text twice the size', async ({ join }) => {
  const phone = await join('phone', network.url);
  await phone.page.evaluate(() => {
    document.documentElement.style.setProperty('font-size', '34px');
  });
  for (const hash of [
    '#/',
    '#/hire',
    '#/hire/new',
    '#/work',
    '#/settle',
    '#/node',
    '#/node/wallet',
  ]) {
    await phone.go(hash);
    await expect(phone.page.getByRole('heading', { level: 1 })).toBeVisible();
    const beyond = () =>
      phone.page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    await expect.poll(beyond, hash).toBeLessThanOrEqual(0);
  }
});

test('every kind of job may have a price and a difficulty of its own [WRK-06, NET-11]', async ({
  join,
}) => {
  const phone = await join('phone', network.url);
  await phone.go('#/node');
  const open = async (kind: string) => {
    await expect(phone.at('kind-rules')).toBeVisible();
    if (!(await phone.at('kind-rule').isVisible())) {
      await phone.at('kind-rules').locator('summary').click();
    }
    await phone.at('kind-rule').selectOption(kind);
  };
  await open('stay');
  for (const [field, text] of [
    ['kind-work', '7'],
    ['kind-feeMsat', '33'],
  ] as const) {
    await phone.at(field).fill(text);
    await phone.at(field).blur();
  }
  await open('taxi');
  await expect(phone.at('kind-work')).toHaveValue('');
  await phone.page.reload();
  await open('stay');
  await expect(phone.at('kind-work')).toHaveValue('7');
  await expect(phone.at('kind-feeMsat')).toHaveValue('33');
  await phone.at('kind-work').fill('');
  await phone.at('kind-work').blur();
  await open('taxi');
  await open('stay');
  await expect(phone.at('kind-work')).toHaveValue('');
  await expect(phone.at('kind-feeMsat')).toHaveValue('33');
});

test('a damaged link changes nothing; a good one asks before it rewires a node in use', async ({
  join,
}) => {
  const phone = await join('phone', network.url);
  await expect(phone.at('bar-peers')).not.toHaveAttribute('data-count', '0', { timeout: 60_000 });
  await phone.go('#devnet?relay=nonsense');
  await expect(phone.at('link-damaged')).toContainText('Nothing was changed');
  await phone.go('#devnet?relay=/ip4/127.0.0.1/tcp/1/ws');
  await expect(phone.at('devnet-offer')).toBeVisible();
  await phone.page.keyboard.press('Escape');
  await phone.go('#/node');
  await expect(phone.at('relay')).toHaveAttribute('data-connected', 'true');
});

test('a wallet without hold invoices can hire, and is told that it cannot drive', async ({
  join,
}) => {
  const uri = await network.wallet('no-holds');
  const phone = await join('phone', network.url);
  await phone.go('#/node/wallet');
  await phone.at('wallet-other').click();
  await phone.at('wallet-uri').fill(uri);
  await phone.at('wallet-connect-submit').click();
  await expect(phone.at('wallet-cannot-hold')).toBeVisible({ timeout: 60_000 });
});
