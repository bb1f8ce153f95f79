/** The locked disk: a store like any other, whose values nobody reads without the key, and whose lock loses nothing. */
import { expect, test } from 'vitest';
import {
  createSealedStore,
  type Opener,
  type SealedStore,
} from '../../src/lib/adapters/secrets/sealed-store.ts';
import type { StoreEntry } from '../../src/lib/protocol/index.ts';
import type { StoreEffect, StoreEvent, StorePort } from '../../src/lib/runtime/ports.ts';

const text = (value: Uint8Array) => new TextDecoder().decode(value);
const entry = (key: string, value: string): StoreEntry => ({
  key,
  value: new TextEncoder().encode(value),
});
const right: Opener = { way: 'passphrase', passphrase: 'four quiet words here' };
const wrong: Opener = { way: 'passphrase', passphrase: 'four quiet words there' };

/** A disk in memory that can be looked at, and that may refuse to write. */
function disk() {
  const kept = new Map<string, Uint8Array>();
  let full = false;
  const port = (): StorePort => {
    let listener: (event: StoreEvent) => void = () => undefined;
    const answer = (effect: StoreEffect): StoreEvent => {
      const { id } = effect;
      if (effect.do === 'load') {
        const entries = [...kept].map(([key, value]) => ({ key, value }));
        return { on: 'loaded', id, entries };
      }
      if (full) return { on: 'storeFailed', id, reason: 'full' };
      for (const { key, value } of effect.entries) {
        if (value === null) kept.delete(key);
        else kept.set(key, value);
      }
      return { on: 'written', id };
    };
    return {
      perform: (effect) => queueMicrotask(() => listener(answer(effect))),
      listen: (to) => {
        listener = to;
      },
    };
  };
  const raw = () => [...kept.values()].map(text).join('|');
  return { port, kept, raw, fill: (isFull: boolean) => (full = isFull) };
}

const opened = (on: ReturnType<typeof disk>) => createSealedStore(on.port(), { cheap: true });

/** As the runtime uses it. */
function perform(store: SealedStore, effect: StoreEffect): Promise<StoreEvent> {
  return new Promise((resolve) => {
    store.listen(resolve);
    store.perform(effect);
  });
}

async function write(store: SealedStore, ...entries: StoreEntry[]): Promise<void> {
  expect((await perform(store, { do: 'write', id: 1, entries })).on).toBe('written');
}

async function read(store: SealedStore): Promise<Record<string, string>> {
  const event = await perform(store, { do: 'load', id: 2 });
  if (event.on !== 'loaded') throw new Error(JSON.stringify(event));
  return Object.fromEntries(event.entries.map(({ key, value }) => [key, text(value!)]));
}

test('without a lock it passes everything on as it is', async () => {
  const on = disk();
  const store = opened(on);
  expect(await store.look()).toBeNull();
  await write(store, entry('identity', 'secret'), entry('job/1', 'ride'));
  await write(store, { key: 'job/1', value: null });
  expect(on.raw()).toBe('secret');
  expect(await read(store)).toEqual({ identity: 'secret' });
});

test('a lock seals what was written and what is written, and only its passphrase opens it', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('identity', 'secret'));
  expect(await store.setPassphrase(right.way === 'passphrase' ? right.passphrase : '', null)).toBe(
    true,
  );
  await write(store, entry('wallet', 'nostr+walletconnect'));
  expect(on.raw()).not.toMatch(/secret"|walletconnect/);
  expect(on.raw()).not.toContain('secret');
  expect(await read(store)).toEqual({ identity: 'secret', wallet: 'nostr+walletconnect' });

  const again = opened(on);
  expect(await again.look()).toEqual({ passkey: null });
  expect(await again.unlock(wrong)).toBe(false);
  expect(await again.unlock({ way: 'passkey', secret: new Uint8Array(32) })).toBe(false);
  expect(await again.unlock(right)).toBe(true);
  expect(await read(again)).toEqual({ identity: 'secret', wallet: 'nostr+walletconnect' });
});

test('a wrong passphrase changes nothing, whatever it is given for', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('identity', 'secret'));
  await store.setPassphrase('four quiet words here', null);
  const before = new Map(on.kept);
  expect(await store.setPassphrase('another', wrong)).toBe(false);
  expect(await store.setPassphrase('another', null)).toBe(false);
  expect(await store.removeLock(wrong)).toBe(false);
  const passkey = { id: 'ab', salt: '00'.repeat(32), secret: new Uint8Array(32).fill(1) };
  expect(await store.setPasskey(passkey, wrong)).toBe(false);
  expect(on.kept).toEqual(before);
});

test('the passphrase can be changed, a passkey added and taken away, and the lock removed', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('identity', 'secret'));
  await store.setPassphrase('four quiet words here', null);
  expect(await store.setPassphrase('another passphrase', right)).toBe(true);
  const other: Opener = { way: 'passphrase', passphrase: 'another passphrase' };
  const secret = new Uint8Array(32).fill(1);
  expect(await store.setPasskey({ id: 'ab', salt: '00'.repeat(32), secret }, other)).toBe(true);

  const again = opened(on);
  expect(await again.look()).toEqual({ passkey: { id: 'ab', salt: '00'.repeat(32) } });
  expect(await again.unlock(right)).toBe(false);
  expect(await again.unlock({ way: 'passkey', secret: new Uint8Array(32) })).toBe(false);
  expect(await again.unlock({ way: 'passkey', secret })).toBe(true);
  await again.removePasskey();
  expect(await opened(on).look()).toEqual({ passkey: null });
  expect(await again.removeLock(other)).toBe(true);
  expect(on.raw()).toBe('secret');
  expect(await read(again)).toEqual({ identity: 'secret' });
});

test('a disk that is full when the lock is set stays as it was, and works on', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('identity', 'secret'));
  on.fill(true);
  await expect(store.setPassphrase('four quiet words here', null)).rejects.toThrow('full');
  on.fill(false);
  await write(store, entry('job/1', 'ride'));
  expect(await read(store)).toEqual({ identity: 'secret', 'job/1': 'ride' });
  expect(await opened(on).look()).toBeNull();
});

test('a value under another name, or changed, is damage and not an answer', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('job/1', 'ride'), entry('job/2', 'parcel'));
  await store.setPassphrase('four quiet words here', null);
  on.kept.set('job/1', on.kept.get('job/2')!);
  const event = await perform(store, { do: 'load', id: 3 });
  expect(event).toMatchObject({ on: 'storeFailed' });
});

test('what the keeper remembers is hidden from the node; restoring leaves no lock and nothing else', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('identity', 'secret'), entry('job/1', 'ride'));
  await store.remember('moved', '5');
  await store.setPassphrase('four quiet words here', null);
  expect(await store.recall('moved')).toBe('5');
  expect(Object.keys(await read(store))).toEqual(['identity', 'job/1']);
  await store.replaceAll([entry('identity', 'another')]);
  expect([...on.kept.keys()]).toEqual(['identity']);
  expect(on.raw()).toBe('another');
});

test('what is written while the disk is being locked is not lost', async () => {
  const on = disk();
  const store = opened(on);
  await write(store, entry('identity', 'secret'));
  const locking = store.setPassphrase('four quiet words here', null);
  const value = new TextEncoder().encode('ride');
  const writing = perform(store, { do: 'write', id: 4, entries: [{ key: 'job/1', value }] });
  value.fill(0);
  await Promise.all([locking, writing]);
  expect(await read(store)).toEqual({ identity: 'secret', 'job/1': 'ride' });
  expect(on.raw()).not.toContain('ride');
});
