/** Whom a node was connected with before its restart, and when it calls them. */
import { beforeEach, expect, test } from 'vitest';
import { FormerPeers, type Former } from '../../src/lib/adapters/network/former-peers.ts';
import { formerPeersIn } from '../../src/lib/app/former-peers.ts';
import type { PeerKey } from '../../src/lib/protocol/index.ts';

const key = (mark: number) => `02${mark.toString(16).padStart(64, '0')}` as PeerKey;
const [ada, bob, eve] = [key(1), key(2), key(3)];

let disk: Former;
let writes: number;
let calls: string[];
let where: Map<PeerKey, readonly string[]>;

beforeEach(() => {
  disk = [];
  writes = 0;
  calls = [];
  where = new Map([
    [ada, ['at ada']],
    [bob, ['at bob']],
  ]);
});

function start(): FormerPeers {
  return new FormerPeers({
    memory: {
      recall: () => disk,
      remember: (peers) => {
        disk = peers;
        writes++;
      },
    },
    where: (peer) => Promise.resolve(where.get(peer) ?? []),
    call: (peer, addresses) => calls.push(`${peer === ada ? 'ada' : 'bob'} ${addresses.join()}`),
  });
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

async function meet(former: FormerPeers, ...peers: readonly PeerKey[]): Promise<void> {
  former.tick(peers, true);
  await settled();
}

test('restarted without a relay, it calls whom it knew once it is connected with anybody, once [NET-10]', async () => {
  await meet(start(), ada, bob);
  const again = start();
  again.tick([], false);
  expect(calls).toEqual([]);
  again.tick([eve], false);
  expect(calls).toEqual(['bob at bob', 'ada at ada']);
  again.tick([eve], false);
  expect(calls.length).toBe(2);
});

test('while a relay introduces it, nobody is called; when that relay is gone, who is absent is', async () => {
  await meet(start(), ada, bob);
  const again = start();
  again.tick([bob], true);
  expect(calls).toEqual([]);
  again.tick([bob], false);
  expect(calls).toEqual(['ada at ada']);
});

test('a peer that moved is remembered where it is, and one that says nothing where it was', async () => {
  const former = start();
  await meet(former, ada, bob);
  where.set(ada, ['elsewhere']);
  where.delete(bob);
  for (let tick = 0; tick < 12; tick++) await meet(former, ada, bob);
  expect(disk).toEqual([
    [ada, ['elsewhere']],
    [bob, ['at bob']],
  ]);
  const before = writes;
  for (let tick = 0; tick < 24; tick++) await meet(former, ada, bob);
  expect(writes).toBe(before);
});

test('whom we hung up on is forgotten', async () => {
  await meet(start(), ada, bob);
  const again = start();
  again.forget(bob);
  expect(disk).toEqual([[ada, ['at ada']]]);
  again.tick([eve], false);
  expect(calls).toEqual(['ada at ada']);
});

test('as many are remembered as a node has neighbours, the latest', async () => {
  const former = start();
  for (let mark = 10; mark < 30; mark++) await meet(former, key(mark));
  expect(disk.map(([peer]) => peer)).toEqual(Array.from({ length: 16 }, (_, at) => key(14 + at)));
});

test.for([
  ['nothing', null, 0],
  ['what we wrote', JSON.stringify([[ada, ['/p2p/x']]]), 1],
  ['torn text', '[["02', 0],
  ['another list', '[1, 2]', 0],
  ['no key', JSON.stringify([['ada', ['/p2p/x']]]), 0],
  ['no addresses', JSON.stringify([[ada, [5]]]), 0],
] as const)('a device that kept %s remembers accordingly', ([, kept, count]) => {
  const storage = { getItem: () => kept } as unknown as Storage;
  expect(formerPeersIn(storage).recall().length).toBe(count);
});
