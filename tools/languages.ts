/**
 * `npm run languages`: which words each language still lacks, so that they are said in English. A language's code lists
 * its missing words one by one, with the English: `npm run languages ar`.
 */
import { faultWords } from '../src/lib/app/fault-words.ts';
import { startWords } from '../src/lib/app/start-words.ts';
import { askWords, rejectionWords, walletWords } from '../src/lib/app/words.ts';
import { endSentences } from '../src/lib/app/end-words.ts';
import { t } from '../src/lib/app/i18n/index.ts';
import { languages } from '../src/lib/app/i18n/language.ts';
import { later } from '../src/lib/app/i18n/later.ts';
import { isGroup, type Part } from '../src/lib/app/i18n/translated.ts';
import { pathToFileURL } from 'node:url';

const english: Record<Part, unknown> = {
  t,
  later,
  rejections: rejectionWords,
  faults: faultWords,
  wallet: walletWords,
  start: startWords,
  asks: askWords,
  ends: endSentences,
};

export interface Gaps {
  readonly all: number;
  /** Names such as `t.home.title`, and what they say in English. */
  readonly missing: readonly (readonly [name: string, english: string])[];
  /** Names of words that English has not. */
  readonly surplus: readonly string[];
}

export async function gapsOf(code: keyof typeof languages): Promise<Gaps> {
  const words = (await languages[code].words()) ?? english;
  const wanted = leaves(english);
  const got = leaves(words);
  return {
    all: wanted.size,
    missing: [...wanted].filter(([name]) => !got.has(name)),
    surplus: [...got.keys()].filter((name) => !wanted.has(name)),
  };
}

/** A list of words is one leaf, as is a word that is made by a function. */
function leaves(words: unknown, name = '', found = new Map<string, string>()) {
  // What is neither said nor made by a function is for programs.
  if (typeof words === 'boolean') return found;
  if (!isGroup(words)) return found.set(name, String(words).replace(/\s+/g, ' '));
  for (const [key, inner] of Object.entries(words)) {
    leaves(inner, name === '' ? key : `${name}.${key}`, found);
  }
  return found;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const chosen = process.argv[2];
  for (const code of Object.keys(languages) as (keyof typeof languages)[]) {
    const { all, missing, surplus } = await gapsOf(code);
    console.log(`${code}: ${all - missing.length} of ${all} words`);
    for (const name of surplus) console.log(`  not said in English: ${name}`);
    if (code === chosen) for (const [name, words] of missing) console.log(`  ${name}: ${words}`);
  }
}
