/** Puts the screens on the page: imported by the entry when the words they say are there. */
import { mount } from 'svelte';
import App from './App.svelte';
import type { StartNode } from './lib/app/app-state.svelte.ts';

export function show(target: HTMLElement, startNode: StartNode): void {
  // The name that index.html shows until then.
  target.replaceChildren();
  mount(App, { target, props: { startNode } });
}
