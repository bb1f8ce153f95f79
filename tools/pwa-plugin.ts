/**
 * Turns a build into an installable app: emits the static hosts' `_headers` and builds the service worker, telling it
 * which files a first paint needs (precached) and which come later (cached when first used, or when idle).
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import {
  build,
  type HtmlTagDescriptor,
  type Plugin,
  type ResolvedConfig,
  type Rolldown,
} from 'vite';
import { headersFile } from '../src/devnet/security-headers.ts';

type OutputBundle = Rolldown.OutputBundle;

/** What the entry imports once it knows the reader's language (`chunks.ts`): as much a part of the shell as the entry. */
export const SHELL_CHUNK = 'shell';

/** How the names of files with another language begin (`chunks.ts`). */
export const LANGUAGE_CHUNK = 'language-';

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
    transformIndexHtml: {
      order: 'post',
      // Fetched beside the entry and not after it; Vite writes this for static imports only.
      handler: (_html, { bundle }) => (bundle === undefined ? [] : shellLinks(bundle)),
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
      const languages = languageFiles(bundle);
      await buildServiceWorker(config, {
        SHELL: await Promise.all(precache.map(revisioned)),
        LAZY: lazy,
        LANGUAGES: languages,
      });

      async function revisioned(url: string): Promise<{ url: string; revision: string | null }> {
        if (shell.has(url)) return { url, revision: null }; // its name is its revision
        const content = await readFile(join(outDir, url));
        return { url, revision: createHash('sha256').update(content).digest('hex').slice(0, 16) };
      }
    },
  };
}

/** What index.html loads before anything can be seen: entry and shell chunks, their static imports, their styles. */
export function shellFiles(bundle: OutputBundle): Set<string> {
  const files = new Set<string>();
  const chunks = Object.values(bundle).filter((output) => output.type === 'chunk');
  for (const chunk of chunks)
    if (isPage(chunk) || chunk.name === SHELL_CHUNK) addChunk(bundle, chunk, files);
  return files;
}

/** The workers are entries too, and no part of the page. */
function isPage({ facadeModuleId }: Rolldown.OutputChunk): boolean {
  return facadeModuleId?.endsWith('index.html') ?? false;
}

/** A language is fetched by who reads it. */
function languageFiles(bundle: OutputBundle): string[] {
  const isLanguage = (output: Rolldown.OutputChunk) => output.name.startsWith(LANGUAGE_CHUNK);
  return Object.values(bundle)
    .filter((output) => output.type === 'chunk')
    .filter(isLanguage)
    .map(({ fileName }) => fileName);
}

function addChunk(bundle: OutputBundle, chunk: Rolldown.OutputChunk, files: Set<string>): void {
  if (files.has(chunk.fileName)) return;
  files.add(chunk.fileName);
  for (const css of chunk.viteMetadata?.importedCss ?? []) files.add(css);
  for (const fileName of chunk.imports) {
    const imported = bundle[fileName];
    if (imported?.type === 'chunk') addChunk(bundle, imported, files);
  }
}

function shellLinks(bundle: OutputBundle): HtmlTagDescriptor[] {
  const entries = new Set<string>();
  const all = shellFiles(bundle);
  for (const output of Object.values(bundle)) {
    if (output.type === 'chunk' && isPage(output)) addChunk(bundle, output, entries);
  }
  return [...all]
    .filter((file) => !entries.has(file))
    .map((file) => {
      const rel = file.endsWith('.css') ? 'stylesheet' : 'modulepreload';
      return {
        tag: 'link',
        attrs: { rel, crossorigin: true, href: `./${file}` },
        injectTo: 'head',
      };
    });
}

/** One classic script at the root of the site: there its scope is the whole app, and every browser takes it. */
async function buildServiceWorker(
  config: ResolvedConfig,
  lists: Readonly<Record<string, unknown>>,
): Promise<void> {
  const listed = Object.entries(lists).map(([name, list]) => [name, JSON.stringify(list)]);
  await build({
    root: config.root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    define: {
      ...Object.fromEntries(listed),
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
