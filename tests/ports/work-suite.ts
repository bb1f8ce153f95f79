/** What every work port must do, whatever its workers are. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PuzzleEvent, WorkEffect, WorkEvent } from '../../src/lib/protocol/index.ts';
import { meetsTarget, targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import type { RemotePort } from './bench/bench.ts';

export type OpenPool = Pick<
  RemotePort<WorkEffect, WorkEvent>,
  'perform' | 'events' | 'until' | 'close'
>;

export interface WorkWorld {
  open(workers: number): Promise<OpenPool>;
  /** A pool whose workers cannot be started. */
  openBroken(): Promise<OpenPool>;
  close(): Promise<void>;
}

type Mine = Extract<WorkEffect, { do: 'mine' }>;
type On<K extends PuzzleEvent['on']> = Extract<PuzzleEvent, { on: K }>;

const isOf = (event: WorkEvent, id: string) => event.on !== 'miners' && event.id === id;

const hourMs = 3_600_000;
/** So low that nobody meets it. */
const impossible = new Uint8Array(32);

export function workSuite(title: string, start: () => Promise<WorkWorld>): void {
  describe(title, () => {
    let world: WorkWorld;
    let ids = 0;
    beforeAll(async () => {
      world = await start();
    });
    afterAll(async () => {
      await world.close();
    });

    function puzzle(target: Uint8Array, validForMs = hourMs): Mine {
      const id = `puzzle-${++ids}`;
      const inner = new Uint8Array(32).fill(ids);
      const validTillMs = Date.now() + validForMs;
      return { do: 'mine', id, scheme: 'sha256', inner, target, validTillMs, own: true };
    }
    async function told<K extends PuzzleEvent['on']>(pool: OpenPool, on: K, id: string) {
      const of = (event: WorkEvent): event is On<K> => event.on === on && isOf(event, id);
      return (await pool.until((events) => events.some(of))).filter(of);
    }

    test('a puzzle is mined, and not within the call [WRK-15]', async () => {
      const pool = await world.open(2);
      const mine = puzzle(targetForBits(14));
      expect(await pool.perform(mine)).toBe(0);
      const [mined] = await told(pool, 'mined', mine.id);
      expect(meetsTarget(mine.inner, mined!.nonce, mine.target)).toBe(true);
      await pool.close();
    });

    test('memory-hard work is mined behind the same port [WRK-17, WRK-15]', async () => {
      const pool = await world.open(2);
      const mine = { ...puzzle(targetForBits(0)), scheme: 'argon2id' } as const;
      await pool.perform(mine);
      const [mined] = await told(pool, 'mined', mine.id);
      expect(meetsTarget(mine.inner, mined!.nonce, mine.target, 'argon2id')).toBe(true);
      await pool.close();
    });

    test('of many puzzles at once each is mined once', async () => {
      const pool = await world.open(2);
      const puzzles = Array.from({ length: 12 }, (_, i) => puzzle(targetForBits(6 + (i % 8))));
      for (const mine of puzzles) await pool.perform(mine);
      const mined = (events: readonly WorkEvent[]) =>
        events.filter((event) => event.on === 'mined');
      const events = await pool.until((all) => mined(all).length === puzzles.length);
      expect(
        mined(events)
          .map(({ id }) => id)
          .sort(),
      ).toEqual(puzzles.map(({ id }) => id).sort());
      for (const { id, inner, target } of puzzles) {
        const [one] = await told(pool, 'mined', id);
        expect(meetsTarget(inner, one!.nonce, target)).toBe(true);
      }
      await pool.close();
    });

    test('a hard puzzle makes progress, holds up no easy one, ends when cancelled [WRK-15]', async () => {
      const pool = await world.open(1);
      const hard = puzzle(impossible, hourMs / 2);
      await pool.perform(hard);
      const [progress] = await told(pool, 'miningProgress', hard.id);
      expect(progress!.hashes).toBeGreaterThan(0);
      expect(progress!.hashesPerSecond).toBeGreaterThan(0);
      const easy = puzzle(targetForBits(8));
      await pool.perform(easy);
      await told(pool, 'mined', easy.id);
      const further = await told(pool, 'miningProgress', hard.id);
      expect(further.map(({ hashes }) => hashes)).toEqual(
        further.map(({ hashes }) => hashes).sort((a, b) => a - b),
      );

      const eventsThen = await pool.perform({ do: 'cancelMining', id: hard.id });
      const next = puzzle(targetForBits(12));
      await pool.perform(next);
      await told(pool, 'mined', next.id);
      const after = (await pool.events()).slice(eventsThen);
      expect(after.filter((event) => isOf(event, hard.id))).toEqual([]);
      await pool.close();
    });

    test('cancelling what is unknown is nothing', async () => {
      const pool = await world.open(1);
      await pool.perform({ do: 'cancelMining', id: 'unknown' });
      const mine = puzzle(targetForBits(8));
      await pool.perform(mine);
      await told(pool, 'mined', mine.id);
      expect((await pool.events()).some((event) => isOf(event, 'unknown'))).toBe(false);
      await pool.close();
    });

    test('what runs out of time fails, also when it was late from the start', async () => {
      const pool = await world.open(2);
      const [short, late] = [puzzle(impossible, 300), puzzle(impossible, -1_000)];
      await pool.perform(short);
      await pool.perform(late);
      for (const { id } of [short, late]) {
        const [failed] = await told(pool, 'miningFailed', id);
        expect(failed!.reason).toBe('ran out of time');
      }
      await pool.close();
    });

    test('without a worker every puzzle fails', async () => {
      const pool = await world.openBroken();
      const puzzles = [puzzle(targetForBits(0)), puzzle(targetForBits(0))];
      for (const mine of puzzles) await pool.perform(mine);
      for (const { id } of puzzles) {
        const [failed] = await told(pool, 'miningFailed', id);
        expect(failed!.reason).toMatch(/^no worker is left: ./);
      }
      await pool.close();
    });
  });
}
