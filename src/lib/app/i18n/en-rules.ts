/** A part of `en.ts`: the owner's finer rules, in plain words. */
export const enRules = {
  rules: {
    more: 'More rules',
    why: 'Who asks your node to pass on a job works for it first. Sums that need memory take a phone about as long as a machine built for sums, so a farm of machines gains little. Work is reckoned in thousandths of a second of a usual phone; your node asks for more while many ask it.',
    scheme: 'Work you ask for',
    schemes: { sha256: 'Quick sums', argon2id: 'Sums that need memory' },
    fanout: 'Neighbours you ask at once',
    multibroadcast: 'Times you pass on one job',
    multibroadcastWhy: 'Each time it finds another way home, and with it another fee.',
    routeFee: 'Most a way behind you may cost, in sats',
    maxRouteFee: 'Dearest way you ask for yourself, in sats',
    maxWork: 'Longest this device works for one neighbour, in seconds',
  },
  pay: {
    title: 'Sats instead of work',
    why: 'Who wants a job passed on works for it first, so that nobody floods the network. A few sats do as well. A neighbour that takes them and passes nothing on keeps them, so keep the sums small.',
    take: 'What others may pay you for passing on a job, in sats; 0: they work',
    takeKinds: 'Another price for a kind of job',
    noHold: 'Your wallet makes no hold invoices: nobody can pay you for this.',
    most: 'Most you pay a neighbour, in sats; 0: your device works',
    perDay: 'Most you pay in a day, in sats',
    above: 'Pay only where your device would work for longer than this, in seconds',
    sums: (taken: string, paid: string) => `Until now: ${taken} taken, ${paid} paid.`,
  },
};
