/** Who takes part in a ride, and what its wallets hold. */
import type { PracticeNetwork, Wallet } from './practice-network.ts';
import { id, type Steps } from './steps.ts';
import type { Phones } from './test.ts';

/** A customer and a worker, each with a wallet and vouched for, on a network that has a settler. */
export async function twoPeople(join: Phones['join'], network: PracticeNetwork) {
  const customer = await join('customer', network.url);
  const worker = await join('worker', network.url);
  for (const phone of [customer, worker]) await phone.connectWallet();
  await customer.vouch('customer');
  await worker.vouch('worker');
  return { customer, worker };
}

/** Limits gossip to these links, and waits until every one of them stands: directly, or else through a relay. */
export async function meet(
  links: readonly (readonly [Steps, Steps])[],
  alone: readonly Steps[],
  direct = true,
): Promise<void> {
  const keys = new Map<Steps, string>();
  for (const phone of new Set(links.flat())) keys.set(phone, await phone.peerKey());
  const others = (phone: Steps) =>
    links.filter((link) => link.includes(phone)).map(([a, b]) => keys.get(a === phone ? b : a)!);
  for (const phone of keys.keys()) {
    await phone.command({ command: 'setPolicy', policy: { allowPeers: others(phone) } });
  }
  for (const phone of alone)
    await phone.command({ command: 'setPolicy', policy: { allowPeers: [] } });
  for (const phone of keys.keys()) {
    await phone.go('#/node');
    for (const key of others(phone)) {
      await phone.sees(`${id(`peer-${key}`)}[data-connected="true"][data-direct="${direct}"]`);
    }
  }
}

/** What each of them has, msat. */
export async function balancesOf<Name extends string>(
  network: PracticeNetwork,
  phones: Readonly<Record<Name, Steps>>,
): Promise<Record<Name, bigint>> {
  const wallets = await network.wallets();
  const balance = (phone: Steps) => wallets.find(({ key }) => key === phone.walletKey)!.balanceMsat;
  const entries = Object.entries<Steps>(phones).map(([name, phone]) => [name, balance(phone)]);
  return Object.fromEntries(entries) as Record<Name, bigint>;
}

/** What every wallet has by its key, msat. The network opens new ones as it goes. */
export async function ledger(network: PracticeNetwork): Promise<Record<string, bigint>> {
  const wallets = await network.wallets();
  return Object.fromEntries(wallets.map(({ key, balanceMsat }) => [key, balanceMsat] as const));
}

/** Money that is neither here nor there, msat. */
export function inFlight(wallets: readonly Wallet[]): bigint {
  return sum(wallets.map(({ incomingMsat, outgoingMsat }) => incomingMsat + outgoingMsat));
}

export function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n);
}
