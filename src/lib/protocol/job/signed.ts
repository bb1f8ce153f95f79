/**
 * Signed things: a body's exact bytes and a BIP-340 signature over their tagged hash. The tag names the network and the type,
 * and the type is fixed by the field that is being read. Whitepaper: "SignableObject" in "Asking For Broadcast".
 */
import { sign, signatureTag, verify, type Network } from '../crypto.ts';
import { fault, type Fault, type FaultCode } from '../faults.ts';
import type { PartyKey } from '../ids.ts';
import { isFault, type MessageCodec } from '../wire/codec.ts';
import type { Signed } from '../wire/messages.ts';

export type SignedType =
  | 'certificate'
  | 'revocation-head'
  | 'request'
  | 'cancel-broadcast'
  | 'reply-message'
  | 'reply-statement'
  | 'promise'
  | 'application'
  | 'batch-request'
  | 'draft-request'
  | 'network-accepted'
  | 'reply-accepted'
  | 'key-request'
  | 'unlock'
  | 'abort-request'
  | 'withdrawal'
  | 'abort'
  | 'confirmation'
  | 'outcome'
  | 'settled-report'
  | 'claim'
  | 'sender-dispute'
  | 'replier-dispute'
  | 'no-contact'
  | 'concession'
  | 'sender-cancel'
  | 'replier-cancel'
  | 'receipt'
  | 'thank-you-statement'
  | 'thank-you-hash';

/** Signs a body. `random` gives 32 bytes for the signature's auxiliary randomness. */
export function signBody<Core>(
  codec: MessageCodec<Core>,
  body: Core,
  by: {
    readonly type: SignedType;
    readonly network: Network;
    readonly secret: Uint8Array;
    readonly random: (n: number) => Uint8Array;
  },
): Signed {
  const bytes = codec.encode(body);
  const tag = signatureTag(by.network, by.type);
  return { body: bytes, signature: sign(by.secret, tag, bytes, by.random(32)) };
}

/** Did `key` sign these bytes as a `type`? */
export function isSignedBy(signed: Signed, type: SignedType, network: Network, key: PartyKey) {
  return verify(key, signatureTag(network, type), signed.body, signed.signature);
}

/** The body, if its bytes are canonical and `key` signed them; else a fault, `code` for a bad signature. */
export function openSigned<Core>(
  codec: MessageCodec<Core>,
  signed: Signed,
  by: {
    readonly type: SignedType;
    readonly network: Network;
    readonly key: PartyKey;
    readonly code: FaultCode;
  },
): Core | Fault {
  const body = codec.decodeCanonical(signed.body);
  if (isFault(body)) return body;
  if (isSignedBy(signed, by.type, by.network, by.key)) return body;
  return fault(by.code, `not signed by ${by.key} as ${by.type}`);
}
