/** What every store port must do, in memory or on a disk: the fake tells the truth. */
import { createCipheriv } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoreEntry } from '../../src/lib/protocol/index.ts';
import type { StoreEffect, StoreEvent } from '../../src/lib/runtime/ports.ts';
import type { RemotePort } from './bench/bench.ts';

export type OpenStore = Pick<
  RemotePort<StoreEffect, StoreEvent>,
  'perform' | 'events' | 'until' | 'close'
>;

export interface StoreWorld {
  /** Opens the store of this name: what was written under it is there. */
  open(name: string): Promise<OpenStore>;
  /** The device dies and comes back; stores must be opened anew. */
  crash(): Promise<void>;
  /** Opens a store that has room for some small entries but not for two megabytes. */
  openSmall(name: string): Promise<OpenStore>;
  close(): Promise<void>;
}

const bytes = (...values: number[]) => Uint8Array.from(values);
/** What looks like nothing else, so that a disk cannot make it smaller. */
const incompressible = (length: number) =>
  new Uint8Array(
    createCipheriv('chacha20', new Uint8Array(32), new Uint8Array(16)).update(
      new Uint8Array(length),
    ),
  );
const entry = (key: string, value: Uint8Array | null): StoreEntry => ({ key, value });

export function storeSuite(title: string, start: () => Promise<StoreWorld>): void {
  describe(title, () => {
    let world: StoreWorld;
    let names = 0;
    let ids = 0;
    beforeAll(async () => {
      world = await start();
    });
    afterAll(async () => {
      await world.close();
    });
    const newName = () => `store-${++names}`;

    /** Performs, waits for the answer, and looks that it did not come at once. */
    async function ask(store: OpenStore, effect: StoreEffect): Promise<StoreEvent> {
      const before = (await store.events()).length;
      expect(await store.perform(effect)).toBe(before);
      const events = await store.until((all) => all.some(({ id }) => id === effect.id));
      return events.find(({ id }) => id === effect.id)!;
    }
    const write = (store: OpenStore, ...entries: StoreEntry[]) =>
      ask(store, { do: 'write', id: ++ids, entries });
    async function load(store: OpenStore): Promise<readonly StoreEntry[]> {
      const event = await ask(store, { do: 'load', id: ++ids });
      if (event.on !== 'loaded') throw new Error(JSON.stringify(event));
      return event.entries;
    }

    test('a new store has nothing', async () => {
      expect(await load(await world.open(newName()))).toEqual([]);
    });

    test('what is written is loaded, ordered by key, also after closing and opening', async () => {
      const name = newName();
      const store = await world.open(name);
      const [a, b, c] = [entry('a', bytes(1)), entry('b/1', bytes(2)), entry('c', bytes())];
      expect((await write(store, c, a)).on).toBe('written');
      expect((await write(store, b)).on).toBe('written');
      expect(await load(store)).toEqual([a, b, c]);
      await store.close();
      expect(await load(await world.open(name))).toEqual([a, b, c]);
    });

    test('a key written again has the later value, and null forgets it', async () => {
      const store = await world.open(newName());
      await write(store, entry('a', bytes(1)), entry('b', bytes(2)), entry('a', bytes(3)));
      expect(await load(store)).toEqual([entry('a', bytes(3)), entry('b', bytes(2))]);
      await write(store, entry('a', null), entry('b', bytes(4)), entry('never there', null));
      expect(await load(store)).toEqual([entry('b', bytes(4))]);
    });

    test('a write of nothing is written', async () => {
      expect((await write(await world.open(newName()))).on).toBe('written');
    });

    test('a megabyte comes back as it was', async () => {
      const store = await world.open(newName());
      const large = incompressible(2 ** 20);
      await write(store, entry('large', large));
      const [found] = await load(store);
      expect(found!.value!.length).toBe(large.length);
      expect(found!.value!.every((byte, i) => byte === large[i])).toBe(true);
    });

    test('effects are done in their order, without waiting for answers', async () => {
      const store = await world.open(newName());
      const first = ids + 1;
      const effects: StoreEffect[] = [];
      for (let i = 0; i < 10; i++) {
        effects.push({ do: 'write', id: ++ids, entries: [entry('a', bytes(i))] });
        effects.push({ do: 'load', id: ++ids });
      }
      for (const effect of effects) await store.perform(effect);
      const events = await store.until((all) => all.length === effects.length);
      expect(events.map(({ id }) => id)).toEqual(effects.map((_, i) => first + i));
      const loaded = events.flatMap((event) => (event.on === 'loaded' ? event.entries : []));
      expect(loaded.map(({ value }) => value![0])).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    });

    test('stores of two names have nothing in common', async () => {
      const [one, other] = [await world.open(newName()), await world.open(newName())];
      await write(one, entry('a', bytes(1)));
      expect(await load(other)).toEqual([]);
    });

    test('what does not fit fails as a whole; what was there stays, more may follow', async () => {
      const store = await world.openSmall(newName());
      const kept = entry('kept', bytes(1));
      expect((await write(store, kept)).on).toBe('written');
      const tooLarge = entry('large', incompressible(2 ** 21));
      const failed = await write(store, entry('kept', bytes(2)), tooLarge, entry('z', bytes(3)));
      expect(failed.on).toBe('storeFailed');
      expect(await load(store)).toEqual([kept]);
      expect((await write(store, entry('next', bytes(4)))).on).toBe('written');
      expect(await load(store)).toEqual([kept, entry('next', bytes(4))]);
    });

    test('what was acknowledged survives a crash; a write is there whole or not', async () => {
      const name = newName();
      const store = await world.open(name);
      for (let i = 0; i < 20; i++) await write(store, entry('count', bytes(i)));
      const pair = (i: number) => [entry('left', bytes(i)), entry('right', bytes(i))];
      for (let i = 0; i < 20; i++) {
        await store.perform({ do: 'write', id: ++ids, entries: pair(i) });
      }
      await world.crash();
      const found = new Map(
        (await load(await world.open(name))).map(({ key, value }) => [key, value]),
      );
      expect(found.get('count')).toEqual(bytes(19));
      expect(found.get('left')).toEqual(found.get('right'));
    });
  });
}
