/**
 * A settler that breaks its word, in real browsers: one that is put back to yesterday's disk forgets that it opened a contact, and
 * calls the same job off. Two signatures that do not go together; the customer's node notices, says so, and nobody loses a sat.
 */
import { ledger, meet } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

type Disk = readonly (readonly [key: string, value: readonly number[]])[];

test('a settler put back to an old disk contradicts itself, and its customer sees the proof [STL-03, STL-04]', async ({
  join,
}) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork('--bare');
  try {
    const customer = await join('customer', network.url);
    const worker = await join('worker', network.url);
    const settler = await join('settler', network.url);
    for (const phone of [customer, worker, settler]) await phone.connectWallet();
    await settler.go('#/settle');
    await settler.at('settler-name').fill('Couriers Union');
    await settler.at('settler-become').click();
    await settler.command({ command: 'setPolicy', policy: { approveAutomatically: true } });
    const line = await settler.at('settler-share').innerText();
    const root = line.slice(0, 64);
    for (const phone of [customer, worker]) await phone.trust(line);
    await meet([[customer, worker]], [settler]);
    await customer.vouch('customer');
    await worker.vouch('worker');
    const before = await ledger(network);

    await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(12_000, 'Ola, white Skoda');
    await customer.networkFeeMsat();
    const row = () => settler.page.locator('li[data-testid^="promise-"]').first();
    await settler.go('#/settle');
    await expect(row()).toHaveAttribute('data-stage', 'promised');
    const promiseId = (await row().getAttribute('data-testid'))!.replace('promise-', '');
    const old = await diskOf(settler);
    await customer.accept();
    await expect(customer.at('contact-text')).toBeVisible({ timeout: 120_000 });

    await settler.kill();
    await putBack(settler, old);
    await settler.reopen('#/settle');
    await expect(row()).toHaveAttribute('data-stage', 'held', { timeout: 60_000 });
    await settler.command({ command: 'abortPromise', promiseId });

    await customer.go('#/node');
    const broken = customer.at(`broken-${root}`);
    await expect(broken).toContainText('opened a contact and called the same job off', {
      timeout: 60_000,
    });
    await expect(broken).toContainText('Your node saw it itself');
    await broken.locator('summary').click();
    await expect(broken.locator('code')).toHaveText(/^[0-9a-f]{400,}$/);
    await customer.at('settler-forgive').click();
    await expect(broken).toContainText('You trust it all the same');
    await expect.poll(() => ledger(network), { timeout: 60_000 }).toMatchObject(before);
  } finally {
    await network.stop();
  }
});

/** What a device has stored, to the byte. */
function diskOf({ page }: Phone): Promise<Disk> {
  return page.evaluate(async () => {
    const ended = <T>(asked: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error ?? new Error('no database'));
      });
    const db = await ended<IDBDatabase>(indexedDB.open('gig-gossip'));
    const entries = db.transaction('entries').objectStore('entries');
    const [keys, values] = [ended(entries.getAllKeys()), ended(entries.getAll())];
    const bytes = (await values) as Uint8Array[];
    const found = (await keys).map((key, i) => [String(key), [...bytes[i]!]] as const);
    db.close();
    return found;
  });
}

/** Its device, while the app is closed, is as it was. */
async function putBack({ context, page }: Phone, disk: Disk): Promise<void> {
  const blank = await context.newPage();
  await blank.goto(new URL('/icon.svg', page.url()).href);
  await blank.evaluate(async (entries) => {
    const db = await new Promise<IDBDatabase>((resolve, reject) => {
      const asked = indexedDB.open('gig-gossip');
      asked.onsuccess = () => resolve(asked.result);
      asked.onerror = () => reject(asked.error ?? new Error('no database'));
    });
    const writing = db.transaction('entries', 'readwrite', { durability: 'strict' });
    const store = writing.objectStore('entries');
    store.clear();
    for (const [key, value] of entries) store.put(new Uint8Array(value), key);
    await new Promise<void>((done) => (writing.oncomplete = () => done()));
    db.close();
  }, disk);
  await blank.close();
}
