/** What a page does when it is told that it slept, went or came online; with the browser's part played by the test. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { dropDead, hookPage, sleepWatch } from '../../src/lib/adapters/network/waking.ts';
import type { Awake } from '../../src/lib/adapters/network/waking.ts';

let happened: string[];
let unhook: () => void;
const page = new EventTarget();
const screen = Object.assign(new EventTarget(), { hidden: false });
const network = new EventTarget();

const connection = (name: string, answers: Error | number) => ({
  status: 'open',
  remotePeer: { name, answers },
  abort: (reason: Error) => happened.push(`${name} aborted: ${reason.message}`),
});

const unsupported = Object.assign(new Error('no ping'), { name: 'UnsupportedProtocolError' });
const connections = [
  connection('alive', 5),
  connection('dead', new Error('no answer')),
  connection('foreign', unsupported),
];

const node = {
  getConnections: () => connections,
  services: {
    ping: {
      ping: async ({ answers }: { readonly answers: Error | number }) => {
        if (answers instanceof Error) throw answers;
        return answers;
      },
    },
  },
} as unknown as Awake['node'];

beforeEach(() => {
  happened = [];
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('document', screen);
  vi.stubGlobal('navigator', { connection: network });
  const say = (what: string) => () => void happened.push(what);
  unhook = hookPage({
    node,
    links: { hurry: say('links hurry'), hangUpAll: say('bye') } as unknown as Awake['links'],
    relays: { hurry: say('relays hurry') } as unknown as Awake['relays'],
    wake: say('wake'),
  });
});
afterEach(() => {
  unhook();
  vi.unstubAllGlobals();
});

test('only connections that give no answer are aborted [REL-07]', async () => {
  await dropDead(node);
  expect(happened).toEqual(['dead aborted: died asleep']);
});

test('online again, everything is begun anew [REL-02, REL-07]', () => {
  page.dispatchEvent(new Event('online'));
  expect(happened).toEqual([
    'alive aborted: network changed',
    'dead aborted: network changed',
    'foreign aborted: network changed',
    'relays hurry',
    'links hurry',
  ]);
});

test('a page that goes says bye; one that is back, seen, resumed or elsewhere looks after everything [REL-07]', () => {
  page.dispatchEvent(new Event('pagehide'));
  expect(happened.splice(0)).toEqual(['bye']);
  for (const [target, name] of [
    [page, 'pageshow'],
    [screen, 'resume'],
    [screen, 'visibilitychange'],
    [network, 'change'],
  ] as const) {
    target.dispatchEvent(new Event(name));
    expect(happened.splice(0)).toEqual(['wake']);
  }
  screen.hidden = true;
  screen.dispatchEvent(new Event('visibilitychange'));
  screen.hidden = false;
  expect(happened).toEqual([]);
  unhook();
  for (const target of [page, screen, network]) target.dispatchEvent(new Event('change'));
  page.dispatchEvent(new Event('online'));
  expect(happened).toEqual([]);
});

test('ticks that did not come mean that we slept, a late one does not [REL-07]', () => {
  vi.useFakeTimers();
  const slept = sleepWatch(5_000);
  const after = (ms: number) => {
    vi.setSystemTime(Date.now() + ms);
    return slept();
  };
  expect([after(5_000), after(9_000), after(60_000), after(5_000)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  vi.useRealTimers();
});
