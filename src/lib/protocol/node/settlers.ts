/** Who the settlers are that this node trusts, and what a settler tells of itself. Whitepaper: "Digital Certificates". */
import { fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PeerKey } from '../ids.ts';
import { verifyChain } from '../job/certificate.ts';
import { verifyRevocationHead } from '../job/revocation.ts';
import { limits } from '../limits.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import { compareHead, meetHead } from './evidence.ts';
import { settlerToday } from './identity.ts';
import { askForList, learnHead } from './revoking.ts';
import { trustOf, type TrustedSettler, type Turn } from './state.ts';
import { send } from './outbox.ts';
import { blame, markSettler } from './turn.ts';

export function onInfoRequest(turn: Turn, peer: PeerKey): void {
  const role = settlerToday(turn);
  if (role?.chain == null || role.head === null) return;
  const feeMsat = turn.node.policy.settlerFeeMsat;
  const frame = { kind: 'settlerInfo', settlerCertificate: role.chain, feeMsat } as const;
  send(turn, peer, { ...frame, revocationHead: role.head });
}

/** Asks a trusted settler for its certificate and head; again after a while, as heads grow stale. */
export function askForInfo(turn: Turn, settler: TrustedSettler): void {
  send(turn, settler.peer, { kind: 'settlerInfoRequest' }, { addresses: settler.addresses });
  const waitMs = settler.chain === null ? limits.repeatMs : limits.headMs / 24;
  const atMs = turn.ctx.nowMs + waitMs;
  turn.effects.push({ do: 'wake', atMs, key: `settler/${settler.root}` });
}

export function onInfo(turn: Turn, peer: PeerKey, frame: FrameOf<'settlerInfo'>): void {
  const { node, ctx } = turn;
  const { settlerCertificate: chain, revocationHead: head, feeMsat } = frame;
  const verified = verifyChain(chain, 'settler', trustOf(node), ctx.nowMs);
  if (isFault(verified)) return blame(turn, peer, verified);
  const { peerKey, certAuthKey } = verified.leaf;
  const settler = node.settlers.get(certAuthKey);
  if (peerKey !== peer || (settler !== undefined && settler.peer !== peer)) {
    return blame(turn, peer, fault('FRAME_UNEXPECTED', 'not the settler asked'));
  }
  const checked = verifyRevocationHead(head, [certAuthKey], trustOf(node), ctx.nowMs);
  if (isFault(checked)) {
    compareHead(turn, chain, head);
    return blame(turn, peer, checked);
  }
  learnHead(turn, checked);
  meetHead(turn, head);
  askForList(turn, peer, certAuthKey);
  // One that another settler vouches for; this node did not choose it itself.
  if (settler === undefined) return;
  const name = verified.leaf.certificateValue.find((value) => value.name === 'name')?.value ?? '';
  const addresses =
    verified.leaf.addresses.length > 0 ? verified.leaf.addresses : settler.addresses;
  keepSettler(turn, { ...settler, chain, head, feeMsat, name, addresses });
}

export function keepSettler(turn: Turn, settler: TrustedSettler): void {
  turn.node.settlers.set(settler.root, settler);
  turn.effects.push(store(`settler/${settler.root}`, settler));
  markSettler(turn, settler.root);
}
