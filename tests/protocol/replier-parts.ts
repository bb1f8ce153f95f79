/** The worker's side of the deal: what it offers, and what the settler signs for it. */
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { onionBytes } from '../../src/lib/protocol/job/onion-route.ts';
import type { OfferContext, OfferTerms } from '../../src/lib/protocol/roles/replier.ts';
import { SettlementPromise } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { keyName, read } from './samples.ts';

export const terms: OfferTerms = {
  offerId: deal.offerId,
  draftId: deal.draftId,
  payloadId: cast.payloadId,
  request: cast.request,
  topic: cast.topic,
  senderKey: cast.customer.key,
  priceMsat: deal.priceMsat,
  contactText: 'Ola, white Skoda',
  channelKey: deal.channelKey,
  sealedMessage: deal.honest.sealed,
  certificate: keyName,
  chain: cast.workerChain,
  revocationHead: cast.revocationHead(),
  settlerPeer: cast.devices.settler.peer,
  settlerAddresses: cast.devices.settler.addresses,
  settlerName: 'Couriers Union',
  settlerKey: cast.settler.key,
  upstream: cast.devices.m2.peer,
  rest: cast.dice('rest')(onionBytes),
  jobBlocks: deal.jobBlocks,
  unlock: 'both-accepted',
  settleOn: 'service',
  madeAtMs: cast.nowMs,
};

export function context(change: Partial<OfferContext> = {}): OfferContext {
  const { secret } = cast.worker;
  const own = { secret, trust: cast.trust };
  return { ...cast.context({ self: cast.devices.worker.peer }), ...own, ...change };
}

/** What the settler promises for a sealed payload. */
export function promiseFor(
  sealedPayload: Uint8Array,
  change: Partial<SettlementPromise> = {},
  by: cast.Party = cast.settler,
): FrameOf<'promise'> {
  const body: SettlementPromise = {
    ...read(SettlementPromise, deal.honest.promise.body),
    encryptedPayloadHash: hexOf(hash(sealedPayload)),
    ...change,
  };
  const promise = cast.signed(SettlementPromise, body, 'promise', by);
  return { kind: 'promise', promise, revocationHead: cast.revocationHead() };
}
