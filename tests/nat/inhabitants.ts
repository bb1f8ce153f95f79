/** What runs in the segments beside the practice network: a STUN server in the public one, a browser on each side. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { PUBLIC_ADDRESS, phoneNamespace, type Side } from './segments.ts';

/** Not where relays have theirs, so that what counts is the one which the network names. */
const STUN_PORT = 3480;

/** The practice network's options there. */
export const NETWORK_OPTIONS: readonly string[] = [
  ...['--host', PUBLIC_ADDRESS],
  ...['--stun', `stun:${PUBLIC_ADDRESS}:${STUN_PORT}`],
];

/** Tells browsers the address their packets come from; it relays nothing. */
export function startStun(): ChildProcess {
  const quiet = ['--no-tls', '--no-dtls', '--no-cli', '--log-file', '/dev/null', '--pidfile', ''];
  const where = ['--listening-ip', PUBLIC_ADDRESS, '--listening-port', String(STUN_PORT)];
  const child = spawn('turnserver', ['-n', '--stun-only', ...where, ...quiet], { stdio: 'ignore' });
  void once(child, 'exit').then(([code]) => {
    if (code !== null && code !== 0) console.error(`the STUN server ended (${String(code)})`);
  });
  return child;
}

export interface BrowserOn {
  readonly side: Side;
  /** Of the practice network. */
  readonly url: string;
  /** For the script that enters the namespace. */
  readonly folder: string;
  readonly flags?: readonly string[];
  readonly headless?: boolean;
}

/** A browser on that side of the world. */
export async function launchOn(options: BrowserOn): Promise<Browser> {
  const { side, url, folder, flags = [], headless = true } = options;
  const executablePath = join(folder, `chromium-${side}`);
  const inside = `exec ip netns exec ${phoneNamespace(side)} "${await ensureChromium()}" "$@"\n`;
  await writeFile(executablePath, `#!/bin/sh\n${inside}`, { mode: 0o755 });
  const args = [
    // A phone hides its own addresses from pages.
    ...CHROMIUM_FLAGS.filter((flag) => !flag.includes('WebRtcHideLocalIps')),
    // The app comes over plain http here, which browsers trust on localhost only.
    `--unsafely-treat-insecure-origin-as-secure=${new URL(url).origin}`,
    ...flags,
  ];
  return chromium.launch({ executablePath, args, headless });
}
