/** Which stream counts, on pipes in memory: what no real network does on demand. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { NetworkEvent, PeerKey } from '../../src/lib/protocol/index.ts';
import { Links } from '../../src/lib/adapters/network/links.ts';
import type { Pipe, PipeListener } from '../../src/lib/adapters/network/pipe.ts';
import type { Kind, Word } from '../../src/lib/adapters/network/wire.ts';

const LOW = `02${'11'.repeat(32)}` as PeerKey;
const HIGH = `02${'22'.repeat(32)}` as PeerKey;

/** One end of a stream; what it sends waits until the test lets it through. */
class MemoryPipe implements Pipe {
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

interface Side {
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

function createSide(peer: PeerKey): Side {
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

const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A stream that `from` opened to `to`. */
function stream(from: Side, to: Side, direct: boolean, brief = false): [MemoryPipe, MemoryPipe] {
  const connection = {};
  const ends: [MemoryPipe, MemoryPipe] = [
    new MemoryPipe(direct, connection, brief),
    new MemoryPipe(direct, connection, brief),
  ];
  [ends[0].other, ends[1].other] = [ends[1], ends[0]];
  to.links.accept(from.peer, ends[1]);
  return ends;
}

async function open(
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

function deliverAll(...pipes: readonly MemoryPipe[]): void {
  while (pipes.some((pipe) => pipe.deliver()));
}

const short = ({ events }: Side) =>
  events.map((event) => {
    if (event.on === 'received') return `received ${event.bytes[0]}`;
    if (event.on === 'connected') {
      return `connected ${event.direct ? 'direct' : 'relayed'}${event.dialled ? ', dialled' : ''}`;
    }
    return event.on === 'pathChanged' ? `path ${event.direct ? 'direct' : 'relayed'}` : event.on;
  });

const bytes = (mark: number) => Uint8Array.of(mark);

/** A link that `low` dialled, over a relay and in use: its first try for a direct path failed. */
async function relayed(low: Side, high: Side): Promise<[MemoryPipe, MemoryPipe]> {
  low.links.dial(HIGH, []);
  const ends = await open(low, high, false);
  deliverAll(...ends);
  low.punchFailed!(new Error('no way through'));
  await turn();
  deliverAll(...ends);
  return ends;
}

/** Ticks until the opener tries for a direct path again, with beats going to and fro. */
async function untilPunch(low: Side, high: Side, ends: readonly MemoryPipe[]): Promise<void> {
  low.punched = null;
  while (low.punched === null) {
    low.links.tick();
    high.links.tick();
    deliverAll(...ends);
    await turn();
  }
}

test('a relayed link is told after the punch failed, with no direct path', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  await relayed(low, high);
  expect(short(low)).toEqual(['connected relayed, dialled']);
  expect(short(high)).toEqual(['connected relayed']);
});

test('a punch that works moves the link before it is told', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  low.links.dial(HIGH, []);
  const old = await open(low, high, false);
  deliverAll(...old);
  const next = stream(low, high, true);
  low.punched!(next[0]);
  await turn();
  deliverAll(...next, ...old);
  low.links.transmit(HIGH, bytes(1));
  high.links.transmit(LOW, bytes(2));
  deliverAll(...next);
  expect(short(low)).toEqual(['connected direct, dialled', 'received 2']);
  expect(short(high)).toEqual(['connected direct', 'received 1']);
  expect(old.every(({ over }) => over)).toBe(true);
});

test('a link in use moves without losing or reordering a frame', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  const old = await relayed(low, high);
  await untilPunch(low, high, old);
  const next = stream(low, high, true);
  low.punched!(next[0]);
  await turn();
  // Frames under way on the old path, and frames that overtake them on the new one.
  low.links.transmit(HIGH, bytes(1));
  high.links.transmit(LOW, bytes(1));
  next[0].deliver();
  high.links.transmit(LOW, bytes(2));
  next[1].deliver();
  low.links.transmit(HIGH, bytes(2));
  deliverAll(...next);
  expect(short(low)).toEqual(['connected relayed, dialled']);
  deliverAll(...old);
  low.links.transmit(HIGH, bytes(3));
  high.links.transmit(LOW, bytes(3));
  deliverAll(...next);
  const received = ['received 1', 'path direct', 'received 2', 'received 3'];
  expect(short(low)).toEqual(['connected relayed, dialled', ...received]);
  expect(short(high)).toEqual(['connected relayed', ...received]);
});

test('the last word on the old path may overtake the answer on the new one', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  const old = await relayed(low, high);
  await untilPunch(low, high, old);
  const next = stream(low, high, true);
  low.punched!(next[0]);
  await turn();
  next[0].deliver();
  high.links.transmit(LOW, bytes(1));
  old[1].deliver();
  low.links.transmit(HIGH, bytes(1));
  deliverAll(...next, ...old);
  expect(short(low)).toEqual(['connected relayed, dialled', 'path direct', 'received 1']);
  expect(short(high)).toEqual(['connected relayed', 'received 1', 'path direct']);
});

test('a move whose old path dies before its last word ends the link', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  const old = await relayed(low, high);
  await untilPunch(low, high, old);
  const next = stream(low, high, true);
  low.punched!(next[0]);
  await turn();
  next[0].deliver();
  low.links.transmit(HIGH, bytes(1));
  old[0].sent.length = 0;
  old[0].cut();
  deliverAll(...next);
  expect(short(high)).toEqual(['connected relayed', 'disconnected']);
});

test('both greet at once: the lower key stands', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  low.links.dial(HIGH, []);
  high.links.dial(LOW, []);
  const [lows, highs] = [await open(low, high, true), await open(high, low, true)];
  highs[0].deliver(); // low holds it
  deliverAll(...lows, ...highs);
  expect(short(low)).toEqual(['connected direct, dialled']);
  expect(short(high)).toEqual(['connected direct']);
  expect(highs.every(({ over }) => over)).toBe(true);
});

test('both greet at once and the lower key fails: the held greeting stands', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  low.links.dial(HIGH, []);
  high.links.dial(LOW, []);
  const [lows, highs] = [await open(low, high, true), await open(high, low, true)];
  highs[0].deliver();
  lows[0].sent.length = 0;
  lows[1].cut();
  deliverAll(...highs);
  expect(short(low)).toEqual(['connected direct']);
  expect(short(high)).toEqual(['connected direct, dialled']);
});

test('a greeting that comes late, after the peer agreed to another, is void', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  low.links.dial(HIGH, []);
  high.links.dial(LOW, []);
  const highs = await open(high, low, true);
  const late = highs[0].sent.splice(0);
  const lows = await open(low, high, true);
  deliverAll(...lows);
  highs[1].listener!.onWord(late[0]!);
  expect(short(low)).toEqual(['connected direct, dialled']);
  expect(short(high)).toEqual(['connected direct']);
});

test('a peer that was restarted greets anew: the former link ends first', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  await relayed(low, high);
  const again = createSide(HIGH);
  again.links.dial(LOW, []);
  const ends = await open(again, low, true);
  deliverAll(...ends);
  expect(short(low)).toEqual(['connected relayed, dialled', 'disconnected', 'connected direct']);
});

test('a silent peer is given up, and one that never greets back', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  await relayed(low, high);
  for (let tick = 0; tick < 10; tick++) low.links.tick();
  expect(short(low).at(-1)).toBe('disconnected');
  const other = createSide(LOW);
  other.links.dial(HIGH, []);
  await open(other, createSide(HIGH), true);
  for (let tick = 0; tick < 10; tick++) other.links.tick();
  expect(short(other)).toEqual(['dialFailed']);
});

test('a dial that fails after the peer greeted has not failed', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  low.links.dial(HIGH, []);
  high.links.dial(LOW, []);
  const ends = await open(high, low, true);
  deliverAll(...ends);
  low.openFailed!(new Error('too late'));
  await turn();
  expect(short(low)).toEqual(['connected direct']);
  expect(short(high)).toEqual(['connected direct, dialled']);
});

describe('over a circuit that a neighbour lends', () => {
  async function begin(): Promise<[Side, Side, [MemoryPipe, MemoryPipe]]> {
    const [low, high] = [createSide(LOW), createSide(HIGH)];
    low.links.dial(HIGH, []);
    const ends = await open(low, high, false, true);
    deliverAll(...ends);
    return [low, high, ends];
  }

  test('a link moves to a direct path, however long that takes, and is told then', async () => {
    const [low, high, old] = await begin();
    vi.useFakeTimers();
    await vi.advanceTimersByTimeAsync(10_000);
    vi.useRealTimers();
    deliverAll(...old);
    expect([short(low), short(high)]).toEqual([[], []]);
    const next = stream(low, high, true);
    low.punched!(next[0]);
    await turn();
    deliverAll(...next, ...old);
    expect(short(low)).toEqual(['connected direct, dialled']);
    expect(short(high)).toEqual(['connected direct']);
    expect(high.links.neighbours).toEqual([LOW]);
  });

  test('without a direct path there is no link, and nobody is told of one', async () => {
    const [low, high, ends] = await begin();
    low.punchFailed!(new Error('no way through'));
    await turn();
    deliverAll(...ends);
    expect(low.events).toEqual([
      { on: 'dialFailed', peer: HIGH, reason: 'no direct path was found' },
    ]);
    expect(high.events).toEqual([]);
  });

  test('whoever is content with it all the same is left', async () => {
    const [, high, [pipe]] = await begin();
    pipe.send(3); // ready
    pipe.deliver();
    expect(high.events).toEqual([]);
    expect(pipe.over).toBe(true);
  });
});

describe('a link that is lost', () => {
  afterEach(() => vi.useRealTimers());
  const settled = () => vi.advanceTimersByTimeAsync(0);
  const aMinute = () => vi.advanceTimersByTimeAsync(60_000);

  async function linked(): Promise<[Side, Side, [MemoryPipe, MemoryPipe]]> {
    vi.useFakeTimers();
    const [low, high] = [createSide(LOW), createSide(HIGH)];
    low.links.dial(HIGH, ['there']);
    const ends = stream(low, high, true);
    low.opened!(ends[0]);
    await settled();
    deliverAll(...ends);
    expect(short(low)).toEqual(['connected direct, dialled']);
    return [low, high, ends];
  }

  test('is called again by both, where the peer was, and told once it is back', async () => {
    const [low, high, ends] = await linked();
    for (const pipe of ends) pipe.ended('the network is gone');
    for (const side of [low, high]) expect(side.events.at(-1)!.on).toBe('disconnected');
    await aMinute();
    expect([low.tried, high.tried]).toEqual([['there', 'there'], ['']]);
    const again = stream(low, high, true);
    low.opened!(again[0]);
    await settled();
    deliverAll(...again);
    expect(low.events.at(-1)).toMatchObject({ on: 'connected', dialled: true });
    expect(high.events.at(-1)).toMatchObject({ on: 'connected', dialled: false });
  });

  test('is not called when either side hung up', async () => {
    const [low, high, ends] = await linked();
    low.links.hangUp(HIGH);
    deliverAll(...ends);
    for (const side of [low, high]) expect(side.events.at(-1)!.on).toBe('disconnected');
    await aMinute();
    expect([low.tried, high.tried]).toEqual([['there'], []]);
  });

  test('a call gives way to a dial that somebody asked for, and fails in silence', async () => {
    const [low, , [pipe]] = await linked();
    pipe.other.cut();
    await aMinute();
    const { signal, events } = low;
    const before = events.length;
    low.links.dial(HIGH, ['elsewhere']);
    expect(signal!.aborted).toBe(true);
    expect(low.tried).toEqual(['there', 'there', 'elsewhere']);
    expect(events.length).toBe(before);
    low.openFailed!(new Error('nobody there'));
    await settled();
    expect(events.slice(before).map(({ on }) => on)).toEqual(['dialFailed']);
    await vi.advanceTimersByTimeAsync(2_000);
    low.openFailed!(new Error('still nobody'));
    await settled();
    expect(low.tried.at(-1)).toBe('elsewhere');
    expect(events.length).toBe(before + 1);
  });
});
