/**
 * Workers out of the page's own build. Left alone, every worker is a build of its own, with its own copies of the curves,
 * hashes and ciphers that the page and the other workers have; as module workers they can import the same files.
 */
import type { Plugin } from 'vite';

const QUERY = '?worker&url';

/** What `import url from './some.worker.ts?worker&url'` gives: the address of a chunk of this build. */
export function sharedWorkers(): Plugin {
  return {
    name: 'shared-workers',
    enforce: 'pre',
    apply: 'build',
    async resolveId(id, importer) {
      if (!id.endsWith(QUERY)) return null;
      const file = await this.resolve(id.slice(0, -QUERY.length), importer, { skipSelf: true });
      return file === null ? null : `\0${file.id}${QUERY}`;
    },
    load(id) {
      if (!id.startsWith('\0') || !id.endsWith(QUERY)) return null;
      const file = id.slice(1, -QUERY.length);
      const chunk = this.emitFile({ type: 'chunk', id: file, preserveSignature: false });
      return `export default import.meta.ROLLUP_FILE_URL_${chunk};`;
    },
  };
}
