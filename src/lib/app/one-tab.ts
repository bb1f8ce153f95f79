/**
 * One tab of a browser has the node, by a lock that the browser keeps (Web Locks). Another tab may ask for it: the one that has it
 * ends its node, lets go of the lock and starts over as a tab without.
 *
 *   asks                                has the node
 *     | 'hand over', to all tabs ---------->|   ends its node
 *     |<--------------------- the lock is free
 *
 * The lock is never taken by force: a node that still runs unseen would pay from the same memory as the new one.
 */
const lockName = 'gig-gossip-node';
const handOver = 'hand over';
/** ms for the other tab to end its node; one that sleeps may be woken by then. */
const patienceMs = 10_000;

/** Holds the lock as long as the page lives or until `release`; null if another tab has it, or did not let go of it. */
export function takeLock(asking: boolean): Promise<(() => void) | null> {
  return new Promise((resolve) => {
    const wish: LockOptions = asking
      ? { signal: AbortSignal.timeout(patienceMs) }
      : { ifAvailable: true };
    if (asking) say(handOver);
    navigator.locks
      .request(lockName, wish, (lock) => {
        if (lock === null) return resolve(null);
        return new Promise<void>((release) => {
          resolve(release);
        });
      })
      .catch(() => {
        resolve(null);
      });
  });
}

/** Calls `leave` when another tab asks; this page starts over once that is done and the lock is free. */
export function handOverWhenAsked(leave: () => Promise<void>): void {
  const channel = new BroadcastChannel(lockName);
  channel.onmessage = ({ data }) => {
    if (data !== handOver) return;
    channel.close();
    void leave().finally(() => {
      location.reload();
    });
  };
}

function say(word: string): void {
  const channel = new BroadcastChannel(lockName);
  channel.postMessage(word);
  channel.close();
}
