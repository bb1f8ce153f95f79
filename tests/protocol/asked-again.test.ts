/** A connection dies under an ask or a broadcast: the topic goes on when the peer is back. */
import { beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, type FrameKind } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { frames } from './samples.ts';
import { driveOn, ride, type Ride, type Seat } from './town.ts';

let made: Ride;
beforeEach(() => {
  made = ride();
});

/** Frames of this kind from one seat to the other are lost on their way. */
function lose(kind: FrameKind, from: Seat, to: Seat): void {
  made.town.onFrame = (sender, receiver, bytes) => {
    const frame = decodeFrame(bytes);
    const isIt = sender === from && receiver === to && 'kind' in frame && frame.kind === kind;
    return isIt ? null : bytes;
  };
}

function part(a: Seat, b: Seat): void {
  made.town.onFrame = (_from, _to, bytes) => bytes;
  made.town.hear(a, { on: 'disconnected', peer: b.node.self });
  made.town.hear(b, { on: 'disconnected', peer: a.node.self });
}

const asks = (seat: Seat) =>
  seat.life.flatMap(({ effects }) =>
    effects.filter((effect) => effect.do === 'send' && effect.frame.kind === 'askForBroadcast'),
  ).length;

describe('who is back is asked anew where', () => {
  const rows: [string, FrameKind, (of: Ride) => [Seat, Seat]][] = [
    ['the customer’s ask', 'askForBroadcast', ({ customer, m1 }) => [customer, m1]],
    ['the customer’s broadcast', 'broadcast', ({ customer, m1 }) => [customer, m1]],
    ['a middleman’s ask', 'askForBroadcast', ({ m1, m2 }) => [m1, m2]],
    ['a middleman’s broadcast', 'broadcast', ({ m2, worker }) => [m2, worker]],
    ['the answer', 'conditions', ({ m1, m2 }) => [m2, m1]],
  ];

  test.each(rows)('%s was lost [REL-02, NET-15]', (_what, kind, who) => {
    const [from, to] = who(made);
    lose(kind, from, to);
    driveOn('posted', made);
    made.town.pass(15_000);
    expect(made.worker.node.heard.size).toBe(0);
    part(from, to);
    made.town.pass(300_000);
    made.town.connect(from, to);
    made.town.pass(2_000);
    expect(made.worker.node.heard.size).toBe(1);
  });
});

test('nobody is asked anew for what arrived: it was heard from long afterwards', () => {
  const { town, customer, m1 } = made;
  driveOn('posted', made);
  const before = asks(customer);
  town.nowMs += limits.flightMs;
  const bytes = encodeFrame(frames['settlerInfoRequest']!);
  town.hear(customer, { on: 'received', peer: m1.node.self, bytes });
  part(customer, m1);
  town.connect(customer, m1);
  expect(asks(customer)).toBe(before);
});

test('nor for a job that its customer took back meanwhile', () => {
  const { town, customer, m1 } = made;
  lose('askForBroadcast', customer, m1);
  driveOn('posted', made);
  const before = asks(customer);
  part(customer, m1);
  town.command(customer, {
    command: 'cancelJob',
    payloadId: [...customer.node.jobs.keys()][0]!,
  });
  town.connect(customer, m1);
  expect(asks(customer)).toBe(before);
  expect(customer.node.unsureAsks.size).toBe(0);
});
