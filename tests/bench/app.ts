/**
 * `npm run bench:app`: what the app costs its users. Figures inform; only the bundle budget gates
 * (in `npm run check`). With `--json` the last line on stdout is one JSON object, its units in the
 * names: bytes unless they say otherwise. Times mean little without the load of the machine, so it
 * is among the figures.
 */
import { availableParallelism, loadavg } from 'node:os';
import { buildApp } from '../../src/devnet/build-app.ts';
import { bundleSize } from '../../tools/bundle-size.ts';
import { measureLighthouse } from './lighthouse.ts';
import { measureRides } from './rides.ts';

type Figures = Readonly<Record<string, number | Readonly<Record<string, number>>>>;

/** Each measures one thing and names its figures. */
const measurements: readonly (() => Promise<Figures>)[] = [
  async () => ({ cores: availableParallelism(), loadAverage: loadavg()[0]! }),
  async () => ({ ...(await bundleSize(await buildApp())) }),
  async () => measureLighthouse(await buildApp()),
  measureRides,
];

const figures: Record<string, Figures[string]> = {};
for (const measure of measurements) Object.assign(figures, await measure());

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else
  for (const [name, value] of Object.entries(figures))
    console.log(`${name}: ${JSON.stringify(value)}`);
