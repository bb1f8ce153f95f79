/** A ride between two phones, and what may happen in the middle of it. */
import type { PracticeNetwork } from '../e2e/practice-network.ts';
import type { Steps } from '../e2e/steps.ts';
import { heard, rideBetween } from '../e2e/whole-ride.ts';

/**
 * Throws unless every sat is where it belongs in the end. The worker's network goes in the middle, if `move` is given, and comes
 * back as it ends; then answers the ms to both having heard each other again.
 */
export async function ride(
  network: PracticeNetwork,
  customer: Steps,
  worker: Steps,
  move: (() => Promise<void>) | null,
): Promise<number | null> {
  let recoverMs: number | null = null;
  await rideBetween(network, customer, worker, async (stage) => {
    if (stage === 'talked' && move !== null) recoverMs = await outlive(move, customer, worker);
  });
  return recoverMs;
}

/** What is said while the worker is away is heard when it is back, both ways. */
async function outlive(move: () => Promise<void>, customer: Steps, worker: Steps): Promise<number> {
  const moved = move();
  await customer.say('Where are you?');
  await worker.say('In a tunnel.');
  await moved;
  const backMs = Date.now();
  await heard(worker, 'Where are you?');
  await heard(customer, 'In a tunnel.');
  return Date.now() - backMs;
}
