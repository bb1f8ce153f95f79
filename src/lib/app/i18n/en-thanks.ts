/** The fourth part of `en.ts`: jobs without a settler, and what they risk. */
import type { ThankYouView, UnsettledOfferView } from '../types.ts';

/** What happens now, on the customer's side. */
const customer: Record<ThankYouView['stage'], string> = {
  offered:
    'Say thank you to be told who this is. It costs you nothing; it costs the worker its reply.',
  asking: 'Waiting for the worker to pay for its reply. Nothing of yours is held.',
  thanked: 'You said thank you. The worker brings its contact now.',
  met: 'You met. What follows is between the two of you.',
  ended: 'This reply is over. You paid nothing.',
};

/** And on the worker's. */
const worker: Record<UnsettledOfferView['stage'], string> = {
  sent: 'Your reply is on its way. Nothing is paid unless the customer takes it.',
  paying:
    'Your payment for the reply is held. It is paid when the customer says thank you, else it comes back.',
  paid: 'The customer said thank you and your reply is paid. Waiting for its call.',
  met: 'You met. Agree on the payment before you start: nobody holds it.',
  unmet:
    'The customer said thank you and never called. Your reply is paid for; the price of the job never moved.',
  ended: 'This reply is over.',
};

export const enThanks = {
  thanks: {
    rule: 'Jobs without a settler: post them, and reply to them',
    ruleWhy: 'Nobody holds the price and nobody rules in a dispute. Use it with people you know.',
    accept: 'Also take replies without a settler',
    acceptWhy:
      'Nobody holds the price and nobody rules in a dispute: you pay the worker yourself, and nobody gives it back. You pay no network fee.',
    cannotAccept: 'Your wallet cannot hold payments, so nobody could pay for such a reply.',
    replies: 'Without a settler',
    price: 'Asks for',
    unheld: 'held by nobody',
    take: 'Say thank you, get the contact',
    taking: 'One at a time: every thank you costs a worker its reply.',
    leave: 'No, thank you',
    stop: 'Stop waiting',
    free: 'The worker pays for its reply when you say thank you. If you do not mean to call, leave it.',
    customer,
    worker,
    reasons: {
      lapsed: 'Its time was over.',
      stopped: 'It was not wanted any more.',
      'too-late': 'The payment came too late to be safe.',
      'no-key': 'The worker brought no contact.',
      'too-dear': 'Bringing the reply cost more than your limit. Nothing was paid.',
      unthanked: 'The customer said no thank you. Your payment came back.',
      withdrawn: 'You took it back.',
      'called-off': 'The customer wants nobody any more.',
    } as Readonly<Record<string, string>>,
    heard: 'No settler needed for this one: the customer also takes a reply straight from you.',
    heardWhy:
      'Nobody holds the price and nobody rules in a dispute. You pay for bringing your reply, once the customer says thank you; whether it calls and pays you is up to it.',
    heardRules: 'Your rules want a settler. You can change that under Node, Rules.',
    limit: 'Most your reply may cost, sats',
    reply: 'Reply without a settler',
    replyFree: 'Costs up to your limit, and only if the customer takes it.',
    yours: 'Your reply',
    most: 'Reply costs at most',
    noSettler: 'No settler stands behind this job.',
    withdraw: 'Take the reply back',
  },
};
