/** Whether a node has run on this device, and when the network of one that has not begins. */

/** Set once a node has run here, so that a link cannot quietly rewire a node somebody already uses. */
export const usedKey = 'gig-gossip:used';

/** ms in which somebody who comes for the first time may read, before libp2p takes the page's thread. */
const READING_MS = 3_000;

/** At once where a node has run before; else with the first touch or key, or when the first screen has been read a little. */
export async function networkTime(page: Window): Promise<void> {
  if (page.localStorage.getItem(usedKey) !== null) return;
  await new Promise<void>((resolve) => {
    const begin = () => resolve();
    page.setTimeout(begin, READING_MS);
    for (const event of ['pointerdown', 'keydown', 'hashchange'] as const) {
      page.addEventListener(event, begin, { once: true, passive: true });
    }
  });
}
