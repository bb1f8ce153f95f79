/** `npm test`: everything. Installs browsers if there are none, runs every suite to its end, then adds up. */
import { check, conclude, sum, vitest } from './commands.ts';
import { runCheck } from './check.ts';
import { ensureChromium } from './chromium.ts';
import { runE2e } from './e2e.ts';
import { ensureFirefox } from './firefox.ts';
import { runNat } from './nat.ts';

const browser = await check('Chromium', async () => ({
  ok: true,
  output: '',
  note: await ensureChromium(),
}));
const second = await check('Firefox', async () => ({
  ok: true,
  output: '',
  note: ensureFirefox() ?? 'none, so its ride is skipped',
}));
const suites = [
  await runCheck(),
  await vitest('simulation'),
  await vitest('ports'),
  await runE2e(),
  await runNat(),
];
conclude(sum([browser, second, ...suites]));
