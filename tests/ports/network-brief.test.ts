/** Over a circuit that a neighbour lends two nodes find a direct path, or part: on pipes in memory. */
import { expect, test, vi } from 'vitest';
import { createSide, deliverAll, HIGH, LOW, open, short, stream, turn } from './memory-pipes.ts';
import type { MemoryPipe, Side } from './memory-pipes.ts';

async function begin(): Promise<[Side, Side, [MemoryPipe, MemoryPipe]]> {
  const [low, high] = [createSide(LOW), createSide(HIGH)];
  low.links.dial(HIGH, []);
  const ends = await open(low, high, false, true);
  deliverAll(...ends);
  return [low, high, ends];
}

test('a link moves to a direct path, however long that takes, and is told then [REL-01]', async () => {
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
