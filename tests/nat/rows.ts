/**
 * Rides between phones behind routers. Runs inside the public segment, where `tools/nat.ts` starts it: the practice network and a
 * STUN server are here, each browser in a namespace of its own. Prints one JSON line a row.
 *
 *   node tests/nat/rows.ts cone/cone symmetric/cone cone/cone+handover ...
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { chromium, expect, type Browser } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { Phone } from '../e2e/phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from '../e2e/practice-network.ts';
import { ride } from './ride.ts';
import { connectionOf, meetAnew, pairUp, upgraded } from './meeting.ts';
import {
  addSide,
  PUBLIC_ADDRESS,
  phoneNamespace,
  replugElsewhere,
  setRouter,
  unplug,
  type Kind,
  type Side,
} from './segments.ts';

export interface Row {
  readonly a: Kind;
  readonly b: Kind;
  /** What carried the ride to its end. */
  readonly connection: 'direct' | 'relayed' | null;
  /** ms from the second phone's node running to their being connected. */
  readonly connectMs: number | null;
  /** Paid, with every sat of every wallet accounted for. */
  readonly rideSettled: boolean;
  /** ms from the routers' letting them through to their being connected directly; only where that is tried. */
  readonly upgradeMs?: number;
  /** ms from the worker's network being back, at another address, to both having heard each other; with `+handover` only. */
  readonly recoverMs?: number;
  /** Why it went no further. */
  readonly failure?: string;
}

/** Not where relays have theirs, so that what counts is the one which the network names. */
const STUN_PORT = 3480;
const OUTAGE_MS = 20_000;
/** These routers become cones when the ride is over, as when phones move to another network. */
const UPGRADED = 'symmetric/symmetric';

async function main(pairs: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gig-gossip-nat-'));
  const stun = startStun();
  const options = ['--host', PUBLIC_ADDRESS, '--stun', `stun:${PUBLIC_ADDRESS}:${STUN_PORT}`];
  const network = await startPracticeNetwork(...options);
  try {
    for (const pair of pairs) {
      const [routers, extra] = pair.split('+');
      const [a, b] = routers!.split('/') as [Kind, Kind];
      addSide('a', a);
      addSide('b', b);
      const row: Row = {
        a,
        b,
        ...(await tryRide(network, folder, { pair, hasHandover: extra === 'handover' })),
      };
      console.log(JSON.stringify(row));
    }
  } finally {
    await network.stop();
    stun.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Tells browsers the address their packets come from; it relays nothing. */
function startStun() {
  const quiet = ['--no-tls', '--no-dtls', '--no-cli', '--log-file', '/dev/null', '--pidfile', ''];
  const where = ['--listening-ip', PUBLIC_ADDRESS, '--listening-port', String(STUN_PORT)];
  const child = spawn('turnserver', ['-n', '--stun-only', ...where, ...quiet], { stdio: 'ignore' });
  void once(child, 'exit').then(([code]) => {
    if (code !== null && code !== 0) console.error(`the STUN server ended (${String(code)})`);
  });
  return child;
}

async function tryRide(
  network: PracticeNetwork,
  folder: string,
  { pair, hasHandover }: { readonly pair: string; readonly hasHandover: boolean },
): Promise<Omit<Row, 'a' | 'b'>> {
  const found: { connection: Row['connection']; connectMs: number | null } = {
    connection: null,
    connectMs: null,
  };
  const browsers: Browser[] = [];
  const phones: Phone[] = [];
  try {
    for (const side of ['a', 'b'] as const) {
      const browser = await launch(side, network.url, folder);
      browsers.push(browser);
      phones.push(await Phone.open(browser, side));
    }
    const [customer, worker] = phones as [Phone, Phone];
    await Promise.all(phones.map((phone) => phone.follow(network.url)));
    for (const phone of phones) await phone.connectWallet();
    await customer.vouch('customer');
    await worker.vouch('worker');
    await pairUp(customer, worker);
    found.connectMs = await meetAnew(customer, worker);
    found.connection = await connectionOf(customer, worker);
    const recoverMs = await ride(network, customer, worker, hasHandover ? moveWorker : null);
    found.connection = await connectionOf(customer, worker);
    for (const { name, errors } of phones) {
      // The browser itself reports every socket that found no network.
      const own = errors.filter((error) => !hasHandover || !/ net::ERR_/.test(error));
      expect(own, `errors on the page of ${name}`).toEqual([]);
    }
    if (recoverMs !== null) return { ...found, rideSettled: true, recoverMs };
    if (pair !== UPGRADED) return { ...found, rideSettled: true };
    for (const side of ['a', 'b'] as const) setRouter(side, 'cone');
    return { ...found, rideSettled: true, upgradeMs: await upgraded(customer, worker) };
  } catch (error) {
    for (const { name, page, errors } of phones) {
      console.error(`${name}: ${errors.join('\n')}`);
      const path = `.cache/nat-${name}.png`;
      await page.screenshot({ path, fullPage: true }).catch(() => undefined);
    }
    const failure = error instanceof Error ? error.message : String(error);
    return { ...found, rideSettled: false, failure };
  } finally {
    for (const browser of browsers) await browser.close();
  }
}

/** The worker loses its network, and gets another one with other addresses. */
async function moveWorker(): Promise<void> {
  unplug('b');
  await setTimeout(OUTAGE_MS);
  replugElsewhere('b');
}

/** A browser on that side of the world. */
async function launch(side: Side, url: string, folder: string): Promise<Browser> {
  const executablePath = join(folder, `chromium-${side}`);
  const inside = `exec ip netns exec ${phoneNamespace(side)} "${await ensureChromium()}" "$@"\n`;
  await writeFile(executablePath, `#!/bin/sh\n${inside}`, { mode: 0o755 });
  const args = [
    // A phone hides its own addresses from pages.
    ...CHROMIUM_FLAGS.filter((flag) => !flag.includes('WebRtcHideLocalIps')),
    // The app comes over plain http here, which browsers trust on localhost only.
    `--unsafely-treat-insecure-origin-as-secure=${new URL(url).origin}`,
  ];
  return chromium.launch({ executablePath, args });
}

await main(process.argv.slice(2));
