/** What a node keeps: the journal between it and its disk, and the secret it is made from. */
import { describe, expect, test } from 'vitest';
import {
  NewerStored,
  readStored,
  storedVersion,
  toStored,
  type StoreEntry,
} from '../../src/lib/protocol/index.ts';
import { identityKey, loadIdentity } from '../../src/lib/runtime/identity.ts';
import { createJournal } from '../../src/lib/runtime/journal.ts';
import type { StoreEffect, StoreEvent } from '../../src/lib/runtime/ports.ts';
import { createVirtualClock } from '../../src/simulator/clock.ts';
import { createMemoryStore, type MemoryStore } from '../../src/simulator/store.ts';
import { nowMs } from '../protocol/cast.ts';

const entry = (key: string, value: unknown): StoreEntry => ({ key, value: toStored(value) });

describe('journal', () => {
  /** A disk that answers when it is told to, in any order. */
  function journalOn() {
    const asked: StoreEffect[] = [];
    const told: string[] = [];
    let listener: (event: StoreEvent) => void = () => undefined;
    const journal = createJournal(
      {
        perform: (effect) => asked.push(effect),
        listen: (heard) => {
          listener = heard;
        },
      },
      (reason) => told.push(`failed: ${reason}`),
    );
    return { journal, asked, told, tell: (event: StoreEvent) => listener(event) };
  }

  test('calls back once a write is durable, and each only for its own', () => {
    const { journal, asked, told, tell } = journalOn();
    journal.write([entry('a', 1)], () => told.push('a'));
    journal.write([entry('b', 2)], () => told.push('b'));
    const [a, b] = asked;
    expect(a!.id).not.toBe(b!.id);
    expect(told).toEqual([]);
    tell({ on: 'written', id: b!.id });
    expect(told).toEqual(['b']);
    tell({ on: 'written', id: a!.id });
    tell({ on: 'written', id: a!.id });
    expect(told).toEqual(['b', 'a']);
  });

  test('a load brings what there is', () => {
    const { journal, asked, told, tell } = journalOn();
    journal.load((entries) => told.push(...entries.map(({ key }) => key)));
    tell({ on: 'loaded', id: asked[0]!.id, entries: [entry('a', 1), entry('b', 2)] });
    expect(told).toEqual(['a', 'b']);
  });

  test('a failure is told, and its step is never gone on with', () => {
    const { journal, asked, told, tell } = journalOn();
    journal.write([entry('a', 1)], () => told.push('a'));
    tell({ on: 'storeFailed', id: asked[0]!.id, reason: 'full' });
    expect(told).toEqual(['failed: full']);
  });
});

describe('identity', () => {
  const clock = createVirtualClock(nowMs, 'identity');
  const disk = () => createMemoryStore({ clock: clock.fork('disk') });
  const load = (store: MemoryStore) => {
    const secret = loadIdentity(store, clock);
    clock.runUntil(clock.now() + 1_000);
    return secret;
  };
  const entriesOf = (store: MemoryStore) =>
    new Promise<readonly StoreEntry[]>((resolve) => {
      store.listen((event) => {
        if (event.on === 'loaded') resolve(event.entries);
      });
      store.perform({ do: 'load', id: 1 });
      clock.runUntil(clock.now() + 1_000);
    });

  test('is 32 random bytes, durable before it is used, and the same ever after', async () => {
    const store = disk();
    const secret = await load(store);
    expect(secret).toHaveLength(32);
    const [kept] = await entriesOf(store);
    expect(kept!.key).toBe(identityKey);
    expect(readStored(kept!.value!)).toEqual(secret);
    expect(await load(store)).toEqual(secret);
    expect(await load(disk())).not.toEqual(secret);
  });

  test('a device that dies while it is written has the one or the other, never half of it', async () => {
    const store = disk();
    void loadIdentity(store, clock);
    clock.runUntil(clock.now() + 1);
    store.crash();
    const again = await load(store);
    expect(await load(store)).toEqual(again);
  });

  test('a disk that a newer release wrote is refused, and stays as it is', async () => {
    const store = disk();
    await load(store);
    const state = JSON.stringify({ version: storedVersion + 1, state: {} });
    const entry = { key: 'job/a', value: new TextEncoder().encode(state) };
    store.perform({ do: 'write', id: 2, entries: [entry] });
    clock.runUntil(clock.now() + 1_000);
    const before = await entriesOf(store);
    await expect(load(store)).rejects.toThrow(NewerStored);
    expect(await entriesOf(store)).toEqual(before);
  });

  test('a disk that is full says so', async () => {
    const store = disk();
    store.setCapacity(10);
    await expect(load(store)).rejects.toThrow('the disk is full');
  });
});
