import { describe, expect, test } from 'vitest';
import { areaOf, hashOf, routeOf } from '../../src/lib/app/route.ts';
import type { Route } from '../../src/lib/app/route.ts';
import { Router } from '../../src/lib/app/router.svelte.ts';
import { id } from './fixtures.ts';

const routes: Route[] = [
  { screen: 'home' },
  { screen: 'hire' },
  { screen: 'post' },
  { screen: 'job', payloadId: id('10') },
  { screen: 'work' },
  { screen: 'heard', payloadId: id('11') },
  { screen: 'offer', offerId: id('12', 16) },
  { screen: 'settle', at: '' },
  { screen: 'settle', at: id('13') },
  { screen: 'settle', at: 'people' },
  { screen: 'node' },
  { screen: 'wallet' },
  { screen: 'money' },
  { screen: 'keys' },
  { screen: 'settings' },
];

test.each(routes)('$screen reads back from its own hash', (route) => {
  expect(routeOf(hashOf(route))).toEqual(route);
});

test.each([
  '',
  '#',
  '#/nowhere',
  '#/hire/xyz',
  '#/work/heard/12',
  '#/hire/new/more',
  '#/settle/../node',
  '#/settle/nowhere',
  '#hire/'.repeat(3),
])('unknown %s is home', (hash) => {
  expect(routeOf(hash)).toEqual({ screen: 'home' });
});

test('every screen belongs to a tab', () => {
  expect(routes.map(areaOf)).toEqual([
    'home',
    'hire',
    'hire',
    'hire',
    'work',
    'work',
    'work',
    'settle',
    'settle',
    'settle',
    'node',
    'node',
    'node',
    'node',
    'node',
  ]);
});

describe('router', () => {
  /** As much of a window as the router sees. */
  function pageAt(hash: string) {
    const listeners: (() => void)[] = [];
    const location = { hash };
    const page = {
      location,
      history: {
        replaceState: (_state: unknown, _title: string, to: string) => {
          location.hash = to;
        },
      },
      addEventListener: (_kind: string, listener: () => void) => listeners.push(listener),
    };
    const visit = (to: string) => {
      location.hash = to;
      for (const listener of listeners) listener();
    };
    return { page: page as unknown as Window, location, visit };
  }

  test('an unknown address is rewritten to home', () => {
    const { page, location } = pageAt('#/nowhere');
    expect(new Router(page).route).toEqual({ screen: 'home' });
    expect(location.hash).toBe('#/');
  });

  test('follows the hash and counts visits, for the focus', () => {
    const { page, visit } = pageAt('#/');
    const router = new Router(page);
    expect(router.visits).toBe(0);
    visit('#/work');
    expect(router.route).toEqual({ screen: 'work' });
    expect(router.visits).toBe(1);
  });

  test('replacing leaves no step back', () => {
    const { page, location } = pageAt('#/hire/new');
    const router = new Router(page);
    router.replace({ screen: 'job', payloadId: id('10') });
    expect(location.hash).toBe(`#/hire/${id('10')}`);
    expect(router.route.screen).toBe('job');
  });
});
