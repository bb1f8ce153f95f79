/** What the phones' pages run in: one browser for all of them, or, behind routers, one in each namespace. */
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import type { Phone } from '../e2e/phone.ts';
import { launchOn, startStun } from '../nat/inhabitants.ts';
import { addSide, phoneNamespace, SIDES, type Side } from '../nat/segments.ts';
import type { LabOptions, Router } from './options.ts';

export interface Browsers {
  /** Windows are open. */
  readonly headed: boolean;
  /** Of the phone of that number, from 1 on. */
  readonly browserOf: (number: number) => Promise<Browser>;
  /** Where a person, or another program, drives that phone as it is now. */
  readonly handleOf: (phone: Phone, number: number) => Promise<string>;
  readonly close: () => Promise<void>;
}

export async function startBrowsers(options: LabOptions, url: string): Promise<Browsers> {
  const headed = options.headed && hasDisplay();
  const how = { headless: !headed, ...ownSignals };
  return options.behind === null ? startOne(how) : startMany(options.behind, { url, ...how });
}

interface How {
  readonly headless: boolean;
}

/** We close browsers ourselves, when pictures and traces are kept. */
const ownSignals = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };

/** Windows need one; a Linux without it has neither variable. */
export function hasDisplay(): boolean {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  return process.platform !== 'linux' || Boolean(DISPLAY) || Boolean(WAYLAND_DISPLAY);
}

async function startOne(how: How): Promise<Browsers> {
  const port = await freePort();
  const args = [...CHROMIUM_FLAGS, ...doorFlags(port)];
  const executablePath = await ensureChromium();
  const browser = await chromium.launch({ executablePath, args, ...how });
  return {
    headed: !how.headless,
    browserOf: () => Promise.resolve(browser),
    handleOf: (phone) => handleAt(phone, port),
    close: () => browser.close(),
  };
}

/** The same in each namespace, where nothing else listens. */
const NAMESPACE_PORT = 9222;

async function startMany(router: Router, how: How & { readonly url: string }): Promise<Browsers> {
  const folder = await mkdtemp(join(tmpdir(), 'gig-gossip-lab-'));
  const stun = startStun();
  const browsers: Browser[] = [];
  return {
    headed: !how.headless,
    async browserOf(number) {
      const side = sideOf(number);
      addSide(side, router);
      const browser = await launchOn({ side, folder, ...how, flags: doorFlags(NAMESPACE_PORT) });
      browsers.push(browser);
      return browser;
    },
    async handleOf(phone, number) {
      const handle = await handleAt(phone, NAMESPACE_PORT);
      return `${handle}, seen from inside: ip netns exec ${phoneNamespace(sideOf(number))} ...`;
    },
    async close() {
      for (const browser of browsers) await browser.close();
      stun.kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function sideOf(number: number): Side {
  return SIDES[number - 1]!;
}

/** For DevTools of another browser, and for `connectOverCDP`. */
function doorFlags(port: number): readonly string[] {
  return [
    `--remote-debugging-port=${port}`,
    // The inspector that the browser itself serves, and no other page.
    `--remote-allow-origins=http://127.0.0.1:${port}`,
  ];
}

async function handleAt({ context, page }: Phone, port: number): Promise<string> {
  const session = await context.newCDPSession(page);
  const { targetInfo } = await session.send('Target.getTargetInfo');
  await session.detach();
  const at = `127.0.0.1:${port}`;
  return `http://${at}/devtools/inspector.html?ws=${at}/devtools/page/${targetInfo.targetId}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
