/** What `npm run nat` takes for a row, and what it refuses to play. */
import { expect, test } from 'vitest';
import { nameOf, parseScene } from './scene.ts';

test.each(['cone/symmetric', 'open/open', 'open/cone+handover', 'cone/blocked+slow+lossy'])(
  '%s is a row, and is called that',
  (name) => {
    const scene = parseScene(name);
    expect(scene && nameOf(scene)).toBe(name);
  },
);

test.each([
  ['one router', 'cone'],
  ['three routers', 'cone/cone/cone'],
  ['an unknown router', 'cone/torus'],
  ['an unknown fault', 'cone/cone+plague'],
  ['a handover of a phone without a router', 'cone/open+handover'],
  ['losses of a phone without a router', 'open/cone+lossy'],
])('%s is none', (_why, name) => {
  expect(parseScene(name)).toBeNull();
});
