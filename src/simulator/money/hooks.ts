/**
 * Loads the core for a money simulation, without the core knowing: its curve and hashes remember, session work is play, and a mutant's
 * source differs in one place. `node --import ./src/simulator/money/hooks.ts ...`; MONEY_MUTANT names the mutant.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { mutants, type Edit } from './mutants.ts';

const ours = (file: string) => new URL(file, import.meta.url).href;
/** What is loaded in place of noble's. */
const instead: Readonly<Record<string, string>> = {
  '@noble/curves/secp256k1.js': ours('./curve.ts'),
  '@noble/hashes/sha2.js': ours('./hashes.ts'),
  '@noble/hashes/hkdf.js': ours('./hashes.ts'),
};

/** Work that one puts into a session costs real time and no sats. */
const play: Edit = {
  file: 'src/lib/protocol/limits.ts',
  find: 'sessionWorkBits: 12,',
  put: 'sessionWorkBits: 2,',
};

const mutant = process.env.MONEY_MUTANT;
const edits: readonly Edit[] = mutant === undefined ? [play] : [play, ...editsOf(mutant)];

function editsOf(name: string): readonly Edit[] {
  const found = mutants.find((each) => each.name === name);
  if (!found) throw new Error(`no mutant ${name}`);
  return found.edits;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
/** Made before anything is loaded, so that an edit whose text is gone fails at once. */
const sources = new Map<string, string>();
for (const { file, find, put } of edits) {
  const before = sources.get(`${root}${file}`) ?? readFileSync(`${root}${file}`, 'utf8');
  const parts = before.split(find);
  if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${find}`);
  sources.set(`${root}${file}`, parts.join(put));
}

registerHooks({
  resolve(specifier, context, next) {
    const parent = context.parentURL ?? '';
    const isOwn = parent.startsWith('file:') && !parent.includes('/node_modules/');
    const url = isOwn ? instead[specifier] : undefined;
    if (url !== undefined && !Object.values(instead).includes(parent)) return next(url, context);
    return next(specifier, context);
  },
  load(url, context, next) {
    const source = url.startsWith('file:') ? sources.get(fileURLToPath(url)) : undefined;
    if (source === undefined) return next(url, context);
    return { format: 'module-typescript', source, shortCircuit: true };
  },
});
