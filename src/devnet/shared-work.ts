/** One pool of miners for all headless nodes of a process: a thread costs more memory than a node. */
import { spawnPowWorker } from '../lib/adapters/work/node.ts';
import { createWorkPool } from '../lib/adapters/work/pool.ts';
import type { WorkEvent } from '../lib/protocol/index.ts';
import type { WorkPort } from '../lib/runtime/ports.ts';
import { createSystemClock } from '../lib/runtime/system-clock.ts';

export interface SharedWork {
  /** A node's own end of the pool; `name` is no other node's. */
  port(name: string): WorkPort;
  close(): void;
}

export function createSharedWork(): SharedWork {
  const clock = createSystemClock(globalThis);
  const pool = createWorkPool({ spawn: spawnPowWorker, workers: 1, clock });
  const listeners = new Map<string, (event: WorkEvent) => void>();
  pool.listen((event) => {
    if (event.on === 'miners') {
      for (const tell of listeners.values()) tell(event);
      return;
    }
    const end = event.id.indexOf(' ');
    listeners.get(event.id.slice(0, end))?.({ ...event, id: event.id.slice(end + 1) });
  });
  return {
    port: (name) => ({
      listen: (listener) => {
        listeners.set(name, listener);
      },
      perform: (effect) => {
        pool.perform({ ...effect, id: `${name} ${effect.id}` });
      },
    }),
    close: pool.close,
  };
}
