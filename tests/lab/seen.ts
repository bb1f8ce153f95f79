/** What a phone's node says of itself and its links, listened to between page and worker, so that no screen changes for it. */
import type { Phone } from '../e2e/phone.ts';

/** A link that was told of, or its end. */
export interface LinkEvent {
  readonly on: 'connected' | 'disconnected' | 'pathChanged';
  readonly atMs: number;
  /** Of the peer, 66 hex digits. */
  readonly peer: string;
  readonly direct: boolean;
  /** Of a disconnection; empty otherwise. */
  readonly reason: string;
}

export interface Seen {
  /** Its own key, 66 hex digits; empty until its node runs. */
  readonly self: string;
  /** Peers it is connected with, and whether directly. */
  readonly peers: Readonly<Record<string, { readonly direct: boolean }>>;
  /** The latest of them, oldest first. */
  readonly events: readonly LinkEvent[];
}

const nothing: Seen = { self: '', peers: {}, events: [] };

/** Before the app is opened. */
export async function watchLinks(phone: Phone): Promise<void> {
  await phone.context.addInitScript(watchWorker);
}

/** Nothing is known of a phone whose page is gone. */
export async function seenBy(phone: Phone): Promise<Seen> {
  if (!phone.isOpen) return nothing;
  return phone.page.evaluate(() => (globalThis as unknown as { seenLinks: Seen }).seenLinks);
}

/** Runs in the page before the app, which makes one worker: its node's. */
function watchWorker(): void {
  const most = 500;
  const seen = {
    self: '',
    peers: {} as Record<string, { direct: boolean }>,
    events: [] as LinkEvent[],
  };
  Object.assign(globalThis, { seenLinks: seen });

  interface Heard {
    readonly from?: string;
    readonly notice?: { readonly view: string; readonly node?: { readonly peer: string } };
  }
  interface Said {
    readonly to?: string;
    readonly event?: Partial<LinkEvent> & { readonly on: string; readonly peer: string };
  }

  const note = ({ on, peer, direct = false, reason = '' }: NonNullable<Said['event']>) => {
    if (on !== 'connected' && on !== 'disconnected' && on !== 'pathChanged') return;
    if (on === 'disconnected') delete seen.peers[peer];
    else seen.peers[peer] = { direct };
    seen.events.push({ on, peer, direct, reason, atMs: Date.now() });
    if (seen.events.length > most) seen.events.shift();
  };

  const Original = Worker;
  globalThis.Worker = class extends Original {
    constructor(url: string | URL, options?: WorkerOptions) {
      super(url, options);
      this.addEventListener('message', ({ data }: MessageEvent<Heard>) => {
        if (data.notice?.view === 'node') seen.self = data.notice.node?.peer ?? '';
      });
    }

    override postMessage(message: unknown, how?: StructuredSerializeOptions | Transferable[]) {
      const { to, event } = message as Said;
      if (to === 'network' && event !== undefined) note(event);
      super.postMessage(message, how as StructuredSerializeOptions);
    }
  };
}
