/** What a settler signs with: a root key of its own, and a signing key that lives for a week. */
import { publicKeyOf } from '../crypto.ts';
import type { PartyKey } from '../ids.ts';
import { issueCertificate } from '../job/certificate.ts';
import { revokedKeys, signRevocationHead } from '../job/revocation.ts';
import { limits } from '../limits.ts';
import type { SettlerContext } from '../roles/settler.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import { Certificate, RevocationHead, type CertificateChain } from '../wire/messages.ts';
import { settlerRoot, subSecret, type OwnList, type SettlerRole, type Turn } from './state.ts';

/** Chain and head are made anew at least this often, so that nobody holds a stale head. */
const renewMs = 3_600_000;
const epochMs = limits.certificateDays * limits.dayMs;

/** The settler's role with a chain and a head of today; null if this node is no settler. */
export function settlerToday(turn: Turn): SettlerRole | null {
  const { node, ctx } = turn;
  const role = node.settlerRole;
  if (role === null) return null;
  const { nowMs, network, random } = ctx;
  const epoch = Math.floor(nowMs / epochMs);
  const fresh = role.chain !== null && role.epoch === epoch && nowMs - role.madeAtMs < renewMs;
  if (fresh) return role;
  const root = { secret: subSecret(node.secret, 'settler-root'), name: role.name, network, random };
  const secret = signingSecret(node.secret, epoch);
  const certificate = issueCertificate(
    {
      publicKey: publicKeyOf(secret),
      certificateName: 'settler',
      certificateValue: [{ name: 'name', value: role.name }],
      peerKey: node.self,
      addresses: node.addresses.slice(0, limits.addresses),
    },
    root,
    nowMs,
  );
  // The leaf that hangs on it is one more.
  role.chain = [certificate, ...vouchedForBy(turn)].slice(0, limits.chain - 1);
  signList(turn, role, root);
  role.madeAtMs = nowMs;
  role.epoch = epoch;
  return role;
}

/** The certificates by which another settler vouches for this one's root; none if nobody does. */
function vouchedForBy({ node, ctx }: Turn): CertificateChain {
  for (const { name, state, certificates, issuers } of node.ownMemberships.values()) {
    if (name !== 'settler' || state !== 'active' || certificates[0] === undefined) continue;
    const body = Certificate.decodeCanonical(certificates[0].body);
    const holds = !isFault(body) && ctx.nowMs < body.notValidAfterMs;
    if (holds) return [certificates[0], ...issuers];
  }
  return [];
}

/**
 * A new head with a greater number than any before: what is stored counts, and the clock (s) for a settler whose disk was lost.
 * It is signed with the root key, so that it holds over the turn of the week.
 */
function signList(
  turn: Turn,
  role: SettlerRole,
  root: Omit<Parameters<typeof signRevocationHead>[1], 'name'>,
): void {
  const { node, ctx } = turn;
  const clock = BigInt(Math.floor(ctx.nowMs / 1_000));
  const seq = node.ownList.seq + 1n > clock ? node.ownList.seq + 1n : clock;
  const listed = node.ownList.listed.filter(({ untilMs }) => ctx.nowMs < untilMs);
  keepOwnList(turn, { seq, listed });
  const entries = listed.map(({ entry }) => entry).sort();
  role.head = signRevocationHead({ seq, entries }, root, ctx.nowMs);
  const own: PartyKey = settlerRoot(node);
  const head = RevocationHead.decodeCanonical(role.head.body);
  if (isFault(head)) throw new Error('own head does not decode');
  node.heads.set(own, head);
  node.revoked.set(own, revokedKeys(entries));
}

export function keepOwnList(turn: Turn, list: OwnList): void {
  turn.node.ownList = list;
  turn.effects.push(store('own-list', list));
}

export function signingSecret(secret: Uint8Array, epoch: number): Uint8Array {
  return subSecret(secret, `settler-signing/${epoch}`);
}

/** What a settlement of `epoch` (of now, if null) is signed with; null if this node is no settler. */
export function settlerContext(turn: Turn, epoch: number | null): SettlerContext | null {
  const role = settlerToday(turn);
  if (role === null || role.chain === null || role.head === null) return null;
  const signedIn = epoch ?? role.epoch;
  const secret = signingSecret(turn.node.secret, signedIn);
  return { ...turn.ctx, secret, epoch: signedIn, chain: role.chain, head: role.head };
}
