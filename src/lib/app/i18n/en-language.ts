/** A part of `later.ts`: the language of the screens. */
export const enLanguage = {
  language: {
    title: 'Language',
    why: 'The page opens again in the language you choose. Nothing under way is lost.',
  },
};
