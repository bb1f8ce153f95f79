/**
 * `npm run bench:app`: what the app costs its users. Figures inform; only the bundle budget gates (in `npm run check`).
 * With `--json` the only line on stdout is one JSON object, its units in the names: bytes unless they say otherwise.
 */
import { buildApp } from '../../src/devnet/build-app.ts';
import { bundleSize } from '../../tools/bundle-size.ts';

/** Each measures one thing and names its figures. */
const measurements: readonly (() => Promise<Readonly<Record<string, number>>>)[] = [
  async () => ({ ...(await bundleSize(await buildApp())) }),
];

const figures: Record<string, number> = {};
for (const measure of measurements) Object.assign(figures, await measure());

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else for (const [name, value] of Object.entries(figures)) console.log(`${name}: ${value}`);
