/**
 * A store whose values are locked at rest: every one is sealed with one data key, and that key with what its owner knows (a
 * passphrase) or has (a passkey). Without a lock it passes everything on as it is. Locking, unlocking for good and restoring
 * rewrite the whole disk in one write, all of it or nothing; a change of the passphrase rewrites the key alone. What the keeper
 * itself remembers (`keeper/...`) is hidden from the node.
 */
import type { StoreEntry } from '../../protocol/index.ts';
import type { StoreEffect, StoreEvent, StorePort } from '../../runtime/ports.ts';
import {
  freshStretching,
  fromHex,
  importKey,
  isStretching,
  keyOfPasskey,
  keyOfPassphrase,
  open,
  randomBytes,
  seal,
  toHex,
  type Bytes,
  type Stretching,
} from './passphrase.ts';

/** What opens the lock. */
export type Opener =
  | { readonly way: 'passphrase'; readonly passphrase: string }
  | { readonly way: 'passkey'; readonly secret: Uint8Array };

export interface Passkey {
  /** Credential id, as hex. */
  readonly id: string;
  /** What its PRF is asked with, 32 bytes as hex. */
  readonly salt: string;
}

/** The ways in, as screens need them. */
export interface LockView {
  readonly passkey: Passkey | null;
}

interface LockRecord {
  readonly version: 1;
  readonly passphrase: Stretching & { readonly wrapped: string };
  readonly passkey: (Passkey & { readonly wrapped: string }) | null;
}

export interface SealedStore extends StorePort {
  /** Before anything else: is there a lock? Rejects if the disk fails. */
  look(): Promise<LockView | null>;
  /** False for a wrong key; nothing is lost by it. */
  unlock(opener: Opener): Promise<boolean>;
  /** A passphrase, new or in place of the former, which `current` must then open. */
  setPassphrase(passphrase: string, current: Opener | null): Promise<boolean>;
  setPasskey(passkey: Passkey & { readonly secret: Uint8Array }, current: Opener): Promise<boolean>;
  removePasskey(): Promise<void>;
  removeLock(current: Opener): Promise<boolean>;
  /** Everything, in clear. */
  entries(): Promise<readonly StoreEntry[]>;
  /** These entries and nothing else are on the disk then, without a lock. */
  replaceAll(entries: readonly StoreEntry[]): Promise<void>;
  /** What the keeper remembers under a name of its own; null forgets it. */
  remember(name: string, text: string | null): Promise<void>;
  recall(name: string): Promise<string | null>;
}

const hidden = 'keeper/';
const lockKey = `${hidden}lock`;
const wrapping = 'data key';

export function createSealedStore(
  inner: StorePort,
  { cheap = false }: { readonly cheap?: boolean } = {},
): SealedStore {
  const waiting = new Map<number, (event: StoreEvent) => void>();
  let listener: ((event: StoreEvent) => void) | null = null;
  let lastId = 0;
  let key: CryptoKey | null = null;
  let lock: LockRecord | null = null;
  let tail: Promise<unknown> = Promise.resolve();

  inner.listen((event) => {
    waiting.get(event.id)?.(event);
    waiting.delete(event.id);
  });

  /** One thing after the other: nothing overtakes a rewrite of the disk. */
  function inOrder<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    const next = tail.then(work, work);
    tail = next.catch(() => undefined);
    return next;
  }

  function ask(effect: (id: number) => StoreEffect): Promise<StoreEvent> {
    const id = ++lastId;
    return new Promise((resolve) => {
      waiting.set(id, resolve);
      inner.perform(effect(id));
    });
  }

  async function load(): Promise<readonly StoreEntry[]> {
    const event = await ask((id) => ({ do: 'load', id }));
    if (event.on === 'loaded') return event.entries;
    throw new Error(event.on === 'storeFailed' ? event.reason : event.on);
  }

  async function write(entries: readonly StoreEntry[]): Promise<void> {
    const event = await ask((id) => ({ do: 'write', id, entries }));
    if (event.on === 'storeFailed') throw new Error(event.reason);
  }

  async function sealed(entries: readonly StoreEntry[], with_: CryptoKey | null) {
    if (with_ === null) return entries;
    const all = entries.map(async ({ key: name, value }) => ({
      key: name,
      value: value && (await seal(with_, value, name)),
    }));
    return Promise.all(all);
  }

  async function opened(entries: readonly StoreEntry[]): Promise<StoreEntry[]> {
    const own = entries.filter(({ key: name }) => !name.startsWith(hidden));
    const with_ = key;
    if (with_ === null) return own;
    const all = own.map(async ({ key: name, value }) => {
      const plain = value && (await open(with_, value, name));
      if (value !== null && plain === null) throw new Error(`damaged: ${name}`);
      return { key: name, value: plain };
    });
    return Promise.all(all);
  }

  /** The data key's bytes; null for a wrong opener. */
  async function dataKey(opener: Opener): Promise<Bytes | null> {
    if (lock === null) return null;
    if (opener.way === 'passphrase') {
      const { wrapped, ...how } = lock.passphrase;
      return open(await keyOfPassphrase(opener.passphrase, how), fromHex(wrapped), wrapping);
    }
    if (lock.passkey === null) return null;
    const with_ = await keyOfPasskey(opener.secret, lock.passkey.salt);
    return open(with_, fromHex(lock.passkey.wrapped), wrapping);
  }

  async function wrappedBy(passphrase: string, raw: Bytes): Promise<LockRecord['passphrase']> {
    const how = freshStretching(cheap);
    const with_ = await keyOfPassphrase(passphrase, how);
    return { ...how, wrapped: toHex(await seal(with_, raw, wrapping)) };
  }

  async function keepLock(next: LockRecord, entries: readonly StoreEntry[] = []): Promise<void> {
    await write([...entries, { key: lockKey, value: bytesOf(JSON.stringify(next)) }]);
    lock = next;
  }

  async function perform(effect: StoreEffect): Promise<StoreEvent> {
    const { id } = effect;
    try {
      if (effect.do === 'load') return { on: 'loaded', id, entries: await opened(await load()) };
      await write(await sealed(effect.entries, key));
      return { on: 'written', id };
    } catch (error) {
      return { on: 'storeFailed', id, reason: String(error) };
    }
  }

  return {
    perform(effect) {
      // Copied now: the caller goes on while others write.
      const mine =
        effect.do === 'write' ? { ...effect, entries: effect.entries.map(copied) } : effect;
      void inOrder(() => perform(mine)).then((event) => listener?.(event));
    },
    listen(to) {
      listener = to;
    },
    look: () =>
      inOrder(async () => {
        const record = (await load()).find(({ key: name }) => name === lockKey)?.value;
        lock = record ? readLock(record) : null;
        return lock && { passkey: lock.passkey && passkeyOf(lock.passkey) };
      }),
    unlock: (opener) =>
      inOrder(async () => {
        const raw = await dataKey(opener);
        if (raw === null) return false;
        key = await importKey(raw);
        return true;
      }),
    setPassphrase: (passphrase, current) =>
      inOrder(async () => {
        if (lock === null) {
          const raw = randomBytes(32);
          const record: LockRecord = {
            version: 1,
            passphrase: await wrappedBy(passphrase, raw),
            passkey: null,
          };
          const next = await importKey(raw);
          await keepLock(record, await sealed(await opened(await load()), next));
          key = next;
          return true;
        }
        const raw = current && (await dataKey(current));
        if (raw === null) return false;
        const next = { ...lock, passphrase: await wrappedBy(passphrase, raw) };
        raw.fill(0);
        await keepLock(next);
        return true;
      }),
    setPasskey: ({ id, salt, secret }, current) =>
      inOrder(async () => {
        const raw = await dataKey(current);
        if (raw === null || lock === null) return false;
        const wrapped = toHex(await seal(await keyOfPasskey(secret, salt), raw, wrapping));
        raw.fill(0);
        await keepLock({ ...lock, passkey: { id, salt, wrapped } });
        return true;
      }),
    removePasskey: () =>
      inOrder(async () => {
        if (lock !== null) await keepLock({ ...lock, passkey: null });
      }),
    removeLock: (current) =>
      inOrder(async () => {
        const raw = await dataKey(current);
        if (raw === null) return false;
        raw.fill(0);
        await write([...(await opened(await load())), { key: lockKey, value: null }]);
        [lock, key] = [null, null];
        return true;
      }),
    entries: () => inOrder(async () => opened(await load())),
    replaceAll: (entries) =>
      inOrder(async () => {
        const names = new Set(entries.map(({ key: name }) => name));
        const former = (await load()).filter(({ key: name }) => !names.has(name));
        await write([...former.map(({ key: name }) => ({ key: name, value: null })), ...entries]);
        [lock, key] = [null, null];
      }),
    remember: (name, text) =>
      inOrder(() => write([{ key: hidden + name, value: text === null ? null : bytesOf(text) }])),
    recall: (name) =>
      inOrder(async () => {
        const found = (await load()).find((entry) => entry.key === hidden + name)?.value;
        return found ? textOf(found) : null;
      }),
  };
}

/** Throws on a record this release does not know: guessing at a lock could lose a key. */
function readLock(bytes: Uint8Array): LockRecord {
  const record = JSON.parse(textOf(bytes)) as LockRecord;
  if (record.version !== 1 || !isStretching(record.passphrase)) throw new Error('unknown lock');
  return record;
}

function passkeyOf({ id, salt }: Passkey): Passkey {
  return { id, salt };
}

function copied({ key, value }: StoreEntry): StoreEntry {
  return { key, value: value && value.slice() };
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
