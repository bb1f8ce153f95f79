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
};
