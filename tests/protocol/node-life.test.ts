import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { createMoneyGuard } from '../../src/lib/runtime/money-guard.ts';
import * as cast from './cast.ts';
import { driveOn, driveTo, stages, type Ride, type Seat, type Town } from './town.ts';

const seatsOf = (town: Town) => [...town.seats.values()];
const ended = driveTo('confirmed');

function expectSame(a: unknown, b: unknown): void {
  if (!isDeepStrictEqual(a, b)) expect(a).toStrictEqual(b);
}

/** What a node must not forget: its machines, whom it trusts, what it holds. */
function remembered(node: Node) {
  const { jobs, offers, legs, settlements, settlers, ownMemberships, memberships } = node;
  const { walletUri, relays, policy } = node;
  const machines = { jobs, legs, settlements, settlers, ownMemberships, memberships };
  // A draft that was asked for and not given costs nobody anything.
  const made = new Map([...offers].filter(([, offer]) => offer.state !== 'Drafting'));
  return { ...machines, offers: made, walletUri, relays: [...relays.keys()], policy };
}

/** The same device, started again from its disk. */
function restarted(seat: Seat, nowMs: number): { node: Node; effects: Effect[] } {
  const node = createNode(seat.options);
  const entries = [...seat.disk].map(([key, value]) => ({ key, value }));
  const guard = createMoneyGuard();
  guard.restore(entries);
  const seed = cast.seedOf('restart');
  const effects = stepNode(node, { on: 'start', entries }, nowMs, seed);
  guard.check(effects);
  return { node, effects };
}

function endsOf({ customer, m1, m2, worker, settler }: Ride): string[] {
  const machines = [
    customer.node.jobs,
    m1.node.legs,
    m2.node.legs,
    worker.node.offers,
    settler.node.settlements,
  ];
  return machines.flatMap((kept) => [...kept.values()].map(({ state }) => state));
}

test('a ride comes to its end by stepNode alone', () => {
  expect(endsOf(ended)).toEqual(['Ended', 'Ended', 'Ended', 'Paid', 'Ended']);
});

describe('replay', () => {
  test.each(seatsOf(ended.town))('$name: the same events, times and seeds do the same', (seat) => {
    const node = createNode(seat.options);
    for (const { event, nowMs, seed, effects } of seat.life) {
      expectSame(stepNode(node, event, nowMs, seed), effects);
    }
    expectSame(node, seat.node);
  });

  test('another seed gives other frames', () => {
    const { customer } = ended;
    const node = createNode(customer.options);
    const frames = (effects: readonly Effect[]) =>
      effects.filter((effect) => effect.do === 'send').map((effect) => effect.frame);
    const differs = customer.life.some(({ event, nowMs, effects }) => {
      const again = stepNode(node, event, nowMs, cast.seedOf('another seed'));
      return !isDeepStrictEqual(frames(again), frames(effects));
    });
    expect(differs).toBe(true);
  });
});

describe.each([...stages])('a device that starts again when a ride is %s', (stage) => {
  const { town } = driveTo(stage);

  test.each(seatsOf(town))('$name remembers', (seat) => {
    const { node } = restarted(seat, town.nowMs);
    expectSame(remembered(node), remembered(seat.node));
  });

  test.each(seatsOf(town))(
    '$name takes up what it was doing, and begins no payment [PAY-21]',
    (seat) => {
      const { node } = restarted(seat, town.nowMs);
      const { height } = seat.node;
      const ready = {
        on: 'walletReady',
        alias: '',
        network: 'regtest',
        canHold: true,
        shadowBlocks: 0,
        height,
        balanceMsat: 0n,
      } as const;
      const before = remembered(seat.node);
      const effects = stepNode(node, ready, town.nowMs, cast.seedOf('resume'));
      expectSame(remembered(node), before);
      const paid = new Set(seat.life.flatMap(({ effects: done }) => done.map(payment)));
      for (const effect of effects) expect(paid).toContain(payment(effect));
      expect(effects.filter((effect) => effect.do === 'store')).toEqual([]);
    },
  );
});

/** What a payment is known by; of everything else nothing. */
function payment(effect: Effect): string | null {
  return effect.do === 'payInvoice' ? `${effect.paymentHash} ${effect.invoice}` : null;
}

test('a ride of which everybody starts again at every stage comes to the same end', () => {
  const made = driveTo('offered');
  const { town } = made;
  for (const stage of ['matched', 'confirmed'] as const) {
    for (const seat of seatsOf(town)) town.restart(seat);
    driveOn(stage, made);
  }
  for (const seat of seatsOf(town)) town.restart(seat);
  town.pass(60_000);
  expect(endsOf(made)).toEqual(endsOf(ended));
});

test('a ride whose wallets and clocks say everything twice costs nobody more', () => {
  const made = driveTo('confirmed', true);
  made.town.pass(60_000);
  expect(endsOf(made)).toEqual(endsOf(ended));
  const effects = seatsOf(made.town).flatMap(({ life }) => life.flatMap((lived) => lived.effects));
  expect(effects.filter((effect) => effect.do === 'fault')).toEqual([]);
  expect(effects.filter((effect) => effect.do === 'payInvoice')).toHaveLength(4);
});
