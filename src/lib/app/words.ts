/**
 * One sentence or two for everything that can go wrong, each answering: what happened, is my money safe, what now. The
 * types make a missing one a compile error. Screens show them as they are; codes and details stay one tap down.
 */
import { translated } from './i18n/translated.ts';
import type { RejectionCode, WalletFaultCode } from './types.ts';

/** The node did not take a command. Nothing has changed. */
export const rejectionWords = translated<Record<RejectionCode, string>>('rejections', {
  GEOHASH_MALFORMED:
    'This is no place code. Nothing was sent. Pick the cell on the map, or type 7 or 8 letters and digits such as u2yhvw5.',
  GEOHASH_TOO_COARSE:
    'This place is too vague for a worker to find. Nothing was sent. Pick a smaller cell on the map.',
  GEOHASH_TOO_EXACT:
    'This would tell everybody your exact spot. Nothing was sent. Pick a larger cell on the map.',
  WINDOW_IN_THE_PAST: 'This time is already over. Nothing was sent. Choose a later one.',
  WINDOW_BACKWARDS:
    'The latest arrival is before the earliest pick-up. Nothing was sent. Swap them.',
  WINDOW_TOO_LONG:
    'This is too long a time to keep a job open. Nothing was sent. Choose a shorter one.',
  VALUE_OUT_OF_RANGE: 'One of these values cannot be used. Nothing was sent. Choose another one.',
  HOLD_TOO_LONG:
    'Money can be held for about three days at most. Nothing was sent. Split the job into more parts, each paid on its own, or choose an earlier day.',
  SETTLE_TOO_EARLY:
    'For a short job the network is paid when the job is done, not before. Nothing was sent. Offer it that way.',
  AMOUNT_TOO_SMALL:
    'This is not an amount that can be paid. Nothing was sent or locked. Type whole sats, at least 1.',
  AMOUNT_TOO_LARGE: 'This amount is too large. Nothing was sent or locked. Type a smaller one.',
  TEXT_EMPTY: 'There is no text yet. Nothing was sent. Write something first.',
  TEXT_TOO_LONG: 'This text is too long. Nothing was sent. Make it shorter.',
  NO_CERTIFICATE:
    'Nobody vouches for you yet. Nothing was sent and no money moved. Ask a settler first.',
  CERTIFICATE_REVOKED:
    'The settler has taken this certificate back since. Nothing was paid. Take another offer or job.',
  NO_FRESH_HEAD:
    'The settler has not said today which certificates still count, so nothing is paid. Your node is asking; try again in a moment.',
  CERTIFICATE_AWAITED:
    'Your certificates are used up or expired, and new ones have been asked for. Nothing was sent and no money moved. Try again in a minute; your settler must be online.',
  PROPERTY_UNKNOWN:
    'A certificate cannot say this. Nothing was sent or changed. Tick what is on the list.',
  NO_WALLET:
    'No wallet is connected. Nothing was sent and no money moved. Connect one under Node, Wallet.',
  WALLET_CANNOT_HOLD:
    'Your wallet cannot hold payments. Nothing was sent and no money moved. You can still hire and pass on jobs; to earn, connect a wallet with hold invoices.',
  WALLET_ADDRESS_MALFORMED:
    'This is no wallet address. Your wallet was not touched. It must begin with nostr+walletconnect:// and be pasted whole.',
  NO_PEERS:
    'You have no neighbours yet. Nothing was sent and no money moved. Wait until you are connected, or check the relays under Node.',
  NO_SETTLER: 'You trust no settler yet. Nothing was sent and no money moved. Add one under Node.',
  SETTLER_LIED:
    'This settler broke its word, and the proof is on your node. Nothing was sent and no money moved. Take an offer of another settler, or trust it again under Node.',
  SETTLER_WANTED:
    'This customer takes offers with a settler only. Nothing was sent and no money moved. Make an offer with your settler.',
  AGAINST_RULES:
    'Your rules want a settler behind every job. Nothing was sent and no money moved. You can change that under Node, Rules.',
  BALANCE_TOO_SMALL:
    'Your wallet holds less than this costs. Nothing was locked. Put more into your wallet, or take a cheaper offer.',
  UNKNOWN_APPLICATION: 'This application is not known here. No money is involved. Reload the page.',
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
});

/** Why a neighbour does not carry a job, or did not answer; other reasons are shown as they are. */
export const askWords = translated<Readonly<Record<string, string>>>('asks', {
  seen: 'has it already',
  kind: 'does not carry such jobs',
  busy: 'has its hands full',
  'not-now': 'carries nothing now',
  withdrawn: 'heard that it was withdrawn',
  scheme: 'wants work this device does not know',
  'too-dear': 'wants more work than you give',
  'fee-too-high': 'charges more than you allow',
  silent: 'no answer in time',
  gone: 'went away',
  over: 'not needed any more',
  'too-slow': 'the work took too long',
  'not-paid': 'could not be paid',
  invoice: 'asked for another sum than it said',
});

/** The wallet could not do what it was asked. */
export const walletWords = translated<Record<WalletFaultCode, string>>('wallet', {
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
});
