/**
 * Whole towns on file: what every device and the bank remember at one moment, as text. A town that is loaded starts every
 * device from its disk at once, as after a blackout; what was on the wires is lost.
 */
import { textOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import type { NodeOptions } from '../../src/lib/protocol/node.ts';
import { readStored } from '../../src/lib/protocol/stored.ts';
import type { Booked } from '../protocol/bank.ts';
import { seedOf } from '../protocol/cast.ts';
import { Town, type Seat } from '../protocol/town.ts';

export interface SavedTown {
  readonly nowMs: number;
  readonly height: number;
  readonly seats: readonly {
    readonly name: string;
    readonly policy: NonNullable<NodeOptions['policy']>;
    /** Names of those it is connected to. */
    readonly near: readonly string[];
    readonly disk: Readonly<Record<string, string>>;
  }[];
  readonly bank: readonly Booked[];
}

export function saveTown(town: Town): SavedTown {
  const nameOf = new Map([...town.seats].map(([peer, { name }]) => [peer, name]));
  return {
    nowMs: town.nowMs,
    height: town.height,
    seats: [...town.seats.values()].map(({ name, options, node, disk }) => ({
      name,
      policy: options.policy ?? {},
      near: [...node.sessions.keys()].map((peer) => nameOf.get(peer)!).sort(),
      disk: Object.fromEntries([...disk].sort().map(([key, value]) => [key, textOf(value)!])),
    })),
    bank: town.ledger.save(),
  };
}

export function loadTown({ nowMs, height, seats, bank }: SavedTown): Town {
  const town = new Town();
  Object.assign(town, { nowMs, height });
  town.ledger.load(bank);
  town.ledger.tellsUnpaid = true;
  const taken = seats.map(({ name, policy, disk }) => {
    const options = { secret: seedOf(`node ${name}`), network: 'regtest', policy } as const;
    const entries = Object.entries(disk).map(([key, text]) => ({ key, value: utf8(text) }));
    return town.takeSeat(name, options, entries);
  });
  for (const seat of taken) town.restart(seat);
  for (const { name, near } of seats) {
    const { node } = town.named(name);
    for (const other of near.map((near) => town.named(near))) {
      if (!node.sessions.has(other.node.self)) town.connect(town.named(name), other);
    }
  }
  return town;
}

export const machines = [
  ...(['job', 'offer', 'leg', 'settlement'] as const),
  ...(['thank-you', 'unsettled', 'favour-sold', 'favour-bought'] as const),
] as const;

interface Machine {
  readonly state: string;
  /** Of a settlement that is unlocked: how its own payment stands. */
  readonly network?: string;
}

/** What else is on a disk, by kind: a revocation list, a record of a member. */
export function kindsOn(disk: Seat['disk']): string[] {
  const kinds = [...disk.keys()].map((key) => key.split('/')[0]!);
  return [...new Set(kinds)].filter((kind) => !machines.some((machine) => machine === kind));
}

/** Every machine on a disk as `kind: State`. */
export function statesOn(disk: Seat['disk']): string[] {
  return [...disk].flatMap(([key, value]) => {
    const [kind] = key.split('/');
    if (!machines.some((machine) => machine === kind)) return [];
    const { state, network } = readStored<Machine>(value);
    return [`${kind}: ${state}${state === 'Unlocked' ? ` ${network}` : ''}`];
  });
}
