/** A part of `later.ts`: introducing neighbours to each other. */
export const enIntroductions = {
  introductions: {
    title: 'Introductions',
    choice: 'Introduce my neighbours to each other',
    why: 'Then they find each other when no relay is left. It costs a few kilobytes now and then, and nothing while your battery is low or you save data. You see who is introduced, not what they say.',
  },
};
