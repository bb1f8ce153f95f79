/** Which stream counts, on pipes in memory: what no real network does on demand. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { TICK_MS } from '../../src/lib/adapters/network/link.ts';
import { createSide, deliverAll, HIGH, LOW, open, short, stream, turn } from './memory-pipes.ts';
import type { MemoryPipe, Side } from './memory-pipes.ts';

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

test('a relayed link is told after the punch failed, with no direct path [REL-01]', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  await relayed(low, high);
  expect(short(low)).toEqual(['connected relayed, dialled']);
  expect(short(high)).toEqual(['connected relayed']);
});

test('a punch that works moves the link before it is told [REL-01]', async () => {
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

test('a peer that died without a word is given up within 15 s, and not before 10 [REL-07]', async () => {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  await relayed(low, high);
  const most = 15_000 / TICK_MS;
  for (let tick = 1; tick < most; tick++) low.links.tick();
  expect(short(low).at(-1)).not.toBe('disconnected');
  low.links.tick();
  expect(short(low).at(-1)).toBe('disconnected');
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
