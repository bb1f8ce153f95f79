import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createSqliteStore } from '../../src/lib/adapters/store/sqlite.ts';
import type { StoreEffect, StoreEvent, StorePort } from '../../src/lib/runtime/ports.ts';
import { packed, RemotePort, unpacked, type Caller } from './bench/bench.ts';
import { storeSuite, type StoreWorld } from './store-suite.ts';

/** Stores live in a process of their own, so that it can be killed. */
async function sqliteWorld(): Promise<StoreWorld> {
  const folder = mkdtempSync(join(tmpdir(), 'gig-gossip-store-'));
  let child = await startChild();
  const call: Caller = async (benchCall) => {
    child.send(packed(benchCall));
    const [answer] = (await once(child, 'message')) as [string];
    return unpacked(answer);
  };
  const open = (name: string, maxBytes?: number) => {
    const options = { path: join(folder, name), maxBytes };
    return RemotePort.open<StoreEffect, StoreEvent>(call, 'store', options);
  };
  const kill = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return {
    open: (name) => open(name),
    openSmall: (name) => open(name, 2 ** 16),
    crash: async () => {
      await kill();
      child = await startChild();
    },
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true });
    },
  };
}

async function startChild(): Promise<ChildProcess> {
  const child = fork(new URL('./bench/child.ts', import.meta.url), {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  await once(child, 'spawn');
  return child;
}

storeSuite('store in an SQLite file', sqliteWorld);

describe('store in an SQLite file, badly kept', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gig-gossip-store-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function ask(port: StorePort, effect: StoreEffect): Promise<StoreEvent> {
    const answer = new Promise<StoreEvent>((resolve) => port.listen(resolve));
    port.perform(effect);
    return answer;
  }

  test('a second node cannot have the file of a first, until that one closes', async () => {
    const path = join(folder, 'node');
    const [first, second] = [createSqliteStore({ path }), createSqliteStore({ path })];
    expect((await ask(first, { do: 'load', id: 1 })).on).toBe('loaded');
    expect((await ask(second, { do: 'load', id: 2 })).on).toBe('storeFailed');
    first.close();
    expect((await ask(second, { do: 'load', id: 3 })).on).toBe('loaded');
    second.close();
  });

  test('a file that cannot be opened fails every effect, and works once it can', async () => {
    const port = createSqliteStore({ path: join(folder, 'later', 'node') });
    expect((await ask(port, { do: 'load', id: 1 })).on).toBe('storeFailed');
    expect((await ask(port, { do: 'write', id: 2, entries: [] })).on).toBe('storeFailed');
    mkdirSync(join(folder, 'later'));
    expect((await ask(port, { do: 'load', id: 3 })).on).toBe('loaded');
    port.close();
  });
});
