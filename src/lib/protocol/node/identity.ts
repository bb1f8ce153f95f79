/** What a settler signs with: a root key of its own, and a signing key that lives for a week. */
import { publicKeyOf } from '../crypto.ts';
import { issueCertificate, signRevocationHead } from '../job/certificate.ts';
import { limits } from '../limits.ts';
import type { SettlerContext } from '../roles/settler.ts';
import { subSecret, type SettlerRole, type Turn } from './state.ts';

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
  const seq = BigInt(Math.floor(nowMs / 1_000));
  role.chain = [certificate];
  role.head = signRevocationHead({ seq, hashes: [] }, { secret, network, random }, nowMs);
  role.madeAtMs = nowMs;
  role.epoch = epoch;
  return role;
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
