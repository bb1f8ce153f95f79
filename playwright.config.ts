import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS, ensureChromium } from './tools/chromium.ts';

export default defineConfig({
  testDir: 'tests/e2e',
  outputDir: 'test-results',
  // Each test starts its own world of nodes; two at once would only slow each other down.
  workers: 1,
  timeout: 120_000,
  expect: { timeout: 20_000 },
  forbidOnly: process.env.CI !== undefined,
  use: {
    viewport: { width: 360, height: 740 },
    launchOptions: { executablePath: await ensureChromium(), args: [...CHROMIUM_FLAGS] },
    trace: 'retain-on-failure',
  },
});
