import { describe, expect, test } from 'vitest';
import type { StoreEntry } from '../../src/lib/protocol/index.ts';
import type { StoreEvent, StorePort } from '../../src/lib/runtime/ports.ts';
import { createMemoryStore, type MemoryStore } from '../../src/simulator/store.ts';
import { virtualClock, type VirtualClock } from './bench/virtual-clock.ts';
import { storeSuite, type OpenStore, type StoreWorld } from './store-suite.ts';

function memoryWorld(): StoreWorld {
  const clock = virtualClock();
  const disks = new Map<string, MemoryStore>();
  const diskOf = (name: string) => {
    const disk = disks.get(name) ?? createMemoryStore({ clock });
    disks.set(name, disk);
    return disk;
  };
  return {
    open: (name) => Promise.resolve(overPort(diskOf(name), clock)),
    openSmall: (name) => {
      diskOf(name).setCapacity(2 ** 16);
      return Promise.resolve(overPort(diskOf(name), clock));
    },
    crash: () => {
      for (const disk of disks.values()) disk.crash();
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** A port of this process as the suite wants it; waiting is what makes time go on. */
function overPort(port: StorePort, clock: VirtualClock): OpenStore {
  const events: StoreEvent[] = [];
  port.listen((event) => events.push(event));
  return {
    perform: (effect) => {
      port.perform(effect);
      return Promise.resolve(events.length);
    },
    events: () => Promise.resolve(events),
    until: (done) => {
      clock.run();
      if (!done(events)) throw new Error('nothing is left to wait for');
      return Promise.resolve(events);
    },
    close: () => Promise.resolve(),
  };
}

storeSuite('store in memory', () => Promise.resolve(memoryWorld()));

describe('store in memory, when the device dies', () => {
  /** What a restart finds of ten writes that nobody was told of. */
  function leftAfterCrash(firstSeed: number): readonly StoreEntry[] {
    const clock = virtualClock(firstSeed);
    const disk = createMemoryStore({ clock });
    const heard: StoreEvent[] = [];
    disk.listen((event) => heard.push(event));
    for (let i = 0; i < 10; i++) {
      disk.perform({ do: 'write', id: i, entries: [{ key: `${i}`, value: Uint8Array.of(i) }] });
    }
    disk.crash();
    clock.run();
    expect(heard).toEqual([]);
    disk.listen((event) => heard.push(event));
    disk.perform({ do: 'load', id: 10 });
    clock.run();
    const [event] = heard;
    return event?.on === 'loaded' ? event.entries : [];
  }

  test('it keeps the first few writes, no later one without an earlier, the same by seed', () => {
    const seeds = Array.from({ length: 20 }, (_, i) => i + 1);
    const left = seeds.map(leftAfterCrash);
    for (const entries of left) {
      expect(entries.map(({ key }) => key)).toEqual(entries.map((_, i) => `${i}`));
    }
    expect(new Set(left.map((entries) => entries.length)).size).toBeGreaterThan(3);
    expect(seeds.map(leftAfterCrash)).toEqual(left);
  });
});
