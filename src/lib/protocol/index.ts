/**
 * The core as everything else sees it, in reading order. `protocol/README.md` is the guided walk.
 */
export * from './job/geohash.ts';
export * from './job/topic.ts';
export * from './job/signed.ts';
export * from './job/properties.ts';
export * from './job/certificate.ts';
export * from './job/revocation.ts';
export * from './job/standing.ts';
export * from './job/ask-for-broadcast.ts';
export * from './job/proof-of-work.ts';
export * from './job/difficulty.ts';
export * from './job/proof-of-payment.ts';
export * from './job/onion-route.ts';
export * from './job/broadcast.ts';
export * from './job/cancel-broadcast.ts';
export * from './job/bolt11.ts';
export * from './job/hodl-invoice.ts';
export * from './job/payment-chain.ts';
export * from './job/reply.ts';
export * from './job/settlement.ts';
export * from './job/contact.ts';
export * from './job/fraud-proof.ts';
export * from './job/contradiction.ts';
export * from './job/fraud-parts.ts';
export * from './job/thank-you.ts';
export { createNode, nodeSecret, stepNode, type Node, type NodeOptions } from './node.ts';
export { signingSecret } from './node/identity.ts';
export { defaultPolicy, defaultPolicyOn, ruleFor, type CarryRule, type Policy } from './policy.ts';
export { partySecret, subSecret } from './node/state.ts';
export { NewerStored, readStored, storedVersion, toStored, upgradeStored } from './stored.ts';
export { decodeFrame, encodeFrame, type Frame, type FrameKind, type FrameOf } from './frame.ts';
export { isFault } from './wire/codec.ts';
export {
  DraftRequest,
  Outcome,
  RevocationHead,
  SettlementPromise,
  Terms,
  ThankYouHash,
  Unlock,
  type PaymentRequest,
  type Signed,
} from './wire/messages.ts';
export { limits } from './limits.ts';
export * from './faults.ts';
export { hash, lock, peerKeyOf, publicKeyOf, randomStream, type Network } from './crypto.ts';
export type * from './ids.ts';
export type * from './machine.ts';
export { viewName } from './views.ts';
export type * from './commands.ts';
export type * from './view-parts.ts';
export type * from './views.ts';
export type * from './thank-you-views.ts';
