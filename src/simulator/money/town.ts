/** Builds the network that a plan asks for, in peace: everybody knows the settlers, has a wallet and a certificate, and meets. */
import {
  isFault,
  Outcome,
  readStored,
  type Notice,
  type PartyKey,
  type PaymentHash,
  type PeerKey,
  type Signed,
} from '../../lib/protocol/index.ts';
import { createWorld, type Person, type World } from '../world.ts';
import { createDice } from './dice.ts';
import { Purse, walletOptions } from './personalities.ts';
import { dishonest, type Oddity, type Plan, type PlannedPerson } from './plan.ts';
import { Seat } from './seat.ts';
import type { Trace } from './trace.ts';
import { FraudWatch } from './watch-frauds.ts';
import type { Promised } from './watch-settler.ts';

export const startMs = Date.UTC(2026, 10, 21, 9, 0, 0);
const relay = '/dns4/relay.example/tcp/443/wss';

const noFavours = { takesMsat: 0n, mostMsat: 0n, perDayMsat: 0n };

export interface Town {
  readonly plan: Plan;
  readonly world: World;
  readonly trace: Trace;
  readonly seats: ReadonlyMap<string, Seat>;
  /** Which invariants were broken, in order. */
  readonly violations: string[];
  readonly frauds: FraudWatch;
  /** What everybody had when the town was ready, msat. */
  readonly before: Readonly<Record<string, bigint>>;
}

export function buildTown(plan: Plan, trace: Trace): Town {
  // One seed for all towns: names, keys and certificates are the same in each.
  const world = createWorld({ seed: 'money', startMs, hashesPerSecond: 500_000 });
  const violations: string[] = [];
  const cheats = dishonest(plan);
  const seats = new Map<string, Seat>();
  const byPeer = new Map<PeerKey, Seat>();
  const settlers = new Map<PartyKey, Seat>();
  const frauds = new FraudWatch({
    seats,
    byPeer,
    settlers: () => settlers,
    now: () => world.clock.now(),
    violated: (rule) => violations.push(rule),
  });
  for (const planned of plan.people) {
    const seat = seatOf(planned, { plan, world, trace, violations, cheats, byPeer, frauds });
    seats.set(planned.name, seat);
    byPeer.set(seat.person.peer, seat);
  }
  const purses = [...seats.values()].map(({ options }) => options.purse);
  setUp({ plan, world, seats });
  for (const seat of seats.values()) {
    const root = rootOf(seat.person);
    if (root !== null) settlers.set(root, seat);
  }
  for (const [i, seat] of [...seats.values()].entries()) {
    seat.ready = true;
    purses[i]!.ready = true;
  }
  return { plan, world, trace, seats, violations, frauds, before: { ...world.ledger.balances() } };
}

function seatOf(
  planned: PlannedPerson,
  town: {
    readonly plan: Plan;
    readonly world: World;
    readonly trace: Trace;
    readonly violations: string[];
    readonly cheats: ReadonlySet<string>;
    readonly byPeer: ReadonlyMap<PeerKey, Seat>;
    readonly frauds: FraudWatch;
  },
): Seat {
  const { plan, world, trace, violations, cheats, byPeer, frauds } = town;
  const { name, role, feeMsat, lossCapMsat, settlerFeeMsat, favours = noFavours } = planned;
  const { clock, ledger } = world;
  const dice = createDice(`seat/${plan.seed}/${name}`);
  const has = new Set(oddities(plan, 'wallet', name).map(({ personality }) => personality));
  const seat: Seat = new Seat({
    planned,
    seed: plan.seed,
    purse: new Purse(name, has, {
      clock: clock.fork(`purse/${name}`),
      ledger,
      dice: dice.fork('purse'),
    }),
    skewMs: oddities(plan, 'skew', name).reduce((sum, { ms }) => sum + ms, 0),
    cheats: oddities(plan, 'cheat', name).map(({ cheat }) => cheat),
    honest: !cheats.has(name),
    dice: dice.fork('cheats'),
    trace,
    frauds,
    watched: {
      name,
      lossCapMsat,
      favours,
      ledger,
      honest: (peer) => {
        const other = byPeer.get(peer);
        return other?.options.honest ? other.name : null;
      },
      excused: (hash) => has.has('cries failed') && !isHonestLeg(seat, hash, byPeer),
      calledOff: (promised) => has.has('cries failed') && isCalledOff(promised, byPeer),
      violated: (rule) => violations.push(rule),
    },
  });
  const byHand = oddities(plan, 'mood', name).some(({ mood }) => mood === 'settles by hand');
  const withoutSettler = oddities(plan, 'thanks', name).length > 0;
  const automatic = { approveAutomatically: role === 'settler', settleAutomatically: !byHand };
  seat.person = world.person(name, {
    wallet: walletOptions(has, dice.fork('wallet')),
    policy: {
      workMs: 2 ** -10,
      feeMsat,
      lossCapMsat,
      settlerFeeMsat,
      priceMsat: favours.takesMsat,
      maxPayMsat: favours.mostMsat,
      maxPayPerDayMsat: favours.perDayMsat,
      payAboveMs: 0,
      withoutSettler,
      ...automatic,
    },
    around: (ports, secret) => seat.around(ports, secret),
  });
  for (const { nth, downMs } of oddities(plan, 'crash', name)) seat.deaths.set(nth, downMs);
  for (const { nth } of oddities(plan, 'vanish', name)) seat.deaths.set(nth, null);
  return seat;
}

/** Is the settler of what it carries on this hash an honest one? */
function isHonestLeg(seat: Seat, hash: PaymentHash, byPeer: ReadonlyMap<PeerKey, Seat>): boolean {
  const promised = seat.watch.promisedOfLeg(hash);
  return promised === null || byPeer.get(promised.peer)?.options.honest !== false;
}

/** Has its settler signed that nobody is paid for the network? */
function isCalledOff({ peer, promiseId }: Promised, byPeer: ReadonlyMap<PeerKey, Seat>): boolean {
  const stored = byPeer.get(peer)?.watch.disk.get(`settlement/${promiseId}`);
  if (stored === undefined) return false;
  const { published } = readStored<{ published: { abort?: Signed; outcome?: Signed } }>(stored);
  const outcome = published.outcome && Outcome.decode(published.outcome.body);
  const isRefunded = outcome && !isFault(outcome) && outcome.network === 'refunded';
  return published.abort !== undefined || isRefunded === true;
}

export function oddities<Odd extends Oddity['odd']>(
  plan: Plan,
  odd: Odd,
  who: string,
): Extract<Oddity, { odd: Odd; who: string }>[] {
  return plan.oddities.filter(
    (oddity): oddity is Extract<Oddity, { odd: Odd; who: string }> =>
      oddity.odd === odd && 'who' in oddity && oddity.who === who,
  );
}

// --------------------------------------------------------------------------------------- setting up

type View<V extends Notice['view']> = Extract<Notice, { view: V }>;

function all<V extends Notice['view']>(person: Person, view: V): View<V>[] {
  return [...person.views.values()].filter((notice): notice is View<V> => notice.view === view);
}

function setUp({ plan, world, seats }: Pick<Town, 'plan' | 'world' | 'seats'>): void {
  const people = [...seats.values()];
  const within = (what: string, holds: () => boolean) =>
    world.clock.runUntilTrue(holds, 60_000, what);
  within('nodes start', () => people.every(({ person }) => all(person, 'node').length > 0));
  for (const { name, person } of people) {
    const near = plan.links.filter((link) => link.includes(name)).flat();
    const allowPeers = [...new Set(near)]
      .filter((other) => other !== name)
      .map((other) => seats.get(other)!.person.peer);
    person.command({ command: 'setPolicy', policy: { allowPeers } });
    person.command({ command: 'connectWallet', uri: world.ledger.uri(name) });
  }
  const settlers = people.filter(({ options }) => options.planned.role === 'settler');
  for (const { name, person } of settlers) person.command({ command: 'becomeSettler', name });
  within('settlers are settlers', () => settlers.every(({ person }) => rootOf(person) !== null));
  const strangers = people.flatMap((seat) =>
    settlers.filter((settler) => settler !== seat).map((settler) => [seat, settler] as const),
  );
  for (const [{ person }, settler] of strangers) {
    const { peer, address } = settler.person;
    const root = rootOf(settler.person)!;
    person.command({ command: 'addSettler', root, peer, addresses: [address] });
  }
  within('settlers are known and wallets ready', () =>
    people.every(
      ({ person }) =>
        all(person, 'settler').every(({ settler }) => settler.known) &&
        all(person, 'wallet').every(({ wallet }) => wallet.state === 'ready'),
    ),
  );
  certify(people, rootOf(settlers[0]!.person)!);
  within('certificates are issued', () => people.every((seat) => isCertified(seat)));
  for (const { person } of people) person.command({ command: 'useRelays', relays: [relay] });
  within('neighbours meet', () => people.every(({ person }) => hasMet(person)));
}

function certify(people: readonly Seat[], root: PartyKey): void {
  for (const { person, options } of people) {
    const { role: name } = options.planned;
    if (name !== 'customer' && name !== 'worker') continue;
    person.command({ command: 'applyForCertificate', root, name, statement: 'It is me.' });
  }
}

function isCertified({ person, options }: Seat): boolean {
  const { role } = options.planned;
  if (role !== 'customer' && role !== 'worker') return true;
  return all(person, 'settler').some(({ settler }) => (settler.memberships[0]?.left ?? 0) > 0);
}

function rootOf(person: Person): PartyKey | null {
  return all(person, 'node').at(-1)?.node.settlerRoot ?? null;
}

function hasMet(person: Person): boolean {
  const wanted = all(person, 'node').at(-1)?.node.policy.allowPeers ?? [];
  const met = new Set(
    all(person, 'peer').flatMap(({ peer }) => (peer.connected ? [peer.peer] : [])),
  );
  return wanted.every((peer) => met.has(peer));
}
