/** `npm start`: builds the app if need be, serves it, prints one URL, ends cleanly on Ctrl-C. */
import { parseArgs } from 'node:util';
import { buildApp } from './build-app.ts';
import { serveApp } from './serve.ts';

const DEFAULT_PORT = 8420;

try {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`--port wants a number from 0 to 65535, not "${values.port}".`);
  }
  const server = await serveApp({ root: await buildApp(), port });
  console.log(server.url);

  let ending = false;
  const end = (): void => {
    if (ending) return; // a Ctrl-C reaches us twice when npm passes it on
    ending = true;
    void server.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
