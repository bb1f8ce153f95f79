/**
 * Two workers, each heard over a cheap neighbour and over a dear one: what stories start from in which a first choice fails.
 *
 *              cheap
 *   customer <       > Ola, Kim          and a settler everybody knows
 *              dear
 */
import type { JobView, OfferView } from '../../src/lib/protocol/index.ts';
import type { WalletOptions } from '../../src/simulator/lightning-options.ts';
import { createWorld, type Person, type World } from '../../src/simulator/world.ts';
import { see, startMs, topic } from './ride.ts';

export const prices = { ola: 12_000_000n, kim: 13_000_000n } as const;
type Worker = keyof typeof prices;

export interface TwoWays {
  readonly world: World;
  readonly customer: Person;
  readonly settler: Person;
  readonly people: readonly Person[];
  readonly before: Readonly<Record<string, bigint>>;
  readonly wait: (what: string, holds: () => boolean, withinMs?: number) => void;
  readonly job: () => JobView;
}

/** A job is posted; the workers named have answered it on both ways. The customer may have a wallet of its own kind. */
export function answered(
  of: string | { readonly seed: string; readonly wallet: WalletOptions },
  ...workers: readonly Worker[]
): TwoWays {
  const { seed, ...options } = typeof of === 'string' ? { seed: of } : of;
  const world = createWorld({ seed, startMs });
  const { clock, ledger } = world;
  const settler = world.person('settler', { policy: { approveAutomatically: true } });
  const customer = world.person('customer', options);
  const cheap = world.person('cheap', { policy: { feeMsat: 15_000n } });
  const dear = world.person('dear', { policy: { feeMsat: 60_000n } });
  const ola = world.person('ola');
  const kim = world.person('kim');
  const people = [settler, customer, cheap, dear, ola, kim];
  const wait: TwoWays['wait'] = (what, holds, withinMs = 60_000) =>
    clock.runUntilTrue(holds, withinMs, what);
  wait('nodes start', () => people.every((person) => see(person, 'node')));
  for (const person of people) {
    const isAway = person === settler || (person === kim && !workers.includes('kim'));
    const isMiddle = person === cheap || person === dear;
    const near = isMiddle ? [customer, ola, kim] : isAway ? [] : [cheap, dear];
    const allowPeers = near.map(({ peer }) => peer);
    person.command({ command: 'setPolicy', policy: { allowPeers } });
    person.command({ command: 'connectWallet', uri: ledger.uri(person.name) });
  }
  settler.command({ command: 'becomeSettler', name: 'Couriers Union' });
  wait('the settler is one', () => see(settler, 'node')?.node.isSettler === true);
  const root = see(settler, 'node')!.node.settlerRoot!;
  const others = people.slice(1);
  for (const person of others) {
    const addresses = [settler.address];
    person.command({ command: 'addSettler', root, peer: settler.peer, addresses });
  }
  wait('the settler is known', () => others.every((one) => see(one, 'settler')?.settler.known));
  wait('wallets are ready', () =>
    people.every((person) => see(person, 'wallet')?.wallet.state === 'ready'),
  );
  for (const person of [customer, ola, kim]) {
    const name = person === customer ? 'customer' : 'worker';
    person.command({ command: 'applyForCertificate', root, name, statement: 'It is me.' });
    wait('it vouches', () => (see(person, 'settler')!.settler.memberships[0]?.left ?? 0) > 0);
  }
  for (const person of people) {
    person.command({ command: 'useRelays', relays: ['/dns4/relay.example/tcp/443/wss'] });
  }
  clock.runUntil(clock.now() + 10_000);
  const before = { ...ledger.balances() };
  customer.command({ command: 'postJob', topic });
  for (const person of [ola, kim]) {
    const name = person.name as Worker;
    if (!workers.includes(name)) continue;
    wait(`${name} hears of it`, () => see(person, 'heard') !== undefined);
    const { payloadId } = see(person, 'heard')!.heard;
    const offer = { priceMsat: prices[name], contactText: name } as const;
    person.command({ command: 'makeOffer', payloadId, ...offer });
  }
  const job = () => see(customer, 'job')!.job;
  wait('replies on every way', () => job().offers.length >= 2 * workers.length);
  return { world, customer, settler, people, before, wait, job };
}

/** Replies by their total, the cheapest first. */
export function byTotal(job: JobView): readonly OfferView[] {
  const total = ({ priceMsat, networkFeeMsat }: OfferView) => Number(priceMsat + networkFeeMsat);
  return [...job.offers].sort((a, b) => total(a) - total(b));
}

export function choose({ customer, job, wait }: TwoWays, { promiseId }: OfferView): void {
  customer.command({ command: 'chooseReply', payloadId: job().payloadId, promiseId });
  wait('it is chosen', () => job().chosen === promiseId);
}

/** Confirms, and waits until everything that was held is where it belongs. */
export function confirm(ways: TwoWays): void {
  const { world, customer, wait, job } = ways;
  customer.command({ command: 'confirmJob', payloadId: job().payloadId });
  wait('it is settled', () => job().stage === 'settled');
  wait('nothing is in the air', () => world.ledger.inFlight().length === 0, 600_000);
}

/** What everybody has more or less than before, msat; who has as much as before is left out. */
export function gains({ world, before }: TwoWays): Record<string, bigint> {
  const after = world.ledger.balances();
  const each = Object.keys(before).map((name) => [name, after[name]! - before[name]!] as const);
  return Object.fromEntries(each.filter(([, gain]) => gain !== 0n));
}
