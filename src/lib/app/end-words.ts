/** Why a job, an offer or a promise ended, in one sentence for all three sides. */
import { translated } from './i18n/translated.ts';
import { walletWords } from './words.ts';

export const endSentences = translated<Readonly<Record<string, string>>>('ends', {
  // The settler's outcome.
  confirmed: 'The customer confirmed that the job was done.',
  claimed: 'The worker said that the job was done, and nobody objected in time.',
  'nobody-claimed': 'Nobody said in time that the job was done.',
  ruled: 'The settler decided.',
  'no-ruling': 'The settler did not decide in time, so the job’s sats went back.',
  cancelled: 'It was called off.',
  'no-contact': 'The customer said that nobody came, and the worker did not answer.',
  conceded: 'The worker agreed that the sats are not owed.',
  // Ended before the contact opened.
  sender: 'The customer called it off before the contact opened.',
  replier: 'The worker called it off before the contact opened.',
  'too-late': 'The payment came too late to be safe.',
  'other-route': 'The same offer was taken on another way.',
  settler: 'The settler called it off before the contact opened.',
  aborted: 'It was called off before the contact opened.',
  withdrawn: 'The offer was taken back.',
  'called-off': 'The customer withdrew the job.',
  lost: 'The customer took another offer, or the time was over.',
  'settler-silent': 'The settler did not answer.',
  expired: 'Its time was over.',
  'nobody paid': 'Nobody paid in time.',
  LOCK_FRAUD: 'The settler’s key did not open the contact. That is fraud; do not pay.',
  REPLY_UNREADABLE: 'The worker sealed no contact. The settler was shown the proof.',
  REPLY_SIGNATURE_INVALID:
    'The worker sealed no contact of its own. The settler was shown the proof.',
  'settler-lied': 'Your settler broke its word to somebody. Nothing more is promised with it.',
  'contact-broken':
    'The customer could not get your contact: what was locked did not open. The price went back.',
  // A payment that did not arrive.
  'not-held': 'The settler did not see the payment in time, so it was asked back.',
  'came back': 'The payment found no way and came back.',
  'insufficient balance': 'Your wallet has too few sats.',
  'refused by the wallet': 'Your wallet refused the payment.',
  'not in the wallet': 'Your wallet did not make the payment.',
  'invoice expired': 'The offer was too old to be paid for.',
  // A settler that makes no promise.
  'a lie of yours is proven':
    'It is proven that you sealed no contact. This settler makes no promise for you.',
  'the settler has no wallet that can hold payments':
    'The settler has no wallet that can hold payments.',
  amount: 'The settler does not settle this amount.',
  'too many open promises': 'The settler has too many open promises. Try again in an hour.',
  'asked already': 'The settler was asked for this before.',
  CERTIFICATE: 'The settler no longer accepts your certificate. Ask it to vouch for you again.',
});

/** Null for what somebody wrote: it is shown as theirs. */
export function endWords(reason: string): string | null {
  const ofWallet: Readonly<Record<string, string>> = walletWords;
  if (reason.startsWith('CERTIFICATE_')) return endSentences.CERTIFICATE!;
  return endSentences[reason] ?? ofWallet[reason] ?? null;
}
