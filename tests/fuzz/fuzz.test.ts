/** A little of `npm run fuzz`, and what it once found. */
import { describe, expect, test } from 'vitest';
import { createNode } from '../../src/lib/protocol/node.ts';
import * as cast from '../protocol/cast.ts';
import { decodeOnce, newDecoded, targets } from './decodes.ts';
import { Dice } from './dice.ts';
import { flood, newFlooded } from './floods.ts';
import { Budget, overgrown, sizeOf, stateBytes } from './measure.ts';
import { hostile } from './mutate.ts';
import { newForger, newReceived, tellOne } from './recvs.ts';

describe('hostile bytes', () => {
  test('no decoder throws, and none takes what it should not', () => {
    const decoded = newDecoded();
    const dice = new Dice(7, 1);
    while (decoded.decodes < 5_000) decodeOnce(dice, decoded);
    const { accepted } = decoded;
    expect(accepted).toBeGreaterThan(200);
    expect(accepted).toBeLessThan(2_500);
  });

  test('reach every decoder', () => {
    const { originals, decode } = targets[0]!;
    expect(originals.length).toBeGreaterThan(30);
    for (const bytes of originals) expect(decode(bytes)).not.toHaveProperty('code');
    const dice = new Dice(1);
    expect(hostile(dice, originals)).not.toEqual(hostile(dice, originals));
  });

  test('belong to their seed', () => {
    const bytes = () => {
      const dice = new Dice(3);
      return Array.from({ length: 50 }, () => hostile(dice, targets[0]!.originals));
    };
    expect(bytes()).toEqual(bytes());
  });
});

describe('hostile frames', () => {
  test('no node in the middle of a ride throws, works without end or breaks a money rule', () => {
    const received = newReceived();
    const forger = newForger(new Dice(7, 2));
    for (let nodes = 0; nodes < 8; nodes++) tellOne(forger, received, 50);
    expect(received.recvs).toBe(400);
    // Of every kind some, and not only such as are refused.
    expect(Object.keys(received.kinds).length).toBeGreaterThan(15);
    expect(received.welcome).toBeGreaterThan(100);
  }, 60_000);
});

describe('true frames without end', () => {
  test('nothing a node keeps outgrows its bound', () => {
    const flooded = newFlooded();
    flood(new Dice(7, 3), flooded, 150);
    expect(flooded.recvs).toBe(150);
    expect(flooded.most).toMatchObject({ sessions: 24 });
    expect(flooded.most.heard).toBeGreaterThan(30);
    expect(flooded.mostBytes).toBeLessThan(stateBytes);
    // No step looks at each of what is kept for each of what is kept.
    expect(flooded.mostTouched).toBeLessThan(1_000);
  }, 60_000);
});

describe('what is measured', () => {
  const node = createNode({ secret: cast.seedOf('measured'), network: cast.network });

  test('a collection with too many entries is seen', () => {
    expect(overgrown(node)).toBeNull();
    const peers = new Map(Array.from({ length: 2_001 }, (_, i) => [`${i}`, {}]));
    expect(overgrown({ ...node, peers } as never)).toBe('peers: 2001 entries, at most 2000');
  });

  test('a state with too many bytes is seen', () => {
    const secret = new Uint8Array(stateBytes);
    expect(overgrown({ ...node, secret })).toContain(`at most ${stateBytes}`);
    expect(sizeOf({ a: 'four', b: [1n] })).toBe(32 + 20 + 32 + 8);
  });

  test('a step that never ends is ended', () => {
    const budget = new Budget();
    const watched = budget.watch({ ...node, heads: new Map([['a', 1]]) as never });
    const walk = () => {
      for (;;) for (const head of watched.heads.values()) void head;
    };
    expect(() => {
      for (let i = 0; i < 200_000; i++) watched.heads.get('a' as never);
    }).toThrow('a step touches 100000 entries');
    expect(walk).toThrow('a step touches 100000 entries');
  });
});
