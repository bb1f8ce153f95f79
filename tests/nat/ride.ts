/** A ride between two phones, from a job to its payment, and what may happen in the middle of it. */
import { expect } from '@playwright/test';
import { inFlight, ledger, sum } from '../e2e/people.ts';
import type { Phone } from '../e2e/phone.ts';
import type { PracticeNetwork } from '../e2e/practice-network.ts';

const price = 12_000;
const contact = 'Ola, white Skoda, 600 100 200';
/** ms for a line of chat to be there; after an outage the link must first be missed and made again. */
const LINE_MS = 120_000;

/**
 * Throws unless every sat is where it belongs in the end. The worker's network goes in the middle, if `move` is given, and comes
 * back as it ends; then answers the ms to both having heard each other again.
 */
export async function ride(
  network: PracticeNetwork,
  customer: Phone,
  worker: Phone,
  move: (() => Promise<void>) | null,
): Promise<number | null> {
  const before = await ledger(network);
  const job = await customer.post('u2yhvdp', 'u2yj2b3');
  await worker.offer(price, contact, job);
  const feeMsat = await customer.networkFeeMsat();
  await customer.accept();
  await expect(customer.at('contact-text')).toContainText(contact, { timeout: 120_000 });
  await talk(customer, worker, 'I wait at the corner.');
  await talk(worker, customer, 'Two minutes.');
  const recoverMs = move === null ? null : await outlive(move, customer, worker);
  await worker.at('offer-done').click();
  await customer.at('job-confirm').click();
  await customer.at('job-confirm-yes').click();
  await expect(customer.at('journey-title')).toHaveText('Settled', { timeout: 120_000 });
  await expect(worker.at('journey-now')).toContainText('You are paid', { timeout: 120_000 });
  await expect.poll(async () => inFlight(await network.wallets()), { timeout: 120_000 }).toBe(0n);
  const after = await ledger(network);
  const change = (key: string) => after[key]! - before[key]!;
  const priceMsat = BigInt(price) * 1_000n;
  expect(change(customer.walletKey)).toBe(-(priceMsat + feeMsat));
  expect(change(worker.walletKey)).toBe(priceMsat);
  expect(sum(Object.keys(before).map(change))).toBe(0n);
  return recoverMs;
}

/** What is said while the worker is away is heard when it is back, both ways. */
async function outlive(move: () => Promise<void>, customer: Phone, worker: Phone): Promise<number> {
  const moved = move();
  await customer.say('Where are you?');
  await worker.say('In a tunnel.');
  await moved;
  const backMs = Date.now();
  await heard(worker, 'Where are you?');
  await heard(customer, 'In a tunnel.');
  return Date.now() - backMs;
}

async function talk(from: Phone, to: Phone, text: string): Promise<void> {
  await from.say(text);
  await heard(to, text);
}

async function heard(phone: Phone, text: string): Promise<void> {
  await expect(phone.at('chat-lines')).toContainText(text, { timeout: LINE_MS });
}
