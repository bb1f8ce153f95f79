/**
 * An example of a script: the first phone hires the second, and each says what it has in the end.
 *
 *   npm run lab -- --nodes 3 --script tests/lab/ride.ts
 */
import { expect } from '@playwright/test';
import { balancesOf, inFlight } from '../e2e/people.ts';
import type { Lab } from './lab.ts';

const patience = { timeout: 120_000 };

export default async function ride({ phones, network, log, report }: Lab): Promise<void> {
  const [customer, worker] = phones;
  if (customer === undefined || worker === undefined) throw new Error('a ride needs two phones');

  await customer.vouch('customer');
  await worker.vouch('worker');
  const job = await customer.post('u2yhvdp', 'u2yj2b3');
  await worker.offer(12_000, 'Ola, white Skoda, 600 100 200', job);
  await customer.accept();
  await expect(customer.at('contact-text')).toContainText('Ola', patience);
  await worker.at('offer-done').click();
  await customer.at('job-confirm').click();
  await customer.at('job-confirm-yes').click();
  await expect(customer.at('journey-title')).toHaveText('Settled', patience);
  await expect(worker.at('journey-now')).toContainText('You are paid', patience);
  await expect.poll(async () => inFlight(await network.wallets()), patience).toBe(0n);

  const named = Object.fromEntries(phones.map((phone) => [phone.name, phone]));
  const balances = Object.entries(await balancesOf(network, named));
  for (const [name, msat] of balances) log(`${name} has ${sats(msat)} sat`);
  report(Object.fromEntries(balances.map(([name, msat]) => [name, sats(msat)])));
}

function sats(msat: bigint): number {
  return Number(msat) / 1_000;
}
