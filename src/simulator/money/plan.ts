/**
 * What a seed stands for: a network of 3 to 12 nodes and, apart from it, everything in it that is out of the ordinary. The
 * ordinary network alone is an undisturbed ride; each oddity can be left out without moving another, so that a schedule that
 * fails can be shrunk to the oddities it needs.
 */
import { cheatsOf, favourCheats, type Role } from './cheats/index.ts';
import { createDice, type Dice } from './dice.ts';
import { drawFrauds } from './fraud-plan.ts';
import { moods, type Mood, type Oddity, type PlannedPerson } from './oddity.ts';
import { personalities } from './personalities.ts';
import { drawThanks } from './thank-you-plan.ts';

export type { Mood, Oddity, PlannedPerson } from './oddity.ts';

export interface Plan {
  readonly seed: string;
  readonly people: readonly PlannedPerson[];
  /** Who gossips with whom; everybody knows every settler. */
  readonly links: readonly (readonly [string, string])[];
  readonly oddities: readonly Oddity[];
}

/** ms during which people post, choose and pay; after it the blocks begin to come. */
export const busyMs = 30_000;
/** And so long after the last who was away is back. */
const afterAwayMs = 20_000;

/** How long people are busy in this town: who was away wants its turn too. */
export function busyMsOf({ oddities }: Pick<Plan, 'oddities'>): number {
  const backs = oddities.flatMap((oddity) =>
    oddity.odd === 'away' ? [oddity.atMs + oddity.forMs + afterAwayMs] : [],
  );
  return Math.max(busyMs, ...backs);
}

export function planOf(seed: number): Plan {
  const dice = createDice(`money/${seed}`);
  const people = drawPeople(dice.fork('people'));
  const links = drawLinks(people, dice.fork('links'));
  const oddities = [
    ...drawOddities(people, dice.fork('odd')),
    ...drawThanks(people, dice.fork('thanks')),
    ...drawFrauds(people, dice.fork('frauds')),
    ...drawAways(people, dice.fork('away')),
  ];
  const plan = { seed: String(seed), people, links, oddities };
  const favours = dice.fork('favours');
  return favours.oneIn(3) ? withFavours(plan, favours) : plan;
}

// ------------------------------------------------------------------------------------- the network

function drawPeople(dice: Dice): PlannedPerson[] {
  const size = 3 + Math.min(dice(10), dice(10));
  const counts = { settler: 1, customer: 1, worker: 1, middleman: 0 };
  for (let i = 3; i < size; i++) {
    const chance = dice(10);
    if (chance === 0 && counts.settler < 2) counts.settler++;
    else if (chance < 3 && counts.customer < 2) counts.customer++;
    else if (chance < 5 && counts.worker < 3) counts.worker++;
    else counts.middleman++;
  }
  const roles: Role[] = ['settler', 'customer', 'worker', 'middleman'];
  return roles.flatMap((role) =>
    Array.from({ length: counts[role] }, (_, i) => drawPerson(`${role}${i + 1}`, role, dice)),
  );
}

function drawPerson(name: string, role: Role, dice: Dice): PlannedPerson {
  return {
    name,
    role,
    feeMsat: BigInt(dice.pick([0, 11_000, 11_000, 25_000, 60_000])),
    lossCapMsat: BigInt(dice.pick([1_000_000, 1_000_000, 1_000_000, 60_000])),
    settlerFeeMsat: BigInt(dice.pick([1_000, 10_000, 10_000, 100_000])),
    priceMsat: BigInt(dice.pick([1_000_000, 12_000_000, 12_000_000, 80_000_000])),
  };
}

/** A tree of everybody but the settlers, and a few links more. */
function drawLinks(people: readonly PlannedPerson[], dice: Dice): (readonly [string, string])[] {
  const order = people.filter(({ role }) => role !== 'settler' || dice.oneIn(8));
  const middle = order.filter(({ role }) => role !== 'customer' && role !== 'worker');
  const ends = order.filter(({ role }) => role === 'customer' || role === 'worker');
  const links: (readonly [string, string])[] = [];
  const placed: string[] = [];
  const deep = dice.oneIn(2);
  // Middlemen first, so that most routes lead over some of them.
  for (const { name } of [...middle, ...ends]) {
    const last = placed.at(-1);
    if (last !== undefined) links.push([deep && dice(3) > 0 ? last : dice.pick(placed), name]);
    placed.push(name);
  }
  for (let i = dice(3); i > 0 && placed.length > 2; i--) {
    const [a, b] = [dice.pick(placed), dice.pick(placed)];
    if (a !== b) links.push([a, b]);
  }
  return links;
}

/** Some take sats in place of work, some would rather pay; now and then somebody cheats about it. */
function withFavours(plan: Plan, dice: Dice): Plan {
  const people = plan.people.map((person) => {
    const takesMsat = BigInt(dice.pick([0, 1_000, 5_000, 20_000]));
    const mostMsat = BigInt(dice.pick([0, 5_000, 20_000, 100_000]));
    const perDayMsat = mostMsat * BigInt(dice.pick([1, 2, 5]));
    return { ...person, favours: { takesMsat, mostMsat, perDayMsat } };
  });
  if (!dice.oneIn(2)) return { ...plan, people };
  const { name: who } = dice.pick(people.filter(({ role }) => role !== 'settler'));
  const cheat: Oddity = { odd: 'cheat', who, cheat: dice.pick(favourCheats) };
  return { ...plan, people, oddities: [...plan.oddities, cheat] };
}

// ------------------------------------------------------------------------------------ the oddities

/** Not every town has every kind of trouble: some kinds are left out, so that others are met alone. */
function drawOddities(people: readonly PlannedPerson[], dice: Dice): Oddity[] {
  const names = people.map(({ name }) => name);
  const oddities: Oddity[] = [];
  const some = (most: number, make: () => Oddity) => {
    if (dice.oneIn(2)) return;
    for (let i = 1 + dice(most); i > 0; i--) oddities.push(make());
  };
  const atMs = () => dice(busyMs);
  const who = () => dice.pick(names);
  some(6, () => {
    const downMs = dice.pick([0, 200, 2_000, 15_000, 40_000]);
    return { odd: 'crash', who: who(), nth: nthEffect(dice), downMs };
  });
  some(3, () => ({ odd: 'cut', a: who(), b: who(), atMs: atMs() }));
  some(1, () => ({ odd: 'alone', who: who(), atMs: atMs(), forMs: dice.between(500, 20_000) }));
  some(4, () => ({ odd: 'blocks', atMs: atMs(), count: dice.pick([1, 1, 2, 3, 6, 12]) }));
  some(2, () => ({ odd: 'walletAway', who: who(), atMs: atMs(), forMs: dice(30_000) }));
  some(3, () => ({ odd: 'wallet', who: who(), personality: dice.pick(personalities) }));
  some(2, () => ({ odd: 'skew', who: who(), ms: dice.between(-12_000, 12_000) }));
  some(3, () => drawMood(people, dice));
  // A customer that jams: it posts, takes and locks as often as it may.
  if (dice.oneIn(12)) oddities.push({ odd: 'mood', who: 'customer1', mood: 'posts again' });
  if (dice.oneIn(2)) oddities.push(...drawCheats(people, dice));
  return oddities;
}

/** In one town of four somebody is away for minutes, at whatever stage its jobs are then; sometimes two of them. */
function drawAways(people: readonly PlannedPerson[], dice: Dice): Oddity[] {
  if (!dice.oneIn(4)) return [];
  return Array.from({ length: 1 + dice(2) }, () => {
    const { name: who } = dice.pick(people);
    const forMs = dice.pick([30_000, 90_000, 180_000, 300_000]) + dice(60_000);
    return { odd: 'away', who, atMs: dice(busyMs), forMs };
  });
}

function nthEffect(dice: Dice): number {
  return 1 + Math.min(dice(160), dice(160));
}

function drawMood(people: readonly PlannedPerson[], dice: Dice): Oddity {
  const { name, role } = dice.pick(people.filter((person) => person.role !== 'middleman'));
  const mood = dice.pick(moods[role as keyof typeof moods] as readonly Mood[]);
  return { odd: 'mood', who: name, mood };
}

function drawCheats(people: readonly PlannedPerson[], dice: Dice): Oddity[] {
  const cheats: Oddity[] = [];
  for (let i = 1 + dice(2); i > 0; i--) {
    const { name, role } = dice.pick(people);
    if (dice.oneIn(5)) cheats.push({ odd: 'vanish', who: name, nth: nthEffect(dice) });
    else cheats.push({ odd: 'cheat', who: name, cheat: dice.pick(cheatsOf(role)) });
  }
  // The free-contact pair: both take the contact and are never seen again.
  if (dice.oneIn(8)) {
    cheats.push({ odd: 'cheat', who: 'customer1', cheat: 'takes the contact' });
    cheats.push({ odd: 'cheat', who: 'worker1', cheat: 'takes the contact' });
  }
  return cheats;
}

/** Those who are not bound to be honest in this plan. */
export function dishonest(plan: Plan): ReadonlySet<string> {
  const names = plan.oddities.flatMap((oddity) =>
    oddity.odd === 'cheat' || oddity.odd === 'vanish' ? [oddity.who] : [],
  );
  return new Set(names);
}

export function describe(oddity: Oddity): string {
  return Object.values(oddity).join(' ');
}

/** As tests/simulation/regressions/ keeps it: amounts are texts like `12000n`. */
export function writePlan(plan: Plan): string {
  const amounts = (_key: string, value: unknown) =>
    typeof value === 'bigint' ? `${value}n` : value;
  return `${JSON.stringify(plan, amounts, 2)}\n`;
}

export function readPlan(text: string): Plan {
  const amounts = (_key: string, value: unknown) =>
    typeof value === 'string' && /^[0-9]+n$/.test(value) ? BigInt(value.slice(0, -1)) : value;
  return JSON.parse(text, amounts) as Plan;
}
