/**
 * What certificates are worth now, by what this node has: nobody is asked. It is looked up again at the moment money is paid on
 * their word. Whitepaper: "Digital Certificates".
 */
import type { PartyKey } from '../ids.ts';
import type { Trust, VerifiedCertificate } from './certificate.ts';
import { revocationEntry } from './revocation.ts';

/** What is to be looked up before certificates are relied on with money. */
export interface Vouched {
  /** Entries that would take one of the certificates back. */
  readonly entries: readonly string[];
  /** Whose lists are to be looked at. */
  readonly authorities: readonly PartyKey[];
}

export function vouchedBy(...verified: readonly VerifiedCertificate[]): Vouched {
  const certificates = verified.flatMap(({ leaf, issuers }) => [leaf, ...issuers]);
  const entries = certificates.map(({ publicKey }) => revocationEntry(publicKey));
  const authorities = new Set(verified.flatMap((one) => one.authorities));
  return { entries: [...new Set(entries)], authorities: [...authorities] };
}

/** `unknown`: there is no list with a fresh head of one of the authorities, so nobody may be paid on its word. */
export type Standing = 'good' | 'revoked' | 'unknown';

/** What these certificates are worth now, by what this node has: nobody is asked. */
export function standingOf(
  { entries, authorities }: Vouched,
  { heads, revoked }: Pick<Trust, 'heads' | 'revoked'>,
  nowMs: number,
): Standing {
  const lists = authorities.map((authority) => revoked.get(authority));
  if (lists.some((list) => entries.some((entry) => list?.entries.has(entry)))) return 'revoked';
  const fresh = authorities.every((authority, i) => {
    const head = heads.get(authority);
    return head !== undefined && nowMs < head.nextMs && lists[i]?.listRoot === head.listRoot;
  });
  return fresh ? 'good' : 'unknown';
}
