/**
 * What a peer's frame can be guilty of, one code a rule. Equality is on the code; `detail` says what was got and what was
 * wanted, never a secret. The sentence for people is in `app/words`.
 */
export const faultCodes = {
  FRAME_TOO_LARGE: 'a frame is larger than its kind may be',
  FRAME_MALFORMED: 'bytes that are no frame: bad protobuf, missing field, wrong length',
  FRAME_NOT_CANONICAL: 'a signed body that does not re-encode to the bytes carried',
  FRAME_UNEXPECTED: 'a frame nobody asked for, or at the wrong moment',
  NETWORK_MISMATCH: 'the peer is on another Bitcoin network or protocol version',
  CLOCK_SKEW: "the peer's clock is more than 30 s away from ours",
  RATE_EXCEEDED: 'more frames than the token bucket allows',
  ASK_WITHOUT_WORK: 'an ask on a session whose allowance is used up',
  ASK_UNKNOWN: "a broadcast for an ask that is not ours, not open or not this session's",
  ASK_MISMATCH: 'a broadcast whose payload is not the one asked for',
  PAYLOAD_KNOWN_BAD: 'a payload whose signature already failed',
  POW_SCHEME_MISMATCH: 'work of another scheme than was asked for',
  POW_TARGET_MISMATCH: 'work for another target than was asked for',
  POW_ABOVE_TARGET: 'a hash above the target',
  POW_MEMORY_HARD_ABOVE_TARGET: 'memory-hard work that passed its gate and is none',
  PAYMENT_NOT_PROVEN:
    'a proof of payment that is of no invoice of ours for this ask, or an unpaid one',
  TIMESTAMP_OUT_OF_TOLERANCE: 'a broadcast too old, or from the future',
  TOPIC_EXPIRED: "the job's time window has passed",
  TOPIC_INVALID: 'a window that ends before it begins or is too long, or a number out of range',
  GEOHASH_MALFORMED: 'not a geohash',
  GEOHASH_TOO_COARSE: 'a geohash with fewer characters than its kind of job wants',
  GEOHASH_TOO_EXACT: 'a geohash with more characters than its kind of job may have',
  ONION_UNREADABLE: 'an onion whose head does not open',
  ONION_HEAD_MISMATCH: 'an onion head that names another peer or ask',
  ONION_SLOT_UNKNOWN: 'a reply whose onion slot no open passage has',
  CERTIFICATE_ISSUER_UNKNOWN: 'a certificate that leads to no root of ours',
  CERTIFICATE_SIGNATURE_INVALID: 'a certificate whose signature fails',
  CERTIFICATE_NOT_VALID_NOW: 'a certificate before or after its time',
  CERTIFICATE_NOT_ENTITLED: 'a certificate that does not entitle to this',
  CERTIFICATE_REVOKED: 'a certificate that its issuer took back',
  REVOCATION_HEAD_INVALID: 'a revocation head that is stale, goes back, or is badly signed',
  REQUEST_SIGNATURE_INVALID: 'a request whose signature fails',
  CANCELLATION_SIGNATURE_INVALID: "a cancellation that the request's key did not sign",
  PROMISE_SIGNATURE_INVALID: 'a settlement promise whose signature fails',
  PROMISE_MISMATCH: 'a promise for another payload or another reply',
  PROMISE_HEIGHTS_INVALID: 'heights out of order or too tight',
  PROMISE_EXPIRED: 'a promise past its expiry',
  REPLY_NOT_BROADCAST_TO: 'a reply from a peer this payload was not broadcast to',
  REPLY_REPEATED: 'a second reply on one network payment hash',
  REPLY_LIMIT: 'more replies than one ask may earn',
  ROUTING_FEE_ABOVE_QUOTE: 'a reply whose route adds more than its middleman quoted',
  REPLY_UNREADABLE: "a reply payload that does not open with the sender's key",
  REPLY_SIGNATURE_INVALID: 'a reply payload whose signature fails',
  REPLY_REQUEST_ALTERED: 'a reply that echoes another request',
  INVOICE_MALFORMED: 'an invoice that does not parse',
  INVOICE_HASH_MISMATCH: 'an invoice on another payment hash than promised',
  INVOICE_AMOUNT_MISMATCH: 'an invoice for another amount than promised, or above the fee limit',
  INVOICE_CLTV_MISMATCH: 'an invoice whose final CLTV leaves too little time, or takes too much',
  INVOICE_NETWORK_MISMATCH: 'an invoice of another Bitcoin network',
  TERMS_MISMATCH: 'terms whose hash is not the promised one, or that contradict the reply',
  LOCK_FRAUD: 'an unlocking key that does not open the message it was promised for',
  STATEMENT_SIGNATURE_INVALID: 'a settlement statement whose signature fails',
  STATEMENT_NOT_ENTITLED: 'a settlement statement by somebody it is not about',
  PREIMAGE_MISMATCH: 'a preimage that does not hash to the promised payment hash',
  FRAUD_PROOF_INVALID: 'a fraud proof that proves nothing',
  THANK_YOU_UNWANTED: 'a reply without a settler to a request that takes none',
  THANK_YOU_UNKNOWN: 'a thank you, or a contact key, for a reply that is not ours',
  THANK_YOU_SIGNATURE_INVALID: 'a thank you whose signature fails',
  THANK_YOU_EXPIRED: 'a reply without a settler, or its thank you, past its time',
  CONTACT_KEY_WRONG: 'a contact key that does not open the message it was signed for',
  CONTACT_UNREADABLE: 'a contact frame that does not open with the channel key',
} as const;

export type FaultCode = keyof typeof faultCodes;

/** What `verify...` functions return: null when all is well. */
export interface Fault {
  readonly code: FaultCode;
  readonly detail: string;
}

export function fault(code: FaultCode, detail = ''): Fault {
  return { code, detail };
}

/** Why a wallet could not do something. Only `definite` failures end a payment; everything else leaves it pending. */
export type WalletFaultCode =
  | 'WALLET_ADDRESS_MALFORMED' // the text is no nostr+walletconnect:// address
  | 'WALLET_UNREACHABLE' // relay or wallet did not answer in time
  | 'WALLET_UNAUTHORIZED' // the wallet does not know this connection, or forbids the method
  | 'WALLET_CANNOT_HOLD' // no hold invoices: make_hold_invoice, settle_ or cancel_hold_invoice is missing
  | 'WALLET_WRONG_NETWORK' // the wallet is on another Bitcoin network than this node
  | 'WALLET_INSUFFICIENT' // not enough balance
  | 'WALLET_REFUSED' // the wallet said no for another reason
  | 'WALLET_INVOICE_MISMATCH'; // the invoice it made has another hash, amount or final CLTV than asked for
