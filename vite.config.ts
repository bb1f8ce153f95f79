import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { codeSplitting } from './tools/chunks.ts';
import { kernel } from './tools/kernel.ts';
import { patchWebrtc } from './tools/patch-webrtc.ts';
import { pwa } from './tools/pwa-plugin.ts';

/** How long plugins take is nothing that `npm start` should talk about. */
const checks = { pluginTimings: false };

export default defineConfig({
  // Relative URLs: the app runs from any folder of any host.
  base: './',
  publicDir: 'static',
  plugins: [svelte(), kernel(), patchWebrtc(), pwa()],
  worker: { format: 'es', rolldownOptions: { checks } },
  build: {
    target: 'es2022',
    // Data URLs would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    reportCompressedSize: false,
    rolldownOptions: { checks, output: { codeSplitting } },
  },
});
