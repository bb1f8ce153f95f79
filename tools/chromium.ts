/** One Chromium for everything that needs a browser: end-to-end tests, port suites, benchmarks. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { chromium } from '@playwright/test';

const asRoot = process.getuid?.() === 0;

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
  const installed = installFromDebian() ?? installFromPlaywright();
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
  const names = ['chromium', 'google-chrome-stable', 'google-chrome', 'chromium-browser'];
  const folders = (process.env.PATH ?? '').split(delimiter);
  const candidates = names.flatMap((name) => folders.map((folder) => join(folder, name)));
  candidates.push('/Applications/Chromium.app/Contents/MacOS/Chromium');
  candidates.push('/Applications/Google Chrome.app/Contents/MacOS/Google Chrome');
  return candidates.find((path) => existsSync(path) && runs(path));
}

function playwrightChromium(): string | undefined {
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}

/** Some systems have a stand-in that only says how to install the real one. */
function runs(path: string): boolean {
  return spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0;
}

function installFromDebian(): string | undefined {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  if (!asRoot || !/^ID=debian$/m.test(release)) return undefined;
  command('apt-get', ['update']);
  command('apt-get', ['install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation']);
  return systemChromium();
}

function installFromPlaywright(): string | undefined {
  const cli = resolve(import.meta.dirname, '../node_modules/@playwright/test/cli.js');
  const withLibraries = asRoot && process.platform === 'linux' ? ['--with-deps'] : [];
  command(process.execPath, [cli, 'install', ...withLibraries, 'chromium']);
  return playwrightChromium();
}

/** Runs an installer; its talk is shown only when it fails. */
function command(name: string, args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, error, stdout, stderr } = spawnSync(name, args, { env, maxBuffer: 64 << 20 });
  if (status !== 0) console.error(error?.message ?? `${name} failed:\n${stdout}${stderr}`);
}
