/** What another language is made of: the shapes of the English words, so that one that is said no more does not compile. */
import type { endSentences } from '../end-words.ts';
import type { startWords } from '../start-words.ts';
import type { faultWords } from '../fault-words.ts';
import type { askWords, rejectionWords, walletWords } from '../words.ts';
import type { t } from './index.ts';
import type { later } from './later.ts';
import type { Part } from './translated.ts';

/** What is said in English; the types take these words' names, and none of the words. */
interface Words extends Record<Part, unknown> {
  readonly t: typeof t;
  readonly later: typeof later;
  readonly rejections: typeof rejectionWords;
  readonly faults: typeof faultWords;
  readonly wallet: typeof walletWords;
  readonly start: typeof startWords;
  readonly asks: typeof askWords;
  readonly ends: typeof endSentences;
}

/** In another language. What it lacks is said in English, and listed by `npm run languages`. */
export type Translation = { readonly [Part in keyof Words]: Translated<Words[Part]> };

type Translated<Words> = Words extends string
  ? string
  : Words extends (...args: infer Args) => string
    ? (...args: Args) => string
    : Words extends readonly unknown[]
      ? { readonly [Key in keyof Words]: string }
      : { readonly [Key in keyof Words]?: Translated<Words[Key]> };
