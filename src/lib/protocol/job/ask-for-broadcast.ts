/**
 * The request a customer signs once, and the ask that offers it to a peer. Whitepaper: "Asking For Broadcast".
 *
 * Differs from the paper: digest first. The ask carries the payload's id, kind, coarse area and size; the signed request
 * itself travels once, in the broadcast. The payload id is not chosen but computed, so nobody can take another's.
 */
import { hexOf } from '../bytes.ts';
import { taggedHash } from '../crypto.ts';
import type { AskId, PayloadId } from '../ids.ts';
import { isFault } from '../wire/codec.ts';
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import { RequestPayload, type Signed } from '../wire/messages.ts';
import { coarseArea, numberOfKind } from './topic.ts';

/** Tagged hash over signature ‖ body: what one topic is called everywhere. */
export function payloadIdOf(request: Signed): PayloadId {
  const id = taggedHash('gig-gossip/1/payload-id', request.signature, request.body);
  return hexOf(id) as PayloadId;
}

/** The request's fields; nothing but its shape is checked. Faults: FRAME_MALFORMED, FRAME_NOT_CANONICAL. */
export function readRequest(request: Signed): RequestPayload | Fault {
  return RequestPayload.decodeCanonical(request.body);
}

/** Bytes that travel for a signed request, as an ask states them. */
export function requestSize(request: Signed): number {
  return request.body.length + request.signature.length;
}

/** `wouldPay`: the answer may name a price beside the work. */
export function askForBroadcast(
  askId: AskId,
  request: Signed,
  wouldPay = false,
): FrameOf<'askForBroadcast'> {
  const payload = readRequest(request);
  if (isFault(payload)) throw new Error(`own request: ${payload.code}`);
  return {
    kind: 'askForBroadcast',
    askId,
    payloadId: payloadIdOf(request),
    topicKind: numberOfKind(payload.topic.kind),
    coarseArea: coarseArea(payload.topic),
    size: requestSize(request),
    wouldPay,
  };
}
