/** When two phones meet, and how: as their own Node screens tell it, and as the browser counts it. */
import type { Phone } from '../e2e/phone.ts';
import { expect } from '@playwright/test';

/** ms for two phones that are on the same relay to find each other; a punch that fails takes 20 s of it. */
const MEETING_MS = 90_000;

/** ms for both screens and both browsers to agree on what is direct. */
const AGREEING_MS = 20_000;

/** ms to the third try for a direct path: the second is a minute after the first, the third two minutes later. */
const UPGRADE_MS = 240_000;

/** A peer's row on the Node screen of a phone that is connected to it. */
function row(phone: Phone, key: string) {
  return phone.page.locator(`[data-testid="peer-${key}"][data-connected="true"]`);
}

/** Gossip goes between these two only, so that a ride shows what their connection carries. */
export async function pairUp(one: Phone, other: Phone): Promise<void> {
  const [a, b] = [await one.peerKey(), await other.peerKey()];
  await one.command({ command: 'setPolicy', policy: { allowPeers: [b] } });
  await other.command({ command: 'setPolicy', policy: { allowPeers: [a] } });
}

/** Opens `late`'s page anew; answers the ms from its node running to its being connected to `waiting`. */
export async function meetAnew(waiting: Phone, late: Phone): Promise<number> {
  const key = await waiting.peerKey();
  await late.kill();
  await late.context.addInitScript(watchMeeting, key);
  await late.reopen('#/node');
  await expect(row(late, key)).toBeVisible({ timeout: MEETING_MS });
  await waiting.go('#/node');
  await expect(row(waiting, await late.peerKey())).toBeVisible({ timeout: MEETING_MS });
  return late.page.evaluate(() => (globalThis as unknown as { metAfterMs: number }).metAfterMs);
}

/** How these two are connected now: what both screens say, which must be what the browsers count. */
export async function connectionOf(one: Phone, other: Phone): Promise<'direct' | 'relayed'> {
  const keys = [await one.peerKey(), await other.peerKey()] as const;
  const look = async () => {
    const said = [await sayings(one, keys[1]), await sayings(other, keys[0])].flat();
    return said.join();
  };
  let said = '';
  // A connection that waits for an answer that was lost counts as none for a moment.
  await expect
    .poll(async () => (said = await look()), { timeout: AGREEING_MS, intervals: [1_000] })
    .toMatch(/^(true,true,true,true|false,false,false,false)$/);
  return said.startsWith('true') ? 'direct' : 'relayed';
}

/** Is it direct? What the screen says, and what the browser counts. */
async function sayings(phone: Phone, key: string): Promise<string[]> {
  await phone.go('#/node');
  await expect(row(phone, key)).toBeVisible({ timeout: MEETING_MS });
  const onScreen = await row(phone, key).getAttribute('data-direct');
  return [String(onScreen), String((await phone.directConnections()) > 0)];
}

/** Waits for a relayed connection to become direct; answers how many ms that took. */
export async function upgraded(one: Phone, other: Phone): Promise<number> {
  const startMs = Date.now();
  const key = await other.peerKey();
  await one.go('#/node');
  await expect(row(one, key)).toHaveAttribute('data-direct', 'true', { timeout: UPGRADE_MS });
  const tookMs = Date.now() - startMs;
  if ((await connectionOf(one, other)) !== 'direct') throw new Error('it is relayed again');
  return tookMs;
}

/** Runs in the page before the app: the ms from the node's first sign of life to that peer's being connected. */
function watchMeeting(key: string): void {
  let startMs: number | null = null;
  const watcher = new MutationObserver(() => {
    if (document.querySelector('[data-testid="peer-key"]') !== null) startMs ??= performance.now();
    const row = `[data-testid="peer-${key}"][data-connected="true"]`;
    if (startMs === null || document.querySelector(row) === null) return;
    watcher.disconnect();
    Object.assign(globalThis, { metAfterMs: Math.round(performance.now() - startMs) });
  });
  watcher.observe(document, { subtree: true, childList: true, attributes: true });
}
