/**
 * The NWC client of @getalby/sdk without what its package bundles a second time. `@getalby/sdk/nwc` is one file that holds
 * nostr-tools, noble's curves, hashes and ciphers and scure's base, 110 kB of them, beside curves that the app has already.
 * Its source map holds the client's own sources: those are built, and import nostr-tools and noble as the app does.
 */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { createRequire } from 'node:module';
import { transformWithOxc, type Plugin } from 'vite';

const require = createRequire(import.meta.url);
const BUNDLED = '@getalby/sdk/nwc';
const PREFIX = '\0wallet-source:';
const ENTRY = 'NWCClient';

/** What the client takes of nostr-tools, file by file: its index is one bundle of everything, and cannot be shaken. */
const NOSTR = 'nostr-tools';
const ofNostr = [
  ...['nip04', 'nip19', 'nip44'].map((name) => `export * as ${name} from '${NOSTR}/${name}';`),
  `export { finalizeEvent, generateSecretKey, getEventHash, getPublicKey } from '${NOSTR}/pure';`,
  `export { Relay } from '${NOSTR}/relay';`,
].join('\n');

/** noble and scure, whoever imports them: one copy of each, the app's own. */
export const ONE_COPY = ['@noble/ciphers', '@noble/curves', '@noble/hashes', '@scure/base'];

/** The client's own sources, by name without folder and ending. Throws if the package has changed. */
export function walletSources(): ReadonlyMap<string, string> {
  const map = JSON.parse(readFileSync(`${require.resolve(BUNDLED)}.map`, 'utf8')) as {
    readonly sources: readonly string[];
    readonly sourcesContent: readonly string[];
  };
  const own = map.sources.flatMap((path, index) =>
    path.startsWith('../../src/') ? [[basename(path, '.ts'), map.sourcesContent[index]!]] : [],
  );
  const sources = new Map(own as [string, string][]);
  if (!sources.has(ENTRY)) throw new Error(`${BUNDLED} has changed: its map lacks ${ENTRY}`);
  return sources;
}

export function slimWallet(): Plugin {
  const sources = walletSources();
  return {
    name: 'slim-wallet',
    enforce: 'pre',
    apply: 'build',
    resolveId(id, importer) {
      if (id === BUNDLED) return PREFIX + ENTRY;
      if (!importer?.startsWith(PREFIX)) return null;
      if (id === NOSTR || sources.has(basename(id))) return PREFIX + basename(id);
      return this.resolve(id, import.meta.filename, { skipSelf: true });
    },
    async load(id) {
      if (!id.startsWith(PREFIX)) return null;
      const name = id.slice(PREFIX.length);
      if (name === NOSTR) return { code: ofNostr, map: null, moduleSideEffects: false };
      const source = sources.get(name)!;
      const { code } = await transformWithOxc(source, `${name}.ts`);
      return { code, map: null, moduleSideEffects: false };
    },
  };
}
