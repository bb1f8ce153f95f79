/**
 * One run of a plan: a busy half minute in which people post, offer, choose and pay while the oddities happen, then hours of
 * blocks. When faults stop, whoever is down starts again, and everything must come to its end.
 */
import { createDice } from './dice.ts';
import { Hands } from './people.ts';
import { busyMsOf, type Mood, type Oddity, type Plan } from './plan.ts';
import { buildTown, oddities, startMs, type Town } from './town.ts';
import { ThankYouHands } from './thank-you-hands.ts';
import { Trace } from './trace.ts';
import { isOver, judge, type Verdict } from './verdict.ts';

const tickMs = 250;
/** Blocks mined while things may still go wrong: past every height of a promise. */
const faultBlocks = 90;
/** By then every HTLC there can be is over: the longest invoice, its forwarders, a shadow. */
const allBlocks = 1_000;
/** An honest device is never off for longer; the budget gives it g blocks. */
const mostBlocksDown = 18;
const blockMs = 600_000;

export interface Outcome extends Verdict {
  readonly plan: Plan;
  readonly trace: string;
  /** Effects that were performed by all nodes. */
  readonly effects: number;
  readonly lines: readonly string[];
}

export function runPlan(plan: Plan, keepLines = false): Outcome {
  const trace = new Trace(keepLines);
  const town = buildTown(plan, trace);
  const dice = createDice(`run/${plan.seed}`);
  const hands = [...town.seats.values()].map((seat) => {
    const moods = new Set<Mood>(oddities(plan, 'mood', seat.name).map(({ mood }) => mood));
    const habits = new Set(oddities(plan, 'thanks', seat.name).map(({ habit }) => habit));
    const thanks = new ThankYouHands(seat, habits, createDice(`thanks/${plan.seed}/${seat.name}`));
    const own = createDice(`hands/${plan.seed}/${seat.name}`);
    return new Hands({ seat, moods, thanks }, own, topicOf(dice));
  });
  const act = () => {
    for (const each of hands) each.act(town.world.clock.now());
  };
  const zeroMs = town.world.clock.now();
  for (const oddity of plan.oddities) schedule(town, oddity, zeroMs);
  for (let ms = 0; ms < busyMsOf(plan); ms += tickMs) {
    act();
    town.world.clock.runUntil(zeroMs + ms);
  }
  mineOn(town, act);
  const verdict = judge(town);
  const effects = [...town.seats.values()].reduce((sum, seat) => sum + seat.effects, 0);
  return { ...verdict, plan, trace: trace.digest(), effects, lines: trace.lines };
}

function topicOf(dice: ReturnType<typeof createDice>) {
  const hours = dice.pick([1, 2, 2, 6]);
  return {
    kind: 'taxi',
    pickupGeohash: 'u2yhvdp',
    dropoffGeohash: 'u2yj2b3',
    pickupAfterMs: startMs,
    pickupBeforeMs: null,
    dropoffBeforeMs: startMs + hours * 3_600_000,
  } as const;
}

function schedule(town: Town, oddity: Oddity, zeroMs: number): void {
  const { world, seats } = town;
  const { clock, ledger, network } = world;
  const peer = (name: string) => seats.get(name)!.person.peer;
  const at = (ms: number, work: () => void) => clock.at(zeroMs + ms, work);
  switch (oddity.odd) {
    case 'cut':
      if (oddity.a === oddity.b) return;
      return at(oddity.atMs, () => network.cut(peer(oddity.a), peer(oddity.b)));
    case 'alone': {
      const { who, atMs, forMs } = oddity;
      const others = [...seats.keys()].filter((name) => name !== who).map(peer);
      at(atMs, () => network.partition([peer(who)], others));
      return at(atMs + forMs, () => network.heal());
    }
    case 'away':
      at(oddity.atMs, () => network.setAway(peer(oddity.who), true));
      return at(oddity.atMs + oddity.forMs, () => network.setAway(peer(oddity.who), false));
    case 'blocks':
      return at(oddity.atMs, () => mine(town, oddity.count));
    case 'walletAway':
      at(oddity.atMs, () => ledger.setReachable(oddity.who, false));
      return at(oddity.atMs + oddity.forMs, () => ledger.setReachable(oddity.who, true));
    case 'crash':
    case 'vanish':
    case 'wallet':
    case 'skew':
    case 'mood':
    case 'cheat':
    case 'thanks':
      return; // in the seats and hands already
  }
}

/** Nobody honest sleeps through more blocks than the budget allows. */
function mine(town: Town, blocks: number): void {
  const { ledger } = town.world;
  for (const seat of town.seats.values()) {
    if (ledger.height + blocks - seat.downSince > mostBlocksDown) seat.start();
  }
  ledger.mine(blocks);
  town.trace.note(town.world.clock.now(), `height ${ledger.height}`);
}

/** Blocks come, an hour's worth at a time at most; between two lots devices sleep, and then look around. */
function mineOn(town: Town, act: () => void): void {
  const { clock, ledger } = town.world;
  const dice = createDice(`blocks/${town.plan.seed}`);
  const first = ledger.height;
  while (ledger.height - first < allBlocks) {
    const mined = ledger.height - first;
    if (mined >= faultBlocks) stopFaults(town);
    const blocks = mined < faultBlocks ? dice.between(1, 6) : 6;
    mine(town, blocks);
    clock.leap(blocks * blockMs);
    for (let seconds = 0; seconds < 15; seconds += 5) {
      clock.runUntil(clock.now() + 5_000);
      act();
    }
    if (mined >= faultBlocks && isOver(town)) return;
  }
}

function stopFaults({ seats }: Town): void {
  for (const seat of seats.values()) {
    for (const [nth, forMs] of seat.deaths) if (forMs !== null) seat.deaths.delete(nth);
    seat.start();
  }
}
