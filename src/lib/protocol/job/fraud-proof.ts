/**
 * Fraud proofs: what shows to anybody who trusts a root that somebody it vouched for lied. Whitepaper: "Payment settler" trusts
 * the settler that key and message match; here a lie about it is provable, and so is a replier's.
 *
 *   LockFraud      the settler's lock does not hold what it promised
 *   SealFraud      what the replier sealed is not its signed message; the sender opens its own seal to the world
 *   Equivocation   a settler said two things about one promise that do not go together
 *   TwoLists       two revocation lists under one number
 *
 * Not provable, and so not here: silence, an early release, a settler that colludes with one side.
 */
import { bytesOf, equal, hexOf } from '../bytes.ts';
import { hash, isXOnlyKey, taggedHash, unlock, type Network } from '../crypto.ts';
import { openWithShared, proveShared, verifyShared } from '../shared-point.ts';
import { fault, type Fault } from '../faults.ts';
import { encodeFrame, type FrameOf } from '../frame.ts';
import type { PartyKey, PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault, type MessageCodec } from '../wire/codec.ts';
import {
  Abort,
  Certificate,
  Outcome,
  ReplyStatement,
  RevocationHead,
  SettlementPromise,
  Terms,
  Unlock,
  type CertificateChain,
  type Signed,
} from '../wire/messages.ts';
import { verifyChain, type CertificateName, type VerifiedCertificate } from './certificate.ts';
import { isPreimageOf } from './hodl-invoice.ts';
import { protocolVersion, readContact, termsHashOf } from './reply.ts';
import { openSigned, type SignedType } from './signed.ts';

export const fraudFrames = ['lockFraud', 'sealFraud', 'equivocation', 'twoLists'] as const;
export type FraudFrame = FrameOf<(typeof fraudFrames)[number]>;

export type FraudKind =
  | 'lock'
  | 'seal'
  | 'two-promises'
  | 'unlock-and-abort'
  | 'two-outcomes'
  | 'refund-and-preimage'
  | 'two-lists';

/** What a proof shows, and of whom. */
export interface Fraud {
  readonly kind: FraudKind;
  readonly role: 'settler' | 'replier';
  /** The key that lied, and the root that vouched for it. */
  readonly key: PartyKey;
  readonly root: PartyKey;
  readonly name: string;
  readonly promiseId: PromiseId | null;
}

/** Whose word counts, and when. */
export interface FraudTrust {
  readonly network: Network;
  readonly roots: ReadonlySet<PartyKey>;
  readonly nowMs: number;
}

/** Names a proof: the same lie told twice is one. Hex, 32 bytes. */
export function fraudId({ kind, key, promiseId }: Fraud): string {
  const about = promiseId === null ? new Uint8Array() : bytesOf(promiseId);
  return hexOf(taggedHash(`gig-gossip/1/fraud/${kind}`, bytesOf(key), about));
}

/** A proof as text that can be shown, kept or sent by any other way: the frame in hex. */
export function fraudText(frame: FraudFrame): string {
  return hexOf(encodeFrame(frame));
}

export function isFraudFrame(frame: { readonly kind: string }): frame is FraudFrame {
  return (fraudFrames as readonly string[]).includes(frame.kind);
}

/**
 * What a proof shows. Any frame gives an answer. Faults: CERTIFICATE_ISSUER_UNKNOWN if no root of ours vouched for the accused;
 * FRAUD_PROOF_INVALID, or what is wrong with a signed part, if it proves nothing.
 */
export function verifyFraud(frame: FraudFrame, trust: FraudTrust): Fraud | Fault {
  switch (frame.kind) {
    case 'lockFraud':
      return verifyLockFraud(frame, trust);
    case 'sealFraud':
      return verifySealFraud(frame, trust);
    case 'equivocation':
      return verifyEquivocation(frame, trust);
    case 'twoLists':
      return verifyTwoLists(frame, trust);
  }
}

const nothing = (why: string) => fault('FRAUD_PROOF_INVALID', why);

// ------------------------------------------------------------------------------------------- locks

/** What a sender has in hand of a reply it bought. */
export interface Bought {
  readonly promise: Signed;
  readonly terms: Uint8Array;
  readonly salt: Uint8Array;
  readonly lockedMessage: Uint8Array;
}

/** The settler's key does not open the message it was promised for. */
export function lockFraud(
  bought: Bought,
  unlockingKey: Uint8Array,
  unlockStatement: Signed,
): FrameOf<'lockFraud'> {
  const { promise, terms, salt, lockedMessage } = bought;
  const parts = { promise, terms, salt, lockedMessage, unlockingKey };
  return { kind: 'lockFraud', ...parts, unlock: unlockStatement };
}

function verifyLockFraud(frame: FrameOf<'lockFraud'>, trust: FraudTrust): Fraud | Fault {
  const promised = readPromised(frame, trust);
  if (isFault(promised)) return promised;
  const { terms, settler, promise } = promised;
  const fraud = bySettler('lock', settler, promise.promiseId);
  if (hexOf(hash(frame.unlockingKey)) !== terms.unlockingKeyHash) {
    if (frame.unlock === null) return nothing('not the promised key, and no Unlock');
    const said = openStatement(Unlock, frame.unlock, { type: 'unlock', promised, trust });
    if (isFault(said)) return said;
    return equal(said.unlockingKey, frame.unlockingKey) ? fraud : nothing('another key');
  }
  if (hexOf(hash(frame.lockedMessage)) !== terms.lockedMessageHash) {
    return nothing('not the promised locked message');
  }
  const sealed = unlock(frame.unlockingKey, frame.lockedMessage);
  const holds = sealed !== null && hexOf(hash(sealed)) === terms.sealedMessageHash;
  return holds ? nothing('the lock holds what was promised') : fraud;
}

// ------------------------------------------------------------------------------------------- seals

/** What a sender needs besides to show a seal: the replier's word for the terms, and its own secret. */
export interface Sealed {
  readonly unlockingKey: Uint8Array;
  readonly replierCertificate: CertificateChain;
  readonly statement: Signed;
  readonly secret: Uint8Array;
  readonly random: Uint8Array;
}

/** What the replier sealed is bad; the lock around it held. Null if the lock did not. */
export function sealFraud(bought: Bought, of: Sealed): FrameOf<'sealFraud'> | null {
  const sealed = unlock(of.unlockingKey, bought.lockedMessage);
  if (sealed === null) return null;
  const shared = proveShared(of.secret, sealed, of.random);
  const { unlockingKey, replierCertificate, statement } = of;
  const { promise, terms, salt, lockedMessage } = bought;
  return {
    kind: 'sealFraud',
    ...{ promise, terms, salt, lockedMessage, unlockingKey, replierCertificate, statement },
    sharedPoint: shared?.shared ?? null,
    sharedProof: shared?.proof ?? null,
  };
}

function verifySealFraud(frame: FrameOf<'sealFraud'>, trust: FraudTrust): Fraud | Fault {
  const promised = readPromised(frame, trust);
  if (isFault(promised)) return promised;
  const { terms, promise } = promised;
  const isLocked =
    hexOf(hash(frame.unlockingKey)) === terms.unlockingKeyHash &&
    hexOf(hash(frame.lockedMessage)) === terms.lockedMessageHash;
  const sealed = isLocked ? unlock(frame.unlockingKey, frame.lockedMessage) : null;
  if (sealed === null || hexOf(hash(sealed)) !== terms.sealedMessageHash) {
    return nothing('the lock is broken, which is not the replier');
  }
  const replier = verifyAtSomeTime(frame.replierCertificate, 'worker', trust);
  if (isFault(replier)) return replier;
  const key = replier.leaf.publicKey;
  const by = { type: 'reply-statement', network: trust.network, key } as const;
  const statement = openSigned(ReplyStatement, frame.statement, {
    ...by,
    code: 'FRAUD_PROOF_INVALID',
  });
  if (isFault(statement)) return statement;
  const about =
    statement.payloadId === promise.payloadId &&
    statement.promiseId === promise.promiseId &&
    statement.termsHash === promise.termsHash;
  if (!about) return nothing('a statement about another reply');
  const { root, leaf } = replier;
  const { promiseId, payloadId } = promise;
  const name = leaf.certAuthName;
  const fraud: Fraud = { kind: 'seal', role: 'replier', key, root, name, promiseId };
  if (!isXOnlyKey(sealed.subarray(0, 32))) return fraud;
  const { sharedPoint: shared, sharedProof: proof } = frame;
  if (shared === null || proof === null) return nothing('the seal was not opened');
  if (!verifyShared(statement.senderKey, sealed, { shared, proof })) {
    return nothing('not what the seal shares with its reader');
  }
  const to = { purpose: 'message', key: statement.senderKey, context: bytesOf(payloadId) };
  const packed = openWithShared(to, sealed, shared);
  const read = readContact(packed, { terms, replierKey: key, payloadId, network: trust.network });
  return isFault(read) ? fraud : nothing('the seal holds a good message');
}

// ------------------------------------------------------------------------------------ equivocation

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

function verifyEquivocation(frame: FrameOf<'equivocation'>, trust: FraudTrust): Fraud | Fault {
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

function verifyTwoLists(frame: FrameOf<'twoLists'>, trust: FraudTrust): Fraud | Fault {
  const settler = verifyAtSomeTime(frame.settlerCertificate, 'settler', trust);
  if (isFault(settler)) return settler;
  const by = {
    type: 'revocation-head',
    network: trust.network,
    key: settler.leaf.publicKey,
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

// -------------------------------------------------------------------------------------- their parts

interface Promised {
  readonly promise: SettlementPromise;
  readonly settler: VerifiedCertificate;
}

function bySettler(
  kind: FraudKind,
  { leaf, root }: VerifiedCertificate,
  promiseId: PromiseId | null,
): Fraud {
  const { publicKey: key, certAuthName: name } = leaf;
  return { kind, role: 'settler', key, root, name, promiseId };
}

/** A promise as it was signed, whenever that was; whether it is still good is of no matter. */
function openPromise(signed: Signed, trust: FraudTrust): Promised | Fault {
  const promise = SettlementPromise.decodeCanonical(signed.body);
  if (isFault(promise)) return promise;
  if (promise.version !== protocolVersion || promise.network !== trust.network) {
    return fault('NETWORK_MISMATCH', `${promise.network} version ${promise.version}`);
  }
  const settler = verifyAtSomeTime(promise.settlerCertificate, 'settler', trust);
  if (isFault(settler)) return settler;
  const opened = openSigned(SettlementPromise, signed, {
    type: 'promise',
    network: trust.network,
    key: settler.leaf.publicKey,
    code: 'FRAUD_PROOF_INVALID',
  });
  return isFault(opened) ? opened : { promise, settler };
}

function readPromised(
  frame: Pick<FrameOf<'lockFraud'>, 'promise' | 'terms' | 'salt'>,
  trust: FraudTrust,
): (Promised & { readonly terms: Terms }) | Fault {
  const promised = openPromise(frame.promise, trust);
  if (isFault(promised)) return promised;
  const terms = readTerms(frame, promised.promise);
  return terms === null ? nothing('not the promised terms') : { ...promised, terms };
}

function readTerms(
  frame: { readonly terms: Uint8Array | null; readonly salt: Uint8Array | null },
  promise: SettlementPromise,
): Terms | null {
  if (frame.terms === null || frame.salt === null) return null;
  if (termsHashOf(frame.terms, frame.salt) !== promise.termsHash) return null;
  const terms = Terms.decodeCanonical(frame.terms);
  return isFault(terms) ? null : terms;
}

function openStatement<Body extends { readonly promiseId: PromiseId }>(
  codec: MessageCodec<Body>,
  signed: Signed,
  of: { readonly type: SignedType; readonly promised: Promised; readonly trust: FraudTrust },
): Body | Fault {
  const { promise, settler } = of.promised;
  const body = openSigned(codec, signed, {
    type: of.type,
    network: of.trust.network,
    key: settler.leaf.publicKey,
    code: 'FRAUD_PROOF_INVALID',
  });
  if (isFault(body)) return body;
  return body.promiseId === promise.promiseId ? body : nothing('about another promise');
}

/**
 * A lie stays one after its certificate ran out, for `limits.fraudMs`: the chain is checked at the moment its last
 * certificate began.
 */
function verifyAtSomeTime(
  chain: CertificateChain,
  name: CertificateName,
  { network, roots, nowMs }: FraudTrust,
): VerifiedCertificate | Fault {
  let [begins, ends] = [0, Infinity];
  for (const { body } of chain) {
    const certificate = Certificate.decodeCanonical(body);
    if (isFault(certificate)) return certificate;
    begins = Math.max(begins, certificate.notValidBeforeMs);
    ends = Math.min(ends, certificate.notValidAfterMs);
  }
  if (nowMs >= ends + limits.fraudMs) return nothing('too long ago');
  return verifyChain(chain, name, { network, roots, heads: new Map() }, begins);
}
