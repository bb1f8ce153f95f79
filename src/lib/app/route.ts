/** The site map as data. Job ids live in the fragment, so the host that serves the app never sees them. */
import type { OfferId, PayloadId, PromiseId } from './types.ts';

export type Route =
  | { readonly screen: 'home' }
  | { readonly screen: 'hire' }
  | { readonly screen: 'post' }
  | { readonly screen: 'job'; readonly payloadId: PayloadId }
  | { readonly screen: 'work' }
  | { readonly screen: 'heard'; readonly payloadId: PayloadId }
  | { readonly screen: 'offer'; readonly offerId: OfferId }
  | { readonly screen: 'settle' }
  | { readonly screen: 'promise'; readonly promiseId: PromiseId }
  | { readonly screen: 'node' }
  | { readonly screen: 'wallet' };

const hex16 = /^[0-9a-f]{32}$/;
const hex32 = /^[0-9a-f]{64}$/;

/** The route of a location hash; what it does not know is home. */
export function routeOf(hash: string): Route {
  const path = hash.replace(/^#\/?/, '').replace(/\/$/, '');
  const [area = '', page = '', id = ''] = path.split('/');
  if (path === 'hire') return { screen: 'hire' };
  if (path === 'hire/new') return { screen: 'post' };
  if (path === `hire/${page}` && hex32.test(page))
    return { screen: 'job', payloadId: page as PayloadId };
  if (path === 'work') return { screen: 'work' };
  if (path === `work/heard/${id}` && hex32.test(id))
    return { screen: 'heard', payloadId: id as PayloadId };
  if (path === `work/offer/${id}` && hex16.test(id))
    return { screen: 'offer', offerId: id as OfferId };
  if (path === 'settle') return { screen: 'settle' };
  if (area === 'settle' && path === `settle/${page}` && hex32.test(page)) {
    return { screen: 'promise', promiseId: page as PromiseId };
  }
  if (path === 'node') return { screen: 'node' };
  if (path === 'node/wallet') return { screen: 'wallet' };
  return { screen: 'home' };
}

export function hashOf(route: Route): string {
  switch (route.screen) {
    case 'home':
      return '#/';
    case 'hire':
      return '#/hire';
    case 'post':
      return '#/hire/new';
    case 'job':
      return `#/hire/${route.payloadId}`;
    case 'work':
      return '#/work';
    case 'heard':
      return `#/work/heard/${route.payloadId}`;
    case 'offer':
      return `#/work/offer/${route.offerId}`;
    case 'settle':
      return '#/settle';
    case 'promise':
      return `#/settle/${route.promiseId}`;
    case 'node':
      return '#/node';
    case 'wallet':
      return '#/node/wallet';
  }
}

export type Area = 'home' | 'hire' | 'work' | 'settle' | 'node';

/** The tab a route belongs to. */
export function areaOf(route: Route): Area {
  switch (route.screen) {
    case 'home':
      return 'home';
    case 'hire':
    case 'post':
    case 'job':
      return 'hire';
    case 'work':
    case 'heard':
    case 'offer':
      return 'work';
    case 'settle':
    case 'promise':
      return 'settle';
    case 'node':
    case 'wallet':
      return 'node';
  }
}
