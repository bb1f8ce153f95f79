/** `npm start`: builds the app if need be, starts a practice network, says what to do with it, ends cleanly on Ctrl-C. */
import { isIPv4 } from 'node:net';
import { parseArgs } from 'node:util';
import { buildApp } from './build-app.ts';
import { startDevnet } from './devnet.ts';

const DEFAULT_PORT = 8420;

try {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      host: { type: 'string' },
      stun: { type: 'string', multiple: true },
      bare: { type: 'boolean', default: false },
    },
  });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port wants a number from 0 to 65535, not "${values.port}".`);
  }
  const { host, stun = [], bare } = values;
  if (host !== undefined && !isIPv4(host)) {
    throw new Error(`--host wants an address like 192.0.2.7, not "${host}".`);
  }
  const where = host === undefined ? {} : { host };
  const devnet = await startDevnet({ app: await buildApp(), port, stun, bare, ...where });
  console.log(devnet.url);
  console.log('Customer: open it, tap "Use a play-money wallet", then post a ride.');
  console.log(
    `Worker: open ${devnet.url.replace('localhost', 'worker.localhost')} and make an offer.`,
  );
  console.log(
    devnet.deskUrl === null
      ? 'Settler: none here; open a third window and become one under "Settle".'
      : `Settler: its desk is ${devnet.deskUrl.replace('localhost', 'settler.localhost')}`,
  );

  let ending = false;
  const end = (): void => {
    if (ending) return; // a Ctrl-C reaches us twice when npm passes it on
    ending = true;
    void devnet.stop().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
