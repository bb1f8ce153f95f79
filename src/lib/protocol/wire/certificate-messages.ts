/** Messages of the whitepaper's "Digital Certificates", and how a member gets certificates from its settler. */
import type { PeerKey } from '../ids.ts';
import { limits } from '../limits.ts';
import {
  big,
  bytes,
  bytesUpTo,
  hexOrNone,
  list,
  message,
  required,
  text,
  time,
  uint,
  word,
  type CoreOf,
  type Field,
} from './codec.ts';
import { addresses, applicationId, hash, partyKey, revoked, standings } from './fields.ts';
import * as pb from './gig-gossip_pb.js';

export const Signed = message(pb.SignedSchema, {
  body: bytesUpTo(limits.signedBytes),
  signature: bytes(64),
});
/** The exact bytes of a body and a signature over them. */
export type Signed = CoreOf<typeof Signed>;

export const Property = message(pb.PropertySchema, { name: text(64), value: text(256) });
/** Something an issuer checked of somebody. */
export type Property = CoreOf<typeof Property>;

export const Certificate = message(pb.CertificateSchema, {
  publicKey: partyKey,
  certificateName: text(32),
  certificateValue: list(Property, limits.properties),
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

export const CertificateApplication = message(pb.CertificateApplicationSchema, {
  applicationId,
  publicKey: partyKey,
  certificateName: text(32),
  statement: text(limits.statementBytes),
  settlerKey: partyKey,
});
export type CertificateApplication = CoreOf<typeof CertificateApplication>;
export const CertificateApplicationFrame = message(pb.CertificateApplicationFrameSchema, {
  application: required(Signed),
});
export const CertificateDecisionFrame = message(pb.CertificateDecisionFrameSchema, {
  applicationId,
  standing: word(standings),
  properties: list(Property, limits.properties),
  reason: text(limits.reasonBytes),
});

export const BatchRequest = message(pb.BatchRequestSchema, {
  applicationId,
  batch: uint,
  publicKeys: list(partyKey, limits.batch),
});
export type BatchRequest = CoreOf<typeof BatchRequest>;
export const BatchRequestFrame = message(pb.BatchRequestFrameSchema, { request: required(Signed) });
export const BatchFrame = message(pb.BatchFrameSchema, {
  applicationId,
  batch: uint,
  certificates: list(Signed, limits.batch),
  issuers: required(CertificateChainField),
});

export const RevocationListRequestFrame = message(pb.RevocationListRequestFrameSchema, {
  certAuthKey: partyKey,
});
export const RevocationListFrame = message(pb.RevocationListFrameSchema, {
  head: required(Signed),
  entries: list(revoked, limits.revoked),
});
