import { argon2Sync } from 'node:crypto';
import type * as argon2 from '@noble/hashes/argon2.js';
import { describe, expect, test, vi } from 'vitest';
import { compare, concat } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import {
  expectedHashes,
  kernels,
  mineSlice,
  targetForBits,
  verifyWork,
} from '../../src/lib/protocol/job/proof-of-work.ts';
import { targetForMs } from '../../src/lib/protocol/job/difficulty.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import type { AskId } from '../../src/lib/protocol/ids.ts';
import { askForBroadcast } from '../../src/lib/protocol/job/ask-for-broadcast.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { sent } from './play.ts';

const dear = vi.hoisted(() => ({ hashes: 0 }));
vi.mock('@noble/hashes/argon2.js', async (original) => {
  const real = await original<typeof argon2>();
  const argon2id: typeof real.argon2id = (...all) => {
    dear.hashes++;
    return real.argon2id(...all);
  };
  return { ...real, argon2id };
});

/** How many dear hashes something costs. */
function dearHashes(run: () => unknown): number {
  const before = dear.hashes;
  run();
  return dear.hashes - before;
}

const inner = hash(cast.seedOf('memory-hard'));
const start = { high: 1, low: 0 };
const anything = targetForBits(0);
/** The first nonce that passes the gate. */
const passing = mineSlice(inner, targetForBits(limits.gateBits), start, 2 ** 20)!;

/** What another implementation of Argon2 makes of it. */
const elsewhere = new Uint8Array(
  argon2Sync('argon2id', {
    message: concat(inner, passing),
    nonce: hash(inner, passing).subarray(0, 16),
    parallelism: 1,
    passes: 1,
    memory: 1_024,
    tagLength: 32,
  }),
);

describe('memory-hard work [WRK-17, WRK-10, WRK-14]', () => {
  test('is Argon2id behind a gate, as another implementation reckons it', () => {
    expect(verifyWork(inner, passing, elsewhere, 'argon2id')).toBeNull();
    const below = elsewhere.slice();
    for (let i = 31; i >= 0 && below[i]!-- === 0; i--);
    expect(compare(below, elsewhere)).toBeLessThan(0);
    const code = verifyWork(inner, passing, below, 'argon2id')?.code;
    expect(code).toBe('POW_MEMORY_HARD_ABOVE_TARGET');
  });

  test('what does not pass the gate is refused without the dear hash', () => {
    const nonce = new Uint8Array(8);
    let code: string | undefined;
    const cost = dearHashes(() => {
      code = verifyWork(inner, nonce, anything, 'argon2id')?.code;
    });
    expect([code, cost]).toEqual(['POW_ABOVE_TARGET', 0]);
    expect(dearHashes(() => verifyWork(inner, passing, anything, 'argon2id'))).toBe(1);
    expect(dearHashes(() => verifyWork(inner, new Uint8Array(9), anything, 'argon2id'))).toBe(0);
  });

  test('is found by its kernel, the first that does it', () => {
    expect(kernels.argon2id(inner, anything, start, 2 ** 20)).toEqual(passing);
    expect(kernels.argon2id(inner, new Uint8Array(32), start, 2 ** 12)).toBeNull();
  });

  test('costs at least one attempt, and more by the millisecond', () => {
    const attempts = (askedMs: number) =>
      expectedHashes(targetForMs('argon2id', askedMs), 'argon2id') / 2 ** limits.gateBits;
    expect([0, 12, 24, 48, 384].map(attempts).map(Math.round)).toEqual([1, 1, 1, 2, 16]);
  });
});

describe('a node whose owner asks for memory-hard work [WRK-06]', () => {
  /** Asks; what a broadcast with this work is answered, and what checking it cost in dear hashes. */
  function broadcast(workMs: number, work?: Parameters<Neighbour['broadcast']>[2]) {
    const node = someNode({ kinds: { taxi: { workScheme: 'argon2id', workMs } } });
    const asker = new Neighbour(node, 'asker');
    asker.work();
    const asked = asker.ask(cast.request);
    const { workRequest } = sent(asked.effects, 'conditions').frame as FrameOf<'conditions'>;
    const effects: Effect[] = [];
    const cost = dearHashes(() => effects.push(...asker.broadcast(cast.request, asked, work)));
    const faults = effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));
    const { peer } = asker.device;
    return { workRequest, effects, faults, cost, peer };
  }

  test('says so in its conditions, and carries what was worked for', () => {
    const { workRequest, faults } = broadcast(24);
    expect(workRequest.powScheme).toBe('argon2id');
    expect(faults).toEqual([]);
  });

  test('refuses what does not pass the gate at the price of one cheap hash', () => {
    const { faults, cost } = broadcast(24, () => new Uint8Array(8));
    expect([faults, cost]).toEqual([['POW_ABOVE_TARGET'], 0]);
  });

  test('hangs up on who made it compute the dear hash in vain', () => {
    const gate = targetForBits(limits.gateBits);
    const { faults, cost, effects, peer } = broadcast(limits.maxWorkMs, (inner) =>
      mineSlice(inner, gate, { high: 0, low: 0 }, 2 ** 22)!,
    );
    expect([faults, cost]).toEqual([['POW_MEMORY_HARD_ABOVE_TARGET'], 1]);
    expect(effects).toContainEqual({ do: 'hangUp', peer });
  });

  test('has only so many asks open that could cost it a dear hash', () => {
    const node = someNode({ kinds: { taxi: { workScheme: 'argon2id' } } });
    const asker = new Neighbour(node, 'asker');
    asker.work();
    const answers = Array.from({ length: limits.openDearAsks + 1 }, (_, i) => {
      const askId = cast.idOf<AskId>(`ask ${i}`, 16);
      const [effect] = asker.say(askForBroadcast(askId, cast.request));
      return effect?.do === 'send' && 'reason' in effect.frame ? effect.frame.reason : 'agreed';
    });
    expect(answers.filter((answer) => answer === 'agreed')).toHaveLength(limits.openDearAsks);
    expect(answers.at(-1)).toBe('busy');
  });
});
