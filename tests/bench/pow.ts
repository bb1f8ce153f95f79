/**
 * `npm run bench:pow`: how fast proof of work is, ours and others', in workers of a browser and in threads of Node. MH/s for
 * every second that a hashing thread had a core, medians of rounds in which each had its turn; `openssl` is native code on one
 * core. With `--json` the last line on stdout is one JSON object of the figures.
 */
import { spawnSync } from 'node:child_process';
import { buildKernel } from '../../src/devnet/build-kernel.ts';
import { chromiumBench } from './pow/chromium.ts';
import { measure, type Bench } from './pow/measure.ts';
import { nodeBench } from './pow/node.ts';

await buildKernel();
const places = { chromium: chromiumBench, node: nodeBench };

const figures: Record<string, Record<string, number> | number> = {};
for (const [place, open] of Object.entries(places)) figures[place] = await measured(open);
const native = opensslRate();
if (native !== null) figures.openssl = native;

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else show();

async function measured(open: () => Promise<Bench>) {
  const bench = await open();
  try {
    return await measure(bench);
  } finally {
    await bench.close();
  }
}

/** Of messages as long as ours; null where there is no openssl. */
function opensslRate(): number | null {
  const bytes = 40;
  const speed = ['speed', '-evp', 'sha256', '-bytes', String(bytes), '-seconds', '1'];
  const { status, stdout } = spawnSync('openssl', speed, { encoding: 'utf8' });
  const kilobytes = /^sha256\s+([\d.]+)k/im.exec(stdout ?? '')?.[1];
  if (status !== 0 || kilobytes === undefined) return null;
  return Math.round(Number(kilobytes) / bytes / 10) / 100;
}

function show(): void {
  for (const [place, rates] of Object.entries(figures)) {
    if (typeof rates === 'number') {
      console.log(`${place}: ${rates} MH/s`);
      continue;
    }
    console.log(`${place}:`);
    for (const [name, rate] of Object.entries(rates)) {
      const ratio = (rates.simd! / rate).toFixed(1);
      console.log(`  ${name.padEnd(10)} ${rate.toFixed(2).padStart(6)} MH/s, simd is ${ratio} x`);
    }
  }
}
