/** What is over is forgotten in the end, and nothing else is: not what holds money, and not what somebody paid for while others go. */
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/limits.ts';
import { forgetLegs, forgetSettlements } from '../../src/lib/protocol/node/forgetting.ts';
import { beginTurn, createNode, type Node } from '../../src/lib/protocol/node/state.ts';
import { send } from '../../src/lib/protocol/node/outbox.ts';
import * as cast from './cast.ts';

const turnOf = (node: Node, nowMs = cast.nowMs) => beginTurn(node, nowMs, cast.seedOf('a turn'));
const someNode = () => createNode({ secret: cast.seedOf('forgetful'), network: cast.network });
const entries = (count: number, name: string, value: object) =>
  Array.from({ length: count }, (_, i) => [`${name} ${i}`, value] as const);

describe('settlements that are over', () => {
  const paid = { state: 'Ended', end: 'settled' };
  const unpaid = { state: 'Ended', end: 'expired' };
  const open = { state: 'NetworkHeld' };

  function withSettlements(...all: readonly (readonly [string, object])[]): Node {
    const node = someNode();
    for (const [id, made] of all) {
      node.settlements.set(id as never, made as never);
      node.watchers.set(id as never, new Set());
    }
    return node;
  }

  test('are all remembered while there are few', () => {
    const node = withSettlements(...entries(limits.endedSettlements, 'over', paid));
    forgetSettlements(turnOf(node));
    expect(node.settlements.size).toBe(limits.endedSettlements);
  });

  test.each([
    ['one that nobody paid', unpaid, 'late'],
    ['the oldest', paid, 'over 0'],
  ])('of too many %s is forgotten, on disk as well', (_name, last, gone) => {
    const over = entries(limits.endedSettlements, 'over', paid);
    const node = withSettlements(['held', open], ...over, ['late', last]);
    const turn = turnOf(node);
    forgetSettlements(turn);
    expect(node.settlements.has(gone as never)).toBe(false);
    expect(node.watchers.has(gone as never)).toBe(false);
    expect(node.settlements.size).toBe(limits.endedSettlements + 1);
    expect(turn.effects).toEqual([{ do: 'store', key: `settlement/${gone}`, value: null }]);
  });

  test('never take with them one that holds money', () => {
    const held = entries(limits.endedSettlements + 5, 'held', open);
    const node = withSettlements(...held);
    forgetSettlements(turnOf(node));
    expect(node.settlements.size).toBe(held.length);
  });
});

test.each([
  ['one that carried nothing', 'expired', 'late'],
  ['the oldest', 'settled', 'over 0'],
])('of too many legs that are over %s is forgotten', (_name, end, gone) => {
  const node = someNode();
  const over = entries(limits.endedLegs, 'over', { state: 'Ended', end: 'settled' });
  const all = [['paying', { state: 'Paying' }] as const, ...over];
  for (const [hash, leg] of all) node.legs.set(hash as never, leg as never);
  node.legs.set('late' as never, { state: 'Ended', end } as never);
  const turn = turnOf(node);
  forgetLegs(turn);
  expect(node.legs.has(gone as never)).toBe(false);
  expect(node.legs.size).toBe(limits.endedLegs + 1);
  expect(turn.effects).toEqual([{ do: 'store', key: `leg/${gone}`, value: null }]);
});

describe('frames for peers that are away', () => {
  const tell = (node: Node, peers: number, nowMs: number) => {
    for (let i = 0; i < peers; i++) {
      send(turnOf(node, nowMs), `peer ${i}` as never, { kind: 'settlerInfoRequest' });
    }
  };

  test('are kept for so many peers, the latest', () => {
    const node = someNode();
    tell(node, limits.outboxPeers + 3, cast.nowMs);
    expect(node.outbox.size).toBe(limits.outboxPeers);
    expect(node.outbox.has('peer 2' as never)).toBe(false);
    expect(node.outbox.has('peer 3' as never)).toBe(true);
  });

  test('go when they are too late, before any that are not', () => {
    const node = someNode();
    tell(node, limits.outboxPeers, cast.nowMs);
    const laterMs = cast.nowMs + limits.outboxMs + 1;
    send(turnOf(node, laterMs), 'new' as never, { kind: 'settlerInfoRequest' });
    expect([...node.outbox.keys()]).toEqual(['new']);
  });
});
