/**
 * Certificates that were taken back. An authority (a settler's root key, or any other key that issues and is not one node's key
 * of the week) signs the head of a list; the list says which keys it certifies no more. Whitepaper: "Digital Certificates".
 *
 *   root --signs--> head {seq, root of the list, issued, next <= 24 h}
 *                    list [first 16 bytes of the tagged hash of a key, ...]
 *
 * Differs from the paper: the list is told by a signed head with a number that never goes back and a day to live, so that an old
 * list cannot be passed off as today's. Heads are signed with the key that the settler's weekly keys hang on, so they hold over
 * the turn of the week. Whoever has no fresh head pays no money.
 */
import { bytesOf, concat, hexOf } from '../bytes.ts';
import { publicKeyOf, taggedHash, type Network } from '../crypto.ts';
import { fault, type Fault } from '../faults.ts';
import type { PartyKey } from '../ids.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import { RevocationHead, type Signed } from '../wire/messages.ts';
import { openSigned, signBody } from './signed.ts';

/** How a list names a key, hex: 16 bytes. Keys that never were used stay unknown. */
export function revocationEntry(key: PartyKey): string {
  return hexOf(taggedHash('gig-gossip/1/revoked', bytesOf(key)).subarray(0, 16));
}

/** Tagged hash over the sorted entries; of the empty list too. */
export function revocationListRoot(entries: readonly string[]): string {
  const sorted = [...entries].sort().map(bytesOf);
  return hexOf(taggedHash('gig-gossip/1/revocation-list', concat(...sorted)));
}

/** What is known to stand on an authority's list. */
export interface RevokedKeys {
  readonly listRoot: string;
  readonly entries: ReadonlySet<string>;
}

export function revokedKeys(entries: readonly string[]): RevokedKeys {
  return { listRoot: revocationListRoot(entries), entries: new Set(entries) };
}

/** Signs the head of a list. `seq` must be above every former head's. */
export function signRevocationHead(
  list: { readonly seq: bigint; readonly entries: readonly string[] },
  issuer: {
    readonly secret: Uint8Array;
    readonly network: Network;
    readonly random: (n: number) => Uint8Array;
  },
  nowMs: number,
): Signed {
  const body: RevocationHead = {
    certAuthKey: publicKeyOf(issuer.secret),
    seq: list.seq,
    listRoot: revocationListRoot(list.entries),
    issuedMs: nowMs,
    nextMs: nowMs + limits.headMs,
  };
  return signBody(RevocationHead, body, { type: 'revocation-head', ...issuer });
}

/**
 * The head, if one of `issuers` signed it, it is fresh, and it does not go back behind what is known of that issuer. Fault:
 * REVOCATION_HEAD_INVALID.
 */
export function verifyRevocationHead(
  signed: Signed,
  issuers: readonly PartyKey[],
  trust: { readonly network: Network; readonly heads: ReadonlyMap<PartyKey, RevocationHead> },
  nowMs: number,
): RevocationHead | Fault {
  const { network, heads } = trust;
  const code = 'REVOCATION_HEAD_INVALID';
  const body = RevocationHead.decodeCanonical(signed.body);
  if (isFault(body)) return body;
  const { certAuthKey: key } = body;
  if (!issuers.includes(key)) return fault(code, 'of another issuer');
  const head = openSigned(RevocationHead, signed, { type: 'revocation-head', key, network, code });
  if (isFault(head)) return head;
  if (head.nextMs - head.issuedMs > limits.headMs) return fault(code, 'good for more than 24 h');
  if (nowMs >= head.nextMs) return fault(code, 'stale');
  const known = heads.get(key);
  if (known === undefined) return head;
  if (head.seq === known.seq && head.listRoot !== known.listRoot) {
    return fault(code, `two lists for seq ${head.seq}`);
  }
  // An older head may still be on its way to us; it counts as long as it is fresh.
  const goesBack = head.seq < known.seq && head.issuedMs > known.issuedMs;
  return goesBack ? fault(code, `seq ${head.seq} after ${known.seq}`) : head;
}
