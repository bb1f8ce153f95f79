/** The lock that one tab of a browser holds, and how it is handed over. Node has Web Locks and BroadcastChannel too. */
import { afterEach, expect, test, vi } from 'vitest';
import { handOverWhenAsked, takeLock } from '../../src/lib/app/one-tab.ts';

const release: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  for (const free of release.splice(0)) free();
});

async function take(asking: boolean): Promise<boolean> {
  const free = await takeLock(asking);
  if (free !== null) release.push(free);
  return free !== null;
}

test('the first tab gets the node, a second does not, and nobody is asked for it', async () => {
  const others = new BroadcastChannel('gig-gossip-node');
  const asked = vi.fn();
  others.onmessage = asked;
  expect([await take(false), await take(false)]).toEqual([true, false]);
  // What was said before this would have come before it.
  const later = new BroadcastChannel('gig-gossip-node');
  later.postMessage('the end');
  await vi.waitFor(() => expect(asked).toHaveBeenCalled());
  expect(asked.mock.calls.map(([{ data }]) => data)).toEqual(['the end']);
  for (const channel of [others, later]) channel.close();
});

test('asked, the first ends its node, lets go and starts over; only then the second has it', async () => {
  const happened: string[] = [];
  const reloaded = new Promise<void>((resolve) => {
    vi.stubGlobal('location', {
      reload: () => {
        happened.push('reloads');
        resolve();
      },
    });
  });
  const free = (await takeLock(false))!;
  handOverWhenAsked(async () => {
    happened.push('ends its node');
    await Promise.resolve();
    happened.push('lets go');
    free();
  });
  const second = take(true).then((has) => happened.push(has ? 'second has it' : 'nobody has it'));
  await Promise.all([second, reloaded]);
  expect(happened.slice(0, 2)).toEqual(['ends its node', 'lets go']);
  expect(happened.slice(2).sort()).toEqual(['reloads', 'second has it']);
});

test('a tab that does not answer keeps its node', async () => {
  const patience = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal);
  expect(await take(false)).toBe(true);
  const asked = takeLock(true);
  patience.abort(new Error('time is up'));
  expect(await asked).toBeNull();
  expect(await take(false)).toBe(false);
});
