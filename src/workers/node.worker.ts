/**
 * The node of this page, off the UI thread: runtime, protocol, disk, wallet and miners. Only libp2p stays with the page, where
 * WebRTC lives.
 */
import { createSealedStore } from '../lib/adapters/secrets/sealed-store.ts';
import { createIndexedDbStore } from '../lib/adapters/store/indexed-db.ts';
import { createNwcWallet } from '../lib/adapters/wallet/nwc.ts';
import { spawnPowWorker } from '../lib/adapters/work/browser.ts';
import { createWorkPool, type WorkPool } from '../lib/adapters/work/pool.ts';
import { workersFor } from '../lib/adapters/work/staffing.ts';
import { NewerStored, nodeSecret, type Command, type NetworkEvent } from '../lib/protocol/index.ts';
import { loadIdentity } from '../lib/runtime/identity.ts';
import type { Port } from '../lib/runtime/ports.ts';
import { startRuntime, type Runtime } from '../lib/runtime/runtime.ts';
import { createSystemClock } from '../lib/runtime/system-clock.ts';
import { createKeeper, type Keeper } from './node-keeper.ts';
import type { FromNodeWorker, ToNodeWorker } from './node-messages.ts';
import powUrl from './pow.worker.ts?worker&url';

let pool: WorkPool | null = null;
let runtime: Runtime | null = null;
let keeper: Keeper | null = null;

const say = (message: FromNodeWorker) => {
  postMessage(message);
};

/** The node's end of a port whose other end is the page. */
function pagePort<Effect, Event>(tell: (effect: Effect) => void) {
  let listener: ((event: Event) => void) | null = null;
  const waiting: Event[] = [];
  const port: Port<Effect, Event> = {
    perform: tell,
    listen(to) {
      listener = to;
      for (const event of waiting.splice(0)) to(event);
    },
  };
  const hear = (event: Event) => {
    if (listener === null) waiting.push(event);
    else listener(event);
  };
  return { port, hear };
}

const peers = pagePort((effect: Extract<FromNodeWorker, { from: 'network' }>['effect']) => {
  say({ from: 'network', effect });
});
const app = pagePort((notice: Extract<FromNodeWorker, { from: 'app' }>['notice']) => {
  say({ from: 'app', notice });
});

onmessage = ({ data }: MessageEvent<ToNodeWorker>) => {
  if (data.to === 'network') (peers.hear as (event: NetworkEvent) => void)(data.event);
  else if (data.to === 'app') (app.hear as (command: Command) => void)(data.command);
  else if (data.to === 'keeper') void tellKeeper(data);
  else if (data.to === 'work') pool?.employ(workersFor(data.surroundings));
  else void start(data).catch(failed);
};

async function tellKeeper({ id, wish }: Extract<ToNodeWorker, { to: 'keeper' }>): Promise<void> {
  if (keeper === null) return;
  say({ from: 'keeper', id, answer: await keeper.answer(wish) });
}

function failed(error: unknown): void {
  const code = error instanceof NewerStored ? 'NEWER_STORED' : 'NO_STORAGE';
  say({ from: 'failed', code, reason: String(error) });
}

/** A while after the start, when the screens are up: the workers come warm. */
const warmMs = 3_000;

async function start({ database, network, surroundings }: Extract<ToNodeWorker, { to: 'start' }>) {
  const clock = createSystemClock(globalThis);
  const store = createSealedStore(createIndexedDbStore({ name: database }));
  keeper = createKeeper({
    store,
    network,
    now: () => clock.now(),
    tell: (kept) => say({ from: 'kept', kept }),
    stop: () => runtime?.stop(),
  });
  await keeper.admitted;
  const secret = await loadIdentity(store, clock);
  pool = createWorkPool({
    spawn: () => spawnPowWorker(powUrl),
    workers: workersFor(surroundings),
    clock,
  });
  clock.at(clock.now() + warmMs, () => pool?.warm());
  say({ from: 'identity', privateKey: nodeSecret(secret) });
  runtime = startRuntime({
    secret,
    network,
    clock,
    store,
    peers: peers.port as never,
    app: app.port as never,
    wallet: createNwcWallet({ network }),
    work: pool,
  });
}
