/** Pipes in memory, and the links of two nodes over them: the test says what arrives, and when. */
import type { NetworkEvent, PeerKey } from '../../src/lib/protocol/index.ts';
import { Links } from '../../src/lib/adapters/network/links.ts';
import type { Pipe, PipeListener } from '../../src/lib/adapters/network/pipe.ts';
import type { Kind, Word } from '../../src/lib/adapters/network/wire.ts';

export const LOW = `02${'11'.repeat(32)}` as PeerKey;
export const HIGH = `02${'22'.repeat(32)}` as PeerKey;

/** One end of a stream; what it sends waits until the test lets it through. */
export class MemoryPipe implements Pipe {
  readonly direct: boolean;
  readonly brief: boolean;
  readonly connection: object;
  other!: MemoryPipe;
  listener: PipeListener | null = null;
  over = false;
  readonly sent: Word[] = [];

  constructor(direct: boolean, connection: object, brief = false) {
    this.direct = direct;
    this.brief = brief;
    this.connection = connection;
  }
  listen(listener: PipeListener): void {
    this.listener = listener;
  }
  send(kind: Kind, body = new Uint8Array()): void {
    if (!this.over) this.sent.push({ kind, body });
  }
  /** Lets what was sent arrive, in order; true if anything did. */
  deliver(most = Infinity): boolean {
    const { other } = this;
    if (other.listener === null || this.sent.length === 0) return false;
    for (const word of this.sent.splice(0, most)) if (!other.over) other.listener.onWord(word);
    return true;
  }
  close(reason: string): void {
    this.send(5, new TextEncoder().encode(reason));
    this.deliver();
    this.cut();
  }
  cut(): void {
    if (this.over) return;
    this.over = true;
    this.other.ended('cut');
  }
  async end(): Promise<void> {
    this.deliver();
    this.cut();
  }
  ended(reason: string): void {
    if (this.over) return;
    this.over = true;
    this.listener?.onEnd(reason);
  }
}

export interface Side {
  readonly peer: PeerKey;
  readonly links: Links;
  readonly events: NetworkEvent[];
  /** Settle what `Reach` was asked for. */
  opened: ((pipe: Pipe) => void) | null;
  openFailed: ((error: Error) => void) | null;
  punched: ((pipe: Pipe) => void) | null;
  punchFailed: ((error: Error) => void) | null;
  /** Where it was looked for, call by call, and the last call's end. */
  readonly tried: string[];
  signal: AbortSignal | null;
}

export function createSide(peer: PeerKey): Side {
  const events: NetworkEvent[] = [];
  const side: Side = {
    peer,
    events,
    opened: null,
    openFailed: null,
    punched: null,
    punchFailed: null,
    tried: [],
    signal: null,
    links: new Links({
      self: peer,
      run: peer.slice(2, 18),
      reach: {
        open: (_peer, addresses, signal) =>
          new Promise((resolve, reject) => {
            side.tried.push(addresses.join());
            Object.assign(side, { opened: resolve, openFailed: reject, signal });
          }),
        punch: () =>
          new Promise((resolve, reject) => {
            Object.assign(side, { punched: resolve, punchFailed: reject });
          }),
      },
      tell: (event) => events.push(event),
    }),
  };
  return side;
}

export const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A stream that `from` opened to `to`. */
export function stream(
  from: Side,
  to: Side,
  direct: boolean,
  brief = false,
): [MemoryPipe, MemoryPipe] {
  const connection = {};
  const ends: [MemoryPipe, MemoryPipe] = [
    new MemoryPipe(direct, connection, brief),
    new MemoryPipe(direct, connection, brief),
  ];
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  to.links.accept(from.peer, ends[1]);
  return ends;
}

export async function open(
  from: Side,
  to: Side,
  direct: boolean,
  brief = false,
): Promise<[MemoryPipe, MemoryPipe]> {
  const ends = stream(from, to, direct, brief);
  from.opened!(ends[0]);
  await turn();
  return ends;
}

export function deliverAll(...pipes: readonly MemoryPipe[]): void {
  while (pipes.some((pipe) => pipe.deliver()));
}

export const short = ({ events }: Side) =>
  events.map((event) => {
    if (event.on === 'received') return `received ${event.bytes[0]}`;
    if (event.on === 'connected') {
      return `connected ${event.direct ? 'direct' : 'relayed'}${event.dialled ? ', dialled' : ''}`;
    }
    return event.on === 'pathChanged' ? `path ${event.direct ? 'direct' : 'relayed'}` : event.on;
  });
