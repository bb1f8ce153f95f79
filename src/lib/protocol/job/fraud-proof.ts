/**
 * Fraud proofs: what shows to anybody who trusts a root that somebody it vouched for lied. Whitepaper: "Payment settler" trusts
 * the settler that key and message match; here a lie about it is provable, and so is a replier's.
 *
 *   LockFraud      the settler's lock does not hold what it promised
 *   SealFraud      what the replier sealed is not its signed message; the sender opens its own seal to the world
 *   Equivocation   a settler said two things about one promise that do not go together
 *   TwoLists       two revocation lists under one number
 *   MissingRuling  a settler took a dispute in time, and signed itself that it never ruled
 *
 * Not provable, and so not here: silence (a settler that says nothing at all after decide_by is known only to the parties), an early release, a settler that colludes with one side.
 */
import { bytesOf, equal, hexOf } from '../bytes.ts';
import { hash, isXOnlyKey, taggedHash, unlock } from '../crypto.ts';
import type { Fault } from '../faults.ts';
import { encodeFrame, type FrameOf } from '../frame.ts';
import { openWithShared, proveShared, verifyShared } from '../shared-point.ts';
import { isFault } from '../wire/codec.ts';
import { ReplyStatement, Unlock, type CertificateChain, type Signed } from '../wire/messages.ts';
import { verifyEquivocation, verifyMissingRuling, verifyTwoLists } from './contradiction.ts';
import {
  bySettler,
  nothing,
  openStatement,
  readPromised,
  verifyAtSomeTime,
  type Fraud,
  type FraudTrust,
} from './fraud-parts.ts';
import { readContact } from './reply.ts';
import { openSigned } from './signed.ts';

export { equivocation, missingRuling, twoLists } from './contradiction.ts';
export type { Fraud, FraudKind, FraudTrust } from './fraud-parts.ts';

export const fraudFrames = [
  'lockFraud',
  'sealFraud',
  'equivocation',
  'twoLists',
  'missingRuling',
] as const;
export type FraudFrame = FrameOf<(typeof fraudFrames)[number]>;

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
 * What a proof shows. Any frame gives an answer. Faults: CERTIFICATE_ISSUER_UNKNOWN if no root of ours vouched for the accused,
 * CERTIFICATE_NOT_VALID_NOW if it was too long ago, and with these nobody is to blame for the proof; FRAUD_PROOF_INVALID, or what is wrong with a signed part, if it proves nothing.
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
    case 'missingRuling':
      return verifyMissingRuling(frame, trust);
  }
}

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
