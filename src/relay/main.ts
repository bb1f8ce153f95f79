/** `npm run relay`: a relay for a public machine. docs/relay.md tells how to run one. */
import { parseArgs } from 'node:util';
import { startRelay } from './relay.ts';
import { readKey, readSettings } from './settings.ts';
import { startStatus } from './status.ts';
import { startStun } from './stun.ts';

try {
  await run();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

async function run(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  const set = readSettings(process.env, values.config ?? null);
  const privateKey = await readKey(set.keyFile);
  const { host, port, announce, limits } = set;
  const relay = await startRelay({ host, port, announce, limits, privateKey });
  const stun = set.stunPort === 0 ? null : await startStun(host, set.stunPort);
  let state: 'ready' | 'draining' = 'ready';
  const status = await startStatus(
    { host: set.statusHost, port: set.statusPort },
    {
      relay: relay.numbers,
      stunAnswered: () => stun?.answered() ?? 0,
      state: () => state,
    },
  );
  for (const address of relay.addresses) console.log(address);
  console.log(`${status.url}/healthz`);
  console.log(`${status.url}/metrics`);
  if (stun) console.log(`STUN on UDP port ${stun.port}`);

  let askedMs = 0;
  const stop = async () => {
    // Whoever asks again does not want to wait; but one Ctrl-C reaches us twice when npm passes it on.
    if (state === 'draining') return Date.now() - askedMs > 1_000 ? process.exit(1) : undefined;
    state = 'draining';
    askedMs = Date.now();
    console.log(`Letting nobody new in; closing within ${set.drainMs / 1_000} s.`);
    await relay.drain(set.drainMs);
    await Promise.all([stun?.close(), status.close()]);
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop());
}
