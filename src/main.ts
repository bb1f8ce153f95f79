/** The page's entry. */
import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(App, {
  target,
  props: { startNode: async (how) => (await import('./lib/app/start-node.ts')).startNode(how) },
});
