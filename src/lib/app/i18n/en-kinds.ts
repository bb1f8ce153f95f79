/** A part of `en.ts`: rules that differ from one kind of job to another. */
export const enKinds = {
  kinds: {
    title: 'Rules of one kind of job',
    why: 'What is left empty is as for all kinds.',
    scheme: 'Work you ask for',
    same: 'As for all kinds',
    workMs: 'How hard, in thousandths of a second of a phone',
    fee: 'What you charge, in sats',
    routeFee: 'Most a way behind you may cost, in sats',
    carryWanted: 'Pass them on to other workers as well',
  },
};
