/** What a node keeps about those who lied, and of what settlers say, lest they lie. Whitepaper: "Payment settler". */
import type { PartyKey, PaymentHash, PromiseId } from '../ids.ts';
import type { Bought, Fraud } from '../job/fraud-proof.ts';
import { receiptFields } from '../job/settlement.ts';
import type { FraudView } from '../views.ts';
import type { Signed } from '../wire/messages.ts';

/** A lie this node knows of. */
export interface KnownFraud {
  readonly id: string;
  readonly fraud: Omit<Fraud, 'kind'> & { readonly kind: Fraud['kind'] | 'silent' };
  /** The proof as a frame in hex; null for silence, which only we saw. */
  readonly proof: string | null;
  readonly atMs: number;
  /** In a deal of ours; else somebody told us. */
  readonly own: boolean;
  /** The owner trusts the settler all the same. */
  readonly forgiven: boolean;
}

/** Does the owner's node make no new promise with this settler? */
export function isDistrusted(frauds: ReadonlyMap<string, KnownFraud>, root: PartyKey): boolean {
  for (const { fraud, forgiven } of frauds.values()) {
    if (fraud.role === 'settler' && fraud.root === root && !forgiven) return true;
  }
  return false;
}

/** A settler's lies, the latest first. */
export function fraudViews(frauds: ReadonlyMap<string, KnownFraud>, root: PartyKey): FraudView[] {
  return [...frauds.values()]
    .filter(({ fraud }) => fraud.role === 'settler' && fraud.root === root)
    .map(({ id, fraud: { kind, promiseId }, atMs, own, proof }) => {
      return { id, kind, promiseId, atMs, own, proof };
    })
    .reverse();
}

/** Is this key known to have sealed rubbish? */
export function isLiar(frauds: ReadonlyMap<string, KnownFraud>, key: PartyKey): boolean {
  return hasLied(frauds, (other) => other === key);
}

/** Did a worker lie under one of these keys? */
export function hasLied(
  frauds: ReadonlyMap<string, KnownFraud>,
  isTheirs: (key: PartyKey) => boolean,
): boolean {
  for (const { fraud } of frauds.values()) {
    if (fraud.role === 'replier' && isTheirs(fraud.key)) return true;
  }
  return false;
}

/** Statements of a settler that are worth keeping. */
export const kept = ['unlock', 'abort', 'outcome', ...Object.values(receiptFields)] as const;
export type Kept = (typeof kept)[number];

/** What one settler signed about one promise. */
export interface Evidence {
  readonly promiseId: PromiseId;
  readonly settlerKey: PartyKey;
  readonly networkPaymentHash: PaymentHash;
  readonly promise: Signed;
  /** The inside of the deal; null for who only carried the reply. */
  readonly bought: Bought | null;
  readonly said: Partial<Readonly<Record<Kept, Signed>>>;
  readonly networkPreimage: Uint8Array | null;
  readonly replyPreimage: Uint8Array | null;
}
