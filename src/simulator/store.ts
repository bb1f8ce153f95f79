/**
 * A disk of one node in memory, under a virtual clock: the same `StorePort` as IndexedDB's and
 * SQLite's, and a device that may die at any moment. Writes reach the disk one after the other,
 * each whole or not at all; of those that were not yet acknowledged, a crash keeps the first few,
 * as many as the clock's seed says.
 */
import type { StoreEntry } from '../lib/protocol/index.ts';
import type { Clock, StoreEffect, StoreEvent, StorePort } from '../lib/runtime/ports.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** How long a write or load takes, in ms; asked once for each. 1 unless given. */
  readonly latencyMs?: number | (() => number);
}

export interface MemoryStore extends StorePort {
  /**
   * The device dies: what was not acknowledged may be lost, and the listener hears nothing more.
   * The node that starts again listens and loads.
   */
  crash(): void;
  /** Bytes of keys and values the disk has room for; a write beyond it fails. No limit at first. */
  setCapacity(bytes: number): void;
}

type Disk = ReadonlyMap<string, Uint8Array>;

export function createMemoryStore({ clock, latencyMs = 1 }: MemoryStoreOptions): MemoryStore {
  let disk: Disk = new Map();
  let listener: ((event: StoreEvent) => void) | null = null;
  let waiting: StoreEffect[] = [];
  let lives = 0;
  let capacity = Infinity;
  let lastMs = 0;

  function perform(effect: StoreEffect): void {
    const life = lives;
    const takesMs = typeof latencyMs === 'number' ? latencyMs : latencyMs();
    // One disk: nothing overtakes.
    lastMs = Math.max(lastMs, clock.now() + takesMs);
    waiting.push(copied(effect));
    clock.at(lastMs, () => {
      if (life === lives) done(waiting.shift()!);
    });
  }

  function done(effect: StoreEffect): void {
    const { id } = effect;
    if (effect.do === 'load') listener?.({ on: 'loaded', id, entries: entriesOf(disk) });
    else if (keep(effect.entries)) listener?.({ on: 'written', id });
    else listener?.({ on: 'storeFailed', id, reason: 'the disk is full' });
  }

  /** All of them, or none if they do not fit. */
  function keep(entries: readonly StoreEntry[]): boolean {
    const next = new Map(disk);
    for (const { key, value } of entries) {
      if (value === null) next.delete(key);
      else next.set(key, value);
    }
    if (sizeOf(next) > capacity) return false;
    disk = next;
    return true;
  }

  function crash(): void {
    const writes = waiting.filter((effect) => effect.do === 'write');
    const kept = new DataView(clock.seed().buffer).getUint32(0) % (writes.length + 1);
    for (const { entries } of writes.slice(0, kept)) keep(entries);
    waiting = [];
    lives++;
    listener = null;
  }

  return {
    perform,
    listen: (to) => {
      listener = to;
    },
    crash,
    setCapacity: (bytes) => {
      capacity = bytes;
    },
  };
}

function sizeOf(disk: Disk): number {
  let bytes = 0;
  for (const [key, value] of disk) bytes += key.length + value.length;
  return bytes;
}

/** By key, as the real stores do. */
function entriesOf(disk: Disk): StoreEntry[] {
  const keys = [...disk.keys()].sort();
  return keys.map((key) => ({ key, value: disk.get(key)!.slice() }));
}

/** What a disk takes is what the caller has now, not what it makes of it later. */
function copied(effect: StoreEffect): StoreEffect {
  if (effect.do === 'load') return effect;
  const copy = ({ key, value }: StoreEntry) => ({ key, value: value?.slice() ?? null });
  return { ...effect, entries: effect.entries.map(copy) };
}
