/** One Chromium for everything that needs a browser: end-to-end tests, port suites, benchmarks. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { asRoot, command, installFromDebian, program } from './installing.ts';

/** Quiet (no look-ups of its own), steady in the background, and direct between pages on one machine. */
export const CHROMIUM_FLAGS: readonly string[] = [
  ...(asRoot ? ['--no-sandbox'] : []), // Chromium refuses to run as root inside its sandbox
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding',
  '--disable-backgrounding-occluded-windows',
  '--disable-features=WebRtcHideLocalIpsWithMdns', // pages here find each other without multicast
];

/** Path of a Chromium that runs: CHROMIUM_PATH, the system's, Playwright's, or one installed now. */
export async function ensureChromium(): Promise<string> {
  const chosen = process.env.CHROMIUM_PATH;
  if (chosen !== undefined) return chosen;
  const found = systemChromium() ?? playwrightChromium();
  if (found !== undefined) return remember(found);

  console.error('Installing Chromium (once) ...');
  const installed = installDebians() ?? installFromPlaywright();
  if (installed !== undefined) return remember(installed);
  throw new Error(
    'No Chromium to test with, and none could be installed (see above): install one, or set CHROMIUM_PATH.',
  );
}

/** So that processes started by this one need not look again. */
function remember(path: string): string {
  process.env.CHROMIUM_PATH = path;
  return path;
}

function systemChromium(): string | undefined {
  return program(
    ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'],
    [
      '/Applications/Chromium.app/Contents/MacOS/Chromium',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    ],
  );
}

function playwrightChromium(): string | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

function installDebians(): string | undefined {
  return installFromDebian(['chromium', 'fonts-liberation']) ? systemChromium() : undefined;
}

function installFromPlaywright(): string | undefined {
  const cli = resolve(import.meta.dirname, '../node_modules/@playwright/test/cli.js');
  const withLibraries = asRoot && process.platform === 'linux' ? ['--with-deps'] : [];
  command(process.execPath, [cli, 'install', ...withLibraries, 'chromium']);
  return playwrightChromium();
}
