/**
 * The page's end of the service worker: registers it, offers updates, has the lazy parts of the app fetched when idle.
 * An update never interrupts: the page reloads when the person says so, never by itself.
 */
import { trustedScriptUrl } from '../trusted-script-url.ts';

export interface ServiceWorkerHooks {
  /** A new version is ready; `apply` switches to it and reloads. Offer it when no job is active. */
  readonly onUpdate: (apply: () => void) => void;
}

const LOOK_FOR_UPDATES_MS = 60 * 60 * 1000;

/** Registers the service worker of a built app. Resolves to false where there is none (no support, or no build). */
export async function registerServiceWorker(hooks: ServiceWorkerHooks): Promise<boolean> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return false;
  const container = navigator.serviceWorker;
  const hadController = container.controller !== null;
  let applying = false;

  container.addEventListener('controllerchange', () => {
    if (applying) location.reload();
    // Another window switched; or the first visit's worker took over, which changes nothing.
    else if (hadController) hooks.onUpdate(() => location.reload());
  });

  let registration: ServiceWorkerRegistration;
  try {
    registration = await container.register(trustedScriptUrl('./service-worker.js'));
  } catch {
    return false; // private windows and strict settings refuse; the app runs all the same
  }

  const offer = (waiting: ServiceWorker): void =>
    hooks.onUpdate(() => {
      applying = true;
      waiting.postMessage({ type: 'SKIP_WAITING' });
    });
  if (registration.waiting && container.controller) offer(registration.waiting);
  registration.addEventListener('updatefound', () => {
    const installing = registration.installing;
    installing?.addEventListener('statechange', () => {
      if (installing.state === 'installed' && container.controller) offer(installing);
    });
  });

  setInterval(() => void registration.update().catch(() => {}), LOOK_FOR_UPDATES_MS);
  const ready = await container.ready;
  whenIdle(() => ready.active?.postMessage({ type: 'WARM' }));
  return true;
}

function whenIdle(callback: () => void): void {
  // Safari has no requestIdleCallback.
  if ('requestIdleCallback' in window) requestIdleCallback(callback, { timeout: 10_000 });
  else setTimeout(callback, 3_000);
}
