/**
 * The words in use: English, with those of another language laid over them. The language is set once, before the first
 * screen is imported (`main.ts`), so that words may be read wherever a module likes; another choice reloads the page.
 */

/** Where words are said from: `t`, `later`, and the sentences of `words.ts` and its like. */
export type Part = 't' | 'later' | 'rejections' | 'faults' | 'wallet' | 'start' | 'asks' | 'ends';

let inUse: Readonly<Partial<Record<Part, unknown>>> = {};

export function use(translation: typeof inUse): void {
  inUse = translation;
}

/** English words as the chosen language says them. */
export function translated<Words>(part: Part, english: Words): Words {
  return laidOver(english, inUse[part]) as Words;
}

/** What `own` lacks stays as it is in English; what English lacks is left out. */
export function laidOver(english: unknown, own: unknown): unknown {
  if (own === undefined) return english;
  if (!isGroup(english) || !isGroup(own)) return own;
  return Object.fromEntries(
    Object.keys(english).map((key) => [key, laidOver(english[key], own[key])]),
  );
}

/** Words under names, and not a word or a list of them. */
export function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
