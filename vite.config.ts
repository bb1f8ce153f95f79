import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { codeSplitting } from './tools/chunks.ts';
import { kernel } from './tools/kernel.ts';
import { patchWebrtc } from './tools/patch-webrtc.ts';
import { pwa } from './tools/pwa-plugin.ts';
import { sharedWorkers } from './tools/shared-workers.ts';
import { slimLibp2p } from './tools/slim-libp2p.ts';
import { ONE_COPY, slimWallet } from './tools/slim-wallet.ts';
import { slimWire } from './tools/slim-wire.ts';

/** How long plugins take is nothing that `npm start` should talk about. */
const checks = { pluginTimings: false };

export default defineConfig({
  // Relative URLs: the app runs from any folder of any host.
  base: './',
  publicDir: 'static',
  plugins: [
    svelte(),
    kernel(),
    patchWebrtc(),
    slimLibp2p(),
    slimWallet(),
    slimWire(),
    sharedWorkers(),
    pwa(),
  ],
  resolve: { dedupe: ONE_COPY },
  build: {
    target: 'es2022',
    // Data URLs would need a hole in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: {
      polyfill: false,
      // A worker has no document to preload with.
      resolveDependencies: (_file, files, { hostId }) => (hostId.includes('worker') ? [] : files),
    },
    manifest: true,
    reportCompressedSize: false,
    rolldownOptions: { checks, output: { codeSplitting } },
  },
});
