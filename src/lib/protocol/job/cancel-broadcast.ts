/**
 * The customer takes a request back: because nobody is wanted any more, or because an offer was chosen. The word goes where the
 * broadcast went, signed by the request's own key, and is verified before it is believed or passed on. Whitepaper: silent;
 * beside "Broadcast with POW".
 *
 * `chosen` tells the one worker that it is meant, and nobody else anything: offer ids are known to its worker, the settler and
 * the customer alone.
 */
import { bytesOf, hexOf } from '../bytes.ts';
import { taggedHash, type Network } from '../crypto.ts';
import type { Fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { OfferId, PartyKey, PayloadId } from '../ids.ts';
import { CancelBroadcast, type Signed } from '../wire/messages.ts';
import { openSigned, signBody } from './signed.ts';

/** Frame that takes a request back; `chosen` is the offer it was given to, null if nobody is wanted. */
export function cancelBroadcast(
  payloadId: PayloadId,
  chosen: OfferId | null,
  by: {
    readonly network: Network;
    readonly secret: Uint8Array;
    readonly random: (n: number) => Uint8Array;
  },
): FrameOf<'cancelBroadcast'> {
  const body: CancelBroadcast =
    chosen === null
      ? { payloadId, reason: 'withdrawn', chosen: null }
      : { payloadId, reason: 'taken', chosen: chosenHash(payloadId, chosen) };
  const { network, secret, random } = by;
  const type = 'cancel-broadcast';
  const cancellation = signBody(CancelBroadcast, body, { type, network, secret, random });
  return { kind: 'cancelBroadcast', cancellation };
}

/** What a cancellation says, not yet believed. Faults: FRAME_MALFORMED, FRAME_NOT_CANONICAL. */
export function readCancellation(signed: Signed): CancelBroadcast | Fault {
  return CancelBroadcast.decodeCanonical(signed.body);
}

/** As `readCancellation`, believed: the request's key signed it. Fault: CANCELLATION_SIGNATURE_INVALID. */
export function verifyCancellation(
  signed: Signed,
  by: { readonly network: Network; readonly key: PartyKey },
): CancelBroadcast | Fault {
  const code = 'CANCELLATION_SIGNATURE_INVALID';
  return openSigned(CancelBroadcast, signed, { type: 'cancel-broadcast', code, ...by });
}

/** 32 bytes, hex: by this the worker whose offer was chosen knows itself. */
export function chosenHash(payloadId: PayloadId, offerId: OfferId): string {
  return hexOf(taggedHash('gig-gossip/1/chosen', bytesOf(payloadId), bytesOf(offerId)));
}
