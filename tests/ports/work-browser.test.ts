import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { WorkEffect, WorkEvent } from '../../src/lib/protocol/index.ts';
import { RemotePort } from './bench/bench.ts';
import { startChromiumBench, type ChromiumBench } from './bench/chromium.ts';
import { workSuite } from './work-suite.ts';

describe("work in a browser, under the app's own policy", () => {
  let bench: ChromiumBench;
  beforeAll(async () => {
    bench = await startChromiumBench();
  });
  afterAll(async () => {
    // The worker that is missing on purpose, and nothing the policy refused.
    const notFound = /404 \(Not Found\)|Failed to fetch a worker script/;
    expect(bench.complaints.filter((text) => !notFound.test(text))).toEqual([]);
    await bench.close();
  });

  const world = (where: 'page' | 'worker') => () => {
    const open = (options: { workers: number; url?: string }) =>
      RemotePort.open<WorkEffect, WorkEvent>(bench[where], 'work', options);
    return Promise.resolve({
      open: (workers: number) => open({ workers }),
      openBroken: () => open({ workers: 2, url: './assets/missing.js' }),
      close: () => Promise.resolve(),
    });
  };
  workSuite('started by a page', world('page'));
  workSuite('started by a worker', world('worker'));
});
