/**
 * Pages die in the middle of rides, and come back: every ride goes on to its end, nothing is paid twice, every sat is where it
 * should be. A ride is held in each state by somebody's absence, so that whoever crashes does so in that very state.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { balancesOf, inFlight, ledger, meet, sum, twoPeople } from './people.ts';
import type { Phone } from './phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from './practice-network.ts';
import { expect, test, type Phones } from './test.ts';

const price = 12_000;
const contact = 'Ola, white Skoda';
const patience = { timeout: 90_000 };

const roles = ['customer', 'middleman', 'worker', 'settler'] as const;
type Role = (typeof roles)[number];
type Cast = Record<Role, Phone>;

interface Scene {
  readonly network: PracticeNetwork;
  readonly cast: Cast;
}

interface State {
  readonly name: string;
  /** Whose absence holds the ride in this state. */
  readonly absent: Role | null;
  /** Brings the ride here from the state before, and sees that it is. */
  reach(scene: Scene): Promise<void>;
}

const held = async ({ network, cast }: Scene, role: Role) => {
  const wallets = await network.wallets();
  return wallets.find(({ key }) => key === cast[role].walletKey)!.incomingMsat;
};

const states: readonly State[] = [
  {
    name: 'offered',
    absent: null,
    async reach({ cast: { customer, worker } }) {
      const job = await customer.post('u2yhvdp', 'u2yj2b3');
      await worker.offer(price, contact, job);
      await expect(customer.at('offer-price').first()).toBeVisible(patience);
    },
  },
  {
    name: 'paying the network',
    absent: 'settler',
    async reach(scene) {
      await scene.cast.customer.accept();
      await expect.poll(() => held(scene, 'settler'), patience).toBe(10_000n);
      await expect(scene.cast.customer.at('contact-text')).toHaveCount(0);
    },
  },
  {
    name: 'network held, paying the gig',
    absent: 'worker',
    async reach(scene) {
      await expect.poll(() => held(scene, 'worker'), patience).toBe(BigInt(price) * 1_000n);
      await expect(scene.cast.customer.at('contact-text')).toHaveCount(0);
    },
  },
  {
    name: 'matched',
    absent: null,
    async reach({ cast: { customer } }) {
      await expect(customer.at('contact-text')).toContainText(contact, patience);
    },
  },
  {
    name: 'confirmed',
    absent: 'settler',
    async reach({ cast: { customer } }) {
      await customer.at('job-confirm').click();
      await customer.at('job-confirm-yes').click();
      await expect(customer.at('journey-title')).toHaveText('Done', patience);
    },
  },
  {
    name: 'settling',
    absent: 'worker',
    async reach({ cast: { customer } }) {
      const network = customer.at('payment-network-out');
      await expect(network).toHaveAttribute('data-state', 'settled', patience);
      const gig = customer.at('payment-gig-out');
      await expect(gig).not.toHaveAttribute('data-state', 'settled');
    },
  },
];

/** Who crashes in each state of one ride. */
type Crashes = (state: number) => readonly Role[];

/** Every role crashes in every state of some ride: four rides, another one in turn at each state. */
const inTurn =
  (first: number): Crashes =>
  (state) => [roles[(first + state) % roles.length]!];

async function ride(scene: Scene, crashes: Crashes): Promise<void> {
  const { network, cast } = scene;
  const before = await balancesOf(network, cast);
  let feeMsat = 0n;
  for (const [i, state] of states.entries()) {
    await test.step(`${state.name}: ${crashes(i).join(', ')}`, async () => {
      await only(cast, state.absent);
      await state.reach(scene);
      feeMsat ||= await cast.customer.networkFeeMsat();
      for (const role of crashes(i)) await cast[role].kill();
      await only(cast, state.absent);
    });
  }
  await only(cast, null);
  await expect(cast.customer.at('journey-title')).toHaveText('Settled', patience);
  await expect(cast.worker.at('journey-now')).toContainText('You are paid', patience);
  await expectPaid(scene, before, 1, feeMsat);
}

/** So many rides were paid for since, each once, at that fee in all, and nothing is in flight. */
async function expectPaid(
  { network, cast }: Scene,
  before: Record<Role, bigint>,
  rides: number,
  feeMsat: bigint,
): Promise<void> {
  await expect.poll(async () => inFlight(await network.wallets()), patience).toBe(0n);
  const after = await balancesOf(network, cast);
  const changes = roles.map((role) => [role, after[role] - before[role]]);
  const [priceMsat, settlerMsat] = [BigInt(rides * price) * 1_000n, BigInt(rides) * 10_000n];
  expect(Object.fromEntries(changes)).toEqual({
    customer: -priceMsat - feeMsat,
    middleman: feeMsat - settlerMsat,
    worker: priceMsat,
    settler: settlerMsat,
  });
  expect(feeMsat).toBeGreaterThanOrEqual(BigInt(rides) * 21_000n);
}

/** All are there but one: who should be away dies, who should be there comes back. */
async function only(cast: Cast, absent: Role | null): Promise<void> {
  if (absent !== null && cast[absent].isOpen) await cast[absent].kill();
  for (const role of roles) {
    if (role !== absent && !cast[role].isOpen) await cast[role].reopen();
  }
}

/** Customer, middleman and worker in a line, and a settler whom they trust. */
async function gather(join: Phones['join'], network: PracticeNetwork): Promise<Scene> {
  const cast = {} as Cast;
  for (const role of roles) {
    cast[role] = await join(role, network.url);
    await cast[role].connectWallet();
  }
  const { customer, middleman, worker, settler } = cast;
  await settler.go('#/settle');
  await settler.at('settler-name').fill('Couriers Union');
  await settler.at('settler-become').click();
  await settler.command({ command: 'setPolicy', policy: { approveAutomatically: true } });
  const line = await settler.at('settler-share').innerText();
  for (const phone of [customer, middleman, worker]) await phone.trust(line);
  const links = [
    [customer, middleman],
    [middleman, worker],
  ] as const;
  await meet(links, [settler]);
  await customer.vouch('customer');
  await worker.vouch('worker');
  await settler.go('#/settle');
  return { network, cast };
}

/** One practice network and one cast for all rides of a test. */
async function play(join: Phones['join'], rides: (scene: Scene) => Promise<void>): Promise<void> {
  const network = await startPracticeNetwork('--bare');
  try {
    await rides(await gather(join, network));
  } finally {
    await network.stop();
  }
}

test('whoever crashes in whichever state, the ride goes on and every sat arrives', async ({
  join,
}) => {
  test.setTimeout(400_000);
  await play(join, async (scene) => {
    for (const first of [0, 1]) await ride(scene, inTurn(first));
  });
});

test('@full the same, for the other half of roles and states', async ({ join }) => {
  test.setTimeout(400_000);
  await play(join, async (scene) => {
    for (const first of [2, 3]) await ride(scene, inTurn(first));
  });
});

test('@full all four crash at once, in every state', async ({ join }) => {
  test.setTimeout(400_000);
  await play(join, (scene) => ride(scene, () => roles));
});

test('@full crashes at any moment of locking and settling', async ({ join }) => {
  test.setTimeout(1_200_000);
  await play(join, async (scene) => {
    const before = await balancesOf(scene.network, scene.cast);
    let feeMsat = 0n;
    for (let seed = 0; seed < anyMoments; seed++) feeMsat += await crashAnywhere(scene, seed);
    await expectPaid(scene, before, anyMoments, feeMsat);
  });
});

const anyMoments = 12;

/** Nobody holds the ride anywhere: one of the four dies some time after a tap, and comes back. Answers the network's fee. */
async function crashAnywhere(scene: Scene, seed: number): Promise<bigint> {
  const { customer, worker } = scene.cast;
  const crash = async (salt: number, mostMs: number) => {
    const victim = roles[(seed + salt) % roles.length]!;
    const afterMs = (seed * 617 + salt * 293) % mostMs;
    await test.step(`ride ${seed}: ${victim} dies after ${afterMs} ms`, async () => {
      await pause(afterMs);
      await scene.cast[victim].kill();
      await only(scene.cast, null);
    });
  };
  await states[0]!.reach(scene);
  const feeMsat = await customer.networkFeeMsat();
  await customer.accept();
  await crash(0, 3_000);
  await expect(customer.at('contact-text')).toContainText(contact, patience);
  await customer.at('job-confirm').click();
  await customer.at('job-confirm-yes').click();
  await crash(1, 1_500);
  await expect(customer.at('journey-title')).toHaveText('Settled', patience);
  await expect(worker.at('journey-now')).toContainText('You are paid', patience);
  return feeMsat;
}

test('a settler without a page dies in every state, and nobody loses a sat', async ({ join }) => {
  test.setTimeout(400_000);
  const network = await startPracticeNetwork();
  try {
    const { customer, worker } = await twoPeople(join, network);
    const before = await ledger(network);
    const job = await customer.post('u2yhvdp', 'u2yj2b3');
    await worker.offer(price, contact, job);
    const feeMsat = await customer.networkFeeMsat();
    await network.restart('settler');
    await customer.accept();
    await network.restart('settler');
    await expect(customer.at('contact-text')).toContainText(contact, patience);
    await network.restart('settler');
    await customer.at('job-confirm').click();
    await customer.at('job-confirm-yes').click();
    await network.restart('settler');
    await expect(customer.at('journey-title')).toHaveText('Settled', patience);
    await expect(worker.at('journey-now')).toContainText('You are paid', patience);
    await expect.poll(async () => inFlight(await network.wallets()), patience).toBe(0n);
    const after = await ledger(network);
    const change = (key: string) => after[key]! - before[key]!;
    expect(change(customer.walletKey)).toBe(-BigInt(price) * 1_000n - feeMsat);
    expect(change(worker.walletKey)).toBe(BigInt(price) * 1_000n);
    expect(sum(Object.keys(before).map(change))).toBe(0n);
  } finally {
    await network.stop();
  }
});
