/**
 * A ride in a storm: people's devices die and start again, links break, blocks come, at moments the seed chooses. Then the storm
 * ends, and whatever was held must be settled or back, with no honest party short of a sat.
 */
import { hash } from '../../src/lib/protocol/index.ts';
import type { Person } from '../../src/simulator/world.ts';
import { prepareRide, see, topic, type Ride } from '../stories/ride.ts';

export const priceMsat = 12_000_000n;
const stormMs = 20_000;
/** Blocks until every deadline of a promise and every HTLC is over. */
const allBlocks = 700;

export interface Storm {
  /** What the storm did, in order. */
  readonly log: readonly string[];
  /** msat by person: after minus before. */
  readonly change: Readonly<Record<string, bigint>>;
  readonly inFlight: number;
  /** Nodes that stopped themselves, with why. */
  readonly stopped: readonly string[];
  readonly jobStage: string;
  readonly offerStage: string;
}

export function runStorm(seed: string): Storm {
  const ride = prepareRide(`storm/${seed}`);
  const { world, people } = ride;
  const dice = createDice(seed);
  const log: string[] = [];
  const down = new Set<Person>();
  const before = { ...world.ledger.balances() };
  const endMs = world.clock.now() + stormMs;
  const script = createScript(ride, dice);
  while (world.clock.now() < endMs) {
    world.clock.runUntil(world.clock.now() + dice(400));
    script.next();
    if (dice(10) < 3) disturb(ride, down, dice, log);
  }
  for (const person of down) person.restart();
  calm(ride, script);
  const after = world.ledger.balances();
  const change = people.map(
    ({ name }) => [name, (after[name] ?? 0n) - (before[name] ?? 0n)] as const,
  );
  return {
    log,
    change: Object.fromEntries(change),
    inFlight: world.ledger.inFlight().length,
    stopped: people.flatMap(({ name, notices }) =>
      notices.flatMap((notice) => (notice.view === 'stopped' ? [`${name}: ${notice.reason}`] : [])),
    ),
    jobStage: see(ride.customer, 'job')?.job.stage ?? 'none',
    offerStage: see(ride.worker, 'offerMade')?.offer.stage ?? 'none',
  };
}

/** What is wrong with how it ended; null if nothing is. */
export function verdict({ change, inFlight, stopped }: Storm): string | null {
  if (stopped.length > 0) return `stopped: ${stopped.join('; ')}`;
  if (inFlight > 0) return `${inFlight} payments still in flight`;
  const sum = Object.values(change).reduce((total, msat) => total + msat, 0n);
  if (sum !== 0n) return `${sum} msat came from nowhere`;
  const { customer = 0n, worker = 0n } = change;
  const carried = ['m1', 'm2', 'settler'].map((name) => change[name] ?? 0n);
  if (carried.some((msat) => msat < 0n)) return `a carrier lost: ${carried.join(', ')}`;
  if (worker !== 0n && worker !== priceMsat) return `the worker got ${worker} msat`;
  const fees = carried.reduce((total, msat) => total + msat, 0n);
  return customer === -(worker + fees) ? null : `the customer paid ${-customer} msat`;
}

/** The people do what they would, as soon as they can. */
function createScript(ride: Ride, dice: Dice) {
  const { customer, worker } = ride;
  let posted = false;
  let cancels = dice(6) === 0;
  const offers = new Set<string>();
  return {
    next(): void {
      const job = see(customer, 'job')?.job;
      if (!posted) customer.command({ command: 'postJob', topic });
      posted = job !== undefined || posted;
      const heard = see(worker, 'heard')?.heard;
      if (heard && !offers.has(heard.payloadId)) {
        const { payloadId } = heard;
        worker.command({ command: 'makeOffer', payloadId, priceMsat, contactText: 'Ola' });
        if (see(worker, 'offerMade')) offers.add(payloadId);
      }
      if (!job) return;
      const { payloadId, stage, offers: got } = job;
      const [first] = got;
      if (stage === 'offers' && first) {
        customer.command({ command: 'chooseReply', payloadId, promiseId: first.promiseId });
      }
      if (stage === 'locking' && cancels && dice(4) === 0) {
        cancels = false;
        customer.command({ command: 'cancelJob', payloadId });
      }
      if (stage === 'matched') customer.command({ command: 'confirmJob', payloadId });
    },
  };
}

/** One device dies or starts again, a link breaks, or a few blocks come. */
function disturb(ride: Ride, down: Set<Person>, dice: Dice, log: string[]): void {
  const { world, people } = ride;
  const person = people[dice(people.length)]!;
  const other = people[dice(people.length)]!;
  const what = dice(8);
  if (down.has(person)) {
    down.delete(person);
    log.push(`${world.clock.now()} ${person.name} starts`);
    person.restart();
  } else if (what < 5) {
    down.add(person);
    log.push(`${world.clock.now()} ${person.name} dies`);
    person.crash();
  } else if (what < 7) {
    log.push(`${world.clock.now()} ${person.name} loses ${other.name}`);
    if (person !== other) world.network.cut(person.peer, other.peer);
  } else {
    const blocks = 1 + dice(5);
    log.push(`${world.clock.now()} ${blocks} blocks`);
    world.ledger.mine(blocks);
  }
}

/** No more faults: time passes, then blocks, until every deadline is over. */
function calm(ride: Ride, script: { next(): void }): void {
  const { clock, ledger } = ride.world;
  for (let i = 0; i < 10; i++) {
    clock.runUntil(clock.now() + 20_000);
    script.next();
  }
  for (let mined = 0; mined < allBlocks; mined += 5) {
    ledger.mine(5);
    clock.runUntil(clock.now() + 10_000);
    script.next();
  }
}

type Dice = (sides: number) => number;

function createDice(seed: string): Dice {
  let rolls = 0;
  return (sides) => {
    const bytes = hash(new TextEncoder().encode(`dice/${seed}/${rolls++}`));
    return new DataView(bytes.buffer).getUint32(0) % sides;
  };
}
