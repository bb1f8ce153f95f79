import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { StoreEffect, StoreEvent } from '../../src/lib/runtime/ports.ts';
import { RemotePort } from './bench/bench.ts';
import { startChromiumBench, type ChromiumBench } from './bench/chromium.ts';
import { storeSuite } from './store-suite.ts';

describe('store in IndexedDB', () => {
  let bench: ChromiumBench;
  beforeAll(async () => {
    bench = await startChromiumBench();
  });
  afterAll(async () => {
    expect(bench.complaints).toEqual([]);
    await bench.close();
  });

  const world = (where: 'page' | 'worker') => () => {
    const open = async (place: 'home' | 'small', name: string) => {
      await bench.visit(place);
      const options = { name: `${where}/${name}` };
      return RemotePort.open<StoreEffect, StoreEvent>(bench[where], 'store', options);
    };
    return Promise.resolve({
      open: (name: string) => open('home', name),
      openSmall: (name: string) => open('small', name),
      crash: () => bench.crash(),
      close: () => Promise.resolve(),
    });
  };
  storeSuite('of a page', world('page'));
  storeSuite('of a worker', world('worker'));
});
