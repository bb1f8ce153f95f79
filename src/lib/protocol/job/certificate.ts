/**
 * Who vouches for whom. A certificate binds a party's key to what an issuer checked; a chain leads from it to a root that the
 * reader trusts. Whitepaper: "Digital Certificates".
 *
 *   root key --signs--> settler's key of the week --signs--> customer's or worker's certificate
 *   root key --signs--> its key of the week --signs--> another settler's root key --signs--> ...
 *
 * A reader who trusts the other settler too stops there: a chain leads to the nearest root of his own choice.
 *
 * Differs from the paper: a certificate carries its issuer's key, so that it can be checked offline; job certificates live at
 * most 7 days in whole days and carry no serial number, so that two of them do not link; `revocation.ts` says which were taken
 * back.
 */
import { equal } from '../bytes.ts';
import { publicKeyOf, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { PartyKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import {
  Certificate,
  type CertificateChain,
  type Property,
  type RevocationHead,
  type Signed,
} from '../wire/messages.ts';
import {
  orderedProperties,
  verifyProperties,
  type Applicant,
  type MemberName,
} from './properties.ts';
import { revocationEntry, type RevokedKeys } from './revocation.ts';
import { isSignedBy, signBody } from './signed.ts';

export type CertificateName = 'settler' | MemberName;

type Random = (n: number) => Uint8Array;
export interface Issuer {
  readonly secret: Uint8Array;
  readonly name: string;
  readonly network: Network;
  readonly random: Random;
}

/** Signs a certificate, valid from the start of this day for `limits.certificateDays` days. */
export function issueCertificate(
  subject: Pick<Certificate, 'publicKey' | 'certificateName' | 'certificateValue'> &
    Partial<Pick<Certificate, 'peerKey' | 'addresses'>>,
  issuer: Issuer,
  nowMs: number,
): Signed {
  const notValidBeforeMs = Math.floor(nowMs / limits.dayMs) * limits.dayMs;
  const body: Certificate = {
    peerKey: null,
    addresses: [],
    ...subject,
    notValidBeforeMs,
    notValidAfterMs: notValidBeforeMs + limits.certificateDays * limits.dayMs,
    certAuthName: issuer.name,
    certAuthKey: publicKeyOf(issuer.secret),
  };
  return signBody(Certificate, body, { type: 'certificate', ...issuer });
}

/** One certificate for each key, alike but for the key: nobody but the issuer can tell which two are one person's. */
export function issueBatch(
  member: { readonly name: Applicant; readonly properties: readonly Property[] },
  keys: readonly PartyKey[],
  issuer: Issuer,
  nowMs: number,
): Signed[] {
  const certificateValue = orderedProperties(member.properties, member.name);
  return keys.map((publicKey) =>
    issueCertificate({ publicKey, certificateName: member.name, certificateValue }, issuer, nowMs),
  );
}

/** Is this a batch for these keys, and are its certificates alike but for the key? Fault: CERTIFICATE_NOT_ENTITLED. */
export function verifyBatch(
  certificates: readonly Signed[],
  keys: readonly PartyKey[],
): Fault | null {
  if (certificates.length !== keys.length)
    return fault('CERTIFICATE_NOT_ENTITLED', 'another number');
  const bodies = readChain(certificates);
  if (isFault(bodies)) return bodies;
  const first = bodies[0]!;
  for (const [i, signed] of certificates.entries()) {
    if (bodies[i]!.publicKey !== keys[i])
      return fault('CERTIFICATE_NOT_ENTITLED', 'for another key');
    const alike = Certificate.encode({ ...first, publicKey: keys[i]! });
    if (!equal(alike, signed.body)) return fault('CERTIFICATE_NOT_ENTITLED', 'not alike');
  }
  return null;
}

/** A chain that holds: its leaf, and the root it leads to. */
export interface VerifiedCertificate {
  readonly leaf: Certificate;
  readonly root: PartyKey;
  /** The chain's issuers, nearest first, without the root. */
  readonly issuers: readonly Certificate[];
  /** Whose revocation lists it hangs on: every issuer but those that are one node's key of the week. */
  readonly authorities: readonly PartyKey[];
}

/** Whom a reader believes. */
export interface Trust {
  readonly network: Network;
  readonly roots: ReadonlySet<PartyKey>;
  /** Newest revocation head seen of each authority. */
  readonly heads: ReadonlyMap<PartyKey, RevocationHead>;
  /** What stands on the lists of those authorities, as far as it was told. */
  readonly revoked: ReadonlyMap<PartyKey, RevokedKeys>;
}

/**
 * Checks a chain up to the nearest root that the reader trusts: issuer known, then every certificate's name, time and
 * signature, root first, and that none stands on a list we know. Faults: CERTIFICATE_ISSUER_UNKNOWN, _NOT_ENTITLED,
 * _NOT_VALID_NOW, _SIGNATURE_INVALID, _REVOKED.
 */
export function verifyChain(
  chain: CertificateChain,
  name: CertificateName,
  trust: Trust,
  nowMs: number,
): VerifiedCertificate | Fault {
  const all = readChain(chain);
  if (isFault(all)) return all;
  const last = all.findIndex(({ certAuthKey }) => trust.roots.has(certAuthKey));
  if (last < 0) return fault('CERTIFICATE_ISSUER_UNKNOWN', all.at(-1)!.certAuthKey);
  const certificates = all.slice(0, last + 1);
  for (let i = last; i >= 0; i--) {
    const certificate = certificates[i]!;
    const wanted = i === 0 ? name : 'settler';
    const found = verifyOne(certificate, chain[i]!, { wanted, network: trust.network, nowMs });
    if (found) return found;
    if (i > 0 && certificates[i - 1]!.certAuthKey !== certificate.publicKey) {
      return fault('CERTIFICATE_SIGNATURE_INVALID', 'the chain is broken');
    }
  }
  const [leaf, ...issuers] = certificates as [Certificate, ...Certificate[]];
  const authorities = authoritiesOf(certificates);
  const listed = findRevoked(certificates, authorities, trust);
  if (listed) return fault('CERTIFICATE_REVOKED', listed.publicKey);
  return { leaf, root: certificates[last]!.certAuthKey, issuers, authorities };
}

/** When the first certificate of a chain runs out, ms. */
export function endOf({ leaf, issuers }: VerifiedCertificate): number {
  return Math.min(...[leaf, ...issuers].map(({ notValidAfterMs }) => notValidAfterMs));
}

/** A key that its certificate ties to a node signs no list: the key that certified it does. */
function authoritiesOf(certificates: readonly Certificate[]): PartyKey[] {
  const signing = certificates.filter((_, i) => (certificates[i + 1]?.peerKey ?? null) === null);
  return [...new Set(signing.map(({ certAuthKey }) => certAuthKey))];
}

function findRevoked(
  certificates: readonly Certificate[],
  authorities: readonly PartyKey[],
  { revoked }: Trust,
): Certificate | undefined {
  const lists = authorities.flatMap((authority) => revoked.get(authority) ?? []);
  if (lists.every(({ entries }) => entries.size === 0)) return undefined;
  return certificates.find(({ publicKey }) => {
    const entry = revocationEntry(publicKey);
    return lists.some(({ entries }) => entries.has(entry));
  });
}

function readChain(chain: CertificateChain): Certificate[] | Fault {
  if (chain.length === 0) return fault('CERTIFICATE_ISSUER_UNKNOWN', 'no certificate');
  const certificates: Certificate[] = [];
  for (const signed of chain) {
    const certificate = Certificate.decodeCanonical(signed.body);
    if (isFault(certificate)) return certificate;
    certificates.push(certificate);
  }
  return certificates;
}

function verifyOne(
  certificate: Certificate,
  signed: Signed,
  want: { readonly wanted: string; readonly network: Network; readonly nowMs: number },
): Fault | null {
  if (certificate.certificateName !== want.wanted) {
    return fault('CERTIFICATE_NOT_ENTITLED', `${certificate.certificateName}, not ${want.wanted}`);
  }
  const { notValidBeforeMs, notValidAfterMs, certAuthKey } = certificate;
  if (want.nowMs < notValidBeforeMs || want.nowMs >= notValidAfterMs) {
    return fault('CERTIFICATE_NOT_VALID_NOW', `${notValidBeforeMs}-${notValidAfterMs}`);
  }
  if (notValidAfterMs - notValidBeforeMs > limits.certificateDays * limits.dayMs) {
    return fault('CERTIFICATE_NOT_VALID_NOW', 'valid for more than 7 days');
  }
  if (!isSignedBy(signed, 'certificate', want.network, certAuthKey)) {
    return fault('CERTIFICATE_SIGNATURE_INVALID', certAuthKey);
  }
  const { certificateName: name } = certificate;
  return name === 'customer' || name === 'worker' ? verifyUnlinkable(certificate, name) : null;
}

/** A job certificate says nothing by which two of them could be told to be one person's. */
function verifyUnlinkable(certificate: Certificate, name: MemberName): Fault | null {
  const { notValidBeforeMs, notValidAfterMs, peerKey, addresses, certificateValue } = certificate;
  if (notValidBeforeMs % limits.dayMs !== 0 || notValidAfterMs % limits.dayMs !== 0) {
    return fault('CERTIFICATE_NOT_ENTITLED', 'validity not in whole days');
  }
  if (peerKey !== null || addresses.length > 0) {
    return fault('CERTIFICATE_NOT_ENTITLED', 'a job certificate with an address');
  }
  return verifyProperties(certificateValue, name);
}
