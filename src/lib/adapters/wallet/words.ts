/**
 * What a wallet's answers mean. A wallet is somebody else's program: every field may be missing or
 * of another type, and nothing here throws.
 */
import type { PaymentHash, WalletFaultCode } from '../../protocol/index.ts';

/** NIP-47's methods without which a wallet cannot hold a payment. */
const HOLD_METHODS = ['make_hold_invoice', 'settle_hold_invoice', 'cancel_hold_invoice'];

/** Either will do to read a wallet's books. */
const LOOK_METHODS = ['lookup_invoice', 'list_transactions'];

export interface WalletInfo {
  readonly alias: string;
  /** As the core names networks; null if the wallet does not say. */
  readonly network: string | null;
  /** 0 if the wallet does not say. */
  readonly height: number;
  readonly methods: readonly string[];
  /** Blocks it adds to a payment's route; null if it does not say, as most do not. */
  readonly shadowBlocks: number | null;
}

export interface Transaction {
  readonly type: string;
  /** Lower case; what an older wallet leaves out is inferred. */
  readonly state: string;
  /** Lower case; empty if the wallet does not say. */
  readonly invoice: string;
  readonly paymentHash: PaymentHash;
  /** Hex; empty if the wallet does not say. Nobody has checked it. */
  readonly preimage: string;
  readonly feeMsat: bigint;
  readonly settleDeadline: number | null;
}

export function readInfo(value: unknown): WalletInfo | null {
  if (typeof value !== 'object' || value === null) return null;
  const said = value as Record<string, unknown>;
  const { alias, network, block_height: height, methods, shadow_blocks: shadow } = said;
  return {
    alias: textIn(alias).slice(0, 100),
    network: networkOf(textIn(network)),
    height: numberIn(height) ?? 0,
    methods: Array.isArray(methods) ? methods.filter((each) => typeof each === 'string') : [],
    shadowBlocks: numberIn(shadow),
  };
}

function networkOf(said: string): string | null {
  if (said === '') return null;
  if (said === 'bitcoin') return 'mainnet';
  return said.startsWith('testnet') ? 'testnet' : said;
}

/** The info event says what a wallet can do, get_info what this connection may do. */
export function canHold(info: WalletInfo, offered: readonly string[]): boolean {
  const both = (method: string) => offered.includes(method) && info.methods.includes(method);
  return HOLD_METHODS.every(both) && canLook(info) && info.height > 0;
}

/** Older wallets do not say what a connection may do. */
export function canLook({ methods }: WalletInfo): boolean {
  return methods.length === 0 || LOOK_METHODS.some((method) => methods.includes(method));
}

export function readTransaction(value: unknown): Transaction | null {
  if (typeof value !== 'object' || value === null) return null;
  const said = value as Record<string, unknown>;
  const settled = typeof said.settled_at === 'number' && said.settled_at > 0;
  const paymentHash = textIn(said.payment_hash).toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(paymentHash)) return null;
  return {
    type: textIn(said.type),
    state: textIn(said.state).toLowerCase() || (settled ? 'settled' : 'pending'),
    invoice: textIn(said.invoice).toLowerCase(),
    paymentHash: paymentHash as PaymentHash,
    preimage: textIn(said.preimage).toLowerCase(),
    feeMsat: BigInt(numberIn(said.fees_paid) ?? 0),
    settleDeadline: numberIn(said.settle_deadline),
  };
}

/** The transactions of a list and whether there may be more; null if it is no list. */
export function readList(value: unknown): readonly Transaction[] | null {
  const { transactions } = (value ?? {}) as { transactions?: unknown };
  if (!Array.isArray(transactions)) return null;
  return transactions.map(readTransaction).filter((each) => each !== null);
}

export function readBalance(value: unknown): bigint | null {
  const balance = numberIn(((value ?? {}) as { balance?: unknown }).balance);
  return balance === null ? null : BigInt(balance);
}

/** The invoice of an answer to make_hold_invoice, in lower case. */
export function readMadeInvoice(value: unknown): string {
  return textIn(((value ?? {}) as { invoice?: unknown }).invoice).toLowerCase();
}

/** Whose hash a notification is about; null if it is about none. */
export function readNotification(value: unknown): Transaction | null {
  return readTransaction((value as { notification?: unknown } | null)?.notification);
}

/** Is it worth asking again, after this error of NIP-47? */
export function isPassing(code: string): boolean {
  return code === 'RATE_LIMITED' || code === 'INTERNAL';
}

/** The wallet does not know this connection, or has revoked it. */
export function isForbidden(code: string): boolean {
  return code === 'UNAUTHORIZED' || code === 'RESTRICTED';
}

/** Why the wallet makes no hold invoice. */
export function faultOf(code: string): WalletFaultCode {
  if (isForbidden(code)) return 'WALLET_UNAUTHORIZED';
  return code === 'NOT_IMPLEMENTED' ? 'WALLET_CANNOT_HOLD' : 'WALLET_REFUSED';
}

/** Errors that come before a wallet sends anything, so that nothing has left it. */
export function isRefusalToPay(code: string): boolean {
  const refusals = [
    'RATE_LIMITED',
    'NOT_IMPLEMENTED',
    'INSUFFICIENT_BALANCE',
    'QUOTA_EXCEEDED',
    'RESTRICTED',
    'UNAUTHORIZED',
    'BAD_REQUEST',
    'UNSUPPORTED_ENCRYPTION',
  ];
  return refusals.includes(code);
}

/** Some wallets call a payment an error because it is still on its way. */
export function soundsInFlight(message: string): boolean {
  return /flight|pending|progress|time|already|held/i.test(message);
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberIn(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
}
