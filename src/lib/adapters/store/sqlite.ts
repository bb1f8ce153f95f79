/**
 * The store port of a headless node: one table of an SQLite file. The file is locked for as long as
 * the store is open: two nodes with one memory would each spend what the other owes.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { StoreEntry } from '../../protocol/index.ts';
import type { StoreEffect, StoreEvent, StorePort } from '../../runtime/ports.ts';

export interface SqliteStoreOptions {
  /** Path of the file; its folder exists. */
  readonly path: string;
  /** Most the file may hold, in bytes; a write beyond it fails. 1 GiB unless given. */
  readonly maxBytes?: number;
}

export interface SqliteStore extends StorePort {
  /** Unlocks the file. Nothing is told after it. */
  close(): void;
}

const pageBytes = 4_096;

/** Opens the file when first used, and tries again at the next use if that failed. */
export function createSqliteStore(options: SqliteStoreOptions): SqliteStore {
  let listener: ((event: StoreEvent) => void) | null = null;
  let table: Table | null = null;

  function perform(effect: StoreEffect): StoreEvent {
    const { id } = effect;
    try {
      table ??= new Table(options);
      if (effect.do === 'load') return { on: 'loaded', id, entries: table.load() };
      table.write(effect.entries);
      return { on: 'written', id };
    } catch (error) {
      return { on: 'storeFailed', id, reason: String(error) };
    }
  }

  return {
    perform: (effect) => {
      const event = perform(effect);
      queueMicrotask(() => listener?.(event));
    },
    listen: (to) => {
      listener = to;
    },
    close: () => {
      listener = null;
      table?.close();
      table = null;
    },
  };
}

class Table {
  private readonly db: DatabaseSync;
  private readonly put: StatementSync;
  private readonly drop: StatementSync;
  private readonly all: StatementSync;

  constructor({ path, maxBytes = 2 ** 30 }: SqliteStoreOptions) {
    this.db = new DatabaseSync(path);
    try {
      this.db.exec(`
        PRAGMA page_size = ${pageBytes};
        PRAGMA locking_mode = EXCLUSIVE;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = FULL;
        PRAGMA max_page_count = ${Math.floor(maxBytes / pageBytes)};
        CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
      `);
      this.put = this.db.prepare('INSERT OR REPLACE INTO entries (key, value) VALUES (?, ?)');
      this.drop = this.db.prepare('DELETE FROM entries WHERE key = ?');
      this.all = this.db.prepare('SELECT key, value FROM entries ORDER BY key');
    } catch (error) {
      this.db.close();
      throw error;
    }
  }

  load(): StoreEntry[] {
    return this.all.all().map(({ key, value }) => ({
      key: key as string,
      value: value as Uint8Array,
    }));
  }

  write(entries: readonly StoreEntry[]): void {
    this.db.exec('BEGIN IMMEDIATE');
    try {
      for (const { key, value } of entries) {
        if (value === null) this.drop.run(key);
        else this.put.run(key, value);
      }
      this.db.exec('COMMIT');
    } catch (error) {
      // A full disk has ended the transaction by itself.
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      throw error;
    }
  }

  close(): void {
    this.db.close();
  }
}
