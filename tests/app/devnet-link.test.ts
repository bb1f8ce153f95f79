import { expect, test } from 'vitest';
import {
  devnetApplied,
  devnetFrom,
  devnetHash,
  forgetDevnet,
  isAddress,
  markDevnetApplied,
  recallDevnet,
  rememberDevnet,
  settlerFrom,
} from '../../src/lib/app/devnet-link.ts';

const root = 'ab'.repeat(32);
const peer = `02${'cd'.repeat(32)}`;
const relay = '/ip4/127.0.0.1/tcp/4001/ws/p2p/16Uiu2HAkz';
const settler = `${root}.${peer}@${relay}/p2p-circuit`;
const link = `#devnet?${new URLSearchParams([
  ['relay', relay],
  ['relay', '/dns4/relay.example/tcp/443/wss'],
  ['settler', settler],
  ['stun', 'stun:stun.example:3478'],
  ['mint', 'http://localhost:8090'],
])}`;

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
}

test('a devnet link says relays, settlers, STUN servers and mint', () => {
  expect(devnetFrom(link)).toEqual({
    relays: [relay, '/dns4/relay.example/tcp/443/wss'],
    settlers: [{ root, peer, addresses: [`${relay}/p2p-circuit`] }],
    stun: ['stun:stun.example:3478'],
    mint: 'http://localhost:8090',
    desk: null,
  });
});

test('the hash of a devnet reads back', () => {
  const devnet = devnetFrom(link);
  if (devnet === null || devnet === 'malformed') throw new Error('the link is good');
  expect(devnetFrom(devnetHash(devnet))).toEqual(devnet);
});

test('a desk needs no relay: its node has its own', () => {
  expect(devnetFrom('#devnet?desk=ws%3A%2F%2Flocalhost%3A8091%2Fdesk')).toEqual({
    relays: [],
    settlers: [],
    stun: [],
    mint: null,
    desk: 'ws://localhost:8091/desk',
  });
});

test('other hashes are no devnet links', () => {
  for (const hash of ['', '#/', '#/hire', '#devnetwork?relay=/a/b'])
    expect(devnetFrom(hash)).toBeNull();
});

test.each([
  ['no relay', '#devnet?mint=http://localhost:1'],
  ['a relay that is no address', '#devnet?relay=localhost'],
  ['a settler cut short', `#devnet?relay=${relay}&settler=${root}.${peer}`],
  ['a mint that is no web address', `#devnet?relay=${relay}&mint=javascript:alert(1)`],
  ['a STUN server that is none', `#devnet?relay=${relay}&stun=https://stun.example`],
  ['a desk that is no socket', '#devnet?desk=http://localhost:1'],
  ['too many relays', `#devnet?${`relay=${relay}&`.repeat(9)}`],
])('%s: nothing of the link is used', (_name, hash) => {
  expect(devnetFrom(hash)).toBe('malformed');
});

test('a settler’s line needs root, node and address', () => {
  expect(settlerFrom(` ${settler}\n`)?.root).toBe(root);
  for (const bad of [
    '',
    root,
    `${root}@${relay}`,
    `${root}.04${peer.slice(2)}@${relay}`,
    `${root}.${peer}@relay`,
  ]) {
    expect(settlerFrom(bad)).toBeNull();
  }
  expect(isAddress('/ip4/127.0.0.1/tcp/1/ws')).toBe(true);
  expect(isAddress(`/a/${'b'.repeat(600)}`)).toBe(false);
});

test('is remembered, told to the node once, and forgotten', () => {
  const storage = memory();
  const devnet = devnetFrom(link);
  if (devnet === null || devnet === 'malformed') throw new Error('the link is good');
  expect(recallDevnet(storage)).toBeNull();
  expect(rememberDevnet(storage, devnet)).toBe(true);
  expect(recallDevnet(storage)).toEqual(devnet);
  expect(devnetApplied(storage)).toBe(false);
  markDevnetApplied(storage);
  expect(rememberDevnet(storage, devnet)).toBe(false);
  expect(devnetApplied(storage)).toBe(true);
  rememberDevnet(storage, { ...devnet, mint: null });
  expect(devnetApplied(storage)).toBe(false);
  forgetDevnet(storage);
  expect(recallDevnet(storage)).toBeNull();
});
