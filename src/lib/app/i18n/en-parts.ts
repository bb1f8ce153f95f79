/** Jobs that are paid in parts: what the customer, and what a worker is told. And the proof that something was paid. */
export const enParts = {
  parts: {
    ofWork:
      'Each part is locked, done and paid on its own, by the same worker. Money can be held for about three days, so longer work needs parts.',
    ofStay:
      'Each part is locked and paid on its own, to the same host: the first books, the others follow while you stay. After any part both of you are free to leave.',
    next: (part: number, parts: number) => `Go on with part ${part} of ${parts}`,
    nextWhy:
      'Your worker is asked to go on at the same price. You see the offer before anything is locked.',
    to: (part: number, parts: number) => `See part ${part} of ${parts}`,
    answered: (part: number, parts: number) =>
      `Your customer asks you to go on with part ${part} of ${parts}. Your node answered at the price of the part before. You may take that back, and name another price or leave it.`,
    proof: 'Proof of payment:',
  },
};
