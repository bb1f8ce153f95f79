/**
 * Broadcast with POW: the conditions a middleman sets, the broadcast that meets them, and the order in which a middleman
 * checks it. Whitepaper: "Broadcast with POW".
 *
 * Differs from the paper: `validForMs` is a duration on the receiver's clock (the paper's valid_till is a date), the
 * timestamp may be 2 s ahead, and an ask closes on its first broadcast, good or bad.
 */
import { hash, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { AskId, PayloadId, PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import { BroadcastPayload, type RequestPayload, type Signed } from '../wire/messages.ts';
import { payloadIdOf, readRequest } from './ask-for-broadcast.ts';
import { endOf, verifyChain, type Trust, type VerifiedCertificate } from './certificate.ts';
import { peelOnion, type PeeledOnion } from './onion-route.ts';
import { verifyProofOfPayment, type PaymentDue } from './proof-of-payment.ts';
import { verifyWork, workInner, type WorkRequest } from './proof-of-work.ts';
import { isSignedBy } from './signed.ts';
import { expiryOf, verifyTopic } from './topic.ts';

/** What a middleman promised for one ask. */
export interface Conditions {
  readonly workRequest: WorkRequest;
  /** What may be paid in place of the work; null: only work counts. */
  readonly payment: PaymentDue | null;
  readonly timestampToleranceMs: number;
}

/** Bytes of a broadcast payload: what work is done over. */
export function broadcastPayload(
  request: Signed,
  backwardOnion: Uint8Array,
  timestampMs: number,
): Uint8Array {
  return BroadcastPayload.encode({ signedRequestPayload: request, backwardOnion, timestampMs });
}

/** A broadcast whose work, onion and request all held. */
export interface VerifiedBroadcast {
  readonly request: Signed;
  readonly payload: RequestPayload;
  readonly sender: VerifiedCertificate;
  readonly peeled: PeeledOnion;
  /** The onion as it came: what is grown when the topic is carried on. */
  readonly backwardOnion: Uint8Array;
  readonly timestampMs: number;
}

/** Everything a middleman knows when a broadcast arrives. */
export interface BroadcastCheck {
  readonly askId: AskId;
  readonly payloadId: PayloadId;
  readonly conditions: Conditions;
  readonly asker: PeerKey;
  readonly self: PeerKey;
  readonly onionSecret: Uint8Array;
  /** The asker's clock minus ours, ms. */
  readonly clockOffsetMs: number;
  readonly trust: Trust;
  readonly network: Network;
  readonly nowMs: number;
  readonly random: (n: number) => Uint8Array;
}

/**
 * The checks of architecture decision 9 from the payload's bytes on, cheapest first: target, scheme, timestamp -> work or payment ->
 * expiry, geohash -> onion head -> issuer known -> certificate -> signature. A fault named REQUEST_SIGNATURE_INVALID is the
 * only one that makes the payload known as bad.
 */
export function verifyBroadcast(
  frame: FrameOf<'broadcast'>,
  check: BroadcastCheck,
): VerifiedBroadcast | Fault {
  const body = BroadcastPayload.decodeCanonical(frame.broadcastPayload);
  if (isFault(body)) return body;
  const cheap = verifyProof(frame, body.timestampMs, check);
  if (cheap) return cheap;
  const request = body.signedRequestPayload;
  if (payloadIdOf(request) !== check.payloadId) return fault('ASK_MISMATCH', 'another payload');
  const payload = readRequest(request);
  if (isFault(payload)) return payload;
  const topic = verifyTopic(payload.topic, check.nowMs);
  if (topic) return topic;
  const { onionSecret: secret, payloadId, random } = check;
  const peeled = peelOnion(body.backwardOnion, { secret, payloadId, random });
  if (isFault(peeled)) return peeled;
  const head = peeled.head;
  if (head.kind !== 'forward' || head.peer !== check.asker || head.askId !== check.askId) {
    return fault('ONION_HEAD_MISMATCH', head.kind);
  }
  const sender = verifyChain(payload.senderCertificate, 'customer', check.trust, check.nowMs);
  if (isFault(sender)) return sender;
  // Otherwise nobody could carry it on at its end, or choose among the replies.
  if (endOf(sender) < expiryOf(payload.topic)) {
    return fault('CERTIFICATE_NOT_VALID_NOW', 'it does not outlive the topic');
  }
  if (!isSignedBy(request, 'request', check.network, sender.leaf.publicKey)) {
    return fault('REQUEST_SIGNATURE_INVALID', check.payloadId);
  }
  const { backwardOnion, timestampMs } = body;
  return { request, payload, sender, peeled, backwardOnion, timestampMs };
}

/** What the broadcast was paid for with: work over these very bytes, or the ask's own invoice; either way it must be fresh. */
function verifyProof(
  frame: FrameOf<'broadcast'>,
  timestampMs: number,
  check: BroadcastCheck,
): Fault | null {
  const { workRequest: wanted, payment } = check.conditions;
  const { proof } = frame;
  if (proof.kind === 'proofOfPayment') {
    return verifyAge(timestampMs, check) ?? verifyProofOfPayment(proof.preimage, payment);
  }
  const { powScheme, powTarget, nonce } = proof;
  if (powScheme !== wanted.powScheme) return fault('POW_SCHEME_MISMATCH', powScheme);
  if (powTarget.some((byte, i) => byte !== wanted.powTarget[i])) {
    return fault('POW_TARGET_MISMATCH');
  }
  const late = verifyAge(timestampMs, check);
  if (late) return late;
  const inner = workInner({
    request: wanted,
    payloadHash: hash(frame.broadcastPayload),
    askId: check.askId,
    asker: check.asker,
    receiver: check.self,
  });
  return verifyWork(inner, nonce, wanted.powTarget, wanted.powScheme);
}

function verifyAge(
  timestampMs: number,
  { nowMs, clockOffsetMs, conditions }: BroadcastCheck,
): Fault | null {
  const age = nowMs + clockOffsetMs - timestampMs;
  const inTime = age >= -limits.timestampAheadMs && age <= conditions.timestampToleranceMs;
  return inTime ? null : fault('TIMESTAMP_OUT_OF_TOLERANCE', `${age} ms old`);
}
