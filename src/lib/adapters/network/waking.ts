/**
 * A page that goes says bye. One that slept, was kept aside by its browser or changed networks finds out at once which of its
 * connections died meanwhile, instead of waiting for silence; and calls again whom it lost.
 */
import type { Connection, Libp2p } from '@libp2p/interface';
import type { Ping } from '@libp2p/ping';
import type { Links } from './links.ts';
import type { Relays } from './relays.ts';

/** ms for an answer after which a connection is given up: many round trips over a relay, for a phone just awake. */
const ANSWER_MS = 5_000;
/** Ticks that did not come: a page or a laptop that slept. */
const MISSED_TICKS = 3;

export interface Awake {
  readonly node: Libp2p<{ ping: Ping }>;
  readonly links: Links;
  readonly relays: Relays;
  /** Looks after everything at once. */
  readonly wake: () => void;
}

/** Asks every connection whether it lives; aborts those that do not answer. */
export async function dropDead(node: Libp2p<{ ping: Ping }>): Promise<void> {
  await Promise.all(node.getConnections().map((connection) => dropIfDead(node, connection)));
}

async function dropIfDead(node: Libp2p<{ ping: Ping }>, connection: Connection): Promise<void> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    await node.services.ping.ping(connection.remotePeer, { signal });
  } catch (error) {
    const isAlive = error instanceof Error && error.name === 'UnsupportedProtocolError';
    if (!isAlive && connection.status === 'open') connection.abort(new Error('died asleep'));
  }
}

/** Called at every tick: did so much time pass that we must have slept? */
export function sleepWatch(tickMs: number): () => boolean {
  let lastMs = Date.now();
  return () => {
    const sinceMs = Date.now() - lastMs;
    lastMs += sinceMs;
    return sinceMs > (MISSED_TICKS + 1) * tickMs;
  };
}

/** Listens to what a page is told of its life; nothing in Node. Returns how to stop. */
export function hookPage({ node, links, relays, wake }: Awake): () => void {
  if (typeof globalThis.addEventListener !== 'function') return () => {};
  const stops: (() => void)[] = [];
  const hook = (target: EventTarget, name: string, listener: () => void) => {
    target.addEventListener(name, listener);
    stops.push(() => target.removeEventListener(name, listener));
  };
  // The old address is gone, and with it every socket: none of them would ever say so.
  hook(globalThis, 'online', () => {
    for (const connection of node.getConnections()) connection.abort(new Error('network changed'));
    relays.hurry();
    links.hurry();
  });
  hook(globalThis, 'pagehide', () => links.hangUpAll('the page was closed'));
  hook(globalThis, 'pageshow', wake);
  if (typeof document !== 'undefined') {
    hook(document, 'resume', wake);
    hook(document, 'visibilitychange', () => {
      if (!document.hidden) wake();
    });
  }
  // From one network to another without a gap: perhaps all is well.
  const { connection } = globalThis.navigator as { readonly connection?: EventTarget };
  if (connection instanceof EventTarget) hook(connection, 'change', wake);
  return () => {
    for (const stop of stops) stop();
  };
}
