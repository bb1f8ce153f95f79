/** Where every sat is, and whether it is safe: the money screen and the help on every job. */
/** Is my money safe, and what now? A customer's job, by what is so. */
const customer = {
  nothing: 'Nothing of yours is locked. Asking is free.',
  choose: 'Nothing of yours is locked. It is only when you take an offer.',
  locking: (when: string) =>
    `Yes. It is being locked, not paid. If the worker or the settler does not answer, it comes back by ${when} at the latest.`,
  lockingNow: 'Keep this page open for a moment: your phone asks for the contact.',
  held: (when: string) =>
    `Yes. It is held, not paid: nobody has it, you cannot spend it. If the job never happens it comes back by ${when} at the latest.`,
  heldNow:
    'Pay when the job is done, and not before. If nobody comes, say so here; that is how the network’s fee comes back, too.',
  claimed: (when: string) =>
    `It is held. The worker says the job is done: if you say nothing, it is paid at ${when}.`,
  claimedNow: 'If the job was not done, ask the settler to decide before that block.',
  disputed: (when: string) =>
    `It is held, and nobody can take it while the settler decides. The settler has to, by ${when}; if it does not, the job’s sats come back to you.`,
  disputedNow: 'Nothing more to do, but to answer what the settler asks.',
  absent: (when: string) =>
    `It is held. You said that nobody came: if the worker does not object, all of it comes back at ${when}.`,
  broken: (when: string) =>
    `It is held, not paid, and the contact did not open. Do not pay: it comes back by ${when} at the latest.`,
  brokenNow: 'Your phone has shown the settler the proof. Ask somebody else.',
  confirmed: 'You paid. The settler is passing it on; this cannot be taken back.',
  settled: 'It is paid, as you said. The proof of payment is on this device.',
  feeHeld: (when: string) =>
    `The job’s sats are back with you. The network’s fee is held, and is paid or back by ${when} at the latest.`,
  feePaid: 'The job’s sats are back with you. The network’s fee is paid: it brought you together.',
  back: 'Yes. All of it is back in your wallet.',
  onItsWay: (when: string) =>
    `Yes. It is not paid, and on its way back to you, by ${when} at the latest.`,
  never: 'Yes. Nothing was locked, and nothing is owed.',
  thanked:
    'No sats are held for this job: nobody can give them back and nobody rules. Pay the worker yourself, when you are content.',
};

const worker = {
  nothing: 'Nothing of yours is locked. An offer costs nothing.',
  waiting: 'You have not been paid, and nothing of yours is locked.',
  waitingNow: 'Do not begin: the customer’s sats are not held yet.',
  held: (when: string) =>
    `The customer’s sats are held for you, not paid, until ${when}. The contact is not open yet.`,
  heldNow: 'Do not begin yet. You will be told when you are hired.',
  matched: (when: string) =>
    `Yes. The price is held for you: the customer cannot take it back before ${when}.`,
  matchedNow: (when: string) =>
    `Do the job, then say that it is done, by ${when}. Who says nothing is not paid.`,
  claimed: (when: string) =>
    `Yes. You said that it is done: if the customer does not object, you are paid at ${when}.`,
  claimedNow: 'Open this app again soon after: your phone collects the sats when it runs.',
  disputed: (when: string) =>
    `The price is held while the settler decides, by ${when}. If it does not decide, the sats go back to the customer.`,
  disputedNow: 'Tell the settler what happened, if you have not.',
  accused: (when: string) =>
    `The customer says that nobody came. If you say nothing, the price goes back at ${when}.`,
  accusedNow: 'If that is wrong, ask the settler to decide before that block.',
  confirmed: (when: string) =>
    `Yes. The customer agreed, and your phone is collecting the sats. Keep this page open, or open it before ${when}.`,
  paid: 'Yes. It is in your wallet.',
  over: 'You lost nothing: the sats are with the customer, and you owe none.',
};

const unsettled = {
  sent: 'Nothing of yours is locked. Bringing the reply costs something only if the customer takes it.',
  paying: (when: string) =>
    `What bringing the reply costs is held, not paid. If the customer does not say thank you, it comes back by ${when} at the latest.`,
  paid: 'Bringing the reply is paid for. The price of the job is held by nobody: agree on it before you begin.',
  unmet: 'Bringing the reply is paid for and the customer never called. Nothing more can be lost.',
  over: 'Nothing of yours is locked. What was held for the reply is back.',
};

const carrier = {
  waiting: 'Nothing of yours is locked. You earn the fee when the offer you carried is taken.',
  held: (when: string) =>
    `You are paid, held, and have not paid on yet. It is yours or back with the payer by ${when}.`,
  paying: (outBy: string, inBy: string) =>
    `You paid ahead, held, and are paid, held, with your fee on top. Both are paid or both come back: yours by ${outBy}, theirs by ${inBy}.`,
  payingNow: (inBy: string) =>
    `Open this app before ${inBy}: it collects what you are owed. A phone that sleeps longer may lose what it paid ahead.`,
  paid: 'Yes. Both are paid and your fee is yours.',
  over: 'Yes. It came back, and you lost nothing.',
};

const settler = {
  promised: 'Nobody has locked anything yet. You owe an answer only when the payment is held.',
  held: (when: string) => `Your fee is held, not paid, until ${when}. The job is not open yet.`,
  open: (when: string) =>
    `Your fee is held until ${when}. You hold the keys of others: keep this node running.`,
  openNow: (when: string) => `Decide what waits for you by ${when}; a missed ruling can be proven.`,
  paying: 'Your fee is being collected. Keep this page open.',
  paid: 'Yes. Your fee is in your wallet.',
  over: 'Your fee went back, as it should. You lost nothing.',
};

export const enMoney = {
  purse: {
    title: 'Your money',
    lead: 'Where every sat is, and when it comes back.',
    wallet: 'In your wallet',
    noWallet: 'No wallet is connected',
    heldOut: 'Yours, held, not paid',
    heldIn: 'Held for you',
    paid: 'Paid so far',
    received: 'Received so far',
    returned: 'Came back so far',
    favoursSold: 'Received in place of work',
    favoursBought: 'Paid in place of work',
    nothingHeld: 'Nothing is held. Every sat of yours is in your wallet.',
    allBy: (when: string) => `By ${when} at the latest all of it is paid, or back where it was.`,
    next: (when: string) => `The first of it by ${when}.`,
    ofWallet: 'Some wallets count what is held in their balance until it is paid, others do not.',
    now: 'Held now',
    before: 'Over',
    none: 'No sats of yours moved yet.',
    roles: {
      customer: 'You hired',
      worker: 'You work',
      carrier: 'You carried an offer home',
      settler: 'You settle',
    },
    see: 'See the job',
    question: 'Is my money safe?',
    todo: 'Now',
    unknownBlock: 'its block',
    help: 'When is my money safe?',
    helpLines: [
      'Held is not paid. Held sats are locked by Lightning itself: nobody can spend them, neither you nor the other side, until they are released, or until their block comes and they go back by themselves.',
      'Blocks are Bitcoin’s clock: about six in an hour. A block’s time on this screen is a guess; the block is what counts.',
      'Your wallet holds your sats, never this app. If you lose this phone, sats in your wallet are where they were.',
      'While you are paid, or carry a payment for others, your phone has to run before the block it says: it collects with a key that only it is given.',
    ],
  },
  safety: { customer, worker, unsettled, carrier, settler },
};
