/** What the money guard reads of a node's disk: which payments are in the air, and how they are to end. Nothing else of it. */
import { limits, readStored, type PaymentHash } from '../protocol/index.ts';

export type Ending = 'settle' | 'cancel';

/** A middleman's part of a chain: paid on one hash, paying on the same. */
export interface KeptLeg {
  readonly kind: 'leg';
  readonly hash: PaymentHash;
  readonly issuedMsat: bigint;
  readonly unlockBy: number;
  readonly settleDeadline: number;
  /** The invoice it pays; null while it pays none. */
  readonly paying: string | null;
  readonly paid: 'pending' | 'failed';
  readonly ending: Ending | null;
}

/** A settler's, a gig worker's or a thanking customer's own invoice. */
export interface KeptPayment {
  readonly kind: 'payment';
  readonly hash: PaymentHash;
  readonly issuedMsat: bigint;
  readonly accepted: boolean;
  readonly settled: boolean;
  readonly ending: Ending | null;
}

/** What a customer pays, or a gig worker for its reply: invoices by hash. */
export interface KeptJob {
  readonly kind: 'job';
  readonly paying: readonly (readonly [PaymentHash, string])[];
}

/** What is paid to a neighbour in place of work: nothing comes back for it, so the owner's limits are all there is. */
export interface KeptFavour {
  readonly kind: 'favour';
  readonly hash: PaymentHash;
  readonly invoice: string;
  readonly priceMsat: bigint;
  readonly atMs: number;
  readonly paid: 'pending' | 'settled' | 'failed';
  /** What it takes of the day's limit. */
  readonly spentMsat: bigint;
}

export const favourKey = 'favour-bought/';
export const soldKey = 'favour-sold/';

/** Null for what is no business of the guard's. */
export function readKept(
  key: string,
  value: Uint8Array,
): KeptLeg | KeptPayment | KeptJob | KeptFavour | null {
  if (key.startsWith(favourKey)) return readFavour(readStored<StoredFavour>(value));
  if (key.startsWith(soldKey)) return readSale(readStored<StoredSale>(value));
  if (key.startsWith('leg/')) return readLeg(readStored<StoredLeg>(value));
  if (key.startsWith('settlement/')) return readSettlement(readStored<StoredSettlement>(value));
  if (key.startsWith('offer/')) return readOffer(readStored<StoredOffer>(value));
  if (key.startsWith('job/')) return readJob(readStored<StoredJob>(value));
  if (key.startsWith('thank-you/')) return readThankYou(readStored<StoredThankYou>(value));
  if (key.startsWith('unsettled/')) return readUnsettled(readStored<StoredUnsettled>(value));
  return null;
}

function readLeg({ state, terms, settleDeadline = 0 }: StoredLeg): KeptLeg {
  const pays = ['Paying', 'Consulting', 'Settling'].includes(state);
  const ends = { Settling: 'settle', Cancelling: 'cancel' } as const;
  return {
    kind: 'leg',
    hash: terms.paymentHash,
    issuedMsat: terms.incomingMsat,
    unlockBy: terms.unlockBy,
    settleDeadline,
    paying: pays ? terms.outgoingInvoice : null,
    paid: state === 'Paying' ? 'pending' : 'failed',
    ending: ends[state as keyof typeof ends] ?? null,
  };
}

/** A settlement may collect for the contact while its gig goes on. */
function readSettlement(kept: StoredSettlement): KeptPayment {
  const { state, deal, settleDeadline, published, network } = kept;
  const ends = { Settling: 'settle', Aborting: 'cancel', Returning: 'cancel' } as const;
  const collects = state === 'Unlocked' && network === 'settling';
  const settled = (published.networkPreimage ?? null) !== null;
  return {
    kind: 'payment',
    hash: deal.networkPaymentHash,
    issuedMsat: deal.feeMsat,
    accepted: settleDeadline !== undefined || settled,
    settled,
    ending: collects ? 'settle' : (ends[state as keyof typeof ends] ?? null),
  };
}

function readOffer({ state, terms, settleDeadline }: StoredOffer): KeptPayment | null {
  if (terms === undefined) return null;
  const ends = { Settling: 'settle', Refunding: 'cancel' } as const;
  return {
    kind: 'payment',
    hash: terms.replyPaymentHash,
    issuedMsat: terms.amountMsat,
    accepted: settleDeadline !== undefined,
    settled: state === 'Paid',
    ending: ends[state as keyof typeof ends] ?? null,
  };
}

function readJob({ chosen, money }: StoredJob): KeptJob {
  const paying: [PaymentHash, string][] = [];
  if (chosen && money && money.network !== 'planned') {
    paying.push([chosen.networkPaymentHash, chosen.networkInvoice]);
  }
  if (chosen && money && money.reply !== 'planned') {
    paying.push([chosen.terms.replyPaymentHash, chosen.replyInvoice]);
  }
  return { kind: 'job', paying };
}

function readFavour({ state, purchase, nothingLeft }: StoredFavour): KeptFavour {
  const paid = { Paying: 'pending', Paid: 'settled', Failed: 'failed' } as const;
  return {
    kind: 'favour',
    hash: purchase.paymentHash,
    invoice: purchase.invoice,
    priceMsat: purchase.priceMsat,
    atMs: purchase.atMs,
    paid: paid[state],
    spentMsat: nothingLeft === true ? 0n : purchase.priceMsat,
  };
}

/** A neighbour's payment to us in place of work. */
function readSale({ state, sale, held }: StoredSale): KeptPayment {
  const ends = { Settling: 'settle', Cancelling: 'cancel' } as const;
  return {
    kind: 'payment',
    hash: sale.paymentHash,
    issuedMsat: sale.priceMsat,
    accepted: state === 'Settling' || held === true,
    settled: false,
    ending: ends[state as keyof typeof ends] ?? null,
  };
}

function readThankYou({ state, thanks, settled }: StoredThankYou): KeptPayment | null {
  if (!thanks) return null;
  const released = ['Releasing', 'Released', 'Met'].includes(state);
  return {
    kind: 'payment',
    hash: thanks.paymentHash,
    issuedMsat: limits.thankYouMsat,
    accepted: released,
    settled: state === 'Released' || settled === true,
    ending: released ? 'settle' : state === 'Cancelling' ? 'cancel' : null,
  };
}

function readUnsettled({ price }: StoredUnsettled): KeptJob {
  return { kind: 'job', paying: price ? [[price.paymentHash, price.invoice]] : [] };
}

interface StoredFavour {
  readonly state: 'Paying' | 'Paid' | 'Failed';
  readonly nothingLeft?: boolean;
  readonly purchase: {
    readonly paymentHash: PaymentHash;
    readonly invoice: string;
    readonly priceMsat: bigint;
    readonly atMs: number;
  };
}

interface StoredSale {
  readonly state: string;
  readonly held?: boolean;
  readonly sale: { readonly paymentHash: PaymentHash; readonly priceMsat: bigint };
}

interface StoredLeg {
  readonly state: string;
  readonly settleDeadline?: number;
  readonly terms: {
    readonly paymentHash: PaymentHash;
    readonly incomingMsat: bigint;
    readonly outgoingInvoice: string;
    readonly unlockBy: number;
  };
}

interface StoredSettlement {
  readonly state: string;
  readonly network?: string;
  readonly settleDeadline?: number;
  readonly published: { readonly networkPreimage?: Uint8Array | null };
  readonly deal: { readonly networkPaymentHash: PaymentHash; readonly feeMsat: bigint };
}

/** An offer has terms once its draft was accepted. */
interface StoredOffer {
  readonly state: string;
  readonly settleDeadline?: number;
  readonly terms?: { readonly replyPaymentHash: PaymentHash; readonly amountMsat: bigint };
}

/** A job that has not chosen has neither. */
interface StoredJob {
  readonly chosen?: {
    readonly networkPaymentHash: PaymentHash;
    readonly networkInvoice: string;
    readonly replyInvoice: string;
    readonly terms: { readonly replyPaymentHash: PaymentHash };
  };
  readonly money?: { readonly network: string; readonly reply: string };
}

/** A reply without a settler has `thanks` once its thank you was asked for. */
interface StoredThankYou {
  readonly state: string;
  readonly thanks?: { readonly paymentHash: PaymentHash } | null;
  readonly settled?: boolean;
}

/** Our own reply without a settler has a price once we pay it. */
interface StoredUnsettled {
  readonly price?: { readonly paymentHash: PaymentHash; readonly invoice: string } | null;
}
