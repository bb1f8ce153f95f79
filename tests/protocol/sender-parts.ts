/** The customer's side of the deal: the job that was posted, and the offer that was verified. */
import { box } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { onionSlotBytes } from '../../src/lib/protocol/job/onion-route.ts';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { JobTerms, Offer } from '../../src/lib/protocol/roles/sender.ts';
import { Certificate, ContactBody } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { statementOf } from './frauds.ts';
import { keyName, read, senderOnion } from './samples.ts';

export const terms: JobTerms = {
  payloadId: cast.payloadId,
  request: cast.request,
  topic: cast.topic,
  acceptsThankYou: false,
  certificate: keyName,
  onion: senderOnion,
  slot: hexOf(senderOnion.subarray(0, onionSlotBytes)),
  postedAtMs: cast.nowMs,
  only: null,
};

export const offer: Offer = {
  promiseId: deal.promiseId,
  settlerKey: cast.settler.key,
  settlerPeer: cast.devices.settler.peer,
  settlerAddresses: cast.devices.settler.addresses,
  settler: read(Certificate, cast.settlerCertificate.body),
  settlerRoot: cast.root.key,
  replier: read(Certificate, cast.workerChain[0]!.body),
  replierRoot: cast.root.key,
  vouched: { entries: [], authorities: [cast.root.key] },
  heights: deal.heights,
  terms: deal.honest.terms,
  lockedMessage: deal.honest.lockedMessage,
  papers: {
    promise: deal.honest.promise,
    terms: deal.honest.termsBytes,
    salt: deal.salt,
    replierCertificate: cast.workerChain,
    statement: statementOf(deal.honest),
  },
  networkPaymentHash: deal.networkHash,
  networkInvoice: deal.onwardInvoice,
  networkMsat: deal.feeMsat + 11_000n,
  networkFinalCltv: 272,
  replyInvoice: deal.replyInvoice,
  replyFinalCltv: deal.replyFinalCltv + 3,
  settleOn: 'service',
  expiryMs: cast.nowMs + limits.promiseMs,
  receivedAtMs: cast.nowMs,
};

/** A line as one of the two boxes it. */
export function contactFrom(
  seq: number,
  text: string,
  direction: 'sender' | 'replier' = 'replier',
): FrameOf<'contact'> {
  const body = ContactBody.encode({ text, done: false, ack: 0n });
  const sealed = box({ channelKey: deal.channelKey, direction, sequence: seq }, body);
  return { kind: 'contact', promiseId: deal.promiseId, seq: BigInt(seq), box: sealed };
}
