/**
 * What every fraud proof is made of: a promise as it was signed, its terms, what its settler said about it, and who is accused.
 * Whitepaper: "Payment settler". The proofs are in `fraud-proof.ts` and `contradiction.ts`.
 */
import type { Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault, type MessageCodec } from '../wire/codec.ts';
import {
  Certificate,
  SettlementPromise,
  Terms,
  type CertificateChain,
  type Signed,
} from '../wire/messages.ts';
import { verifyChain, type CertificateName, type VerifiedCertificate } from './certificate.ts';
import { protocolVersion, termsHashOf } from './reply.ts';
import { openSigned, type SignedType } from './signed.ts';

export type FraudKind =
  | 'lock'
  | 'seal'
  | 'two-promises'
  | 'unlock-and-abort'
  | 'two-outcomes'
  | 'refund-and-preimage'
  | 'two-lists'
  | 'missing-ruling';

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

/** Whose word counts, and when it is read. */
export interface FraudTrust {
  readonly network: Network;
  readonly roots: ReadonlySet<PartyKey>;
  readonly nowMs: number;
}

export const nothing = (why: string) => fault('FRAUD_PROOF_INVALID', why);

export interface Promised {
  readonly promise: SettlementPromise;
  readonly settler: VerifiedCertificate;
}

export function bySettler(
  kind: FraudKind,
  { leaf, root }: VerifiedCertificate,
  promiseId: PromiseId | null,
): Fraud {
  const { publicKey: key, certAuthName: name } = leaf;
  return { kind, role: 'settler', key, root, name, promiseId };
}

/** A promise as it was signed, whenever that was; whether it is still good is of no matter. */
export function openPromise(signed: Signed, trust: FraudTrust): Promised | Fault {
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

export function readPromised(
  frame: Pick<FrameOf<'lockFraud'>, 'promise' | 'terms' | 'salt'>,
  trust: FraudTrust,
): (Promised & { readonly terms: Terms }) | Fault {
  const promised = openPromise(frame.promise, trust);
  if (isFault(promised)) return promised;
  const terms = readTerms(frame, promised.promise);
  return terms === null ? nothing('not the promised terms') : { ...promised, terms };
}

export function readTerms(
  frame: { readonly terms: Uint8Array | null; readonly salt: Uint8Array | null },
  promise: SettlementPromise,
): Terms | null {
  if (frame.terms === null || frame.salt === null) return null;
  if (termsHashOf(frame.terms, frame.salt) !== promise.termsHash) return null;
  const terms = Terms.decodeCanonical(frame.terms);
  return isFault(terms) ? null : terms;
}

export function openStatement<Body extends { readonly promiseId: PromiseId }>(
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
export function verifyAtSomeTime(
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
  if (nowMs >= ends + limits.fraudMs) {
    return fault('CERTIFICATE_NOT_VALID_NOW', 'a lie of too long ago');
  }
  return verifyChain(chain, name, { network, roots, heads: new Map(), revoked: new Map() }, begins);
}
