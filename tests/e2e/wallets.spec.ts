/**
 * Rides with wallets as bad as the world's: whatever theirs says or does not say, the ride ends well, or everything comes back.
 * `src/devnet/lightning/personality.ts` says what each of them does.
 */
import { inFlight, ledger, sum, twoPeople } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { expect, test } from './test.ts';

const price = 12_000;
const patience = { timeout: 240_000 };

interface Row {
  readonly personality: string;
  /** Whose wallets are like that; all others are ordinary. */
  readonly whose: 'everybody' | 'the carriers';
  readonly ends: 'paid' | 'paid without a routing fee' | 'refunded';
  readonly full?: boolean;
}

const rows: readonly Row[] = [
  { personality: 'silent', whose: 'everybody', ends: 'paid' },
  { personality: 'in-flight', whose: 'everybody', ends: 'paid' },
  { personality: 'no-preimage', whose: 'everybody', ends: 'paid' },
  { personality: 'no-holds', whose: 'the carriers', ends: 'paid without a routing fee' },
  { personality: 'slow', whose: 'everybody', ends: 'paid', full: true },
  { personality: 'no-answer-to-pay', whose: 'everybody', ends: 'paid', full: true },
  { personality: 'held-looks-expired', whose: 'everybody', ends: 'paid', full: true },
  {
    personality: 'claims-holds',
    whose: 'the carriers',
    ends: 'paid without a routing fee',
    full: true,
  },
  { personality: 'slow,silent,in-flight', whose: 'everybody', ends: 'paid', full: true },
  // Only after minutes is it certain that nothing was paid. Whoever carried it relays for nothing from then on: it is the last.
  { personality: 'one-hash-once', whose: 'the carriers', ends: 'refunded', full: true },
];

interface Scene {
  readonly network: PracticeNetwork;
  readonly customer: Phone;
  readonly worker: Phone;
}

/** The network's own wallets are its first ones: its settler's, then its middlemen's. */
async function carriersOf(network: PracticeNetwork): Promise<string[]> {
  const wallets = await network.wallets();
  return wallets.slice(1, 4).map(({ key }) => key);
}

async function become(scene: Scene, { personality, whose }: Row): Promise<void> {
  const { network } = scene;
  const all = (await network.wallets()).map(({ key }) => key);
  const bad = whose === 'everybody' ? all : await carriersOf(network);
  for (const key of all) {
    await network.wallet(bad.includes(key) ? personality : 'ordinary', key);
  }
}

/** They only meet through others, so that every ride has somebody who carries it. */
async function keepApart({ customer, worker }: Scene): Promise<void> {
  for (const [phone, other] of [
    [customer, worker],
    [worker, customer],
  ] as const) {
    const otherKey = await other.peerKey();
    await phone.go('#/node');
    const known = phone.page.locator('[data-testid^="peer-"][data-connected="true"]');
    await expect.poll(() => known.count(), patience).toBeGreaterThanOrEqual(3);
    const ids = await known.evaluateAll((rows) => rows.map((row) => row.dataset.testid ?? ''));
    const allowPeers = ids.map((id) => id.slice('peer-'.length)).filter((key) => key !== otherKey);
    await phone.command({ command: 'setPolicy', policy: { allowPeers } });
  }
}

async function ride(scene: Scene, row: Row): Promise<void> {
  const { network, customer, worker } = scene;
  await become(scene, row);
  const before = await ledger(network);
  const carriers = await carriersOf(network);
  const job = await customer.post('u2yhvdp', 'u2yj2b3');
  await worker.offer(price, 'Ola, white Skoda', job);
  const feeMsat = await customer.networkFeeMsat();
  await customer.accept();
  if (row.ends !== 'refunded') {
    await expect(customer.at('contact-text')).toBeVisible(patience);
    await customer.at('job-confirm').click();
    await customer.at('job-confirm-yes').click();
  }
  const title = row.ends === 'refunded' ? 'Money came back' : 'Settled';
  await expect(customer.at('journey-title')).toHaveText(title, patience);
  await expect.poll(async () => inFlight(await network.wallets()), patience).toBe(0n);
  const after = await ledger(network);
  const change = (key: string) => after[key]! - before[key]!;
  const paid = row.ends === 'refunded' ? 0n : BigInt(price) * 1_000n;
  const routing = row.ends === 'paid' ? feeMsat - 10_000n : 0n;
  if (row.ends === 'paid without a routing fee') expect(feeMsat).toBe(10_000n);
  else expect(feeMsat).toBeGreaterThanOrEqual(21_000n);
  expect(change(worker.walletKey)).toBe(paid);
  expect(change(customer.walletKey)).toBe(row.ends === 'refunded' ? 0n : -paid - feeMsat);
  expect(sum(carriers.map(change))).toBe(routing);
  expect(sum(Object.keys(before).map(change))).toBe(0n);
}

for (const full of [false, true]) {
  const mine = rows.filter((row) => (row.full ?? false) === full);
  const title = mine.map(({ personality }) => personality).join(', ');
  test(`${full ? '@full ' : ''}rides with wallets that are ${title}`, async ({ join }) => {
    test.setTimeout(900_000);
    const network = await startPracticeNetwork();
    try {
      const scene = { network, ...(await twoPeople(join, network)) };
      await keepApart(scene);
      for (const row of mine) {
        await test.step(`${row.personality}: ${row.ends}`, () => ride(scene, row));
      }
    } finally {
      await network.stop();
    }
  });
}
