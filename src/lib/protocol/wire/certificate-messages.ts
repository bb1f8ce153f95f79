/** Messages of the whitepaper's "Digital Certificates". */
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import {
  big,
  bytes,
  bytesUpTo,
  hexOrNone,
  list,
  message,
  text,
  time,
  type CoreOf,
  type Field,
} from './codec.ts';
import { partyKey, hash, addresses } from './fields.ts';
import * as pb from './gig-gossip_pb.js';

export const Signed = message(pb.SignedSchema, {
  body: bytesUpTo(limits.signedBytes),
  signature: bytes(64),
});
/** The exact bytes of a body and a signature over them. */
export type Signed = CoreOf<typeof Signed>;

const Property = message(pb.PropertySchema, { name: text(64), value: text(256) });

export const Certificate = message(pb.CertificateSchema, {
  publicKey: partyKey,
  certificateName: text(32),
  certificateValue: list(Property, 16),
  notValidBeforeMs: time,
  notValidAfterMs: time,
  certAuthName: text(64),
  certAuthKey: partyKey,
  peerKey: hexOrNone<PeerKey>(33),
  addresses,
});
export type Certificate = CoreOf<typeof Certificate>;

const Chain = message(pb.CertificateChainSchema, { certificates: list(Signed, limits.chain) });
export const CertificateChainField: Field<CertificateChain> = {
  read: (wire) => Chain.read(wire).certificates,
  write: (core) => Chain.write({ certificates: core }),
};
/** Leaf first; the last one is signed by a root key. */
export type CertificateChain = readonly Signed[];

export const RevocationHead = message(pb.RevocationHeadSchema, {
  certAuthKey: partyKey,
  seq: big,
  listRoot: hash,
  issuedMs: time,
  nextMs: time,
});
export type RevocationHead = CoreOf<typeof RevocationHead>;
