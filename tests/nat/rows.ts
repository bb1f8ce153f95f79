/**
 * Rides between phones behind routers. Runs inside the public segment, where `tools/nat.ts` starts it: the practice network and a
 * STUN server are here, each browser in a namespace of its own. Prints one JSON line a row.
 *
 *   node tests/nat/rows.ts cone/cone symmetric/cone cone/cone+handover ...
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, type Browser } from '@playwright/test';
import { Phone } from '../e2e/phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from '../e2e/practice-network.ts';
import { launchOn, NETWORK_OPTIONS, startStun } from './inhabitants.ts';
import { ride } from './ride.ts';
import { connectionOf, meetAnew, pairUp, upgraded } from './meeting.ts';
import { nameOf, parseScene, type Scene } from './scene.ts';
import { addSide, replugElsewhere, setRouter, unplug, type Fault, type Kind } from './segments.ts';

export interface Row {
  readonly a: Kind;
  readonly b: Kind;
  /** Only if there were any. */
  readonly faults?: readonly Fault[];
  /** What carried the ride to its end. */
  readonly connection: 'direct' | 'relayed' | null;
  /** ms from the second phone's node running to their being connected. */
  readonly connectMs: number | null;
  /** Paid, with every sat of every wallet accounted for. */
  readonly rideSettled: boolean;
  /** ms from the job being posted to that. */
  readonly rideMs?: number;
  /** ms from the routers' letting them through to their being connected directly; only where that is tried. */
  readonly upgradeMs?: number;
  /** ms from the worker's network being back, at another address, to both having heard each other; with `+handover` only. */
  readonly recoverMs?: number;
  /** Why it went no further. */
  readonly failure?: string;
}

const OUTAGE_MS = 20_000;
/** These routers become cones when the ride is over, as when phones move to another network. */
const UPGRADED = 'symmetric/symmetric';

async function main(scenes: readonly Scene[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'gig-gossip-nat-'));
  const stun = startStun();
  const network = await startPracticeNetwork(...NETWORK_OPTIONS);
  try {
    for (const scene of scenes) {
      const { a, b, faults } = scene;
      addSide('a', a, faults);
      addSide('b', b, faults);
      const had = faults.length > 0 ? { faults } : {};
      const row: Row = { a, b, ...had, ...(await tryRide(network, folder, scene)) };
      console.log(JSON.stringify(row));
    }
  } finally {
    await network.stop();
    stun.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tryRide(
  network: PracticeNetwork,
  folder: string,
  scene: Scene,
): Promise<Omit<Row, 'a' | 'b' | 'faults'>> {
  const hasHandover = scene.faults.includes('handover');
  const found: { connection: Row['connection']; connectMs: number | null } = {
    connection: null,
    connectMs: null,
  };
  const browsers: Browser[] = [];
  const phones: Phone[] = [];
  try {
    for (const side of ['a', 'b'] as const) {
      const browser = await launchOn({ side, url: network.url, folder });
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
    const startMs = Date.now();
    const recoverMs = await ride(network, customer, worker, hasHandover ? moveWorker : null);
    const rode = { rideSettled: true, rideMs: Date.now() - startMs };
    found.connection = await connectionOf(customer, worker);
    for (const { name, errors } of phones) {
      // The browser itself reports every socket that found no network.
      const own = errors.filter((error) => !hasHandover || !/ net::ERR_/.test(error));
      expect(own, `errors on the page of ${name}`).toEqual([]);
    }
    if (recoverMs !== null) return { ...found, ...rode, recoverMs };
    if (nameOf(scene) !== UPGRADED) return { ...found, ...rode };
    for (const side of ['a', 'b'] as const) setRouter(side, 'cone');
    return { ...found, ...rode, upgradeMs: await upgraded(customer, worker) };
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

await main(process.argv.slice(2).map((name) => parseScene(name)!));
