/**
 * Public names as branded lower-case hex strings: they print, compare and key maps. Secrets are `Uint8Array` and never
 * become one of these.
 */
declare const brand: unique symbol;
type Hex<Name extends string> = string & { readonly [brand]: Name };

/** Compressed secp256k1 key of a node, 33 bytes: the public half of its libp2p peer id. */
export type PeerKey = Hex<'PeerKey'>;
/** x-only secp256k1 key of a party (customer, gig worker, settler, root), 32 bytes: what a certificate certifies. */
export type PartyKey = Hex<'PartyKey'>;
/** One ping-pong between an originator and a middleman, 16 random bytes. */
export type AskId = Hex<'AskId'>;
/** One topic in the whole network, 32 bytes: tagged hash of the signed request. */
export type PayloadId = Hex<'PayloadId'>;
/** One settlement promise, 32 bytes. */
export type PromiseId = Hex<'PromiseId'>;
/** One offer of a replier, the same on every route it answers on, 16 bytes. */
export type OfferId = Hex<'OfferId'>;
/** SHA-256 of a preimage, 32 bytes: what a HODL invoice is locked to. */
export type PaymentHash = Hex<'PaymentHash'>;
/** One reply without a settler, 32 bytes: tagged hash of its sealed payload. */
export type ReplyDigest = Hex<'ReplyDigest'>;
/** One application for certificates and the membership that may come of it, 16 bytes. */
export type ApplicationId = Hex<'ApplicationId'>;
/** Names one of our own certified keys: `application/batch/index`. Whoever has the node's secret can derive the key. */
export type KeyName = string & { readonly [brand]: 'KeyName' };
