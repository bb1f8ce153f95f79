/**
 * Crash safety: what a step wants remembered is on disk, all of it or nothing, before anything else of the step is done. While
 * a write is under way the journal holds the steps that come after it.
 */
import type { StoreEntry } from '../protocol/index.ts';
import type { StorePort } from './ports.ts';

export interface Journal {
  load(done: (entries: readonly StoreEntry[]) => void): void;
  /** `done` is called once the entries are durable. */
  write(entries: readonly StoreEntry[], done: () => void): void;
}

export function createJournal(store: StorePort, failed: (reason: string) => void): Journal {
  const waiting = new Map<number, (entries: readonly StoreEntry[]) => void>();
  let lastId = 0;
  store.listen((event) => {
    if (event.on === 'storeFailed') return failed(event.reason);
    const done = waiting.get(event.id);
    waiting.delete(event.id);
    done?.(event.on === 'loaded' ? event.entries : []);
  });
  function ask(done: (entries: readonly StoreEntry[]) => void): number {
    lastId++;
    waiting.set(lastId, done);
    return lastId;
  }
  return {
    load: (done) => store.perform({ do: 'load', id: ask(done) }),
    write: (entries, done) => store.perform({ do: 'write', id: ask(() => done()), entries }),
  };
}
