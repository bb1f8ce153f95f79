import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

/** Compiles the mining kernel, which tests load from its file. */
const globalSetup = ['./tools/kernel.ts'];

export default defineConfig({
  test: {
    projects: [
      {
        plugins: [svelte()],
        test: {
          name: 'unit',
          globalSetup,
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/ports/**', 'tests/e2e/**', 'tests/simulation/long/**'],
          testTimeout: 20_000,
        },
      },
      {
        test: { name: 'simulation', include: ['tests/simulation/long/**/*.test.ts'] },
      },
      {
        // Real Lightning nodes, real browsers: one file at a time, and patience.
        test: {
          name: 'ports',
          globalSetup,
          include: ['tests/ports/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000,
        },
      },
    ],
  },
});
