/**
 * Fraud proofs made of nothing but what a settler signed: it contradicts itself, or owns that it did not do what it promised.
 * Whitepaper: "Payment settler".
 */
import { equal } from '../bytes.ts';
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault, type MessageCodec } from '../wire/codec.ts';
import {
  Abort,
  Outcome,
  Receipt,
  RevocationHead,
  Unlock,
  type CertificateChain,
  type Signed,
} from '../wire/messages.ts';
import {
  bySettler,
  nothing,
  openPromise,
  openStatement,
  readTerms,
  verifyAtSomeTime,
  type Fraud,
  type FraudKind,
  type FraudTrust,
  type Promised,
} from './fraud-parts.ts';
import { isPreimageOf } from './hodl-invoice.ts';
import { openSigned, type SignedType } from './signed.ts';

type Said = Partial<Omit<FrameOf<'equivocation'>, 'kind' | 'promise'>>;

/** A settler said these things about one promise. */
export function equivocation(promise: Signed, said: Said): FrameOf<'equivocation'> {
  return {
    kind: 'equivocation',
    promise,
    otherPromise: null,
    unlock: null,
    abort: null,
    outcome: null,
    otherOutcome: null,
    networkPreimage: null,
    replyPreimage: null,
    terms: null,
    salt: null,
    ...said,
  };
}

export function verifyEquivocation(
  frame: FrameOf<'equivocation'>,
  trust: FraudTrust,
): Fraud | Fault {
  const promised = openPromise(frame.promise, trust);
  if (isFault(promised)) return promised;
  const { promise, settler } = promised;
  const open = <Body extends { readonly promiseId: PromiseId }>(
    codec: MessageCodec<Body>,
    signed: Signed | null,
    type: SignedType,
  ) => signed && openStatement(codec, signed, { type, promised, trust });
  const unlocked = open(Unlock, frame.unlock, 'unlock');
  const aborted = open(Abort, frame.abort, 'abort');
  const outcome = open(Outcome, frame.outcome, 'outcome');
  const otherOutcome = open(Outcome, frame.otherOutcome, 'outcome');
  for (const said of [unlocked, aborted, outcome, otherOutcome]) if (isFault(said)) return said;
  const is = (kind: FraudKind) => bySettler(kind, settler, promise.promiseId);
  if (unlocked && aborted) return is('unlock-and-abort');
  const [one, two] = [outcome as Outcome | null, otherOutcome as Outcome | null];
  if (one && two && (one.gig !== two.gig || one.network !== two.network)) return is('two-outcomes');
  const refunds = (purpose: 'gig' | 'network') =>
    aborted !== null || one?.[purpose] === 'refunded' || two?.[purpose] === 'refunded';
  if (refunds('network') && isPreimageOf(frame.networkPreimage, promise.networkPaymentHash)) {
    return is('refund-and-preimage');
  }
  const terms = readTerms(frame, promise);
  if (refunds('gig') && terms && isPreimageOf(frame.replyPreimage, terms.replyPaymentHash)) {
    return is('refund-and-preimage');
  }
  return verifyTwoPromises(frame, promised, trust);
}

function verifyTwoPromises(
  { promise, otherPromise }: FrameOf<'equivocation'>,
  { promise: body, settler }: Promised,
  trust: FraudTrust,
): Fraud | Fault {
  if (otherPromise === null) return nothing('nothing that does not go together');
  const other = openPromise(otherPromise, trust);
  if (isFault(other)) return other;
  const oneHash = other.promise.networkPaymentHash === body.networkPaymentHash;
  // Another key of the same root may be somebody else's, who took the hash from the first promise.
  const oneSettler = other.settler.leaf.publicKey === settler.leaf.publicKey;
  const differ = !equal(otherPromise.body, promise.body);
  if (!oneHash || !oneSettler || !differ) return nothing('promises that go together');
  return bySettler('two-promises', settler, body.promiseId);
}

// ---------------------------------------------------------------------------------- revocation lists

/** Two heads of one number. */
export function twoLists(
  settlerCertificate: CertificateChain,
  head: Signed,
  otherHead: Signed,
): FrameOf<'twoLists'> {
  return { kind: 'twoLists', settlerCertificate, head, otherHead };
}

export function verifyTwoLists(frame: FrameOf<'twoLists'>, trust: FraudTrust): Fraud | Fault {
  const settler = verifyAtSomeTime(frame.settlerCertificate, 'settler', trust);
  if (isFault(settler)) return settler;
  const by = {
    type: 'revocation-head',
    network: trust.network,
    key: settler.leaf.certAuthKey,
    code: 'FRAUD_PROOF_INVALID',
  } as const;
  const [one, two] = [frame.head, frame.otherHead].map((head) =>
    openSigned(RevocationHead, head, by),
  );
  if (isFault(one)) return one;
  if (isFault(two)) return two;
  const differ = one!.seq === two!.seq && one!.listRoot !== two!.listRoot;
  return differ ? bySettler('two-lists', settler, null) : nothing('lists that go together');
}

// --------------------------------------------------------------------------------- missing rulings

/** Its receipts for what called for a ruling, and its own word that there was none. */
export function missingRuling(
  promise: Signed,
  receipts: readonly Signed[],
  outcome: Signed,
): FrameOf<'missingRuling'> {
  const [receipt = outcome, otherReceipt = null] = receipts;
  return { kind: 'missingRuling', promise, receipt, otherReceipt, outcome };
}

/** A dispute, or a claim against a no contact, that the settler had on file `limits.rulingBlocks` before decide_by. */
export function verifyMissingRuling(
  frame: FrameOf<'missingRuling'>,
  trust: FraudTrust,
): Fraud | Fault {
  const promised = openPromise(frame.promise, trust);
  if (isFault(promised)) return promised;
  const { promise, settler } = promised;
  const outcome = openStatement(Outcome, frame.outcome, { type: 'outcome', promised, trust });
  if (isFault(outcome)) return outcome;
  if (outcome.reason !== 'no-ruling')
    return nothing('an outcome that was ruled, or needed no ruling');
  const abouts = new Set<Receipt['about']>();
  for (const signed of [frame.receipt, frame.otherReceipt]) {
    if (signed === null) continue;
    const receipt = openStatement(Receipt, signed, { type: 'receipt', promised, trust });
    if (isFault(receipt)) return receipt;
    const inTime = receipt.height + limits.rulingBlocks <= promise.heights.decideBy;
    if (inTime) abouts.add(receipt.about);
  }
  const disputed = abouts.has('senderDispute') || abouts.has('replierDispute');
  const contrary = abouts.has('claim') && abouts.has('noContact');
  if (!disputed && !contrary) return nothing('no receipt that called for a ruling in time');
  return bySettler('missing-ruling', settler, promise.promiseId);
}
