/** The site map as data. Job ids live in the fragment, so the host that serves the app never sees them. */
import type { OfferId, PayloadId } from './types.ts';

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'hire' }
  | { readonly screen: 'post' }
  | { readonly screen: 'job'; readonly payloadId: PayloadId }
  | { readonly screen: 'work' }
  | { readonly screen: 'heard'; readonly payloadId: PayloadId }
  | { readonly screen: 'offer'; readonly offerId: OfferId }
  /** `at`: a promise's id, a section of the desk, or '' for its cases. */
  | { readonly screen: 'settle'; readonly at: string }
  | { readonly screen: 'node' }
  | { readonly screen: 'wallet' }
  | { readonly screen: 'money' }
  | { readonly screen: 'keys' }
  | { readonly screen: 'settings' };

/** Screens that need no id, by their path. */
const plain = {
  '': 'home',
  hire: 'hire',
  'hire/new': 'post',
  work: 'work',
  node: 'node',
  'node/wallet': 'wallet',
  'node/money': 'money',
  'node/keys': 'keys',
  'node/settings': 'settings',
} as const;

const hex16 = /^[0-9a-f]{32}$/;
const hex32 = /^[0-9a-f]{64}$/;
const deskPage = /^(people|money|lists|log|rules|[0-9a-f]{64})$/;

/** The route of a location hash; what it does not know is home. */
export function routeOf(hash: string): Route {
  const path = hash.replace(/^#\/?/, '').replace(/\/$/, '');
  const [, page = '', id = ''] = path.split('/');
  if (Object.hasOwn(plain, path)) return { screen: plain[path as keyof typeof plain] };
  if (path === `hire/${page}` && hex32.test(page))
    return { screen: 'job', payloadId: page as PayloadId };
  if (path === `work/heard/${id}` && hex32.test(id))
    return { screen: 'heard', payloadId: id as PayloadId };
  if (path === `work/offer/${id}` && hex16.test(id))
    return { screen: 'offer', offerId: id as OfferId };
  if (path === 'settle' || (path === `settle/${page}` && deskPage.test(page))) {
    return { screen: 'settle', at: page };
  }
  return { screen: 'home' };
}

export function hashOf(route: Route): string {
  switch (route.screen) {
    case 'job':
      return `#/hire/${route.payloadId}`;
    case 'heard':
      return `#/work/heard/${route.payloadId}`;
    case 'offer':
      return `#/work/offer/${route.offerId}`;
    case 'settle':
      return route.at === '' ? '#/settle' : `#/settle/${route.at}`;
    default:
      return `#/${Object.entries(plain).find(([, screen]) => screen === route.screen)![0]}`;
  }
}

export type Area = 'home' | 'hire' | 'work' | 'settle' | 'node';

/** The tab a route belongs to. */
export function areaOf(route: Route): Area {
  return (hashOf(route).split('/')[1] || 'home') as Area;
}
