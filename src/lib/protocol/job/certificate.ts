/**
 * Who vouches for whom. A certificate binds a party's key to what an issuer checked; a chain leads from it to a root that the
 * reader trusts. Whitepaper: "Digital Certificates".
 *
 *   root key --signs--> settler's certificate (at most 7 days) --signs--> customer's or worker's certificate
 *
 * Differs from the paper: a certificate carries its issuer's key, so that it can be checked offline; job certificates live at
 * most 7 days in whole days and carry no serial number, so that two of them do not link; a revocation list is told by its
 * signed head.
 */
import { bytesOf, concat, hexOf } from '../bytes.ts';
import { hash, publicKeyOf, taggedHash, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { PartyKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import {
  Certificate,
  RevocationHead,
  type CertificateChain,
  type Signed,
} from '../wire/messages.ts';
import { isSignedBy, openSigned, signBody } from './signed.ts';

export type CertificateName = 'settler' | 'customer' | 'worker';

type Random = (n: number) => Uint8Array;
interface Issuer {
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

/** A chain that holds: its leaf, and the root it leads to. */
export interface VerifiedCertificate {
  readonly leaf: Certificate;
  readonly root: PartyKey;
  /** The chain's issuers, nearest first, without the root. */
  readonly issuers: readonly Certificate[];
}

/** Whom a reader believes. */
export interface Trust {
  readonly network: Network;
  readonly roots: ReadonlySet<PartyKey>;
  /** Newest revocation head seen of each issuer. */
  readonly heads: ReadonlyMap<PartyKey, RevocationHead>;
}

/**
 * Checks a chain: issuer known, then every certificate's name, time and signature, root first. Faults:
 * CERTIFICATE_ISSUER_UNKNOWN, _NOT_ENTITLED, _NOT_VALID_NOW, _SIGNATURE_INVALID.
 */
export function verifyChain(
  chain: CertificateChain,
  name: CertificateName,
  trust: Trust,
  nowMs: number,
): VerifiedCertificate | Fault {
  const certificates = readChain(chain);
  if (isFault(certificates)) return certificates;
  const root = certificates.at(-1)!.certAuthKey;
  if (!trust.roots.has(root)) return fault('CERTIFICATE_ISSUER_UNKNOWN', root);
  for (let i = certificates.length - 1; i >= 0; i--) {
    const certificate = certificates[i]!;
    const wanted = i === 0 ? name : 'settler';
    const found = verifyOne(certificate, chain[i]!, { wanted, network: trust.network, nowMs });
    if (found) return found;
    if (i > 0 && certificates[i - 1]!.certAuthKey !== certificate.publicKey) {
      return fault('CERTIFICATE_SIGNATURE_INVALID', 'the chain is broken');
    }
  }
  return { leaf: certificates[0]!, root, issuers: certificates.slice(1) };
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
  return null;
}

/** What a revocation list holds, hex: 32 bytes. */
export function certificateHash(signed: Signed): string {
  return hexOf(hash(signed.body));
}

/** Tagged hash over the sorted certificate hashes; of the empty list too. */
export function revocationListRoot(certificateHashes: readonly string[]): string {
  const sorted = [...certificateHashes].sort().map(bytesOf);
  return hexOf(taggedHash('gig-gossip/1/revocation-list', concat(...sorted)));
}

/** Signs the head of a list. `seq` must be above every former head's. */
export function signRevocationHead(
  list: { readonly seq: bigint; readonly hashes: readonly string[] },
  issuer: Omit<Issuer, 'name'>,
  nowMs: number,
): Signed {
  const body: RevocationHead = {
    certAuthKey: publicKeyOf(issuer.secret),
    seq: list.seq,
    listRoot: revocationListRoot(list.hashes),
    issuedMs: nowMs,
    nextMs: nowMs + limits.headMs,
  };
  return signBody(RevocationHead, body, { type: 'revocation-head', ...issuer });
}

/** The head, if `issuer` signed it, it is fresh, and it does not go back behind `known`. Fault: REVOCATION_HEAD_INVALID. */
export function verifyRevocationHead(
  signed: Signed,
  want: {
    readonly issuer: PartyKey;
    readonly network: Network;
    readonly known: RevocationHead | null;
  },
  nowMs: number,
): RevocationHead | Fault {
  const by = { type: 'revocation-head', key: want.issuer, network: want.network } as const;
  const code = 'REVOCATION_HEAD_INVALID';
  const head = openSigned(RevocationHead, signed, { ...by, code });
  if (isFault(head)) return head;
  if (head.certAuthKey !== want.issuer) return fault(code, 'of another issuer');
  if (head.nextMs - head.issuedMs > limits.headMs) return fault(code, 'good for more than 24 h');
  if (nowMs >= head.nextMs) return fault(code, 'stale');
  // An older head may still be on its way to us; it counts as long as it is fresh.
  if (want.known === null || head.issuedMs < want.known.issuedMs) return head;
  if (head.seq < want.known.seq) return fault(code, `seq ${head.seq} after ${want.known.seq}`);
  if (head.seq === want.known.seq && head.listRoot !== want.known.listRoot) {
    return fault(code, `two lists for seq ${head.seq}`);
  }
  return head;
}
