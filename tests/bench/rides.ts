/**
 * Rides on one machine: an ordinary practice network, a customer's page and a worker's. People take
 * no time here: the worker's page offers as soon as it hears, and each wait starts at the
 * customer's tap.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { chromium, type Browser } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from '../../tools/chromium.ts';
import { Phone } from '../e2e/phone.ts';
import { startPracticeNetwork, type PracticeNetwork } from '../e2e/practice-network.ts';
import { heapOf, msFromTap, patienceMs } from './page.ts';
import { childRunning, residentBytes } from './processes.ts';

/** Odd, so that a median is one of them. */
const rides = 9;

/** The app is built before this is called, or the network would build it first. */
export async function measureRides(): Promise<Record<string, number>> {
  const executablePath = await ensureChromium();
  const startMs = performance.now();
  const network = await startPracticeNetwork();
  const devnetReadyMs = Math.round(performance.now() - startMs);
  let browser: Browser | null = null;
  try {
    const fresh = await devnetBytes();
    browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
    const pages = await measurePages(browser, network);
    const used = await devnetBytes();
    const devnet = fresh && used ? { devnetReadyRssBytes: fresh, devnetRssBytes: used } : {};
    return { devnetReadyMs, ...devnet, ...pages };
  } finally {
    await browser?.close();
    await network.stop();
  }
}

/** Of the network's two processes, main and Lightning; 0 where the system does not tell. */
async function devnetBytes(): Promise<number> {
  const pid = await childRunning('src/devnet/main.ts');
  return pid === undefined ? 0 : residentBytes(pid);
}

async function measurePages(browser: Browser, network: PracticeNetwork) {
  const customer = await Phone.join(browser, 'customer', network.url);
  const worker = await Phone.join(browser, 'worker', network.url);
  const connectWalletMs = await connectWallet(customer);
  await worker.connectWallet();
  await customer.vouch('customer');
  await worker.vouch('worker');
  await offerToAll(worker);

  const times: Ride[] = [];
  while (times.length < rides) {
    times.push(await ride(customer));
    await allAtRest(network);
  }
  const heap = await heapOf(customer.page);
  return {
    connectWalletMs,
    rides,
    postToFirstOfferMs: median(times.map(({ postToFirstOfferMs }) => postToFirstOfferMs)),
    acceptToContactMs: median(times.map(({ acceptToContactMs }) => acceptToContactMs)),
    pageHeapBytes: heap.page + heap.node + heap.miners,
    pageThreadHeapBytes: heap.page,
    nodeWorkerHeapBytes: heap.node,
    miningWorkersHeapBytes: heap.miners,
    pageBufferBytes: heap.buffers,
  };
}

/** From one tap to a wallet that is ready. */
async function connectWallet(phone: Phone): Promise<number> {
  await phone.go('#/node/wallet');
  await phone.at('wallet-play').waitFor();
  return msFromTap(phone.page, id('wallet-play'), id('wallet-ready'));
}

interface Ride {
  readonly postToFirstOfferMs: number;
  readonly acceptToContactMs: number;
}

/** One job from posting to settling, at the customer's page. */
async function ride(customer: Phone): Promise<Ride> {
  const { page } = customer;
  await customer.go('#/hire/new');
  await customer.at('post-pickup').fill('u2yhvdp');
  await customer.at('post-dropoff').fill('u2yj2b3');
  const postToFirstOfferMs = await msFromTap(page, id('post-submit'), id('offer-price'));
  await page.locator('[data-testid^="offer-choose-"]').first().click();
  await page.locator(accept).first().waitFor();
  const acceptToContactMs = await msFromTap(page, accept, id('contact-text'));
  await customer.at('job-confirm').click();
  await customer.at('job-confirm-yes').click();
  const settled = customer.at('journey-title').filter({ hasText: /^Settled$/ });
  await settled.waitFor({ timeout: patienceMs });
  return { postToFirstOfferMs, acceptToContactMs };
}

const accept = '[data-testid^="offer-accept-"]';

/** From now on the worker's page offers to do whatever it hears of, by itself. */
async function offerToAll(worker: Phone): Promise<void> {
  await worker.go('#/work');
  await worker.page.evaluate(() => {
    const { gigGossip } = globalThis as unknown as { gigGossip: { send(command: object): void } };
    const offered = new Set<string>();
    const offer = (payloadId: string) => {
      if (offered.has(payloadId)) return;
      offered.add(payloadId);
      const contactText = 'Ola, white Skoda, 600 100 200';
      gigGossip.send({ command: 'makeOffer', payloadId, priceMsat: 12_000_000n, contactText });
    };
    new MutationObserver(() => {
      for (const job of document.querySelectorAll<HTMLElement>('[data-testid^="heard-"][href]')) {
        offer(job.dataset.testid!.slice('heard-'.length));
      }
    }).observe(document, { subtree: true, childList: true });
  });
}

/** Waits until nothing is in flight, so that one ride's end does not slow the next one's start. */
async function allAtRest(network: PracticeNetwork): Promise<void> {
  const flying = async () =>
    (await network.wallets()).some((wallet) => wallet.incomingMsat + wallet.outgoingMsat > 0n);
  const tillMs = performance.now() + patienceMs;
  while (await flying()) {
    if (performance.now() > tillMs) throw new Error('a payment stays in flight after its ride');
    await pause(250);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

const id = (testId: string) => `[data-testid="${testId}"]`;
