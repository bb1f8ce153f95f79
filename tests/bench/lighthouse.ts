/**
 * Lighthouse on the built app, served with its own headers, with Lighthouse's settings for phones: how it scores, 0 to 100.
 * Its phone is a processor that is slowed down, so many times as makes this machine one: as Lighthouse's own guide to
 * calibration says, from the benchmark that Lighthouse runs first. The middle one of three runs counts.
 */
import puppeteer, { type Browser, type Page } from 'puppeteer-core';
import { serveApp } from '../../src/devnet/serve.ts';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';

const categories = {
  performance: 'performance',
  accessibility: 'accessibility',
  bestPractices: 'best-practices',
  seo: 'seo',
} as const;

type Scores = Readonly<Record<keyof typeof categories, number>>;

/** The little of a report that counts here. */
interface Report {
  readonly lhr: {
    readonly categories: Readonly<Record<string, { readonly score: number | null }>>;
    readonly environment: { readonly benchmarkIndex: number };
  };
}

interface Flags {
  readonly onlyCategories: readonly string[];
  readonly throttling?: { readonly cpuSlowdownMultiplier: number };
}

type Lighthouse = (
  url: string,
  flags: Flags,
  config: undefined,
  page: Page,
) => Promise<Report | undefined>;

/** Named so, its types, which are those of a whole browser's insides, are not read. */
const PACKAGE: string = 'lighthouse';

export async function measureLighthouse(root: string) {
  const { default: lighthouse } = (await import(PACKAGE)) as unknown as {
    readonly default: Lighthouse;
  };
  const server = await serveApp({ root, port: 0 });
  try {
    const run = (slowdown?: number) => inNewBrowser(lighthouse, server.url, slowdown);
    const { benchmarkIndex } = (await run()).environment;
    const slowdown = slowdownOf(benchmarkIndex);
    const all: Scores[] = [];
    for (let time = 0; time < 3; time += 1) all.push(scoresOf(await run(slowdown)));
    all.sort((a, b) => a.performance - b.performance);
    return { lighthouse: all[1]!, lighthouseCpuSlowdown: slowdown, benchmarkIndex };
  } finally {
    await server.close();
  }
}

/** What Lighthouse's calculator makes of a benchmark for a phone of the middle class, with one decimal. */
function slowdownOf(benchmarkIndex: number): number {
  const times =
    benchmarkIndex >= 1300
      ? 3 + (benchmarkIndex - 1300) / 233
      : benchmarkIndex >= 800
        ? 2 + (benchmarkIndex - 800) / 500
        : 1 + Math.max(0, benchmarkIndex - 150) / 650;
  return Math.round(times * 10) / 10;
}

/** As somebody sees it who comes for the first time. */
async function inNewBrowser(
  lighthouse: Lighthouse,
  url: string,
  slowdown?: number,
): Promise<Report['lhr']> {
  const browser: Browser = await puppeteer.launch({
    executablePath: await ensureChromium(),
    args: [...CHROMIUM_FLAGS],
  });
  try {
    const flags: Flags = {
      onlyCategories: Object.values(categories),
      ...(slowdown === undefined
        ? {}
        : { throttling: { ...PHONE, cpuSlowdownMultiplier: slowdown } }),
    };
    const report = await lighthouse(url, flags, undefined, await browser.newPage());
    if (report === undefined) throw new Error('Lighthouse made no report');
    return report.lhr;
  } finally {
    await browser.close();
  }
}

/** Lighthouse's phone, whose numbers must be given whole if one differs: slow 4G. */
const PHONE = {
  rttMs: 150,
  throughputKbps: 1638.4,
  requestLatencyMs: 562.5,
  downloadThroughputKbps: 1474.56,
  uploadThroughputKbps: 675,
};

function scoresOf(report: Report['lhr']): Scores {
  const scores = Object.entries(categories).map(([name, id]) => [
    name,
    Math.round((report.categories[id]?.score ?? 0) * 100),
  ]);
  return Object.fromEntries(scores) as unknown as Scores;
}
