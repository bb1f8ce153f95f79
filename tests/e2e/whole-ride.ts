/** A ride between two people, from a job to its payment: told once, whatever browsers, networks and faults they have. */
import { expect } from '@playwright/test';
import { inFlight, ledger, sum } from './people.ts';
import type { PracticeNetwork } from './practice-network.ts';
import { id, STEP_MS, type Steps } from './steps.ts';

export const price = 12_000;
const contact = 'Ola, white Skoda, 600 100 200';

/** Where a ride is, just after somebody's tap or just as it is seen on the screen. */
export const stages = ['posted', 'offered', 'accepted', 'matched', 'talked', 'confirmed'] as const;
export type Stage = (typeof stages)[number];

/** What happens in between. */
export type Meanwhile = (stage: Stage) => Promise<void>;

/** Throws unless every sat is where it belongs in the end. */
export async function rideBetween(
  network: PracticeNetwork,
  customer: Steps,
  worker: Steps,
  meanwhile: Meanwhile,
): Promise<void> {
  const before = await ledger(network);
  const job = await customer.post('u2yhvdp', 'u2yj2b3');
  await meanwhile('posted');
  await worker.offer(price, contact, job);
  const feeMsat = await customer.networkFeeMsat();
  await meanwhile('offered');
  await customer.accept();
  await meanwhile('accepted');
  await customer.sees(id('contact-text'), contact);
  await meanwhile('matched');
  await talk(customer, worker, 'I wait at the corner.');
  await talk(worker, customer, 'Two minutes.');
  await meanwhile('talked');
  await worker.tap(id('offer-done'));
  await customer.confirm();
  await meanwhile('confirmed');
  await customer.sees(id('journey-title'), 'Settled');
  await worker.sees(id('journey-now'), 'You are paid');

  await expect.poll(async () => inFlight(await network.wallets()), { timeout: STEP_MS }).toBe(0n);
  const after = await ledger(network);
  const change = (key: string) => after[key]! - before[key]!;
  const priceMsat = BigInt(price) * 1_000n;
  expect(change(customer.walletKey)).toBe(-(priceMsat + feeMsat));
  expect(change(worker.walletKey)).toBe(priceMsat);
  expect(sum(Object.keys(before).map(change))).toBe(0n);
}

async function talk(from: Steps, to: Steps, text: string): Promise<void> {
  await from.say(text);
  await heard(to, text);
}

export async function heard(phone: Steps, text: string): Promise<void> {
  await phone.sees(id('chat-lines'), text);
}
