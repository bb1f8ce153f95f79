/** The second engine: a phone with Firefox and one with Chromium meet, hire each other, and settle to the sat. */
import { ensureFirefox } from '../../tools/firefox.ts';
import { FirefoxPhone } from './firefox-phone.ts';
import { flawsOfScreen } from './in-page.ts';
import { meet } from './people.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { id } from './steps.ts';
import { expect, test } from './test.ts';
import { rideBetween } from './whole-ride.ts';

let network: PracticeNetwork;
let firefox: FirefoxPhone;

test.beforeAll(async () => {
  test.setTimeout(600_000); // to install it, once
  const path = ensureFirefox();
  test.skip(path === null, 'no Firefox here, and only on Debian as root is one installed');
  network = await startPracticeNetwork();
  firefox = await FirefoxPhone.join(path!, 'firefox', network.url);
});

test.afterAll(async () => {
  await firefox?.close();
  await network?.stop();
});

test('every screen fits Firefox too, also with large text, and each control has a name', async () => {
  for (const size of ['', '34px']) {
    await firefox.page.evaluate((given) => {
      document.documentElement.style.fontSize = given;
    }, size);
    for (const hash of ['#/', '#/hire', '#/hire/new', '#/work', '#/settle', '#/node']) {
      await firefox.go(hash);
      const flaws = () => firefox.page.evaluate(flawsOfScreen);
      await expect.poll(flaws, `${hash} ${size}`).toEqual([]);
    }
  }
  await firefox.go('#/nowhere');
  await firefox.sees(id('home-hire'));
  expect(firefox.errors).toEqual([]);
});

test('Chromium and Firefox hire each other over a direct connection [NET-01, NET-09]', async ({
  join,
}) => {
  test.setTimeout(600_000);
  const chromium = await join('chromium', network.url);
  for (const phone of [chromium, firefox]) {
    await phone.connectWallet();
    await phone.vouch('customer');
    await phone.vouch('worker');
  }
  await meet([[chromium, firefox]], []);

  await test.step('Firefox works, and its page dies in the middle', async () => {
    await rideBetween(network, chromium, firefox, async (stage) => {
      if (stage !== 'matched') return;
      await firefox.kill();
      await firefox.reopen();
    });
  });
  await test.step('Firefox hires', () => rideBetween(network, firefox, chromium, async () => {}));

  for (const phone of [chromium, firefox]) {
    expect(await phone.directConnections(), phone.name).toBeGreaterThan(0);
    expect(phone.errors, phone.name).toEqual([]);
  }
});
