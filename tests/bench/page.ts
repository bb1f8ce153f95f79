/** One page of the app, measured from within and from its engine's own books. */
import type { CDPSession, Page } from '@playwright/test';

/** Longer than anything we time; what takes longer has failed. */
export const patienceMs = 180_000;

/**
 * ms from a tap until what it leads to is in the page. The page itself sees both, so that driving
 * it from here costs nothing.
 */
export function msFromTap(page: Page, tap: string, shown: string): Promise<number> {
  return page.evaluate(
    ([tapped, wanted, patience]) =>
      new Promise<number>((resolve, reject) => {
        const startMs = performance.now();
        const observer = new MutationObserver(() => {
          if (!document.querySelector(wanted)) return;
          observer.disconnect();
          resolve(Math.round(performance.now() - startMs));
        });
        observer.observe(document, { subtree: true, childList: true, attributes: true });
        setTimeout(() => reject(new Error(`${wanted} does not show`)), patience);
        document.querySelector<HTMLElement>(tapped)!.click();
      }),
    [tap, shown, patienceMs] as const,
  );
}

/** Bytes after a forced collection, of a page's thread and of its workers and their workers. */
export interface Heap {
  /** Live JavaScript objects of the page's own thread, of the node's worker and of the miners. */
  readonly page: number;
  readonly node: number;
  readonly miners: number;
  /** What array buffers and WebAssembly hold beside the heaps, all threads together. */
  readonly buffers: number;
}

export async function heapOf(page: Page): Promise<Heap> {
  const session = await page.context().newCDPSession(page);
  const books = await page.context().browser()!.newBrowserCDPSession();
  const { targetInfo } = await session.send('Target.getTargetInfo');
  // Without the filter a browser lists pages only; workers of workers are listed like others.
  const { targetInfos } = await books.send('Target.getTargets', { filter: [{ type: 'worker' }] });
  const ours = targetInfos.filter(
    ({ browserContextId }) => browserContextId === targetInfo.browserContextId,
  );
  const workers = await Promise.all(
    ours.map(async ({ targetId, url }) => ({ url, send: await attach(books, targetId) })),
  );
  const threads: Thread[] = [
    { url: page.url(), send: (method) => session.send(method) as Promise<HeapUsage> },
    ...workers,
  ];
  for (const { send } of threads) await send('HeapProfiler.collectGarbage');
  const heap = { page: 0, node: 0, miners: 0, buffers: 0 };
  for (const { url, send } of threads) {
    const usage = await send('Runtime.getHeapUsage');
    heap[partOf(url)] += usage.usedSize;
    heap.buffers += usage.backingStorageSize;
  }
  await session.detach();
  await books.detach();
  return heap;
}

function partOf(url: string): 'page' | 'node' | 'miners' {
  if (/pow\.worker/.test(url)) return 'miners';
  return /node\.worker/.test(url) ? 'node' : 'page';
}

interface HeapUsage {
  readonly usedSize: number;
  readonly backingStorageSize: number;
}

/** One thread's end of Chromium's DevTools protocol. */
interface Thread {
  readonly url: string;
  send(method: 'HeapProfiler.collectGarbage' | 'Runtime.getHeapUsage'): Promise<HeapUsage>;
}

/** Playwright gives sessions to pages only, so what we say to a worker is wrapped by hand. */
async function attach(books: CDPSession, targetId: string): Promise<Thread['send']> {
  const { sessionId } = await books.send('Target.attachToTarget', { targetId, flatten: false });
  const waiting = new Map<number, (answer: { result: HeapUsage }) => void>();
  books.on('Target.receivedMessageFromTarget', (event) => {
    if (event.sessionId !== sessionId) return;
    const answer = JSON.parse(event.message) as { id?: number; result: HeapUsage };
    waiting.get(answer.id ?? 0)?.(answer);
  });
  let sent = 0;
  return async (method) => {
    const id = ++sent;
    const answer = new Promise<{ result: HeapUsage }>((done) => waiting.set(id, done));
    await books.send('Target.sendMessageToTarget', {
      sessionId,
      message: JSON.stringify({ id, method }),
    });
    return (await answer).result;
  };
}
