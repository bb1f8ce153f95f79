/** Neighbours that come, or come back, while a topic spreads are asked to carry it too. */
import { describe, expect, test } from 'vitest';
import { decodeFrame, type FrameKind } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/index.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { driveOn, ride, type Ride, type Seat } from './town.ts';

/** From now on, frames of that kind from one to the other go into a connection that is dead. */
function deafen({ town }: Ride, from: Seat, to: Seat, kind: FrameKind): void {
  town.onFrame = (sender, receiver, bytes) => {
    const frame = decodeFrame(bytes);
    const isLost = sender === from && receiver === to && !isFault(frame) && frame.kind === kind;
    return isLost ? null : bytes;
  };
}

/** Both notice after a while that their connection was dead, and one calls the other again. */
function reconnect({ town }: Ride, a: Seat, b: Seat, afterMs: number): void {
  town.hear(a, { on: 'disconnected', peer: b.node.self });
  town.hear(b, { on: 'disconnected', peer: a.node.self });
  town.pass(afterMs);
  town.onFrame = (_from, _to, bytes) => bytes;
  town.connect(a, b);
  town.pass(limits.quietStartMs);
}

const hasHeard = ({ worker }: Ride) => worker.node.heard.size > 0;

describe('a topic reaches the worker although the ask for it was lost', () => {
  test.each([
    ['between two middlemen, as the connection died', 'm1', 'm2', 0],
    ['on its last hop, before anybody noticed', 'm2', 'worker', 15_000],
  ] as const)('%s [NET-15]', (_where, from, to, unnoticedMs) => {
    const made = ride();
    deafen(made, made[from], made[to], 'askForBroadcast');
    driveOn('posted', made);
    made.town.pass(unnoticedMs);
    expect(hasHeard(made)).toBe(false);
    reconnect(made, made[from], made[to], 5_000);
    expect(hasHeard(made)).toBe(true);
  });
});

test('a neighbour that was away as the topic passed is asked when it is back', () => {
  const made = ride();
  const { town, m2, worker } = made;
  town.hear(m2, { on: 'disconnected', peer: worker.node.self });
  town.hear(worker, { on: 'disconnected', peer: m2.node.self });
  driveOn('posted', made);
  town.pass(limits.quietStartMs);
  expect(hasHeard(made)).toBe(false);
  reconnect(made, m2, worker, 20_000);
  expect(hasHeard(made)).toBe(true);
});

test('what is carried is offered to newcomers for a while, not for ever', () => {
  const made = ride();
  const { town, m2, worker } = made;
  town.hear(m2, { on: 'disconnected', peer: worker.node.self });
  town.hear(worker, { on: 'disconnected', peer: m2.node.self });
  driveOn('posted', made);
  reconnect(made, m2, worker, limits.carryFurtherMs);
  expect(hasHeard(made)).toBe(false);
});

test('whoever was told, and that for certain, is not asked again', () => {
  const made = ride();
  driveOn('posted', made);
  made.town.pass(limits.flightMs);
  driveOn('offered', made); // heard from long after it was told
  const { m2, worker } = made;
  const asks = () =>
    [made.m2, made.worker].flatMap(({ life }) =>
      life.flatMap(({ effects }) =>
        effects.filter((effect) => effect.do === 'send' && effect.frame.kind === 'askForBroadcast'),
      ),
    ).length;
  const before = asks();
  reconnect(made, m2, worker, 1_000);
  expect(asks()).toBe(before);
});
