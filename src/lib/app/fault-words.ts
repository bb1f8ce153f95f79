/** The sentences of `words.ts` for what neighbours do wrong; apart, because only the node's screen needs so many. */
import { translated } from './i18n/translated.ts';
import type { FaultCode } from './types.ts';

/** A neighbour sent something invalid; this node refused it. */
export const faultWords = translated<Record<FaultCode, string>>('faults', {
  FRAME_TOO_LARGE:
    'A neighbour sent more than any message may hold. It was dropped; no money was involved. Nothing to do.',
  FRAME_MALFORMED:
    'A neighbour sent bytes that make no sense. They were dropped; no money was involved. Nothing to do.',
  FRAME_NOT_CANONICAL:
    'A neighbour sent a signed message in a twisted form. It was dropped; your money is untouched. Nothing to do.',
  FRAME_UNEXPECTED:
    'A neighbour sent something nobody asked for. It was ignored; your money is untouched. Nothing to do.',
  NETWORK_MISMATCH:
    'A neighbour is on another Bitcoin network or an older version. You do not talk to it; your money is untouched. If it happens with everybody, update the app.',
  CLOCK_SKEW:
    'A neighbour’s clock is more than 30 seconds away from yours. You do not talk to it; your money is untouched. If it happens with everybody, set your clock.',
  RATE_EXCEEDED:
    'A neighbour sent too much too fast. The surplus was dropped; your money is untouched. Nothing to do.',
  ASK_WITHOUT_WORK:
    'A neighbour asked more often than it had worked for. It was ignored; your money is untouched. Nothing to do.',
  ASK_UNKNOWN:
    'A neighbour sent a job without asking first. It was dropped; your money is untouched. Nothing to do.',
  ASK_MISMATCH:
    'A neighbour sent another job than it asked about. It was dropped; your money is untouched. Nothing to do.',
  PAYLOAD_KNOWN_BAD:
    'A neighbour passed on a job already found to be forged. It was dropped; your money is untouched. Nothing to do.',
  POW_SCHEME_MISMATCH:
    'A neighbour did another kind of work than you asked for. Its job was not carried; your money is untouched. Nothing to do.',
  POW_TARGET_MISMATCH:
    'A neighbour worked to another measure than you asked for. Its job was not carried; your money is untouched. Nothing to do.',
  POW_MEMORY_HARD_ABOVE_TARGET:
    'This neighbour pretended to have done dear work. The connection was ended; your money is untouched. Nothing to do.',
  POW_ABOVE_TARGET:
    'A neighbour did less work than you asked for. Its job was not carried; your money is untouched. Nothing to do.',
  PAYMENT_NOT_PROVEN:
    'A neighbour said that it had paid, and had not. Its job was not carried; your money is untouched. Nothing to do.',
  TIMESTAMP_OUT_OF_TOLERANCE:
    'A neighbour’s work was too old, or dated in the future. Its job was not carried; your money is untouched. Nothing to do.',
  TOPIC_EXPIRED:
    'A neighbour passed on a job whose time is over. It was dropped; your money is untouched. Nothing to do.',
  TOPIC_INVALID:
    'A neighbour passed on a job with an impossible time. It was dropped; your money is untouched. Nothing to do.',
  GEOHASH_MALFORMED:
    'A neighbour passed on a job at a place that does not exist. It was dropped; your money is untouched. Nothing to do.',
  GEOHASH_TOO_COARSE:
    'A neighbour passed on a job with too vague a place. It was dropped; your money is untouched. Nothing to do.',
  GEOHASH_TOO_EXACT:
    'A neighbour passed on a job that gives away an exact place. It was dropped; your money is untouched. Nothing to do.',
  ONION_UNREADABLE:
    'A neighbour sent a job with a return path you cannot use. It was not carried; your money is untouched. Nothing to do.',
  ONION_HEAD_MISMATCH:
    'A neighbour tampered with a job’s return path. It was not carried; your money is untouched. Nothing to do.',
  ONION_SLOT_UNKNOWN:
    'An offer came back along a path you never opened. It was dropped; your money is untouched. Nothing to do.',
  CERTIFICATE_ISSUER_UNKNOWN:
    'Somebody is vouched for by a settler you do not know. You ignore them; your money is untouched. To trust that settler, add it under Node.',
  CERTIFICATE_SIGNATURE_INVALID:
    'Somebody showed a forged certificate. It was refused; your money is untouched. Nothing to do.',
  CERTIFICATE_NOT_VALID_NOW:
    'Somebody’s certificate has run out or has not begun. It was refused; your money is untouched. If it is yours, ask your settler for a new one.',
  CERTIFICATE_NOT_ENTITLED:
    'Somebody used a certificate for what it does not allow. It was refused; your money is untouched. Nothing to do.',
  CERTIFICATE_REVOKED:
    'Somebody used a certificate that its settler has taken back. It was refused; your money is untouched. Wait for another offer or job.',
  REVOCATION_HEAD_INVALID:
    'A settler’s list of withdrawn certificates is stale or forged. Offers that lean on it are refused; your money is untouched. Try again when the settler is online.',
  REQUEST_SIGNATURE_INVALID:
    'A neighbour passed on a forged job. It was dropped; your money is untouched. Nothing to do.',
  CANCELLATION_SIGNATURE_INVALID:
    'A neighbour said a customer had taken a job back, but the customer never did. The job stays open; no money moved.',
  PROMISE_SIGNATURE_INVALID:
    'An offer came with a forged settler’s promise. It was refused before anything was paid. Wait for another offer.',
  PROMISE_MISMATCH:
    'An offer came with a promise made for another job. It was refused before anything was paid. Wait for another offer.',
  PROMISE_HEIGHTS_INVALID:
    'An offer’s deadlines do not add up. It was refused before anything was paid. Wait for another offer.',
  PROMISE_EXPIRED:
    'An offer came too late to be safe. It was refused before anything was paid. Wait for another offer.',
  REPLY_NOT_BROADCAST_TO:
    'An offer came from somebody you never told of the job. It was dropped; your money is untouched. Nothing to do.',
  REPLY_REPEATED:
    'The same offer came twice. The copy was dropped; your money is untouched. Nothing to do.',
  REPLY_LIMIT:
    'More offers came than one neighbour may bring. The surplus was dropped; your money is untouched. Nothing to do.',
  ROUTING_FEE_ABOVE_QUOTE:
    'A neighbour brought an offer on a route that costs more than it had said. It was not taken; no money moved.',
  REPLY_UNREADABLE:
    'An offer was not written for you. It was dropped before anything was paid. Wait for another offer.',
  REPLY_SIGNATURE_INVALID:
    'An offer was not signed by the one who is said to make it. It was refused before anything was paid. Wait for another offer.',
  REPLY_REQUEST_ALTERED:
    'An offer answers a changed version of your job. It was refused before anything was paid. Wait for another offer.',
  INVOICE_MALFORMED:
    'An offer came with an unreadable invoice. It was refused before anything was paid. Wait for another offer.',
  INVOICE_HASH_MISMATCH:
    'An offer came with an invoice that the settler did not promise. It was refused before anything was paid. Wait for another offer.',
  INVOICE_AMOUNT_MISMATCH:
    'An offer’s invoice asks for another amount than promised. It was refused before anything was paid. Wait for another offer.',
  INVOICE_CLTV_MISMATCH:
    'An offer would hold your money too long or too short. It was refused before anything was paid. Wait for another offer.',
  INVOICE_NETWORK_MISMATCH:
    'An offer’s invoice is for another Bitcoin network. It was refused before anything was paid. Wait for another offer.',
  TERMS_MISMATCH:
    'An offer’s terms are not those the settler promised. It was refused before anything was paid. Wait for another offer.',
  LOCK_FRAUD:
    'The settler’s key does not open the contact it promised. Your payment is held, not paid, and comes back by the block shown. Do not use this settler again.',
  STATEMENT_SIGNATURE_INVALID:
    'A forged settlement statement arrived. It was ignored and moved no money. Nothing to do.',
  STATEMENT_NOT_ENTITLED:
    'Somebody made a statement about a job that is not theirs. It was ignored and moved no money. Nothing to do.',
  PREIMAGE_MISMATCH:
    'A wrong payment key was published. It was ignored; held money stays held and comes back by its block. Nothing to do.',
  FRAUD_PROOF_INVALID:
    'A neighbour accused somebody of fraud without proof. It was ignored; your money is untouched. Nothing to do.',
  THANK_YOU_UNWANTED:
    'An offer without a settler came for a job that wants one. It was dropped; no money moved. Nothing to do.',
  THANK_YOU_UNKNOWN:
    'A thank you came for an offer that is not known here. It was ignored and moved no money. Nothing to do.',
  THANK_YOU_SIGNATURE_INVALID:
    'A forged thank you arrived. It was ignored and moved no money. Nothing to do.',
  THANK_YOU_EXPIRED:
    'An offer without a settler, or its thank you, came too late. It was ignored and moved no money. Wait for another.',
  CONTACT_KEY_WRONG:
    'The worker’s key does not open the contact it signed for. You paid nothing. Take another offer.',
  CONTACT_UNREADABLE:
    'A message from the other side could not be opened. It was dropped; your money is untouched. Ask them to send it again.',
});
