/** When a device introduces its neighbours to each other. */
import { expect, test } from 'vitest';
import { hasMeans, rememberIntroduces } from '../../src/lib/app/introductions.ts';
import type { Device } from '../../src/lib/app/introductions.ts';

function storage(): Storage {
  const kept = new Map<string, string>();
  return {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, value: string) => kept.set(name, value),
    removeItem: (name: string) => kept.delete(name),
  } as unknown as Storage;
}

const free: Device = { sparing: false, connection: undefined };

test.for([
  ['whose browser tells nothing', free, true],
  ['on a free network', { ...free, connection: { saveData: false, type: 'wifi' } }, true],
  ['with a low battery', { ...free, sparing: true }, false],
  ['that is to save data', { ...free, connection: { saveData: true } }, false],
  ['on a mobile network', { ...free, connection: { type: 'cellular' } }, false],
] as const)('a device %s introduces: %s', ([, device, does]) => {
  expect(hasMeans(storage(), device)).toBe(does);
});

test('its owner may say no, and yes again', () => {
  const kept = storage();
  rememberIntroduces(kept, false);
  expect(hasMeans(kept, free)).toBe(false);
  rememberIntroduces(kept, true);
  expect(hasMeans(kept, free)).toBe(true);
});
