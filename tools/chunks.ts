/**
 * Which modules are fetched together. Left alone, the bundler makes a file of every few lines that two screens share, and
 * small files compress badly.
 */
import type { Rolldown } from 'vite';
import { LANGUAGE_CHUNK, SHELL_CHUNK } from './pwa-plugin.ts';

type Group = Rolldown.CodeSplittingGroup;

const beneath = (path: string): RegExp => new RegExp(path.replaceAll('/', '[\\\\/]'));

/** All words of one language. */
function languageOf(id: string): string {
  return LANGUAGE_CHUNK + /i18n[\\/]([a-z]{2})[\\/]/.exec(id)![1]!;
}

/** The first group that takes a module has it, and with it what it imports. */
const groups: readonly Group[] = [
  // What runs before the shell does, which must find its words; and the little that the workers share with the page.
  {
    name: 'start',
    test: beneath(
      '/i18n/(counting|language|translated)\\.ts$|/trusted-script-url\\.ts$|vite/preload-helper',
    ),
  },
  { name: SHELL_CHUNK, test: beneath('/src/show\\.ts$') },
  { name: languageOf, test: beneath('/i18n/[a-z]{2}/') },
  // What screens share.
  {
    name: 'parts',
    test: beneath('/src/(lib/(app/(?!map/)|components/)|routes/)'),
    minShareCount: 2,
  },
];

export const codeSplitting: Rolldown.CodeSplittingOptions = {
  groups: groups.map((group, index) => ({ ...group, priority: groups.length - index })),
};
