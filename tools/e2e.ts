/**
 * `npm run e2e`: the built app in real browsers. Arguments go to Playwright. Tests marked `@full` take minutes each: they run with
 * `--full` only, as `npm run e2e:crash` does.
 */
import { pathToFileURL } from 'node:url';
import { buildApp } from '../src/devnet/build-app.ts';
import { ensureChromium } from './chromium.ts';
import { conclude, playwright, type Counts } from './commands.ts';

export async function runE2e(args: readonly string[] = []): Promise<Counts> {
  const CHROMIUM_PATH = await ensureChromium();
  await buildApp();
  const rest = args.filter((arg) => arg !== '--full');
  const which = rest.length < args.length ? [] : ['--grep-invert', '@full'];
  return playwright([...which, ...rest], { CHROMIUM_PATH });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  conclude(await runE2e(process.argv.slice(2)));
}
