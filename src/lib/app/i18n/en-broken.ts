/** What is said of settlers that broke their word. */
export const enBroken = {
  broken: {
    title: (name: string) => `Your settler ${name} broke its word`,
    kinds: {
      lock: 'It published a key that does not open the contact it was for.',
      seal: 'A worker it vouched for sealed no contact.',
      'two-promises': 'It promised two things on one payment.',
      'unlock-and-abort': 'It opened a contact and called the same job off.',
      'two-outcomes': 'It decided one job in two ways.',
      'refund-and-preimage': 'It signed that a payment goes back, and collected it.',
      'two-lists': 'It published two lists of revoked certificates under one number.',
      'missing-ruling': 'It took a complaint in time and never ruled on it.',
      silent: 'It owed a ruling and says nothing. You know it; nobody else can check it.',
    },
    own: 'Your node saw it itself, in a deal of yours.',
    told: 'A neighbour sent the proof, and your node checked it.',
    what: 'Your node makes no new deals with it and has told your neighbours. What is held comes back by its block at the latest. Take offers of other settlers, or remove it below.',
    proof: 'The proof',
    proofWhy: 'Anybody who trusts this settler can check it. It holds no key of yours.',
    forgive: 'Trust it again',
    forgiven: 'You trust it all the same.',
    offer: 'This settler broke its word. Your node makes no deal with it.',
    noContact: (when: string) =>
      `The contact could not be opened. Nothing is paid: your node told the settler so, and what is held comes back by ${when} at the latest.`,
  },
};
