/** What a worker is told of a later part of work it began. */
export const enParts = {
  parts: {
    answered: (part: number, parts: number) =>
      `Your customer asks you to go on with part ${part} of ${parts}. Your node answered at the price of the part before. You may take that back, and name another price or leave it.`,
  },
};
