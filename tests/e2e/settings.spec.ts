/** Settings of a device, and what goes on beside the screens while a job is under way. */
import { twoPeople } from './people.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

/** Runs in the page: a battery that can be pulled, a wake lock that can be seen. */
function watchDevice(): void {
  const scope = globalThis as unknown as { unplug: () => void; awake: number };
  const battery = Object.assign(new EventTarget(), { charging: true, level: 1 });
  Object.defineProperty(navigator, 'getBattery', { value: () => Promise.resolve(battery) });
  scope.unplug = () => {
    battery.charging = false;
    battery.dispatchEvent(new Event('chargingchange'));
  };
  scope.awake = 0;
  const request = () => {
    scope.awake++;
    const lock = Object.assign(new EventTarget(), {
      released: false,
      release: () => {
        if (!lock.released) scope.awake--;
        lock.released = true;
        return Promise.resolve();
      },
    });
    return Promise.resolve(lock);
  };
  Object.defineProperty(navigator, 'wakeLock', { value: { request } });
}

test('a currency beside the sats, news of an offer, a screen that stays awake, a node that rests', async ({
  join,
}) => {
  test.setTimeout(240_000);
  const network = await startPracticeNetwork();
  try {
    const watched: typeof join = (name, url) => join(name, url, [watchDevice]);
    const { customer, worker } = await twoPeople(watched, network);
    const awake = () =>
      customer.page.evaluate(() => (globalThis as unknown as { awake: number }).awake);

    await customer.go('#/node/settings');
    await expect(customer.at('network-practice')).toBeVisible();
    await customer.at('fiat-currency').fill('nothing');
    await customer.at('fiat-rate').fill('60000');
    await customer.at('fiat-currency').fill('e');
    await customer.at('fiat-save').click();
    await expect(customer.at('fiat-wrong')).toBeVisible();
    await customer.at('fiat-currency').fill('eur');
    await customer.at('fiat-save').click();
    await expect(customer.at('fiat-example')).toContainText('€60.00');

    const job = await customer.post('u2yhvdp', 'u2yj2b3');
    await customer.go('#/node/settings');
    await worker.offer(12_000, 'Ola', job);
    await expect(customer.at('news')).toContainText('Nothing is locked yet', { timeout: 60_000 });
    await customer.at('news').getByRole('link').click();
    await expect(customer.at('news')).toHaveCount(0);
    await expect(customer.at('offer-price').first()).toContainText('€7.20');
    expect(await awake()).toBe(0);
    await customer.accept();
    await expect(customer.at('contact-text')).toBeVisible({ timeout: 90_000 });
    expect(await awake()).toBe(1);
    await worker.tap('[data-testid="offer-done"]');
    await customer.confirm();
    await expect(customer.at('journey-title')).toHaveText('Settled', { timeout: 90_000 });
    await expect.poll(awake).toBe(0);

    await customer.go('#/node/settings');
    await customer.at('rest-onBattery').check();
    await customer.page.evaluate(() => (globalThis as unknown as { unplug(): void }).unplug());
    await customer.go('#/node');
    await expect(customer.at('policy-carry')).not.toBeChecked();
    await customer.go('#/node/settings');
    await customer.at('rest-onBattery').uncheck();
    await customer.go('#/node');
    await expect(customer.at('policy-carry')).toBeChecked();
    for (const phone of [customer, worker]) expect(phone.errors, phone.name).toEqual([]);
  } finally {
    await network.stop();
  }
});
