/** The fourth part of `en.ts`: a matched job that goes wrong. */
export const enTrouble = {
  trouble: {
    title: 'Something is wrong?',
    claimed: (when: string) =>
      `The worker claims to have done the job, and is paid at ${when} if nobody objects.`,
    disputed: (when: string) =>
      `The settler decides who gets the sats, by ${when}. They stay held until then.`,
    evidence: 'What happened? Only the settler reads it.',
    dispute: 'Ask the settler to decide',
    absent: 'Nobody came, nobody answers',
    absentWhy: 'If the worker does not object, everything comes back, the network’s fee too.',
    absentSaid: (when: string) =>
      `You said that nobody came. If the worker does not object, everything comes back at ${when}.`,
    accused: (when: string) =>
      `The customer says that nobody came. If that is wrong, ask the settler to decide; else everything goes back at ${when}.`,
    concede: 'The customer is right',
    concedeWhy: 'You give the sats up, and they go back. This cannot be taken back.',
    conceded: 'You gave the sats up. They go back to the customer.',
    cancel: 'Call it off together',
    cancelled: 'You would call it off. Everything goes back once the other side says so too.',
    otherCancels: 'The other side would call it off. Say so too, and everything goes back.',
  },
};
