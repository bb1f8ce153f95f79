/** `npm run kernel`: compiles the mining kernel, as every build and every test run does when its source changed. */
import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import { buildKernel } from '../src/devnet/build-kernel.ts';

/** For the bundler: the kernel is there, and up to date, when the workers ask for it. */
export function kernel(): Plugin {
  return {
    name: 'mining-kernel',
    buildStart: setup,
  };
}

/** For the test runner, before anything else. */
export async function setup(): Promise<void> {
  await buildKernel();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) console.log(await buildKernel());
