/**
 * The store port in a browser: one object store of IndexedDB, key to bytes. One transaction a
 * write, strictly durable: `written` is told when the disk has it, not when the browser has it.
 */
import { openDB, type IDBPDatabase } from 'idb';
import type { StoreEntry } from '../../protocol/index.ts';
import type { StoreEffect, StoreEvent, StorePort } from '../../runtime/ports.ts';

export interface IndexedDbStore extends StorePort {
  /** Lets go of the database, so that somebody else may delete it. Nothing is told after it. */
  close(): void;
}

const table = 'entries';

/** `name`: of the database, one a node. Opened when first used and again if the browser shut it. */
export function createIndexedDbStore({ name }: { readonly name: string }): IndexedDbStore {
  let listener: ((event: StoreEvent) => void) | null = null;
  let opened: Promise<IDBPDatabase> | null = null;

  function database(): Promise<IDBPDatabase> {
    const forget = () => {
      opened = null;
    };
    if (opened === null) {
      opened = open(name, forget);
      opened.catch(forget);
    }
    return opened;
  }

  async function perform(effect: StoreEffect): Promise<StoreEvent> {
    const { id } = effect;
    try {
      // Copied now: the caller goes on while the database opens.
      const entries = effect.do === 'write' ? effect.entries.map(copied) : [];
      const db = await database();
      if (effect.do === 'load') return { on: 'loaded', id, entries: await load(db) };
      await write(db, entries);
      return { on: 'written', id };
    } catch (error) {
      return { on: 'storeFailed', id, reason: String(error) };
    }
  }

  return {
    perform: (effect) => void perform(effect).then((event) => listener?.(event)),
    listen: (to) => {
      listener = to;
    },
    close: () => {
      listener = null;
      void opened?.then((db) => db.close());
      opened = null;
    },
  };
}

function open(name: string, lost: () => void): Promise<IDBPDatabase> {
  return openDB(name, 1, {
    upgrade: (db) => void db.createObjectStore(table),
    // Another tab erases everything, or the browser takes the disk away.
    blocking: (_from, _to, event) => {
      (event.target as IDBDatabase).close();
      lost();
    },
    terminated: lost,
  });
}

async function write(db: IDBPDatabase, entries: readonly StoreEntry[]): Promise<void> {
  const transaction = db.transaction(table, 'readwrite', { durability: 'strict' });
  // One that fails takes the transaction with it, whose end tells why.
  const ignore = () => undefined;
  for (const { key, value } of entries) {
    if (value === null) transaction.store.delete(key).catch(ignore);
    else transaction.store.put(value, key).catch(ignore);
  }
  await transaction.done;
}

/** A view would be stored with all of the buffer it looks at; a copy has its own. */
function copied({ key, value }: StoreEntry): StoreEntry {
  return { key, value: value?.slice() ?? null };
}

async function load(db: IDBPDatabase): Promise<StoreEntry[]> {
  const { store } = db.transaction(table);
  const [keys, values] = await Promise.all([store.getAllKeys(), store.getAll()]);
  return keys.map((key, i) => ({ key: String(key), value: values[i] as Uint8Array }));
}
