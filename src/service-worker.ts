/**
 * Makes the app start without a network. The shell is precached; everything else the build made has a hashed name that
 * never changes its content, so it is served from the cache first and fetched at most once, at the latest when the page
 * is idle and says so. Money and gossip never pass through here: they are no HTTP requests of ours.
 */
import { clientsClaim } from 'workbox-core';
import {
  cleanupOutdatedCaches,
  createHandlerBoundToURL,
  precacheAndRoute,
} from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst } from 'workbox-strategies';

declare const self: ServiceWorkerGlobalScope;

/** Filled in by the build: what a first paint needs, and the rest. URLs relative to this file. */
declare const SHELL: { url: string; revision: string | null }[];
declare const LAZY: string[];
/** Those of `LAZY` that hold languages: kept when somebody reads one, and not fetched for who does not. */
declare const LANGUAGES: string[];

const LAZY_CACHE = 'gig-gossip-lazy';
const lazyUrls = new Set(LAZY.map((url) => new URL(url, self.location.href).href));

precacheAndRoute(SHELL);
cleanupOutdatedCaches();
// A practice network's own addresses are answered by it alone: they lead to the network of today.
const notOurs = [/\/join(\?|$)/, /\/devnet\//];
registerRoute(new NavigationRoute(createHandlerBoundToURL('index.html'), { denylist: notOurs }));
registerRoute(({ url }) => lazyUrls.has(url.href), new CacheFirst({ cacheName: LAZY_CACHE }));
// What another app shares stays in this browser: it is no request that leaves, and lands in the fragment.
registerRoute(({ url }) => url.pathname.endsWith('/share'), takeShared, 'POST');
clientsClaim();

async function takeShared({ request }: { readonly request: Request }): Promise<Response> {
  const form = await request.formData();
  const texts = ['title', 'text', 'url'].map((name) => form.get(name));
  const text = texts.filter((part) => typeof part === 'string').join(' ');
  const home = new URL('./', self.location.href);
  return Response.redirect(`${home.href}#shared?text=${encodeURIComponent(text)}`, 303);
}

/** A notice leads to what it tells of. */
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { href } = (event.notification.data ?? {}) as { href?: string };
  event.waitUntil(show(href?.startsWith('#/') ? href : '#/'));
});

async function show(hash: string): Promise<void> {
  const [page] = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  if (page === undefined) return void (await self.clients.openWindow(`./${hash}`));
  page.postMessage({ type: 'GO', hash });
  await page.focus();
}

self.addEventListener('activate', (event) => event.waitUntil(forgetOldVersions()));
self.addEventListener('message', (event) => {
  const { type } = event.data as { type?: string };
  if (type === 'SKIP_WAITING') void self.skipWaiting();
  if (type === 'WARM') event.waitUntil(warm());
});

async function forgetOldVersions(): Promise<void> {
  const cache = await caches.open(LAZY_CACHE);
  for (const request of await cache.keys()) {
    if (!lazyUrls.has(request.url)) await cache.delete(request);
  }
}

/** One file after the other, so that a page in use keeps the network to itself. */
async function warm(): Promise<void> {
  const cache = await caches.open(LAZY_CACHE);
  const languages = new Set(LANGUAGES.map((url) => new URL(url, self.location.href).href));
  for (const url of lazyUrls) {
    if (languages.has(url)) continue;
    if (!(await cache.match(url))) await cache.add(url).catch(() => {});
  }
}
