/**
 * Turns a build into an installable app: emits the static hosts' `_headers` and builds the service worker, telling it
 * which files a first paint needs (precached) and which come later (cached when first used, or when idle).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Plugin, type ResolvedConfig, type Rolldown } from 'vite';
import { headersFile } from '../src/devnet/security-headers.ts';

type OutputBundle = Rolldown.OutputBundle;

/** Files of `static/` that the shell shows. */
const SHELL_STATICS = ['icon.svg'];

export function pwa(): Plugin {
  let config: ResolvedConfig;
  return {
    name: 'gig-gossip:pwa',
    apply: 'build',
    configResolved(resolved) {
      config = resolved;
    },
    async generateBundle() {
      const manifest = await readFile(join(config.root, 'manifest.webmanifest'));
      this.emitFile({ type: 'asset', fileName: 'manifest.webmanifest', source: manifest });
      this.emitFile({ type: 'asset', fileName: '_headers', source: headersFile() });
    },
    async writeBundle(_options, bundle) {
      const shell = shellFiles(bundle);
      const lazy = Object.keys(bundle).filter(
        (file) => file.startsWith('assets/') && !file.endsWith('.map') && !shell.has(file),
      );
      const outDir = resolve(config.root, config.build.outDir);
      const precache = [...shell, 'index.html', 'manifest.webmanifest', ...SHELL_STATICS];
      await buildServiceWorker(config, await Promise.all(precache.map(revisioned)), lazy);

      async function revisioned(url: string): Promise<{ url: string; revision: string | null }> {
        if (shell.has(url)) return { url, revision: null }; // its name is its revision
        const content = await readFile(join(outDir, url));
        return { url, revision: createHash('sha256').update(content).digest('hex').slice(0, 16) };
      }
    },
  };
}

/** What index.html loads before anything can be seen: entry chunks, their static imports, their styles. */
export function shellFiles(bundle: OutputBundle): Set<string> {
  const files = new Set<string>();
  const visit = (fileName: string): void => {
    const output = bundle[fileName];
    if (output?.type !== 'chunk' || files.has(fileName)) return;
    files.add(fileName);
    for (const css of output.viteMetadata?.importedCss ?? []) files.add(css);
    output.imports.forEach(visit);
  };
  for (const output of Object.values(bundle)) {
    if (output.type === 'chunk' && output.isEntry) visit(output.fileName);
  }
  return files;
}

/** One classic script at the root of the site: there its scope is the whole app, and every browser takes it. */
async function buildServiceWorker(
  config: ResolvedConfig,
  shell: { url: string; revision: string | null }[],
  lazy: string[],
): Promise<void> {
  await build({
    root: config.root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: {
      SHELL: JSON.stringify(shell),
      LAZY: JSON.stringify(lazy),
      'process.env.NODE_ENV': '"production"',
    },
    build: {
      outDir: config.build.outDir,
      emptyOutDir: false,
      target: 'es2022',
      modulePreload: false,
      rolldownOptions: {
        input: join(config.root, 'src/service-worker.ts'),
        output: { format: 'iife', entryFileNames: 'service-worker.js' },
      },
    },
  });
}
