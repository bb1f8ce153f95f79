/** `npm run e2e`: the built app in real browsers. Arguments go to Playwright. */
import { pathToFileURL } from 'node:url';
import { buildApp } from '../src/devnet/build-app.ts';
import { ensureChromium } from './chromium.ts';
import { conclude, playwright, type Counts } from './commands.ts';

export async function runE2e(args: readonly string[] = []): Promise<Counts> {
  const CHROMIUM_PATH = await ensureChromium();
  await buildApp();
  return playwright(args, { CHROMIUM_PATH });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  conclude(await runE2e(process.argv.slice(2)));
}
