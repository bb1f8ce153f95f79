/**
 * Every relay is dead: pages that are connected introduce the others, and a ride is posted, taken and paid among them. The settler
 * introduces nobody, as its owner wants, so that the two in the middle are all that customer and worker have. Then one page that
 * has to begin anew.
 */
import { inFlight } from './people.ts';
import { startOwnRelay } from './own-relay.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const contact = 'Ola, white Skoda, 600 100 200';

test('with every relay dead two introduce a third to a fourth, and their ride settles [NET-02, NET-10]', async ({
  join,
}) => {
  test.setTimeout(900_000);
  const network = await startPracticeNetwork('--bare');
  const relay = await startOwnRelay();
  try {
    const names = ['customer', 'b', 'c', 'worker', 'settler'] as const;
    const phones = {} as Record<(typeof names)[number], Phone>;
    for (const name of names) phones[name] = await join(name, network.url);
    const { customer, b, c, worker, settler } = phones;
    const all = Object.values(phones);

    await test.step('a settler vouches for customer and worker', async () => {
      for (const phone of [customer, worker, settler]) await phone.connectWallet();
      await settler.command({ command: 'setPolicy', policy: { approveAutomatically: true } });
      await settler.go('#/settle');
      await settler.at('settler-name').fill('Couriers Union');
      await settler.at('settler-become').click();
      const line = await settler.at('settler-share').innerText();
      for (const phone of [customer, b, c, worker]) await phone.trust(line);
      await customer.vouch('customer');
      await worker.vouch('worker');
      await settler.go('#/node');
      await settler.at('introduces').uncheck();
    });

    await test.step('all begin anew, each with its neighbours in the chain and the settler', async () => {
      const keys = new Map<Phone, string>();
      for (const phone of all) keys.set(phone, await phone.peerKey());
      const chain = [customer, b, c, worker];
      for (const [at, phone] of chain.entries()) {
        const beside = [chain[at - 1], chain[at + 1], settler].filter((one) => one !== undefined);
        const allowPeers = beside.map((one) => keys.get(one)!);
        await phone.command({ command: 'setPolicy', policy: { allowPeers } });
      }
      for (const phone of all) {
        await phone.command({ command: 'useRelays', relays: [relay.address], learn: false });
      }
      for (const phone of all) await phone.kill();
      for (const phone of all) await phone.reopen('#/node');
      for (const [phone, others] of [
        [customer, [b, settler]],
        [b, [customer, c]],
        [c, [b, worker]],
        [worker, [c, settler]],
      ] as const) {
        for (const other of others) await expectDirect(phone, keys.get(other)!);
      }
    });

    const [customerKey, workerKey] = [await customer.peerKey(), await worker.peerKey()];
    await test.step('every relay dies', async () => {
      await expect(peer(customer, workerKey)).toHaveCount(0);
      await relay.kill();
      for (const phone of all) {
        await phone.go('#/node');
        const relays = phone.at('relay');
        await expect(relays).toHaveCount(1);
        await expect(relays).toHaveAttribute('data-connected', 'false', { timeout: 60_000 });
      }
      for (const phone of [customer, b, c, worker]) {
        await phone.command({ command: 'setPolicy', policy: { allowPeers: null } });
      }
    });

    await test.step('customer and worker are introduced, and reach each other directly', async () => {
      await expectDirect(customer, workerKey);
      await expectDirect(worker, customerKey);
      await expect(worker.at('node-addresses')).toContainText('/p2p-circuit/webrtc/');
    });

    await test.step('a ride that is posted now settles', async () => {
      await customer.post('u2yhvdp', 'u2yj2b3');
      await worker.offer(12_000, contact);
      await customer.accept();
      await expect(customer.at('contact-text')).toContainText(contact, { timeout: 180_000 });
      await worker.at('offer-done').click();
      await customer.at('job-confirm').click();
      await customer.at('job-confirm-yes').click();
      await expect(customer.at('journey-title')).toHaveText('Settled', { timeout: 180_000 });
      await expect(worker.at('journey-now')).toContainText('You are paid', { timeout: 180_000 });
      await expect
        .poll(async () => inFlight(await network.wallets()), { timeout: 120_000 })
        .toBe(0n);
    });
  } finally {
    await relay.kill();
    await network.stop();
  }
});

test('a page that is restarted with every relay dead finds its neighbour again [NET-10]', async ({
  join,
}) => {
  test.setTimeout(600_000);
  const network = await startPracticeNetwork();
  const relay = await startOwnRelay();
  try {
    const phones = [await join('customer', network.url), await join('worker', network.url)];
    const [customer, worker] = phones as [Phone, Phone];
    const workerKey = await worker.peerKey();
    await customer.peerKey();
    for (const phone of phones) {
      await phone.command({ command: 'useRelays', relays: [relay.address], learn: false });
    }
    await expectDirect(customer, workerKey);
    await relay.kill();
    await customer.kill();
    await customer.reopen('#/node');
    await expect(customer.at('relay')).toHaveAttribute('data-connected', 'false');
    // The settler listens: with it the page is no longer alone.
    await expectDirect(customer, workerKey);
  } finally {
    await relay.kill();
    await network.stop();
  }
});

const peer = (phone: Phone, key: string) =>
  phone.page.locator(`[data-testid="peer-${key}"][data-connected="true"]`);

async function expectDirect(phone: Phone, key: string): Promise<void> {
  await phone.go('#/node');
  await expect(peer(phone, key)).toHaveAttribute('data-direct', 'true', { timeout: 180_000 });
}
