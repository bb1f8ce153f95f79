/**
 * `npm run lab`: phones to test with, each a browser page with a wallet of a practice network, driven by a script or by hand.
 * `--help` tells the options. Exits with 1 if its script failed or a phone died, with 2 if it was asked for what it cannot do.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildApp } from '../src/devnet/build-app.ts';
import { parseLab, USAGE, type LabOptions } from '../tests/lab/options.ts';
import { runLab } from '../tests/lab/run.ts';
import { PUBLIC } from '../tests/nat/segments.ts';
import { openWorld, whyNoRouters } from '../tests/nat/world.ts';
import { ensureChromium } from './chromium.ts';
import { root } from './commands.ts';

const options = read();
if (options.behind === null) {
  await ensureChromium();
  await buildApp();
  process.exit(await runLab(options).catch(refuse));
}
const reason = whyNoRouters();
if (reason !== null) refuse(`--behind: ${reason}`);
await ensureChromium();
await buildApp();
await openWorld().catch(refuse);
const inside = [process.execPath, 'tests/lab/main.ts', ...process.argv.slice(2)];
const child = spawn('ip', ['netns', 'exec', PUBLIC, ...inside], { cwd: root, stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // A terminal's Ctrl-C reaches it without us.
  process.on(signal, () => (signal === 'SIGINT' && process.stdin.isTTY) || child.kill(signal));
}
const [code] = (await once(child, 'exit')) as [number | null];
process.exit(code ?? 1);

function read(): LabOptions {
  try {
    const parsed = parseLab(process.argv.slice(2));
    if (parsed !== null) return parsed;
    console.log(USAGE);
    process.exit(0);
  } catch (error) {
    return refuse(error);
  }
}

function refuse(reason: unknown): never {
  console.error(reason instanceof Error ? reason.message : reason);
  process.exit(2);
}
