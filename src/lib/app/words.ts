/**
 * One sentence or two for everything that can go wrong, each answering: what happened, is my money safe, what now. The
 * types make a missing one a compile error. Screens show them as they are; codes and details stay one tap down.
 */
import type { StartFaultCode } from './app-link.ts';
import type { FaultCode, RejectionCode, WalletFaultCode } from './types.ts';

/** A neighbour sent something invalid; this node refused it. */
export const faultWords: Record<FaultCode, string> = {
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
  POW_ABOVE_TARGET:
    'A neighbour did less work than you asked for. Its job was not carried; your money is untouched. Nothing to do.',
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
  REVOCATION_HEAD_INVALID:
    'A settler’s list of withdrawn certificates is stale or forged. Offers that lean on it are refused; your money is untouched. Try again when the settler is online.',
  REQUEST_SIGNATURE_INVALID:
    'A neighbour passed on a forged job. It was dropped; your money is untouched. Nothing to do.',
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
  CONTACT_UNREADABLE:
    'A message from the other side could not be opened. It was dropped; your money is untouched. Ask them to send it again.',
};

/** The node did not take a command. Nothing has changed. */
export const rejectionWords: Record<RejectionCode, string> = {
  GEOHASH_MALFORMED:
    'This is no place code. Nothing was sent. Pick the cell on the map, or type 7 or 8 letters and digits such as u2yhvw5.',
  GEOHASH_TOO_COARSE:
    'This place is too vague for a driver to find. Nothing was sent. Use 7 or 8 characters.',
  GEOHASH_TOO_EXACT:
    'This would tell everybody your exact spot. Nothing was sent. Use 7 or 8 characters.',
  WINDOW_IN_THE_PAST: 'This time is already over. Nothing was sent. Choose a later one.',
  WINDOW_BACKWARDS:
    'The latest arrival is before the earliest pick-up. Nothing was sent. Swap them.',
  WINDOW_TOO_LONG:
    'This is too long a time to keep a job open. Nothing was sent. Choose a shorter one.',
  AMOUNT_TOO_SMALL:
    'This is not an amount that can be paid. Nothing was sent or locked. Type whole sats, at least 1.',
  AMOUNT_TOO_LARGE: 'This amount is too large. Nothing was sent or locked. Type a smaller one.',
  TEXT_EMPTY: 'There is no text yet. Nothing was sent. Write something first.',
  TEXT_TOO_LONG: 'This text is too long. Nothing was sent. Make it shorter.',
  NO_CERTIFICATE:
    'Nobody vouches for you yet. Nothing was sent and no money moved. Ask a settler first.',
  NO_WALLET:
    'No wallet is connected. Nothing was sent and no money moved. Connect one under Node, Wallet.',
  WALLET_CANNOT_HOLD:
    'Your wallet cannot hold payments. Nothing was sent and no money moved. You can still hire and pass on jobs; to earn, connect a wallet with hold invoices.',
  WALLET_ADDRESS_MALFORMED:
    'This is no wallet address. Your wallet was not touched. It must begin with nostr+walletconnect:// and be pasted whole.',
  NO_PEERS:
    'You have no neighbours yet. Nothing was sent and no money moved. Wait until you are connected, or check the relays under Node.',
  NO_SETTLER: 'You trust no settler yet. Nothing was sent and no money moved. Add one under Node.',
  UNKNOWN_JOB: 'This job is gone. Nothing was sent and no money moved. Go back to the list.',
  UNKNOWN_OFFER: 'This offer is gone. No money moved. Go back to the list.',
  UNKNOWN_PROMISE: 'This offer is no longer known here. No money moved. Go back to the list.',
  WRONG_TIME:
    'This cannot be done at this point. No money moved. The card above says what comes next.',
  TOO_LATE:
    'It is too late for this. No money moved; what is held comes back by its block. Look for another offer or post again.',
  TOO_MANY: 'There are too many of these at once. Nothing was sent. Finish or cancel one first.',
  ADDRESS_MALFORMED:
    'This is no address a node can call. Nothing was changed. Paste it whole; it begins with a slash.',
};

/** The wallet could not do what it was asked. */
export const walletWords: Record<WalletFaultCode, string> = {
  WALLET_ADDRESS_MALFORMED:
    'This is no wallet address. Your wallet was not touched. It must begin with nostr+walletconnect:// and be pasted whole.',
  WALLET_UNREACHABLE:
    'Your wallet does not answer. Your money is where it was; held payments come back by their block. Open your wallet, check its connection, then try again.',
  WALLET_UNAUTHORIZED:
    'Your wallet does not accept this connection. Your money is safe there. Make a new connection in your wallet and paste it here.',
  WALLET_CANNOT_HOLD:
    'Your wallet cannot hold payments. Your money is safe. You can hire and pass on jobs; to earn, connect a wallet with hold invoices.',
  WALLET_WRONG_NETWORK:
    'Your wallet is on another Bitcoin network than this node. Nothing was paid. Connect one of the same network.',
  WALLET_INSUFFICIENT:
    'There is not enough in your wallet. Nothing was paid. Add sats, or choose a cheaper offer.',
  WALLET_REFUSED:
    'Your wallet said no. Nothing was paid. Its own app may say why, for example a spending limit.',
  WALLET_INVOICE_MISMATCH:
    'Your wallet made another invoice than it was asked for. It was not used and no money moved. Connect another wallet.',
};

/** The node could not be started in this page. */
export const startWords: Record<StartFaultCode, string> = {
  OTHER_TAB:
    'Gig-Gossip already runs in another tab. Your money and jobs are safe there. Use that tab, or close it and reload this one.',
  NO_STORAGE:
    'Your browser keeps nothing for this page, so a job could be forgotten while money is held. Nothing was started. Leave the private window or allow storage, then reload.',
  NO_WEBRTC:
    'Your browser cannot connect to other phones. Nothing was started and no money moved. Use a current Chrome, Firefox or Safari.',
  REMOTE_SILENT:
    'The node this window should show does not answer. Nothing was sent and no money moved. Check that the practice network runs, then reload.',
};
