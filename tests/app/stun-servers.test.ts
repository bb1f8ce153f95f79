import { expect, test } from 'vitest';
import {
  areStunServers,
  recallStunServers,
  rememberStunServers,
} from '../../src/lib/app/stun-servers.ts';

function memory(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  } as unknown as Storage;
}

test.each([
  'stun:stun.example.org',
  'stun:stun.example.org:3478',
  'stuns:stun.example.org:5349',
  'stun:198.51.100.1:3478',
  'stun:[2001:db8::1]:3478',
])('%s is a STUN server', (server) => {
  expect(areStunServers([server])).toBe(true);
});

test.each([
  '',
  'stun:',
  'stun.example.org:3478',
  'https://stun.example.org',
  'turn:turn.example.org:3478',
  'stun:stun.example.org:0',
  'stun:stun.example.org:70000',
  'stun:a b',
  'stun:host?transport=tcp',
  `stun:${'a'.repeat(300)}`,
])('"%s" is none, and a browser that met it would dial nobody', (server) => {
  expect(areStunServers([server])).toBe(false);
});

test('the owner’s list is remembered until it is emptied', () => {
  const storage = memory();
  expect(recallStunServers(storage)).toBeNull();
  rememberStunServers(storage, ['stun:a.example', 'stun:b.example:3478']);
  expect(recallStunServers(storage)).toEqual(['stun:a.example', 'stun:b.example:3478']);
  rememberStunServers(storage, []);
  expect(recallStunServers(storage)).toBeNull();
});

test('three are too many, and a damaged memory is none', () => {
  const storage = memory();
  expect(areStunServers(Array<string>(2).fill('stun:a.example'))).toBe(true);
  expect(areStunServers(Array<string>(3).fill('stun:a.example'))).toBe(false);
  rememberStunServers(storage, ['nonsense']);
  expect(recallStunServers(storage)).toBeNull();
});
