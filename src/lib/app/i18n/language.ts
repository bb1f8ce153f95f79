/** Which language the screens speak: what the owner chose, else the first of the browser's that there is. */
import { use } from './translated.ts';
import type { Translation } from './translation.ts';

interface Language {
  /** In its own words. */
  readonly name: string;
  readonly direction: 'ltr' | 'rtl';
  /** English says what these do not. */
  readonly words: () => Promise<Translation | null>;
}

/** English is part of the app; each other language is one file that is fetched by who reads it. */
const known = {
  en: { name: 'English', direction: 'ltr', words: () => Promise.resolve(null) },
  ar: { name: 'العربية', direction: 'rtl', words: async () => (await import('./ar/index.ts')).ar },
} satisfies Record<string, Language>;

export type LanguageCode = keyof typeof known;

export const languages: Readonly<Record<LanguageCode, Language>> = known;

const key = 'gig-gossip:language';
const codes = Object.keys(known) as LanguageCode[];
const isKnown = (code: string | null): code is LanguageCode =>
  (codes as readonly (string | null)[]).includes(code);

/** `wanted` as browsers tell it, dearest first: "pt-BR" is served by "pt". */
export function firstKnown(wanted: readonly string[]): LanguageCode {
  return wanted.map((tag) => tag.toLowerCase().split('-')[0]!).find(isKnown) ?? 'en';
}

export function languageIn(page: Pick<Window, 'localStorage' | 'navigator'>): LanguageCode {
  const chosen = page.localStorage.getItem(key);
  return isKnown(chosen) ? chosen : firstKnown(page.navigator.languages);
}

/** Takes effect with a new page: words are read as screens are made. */
export function chooseLanguage(page: Window, code: LanguageCode): void {
  page.localStorage.setItem(key, code);
  page.location.reload();
}

/** To be awaited before any screen is imported. A language that cannot be fetched leaves English, not an empty page. */
export async function speak(page: Window): Promise<void> {
  const code = languageIn(page);
  const { direction, words } = languages[code];
  try {
    use((await words()) ?? {});
  } catch {
    return;
  }
  page.document.documentElement.lang = code;
  page.document.documentElement.dir = direction;
}
