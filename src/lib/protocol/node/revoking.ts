/**
 * Revocation lists: the settler's own, and those this node looks at before it relies on a certificate. Whitepaper: "Digital
 * Certificates": "a revocation list".
 *
 *   Node                                   Settler, or whoever has the list
 *     | SettlerInfoRequestFrame ------------->|
 *     |<-------- SettlerInfoFrame (a head) ---|
 *     | RevocationListRequestFrame ---------->|   if the head is of another list than ours
 *     |<--------------- RevocationListFrame --|   also unasked, when somebody is revoked
 */
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PeerKey } from '../ids.ts';
import type { VerifiedCertificate } from '../job/certificate.ts';
import {
  revocationEntry,
  revocationListRoot,
  revokedKeys,
  verifyRevocationHead,
} from '../job/revocation.ts';
import { standingOf, vouchedBy, type Standing } from '../job/standing.ts';
import { fault } from '../faults.ts';
import { limits } from '../limits.ts';
import { isOpen } from '../overlay/session.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import { RevocationHead, type Signed } from '../wire/messages.ts';
import { keepOwnList, settlerToday } from './identity.ts';
import { remember, settlerRoot, trustOf, type Turn } from './state.ts';
import { send } from './outbox.ts';
import { blame, markJob } from './turn.ts';

const emptyRoot = revocationListRoot([]);

/** What is stored of another's list. */
export interface StoredList {
  readonly authority: PartyKey;
  readonly head: Signed;
  readonly entries: readonly string[];
}

/** A head that was verified: the newest of its authority is kept. */
export function learnHead(turn: Turn, head: RevocationHead): void {
  const { node } = turn;
  const { certAuthKey: authority, listRoot } = head;
  const known = node.heads.get(authority);
  if (known !== undefined && known.seq >= head.seq) return;
  remember(node.heads, authority, head, limits.heads);
  // There is nothing to ask for.
  if (listRoot === emptyRoot) remember(node.revoked, authority, revokedKeys([]), limits.heads);
  for (const [payloadId, { state }] of node.jobs) {
    if (state === 'Broadcasting') markJob(turn, payloadId);
  }
}

/** Is the list that the newest head is of at hand? */
function hasList({ node }: Turn, authority: PartyKey): boolean {
  const head = node.heads.get(authority);
  return head !== undefined && node.revoked.get(authority)?.listRoot === head.listRoot;
}

/** After a head: asks who brought it for the list, if that is another than ours. */
export function askForList(turn: Turn, peer: PeerKey, certAuthKey: PartyKey): void {
  if (hasList(turn, certAuthKey)) return;
  send(turn, peer, { kind: 'revocationListRequest', certAuthKey });
}

export function onListRequest(turn: Turn, peer: PeerKey, authority: PartyKey): void {
  const { node } = turn;
  const role = settlerToday(turn);
  if (role?.head == null || authority !== settlerRoot(node)) return;
  const entries = node.ownList.listed.map(({ entry }) => entry);
  send(turn, peer, { kind: 'revocationList', head: role.head, entries });
}

export function onList(turn: Turn, peer: PeerKey, frame: FrameOf<'revocationList'>): void {
  const { node, ctx } = turn;
  const { head: signed, entries } = frame;
  const authorities = [...node.settlers.keys(), ...node.heads.keys()];
  const head = verifyRevocationHead(signed, authorities, trustOf(node), ctx.nowMs);
  if (isFault(head)) return blame(turn, peer, head);
  const list = revokedKeys(entries);
  if (list.listRoot !== head.listRoot || list.entries.size !== entries.length) {
    return blame(turn, peer, fault('REVOCATION_HEAD_INVALID', 'the head of another list'));
  }
  const authority = head.certAuthKey;
  if ((node.heads.get(authority)?.seq ?? -1n) > head.seq) return;
  remember(node.revoked, authority, list, limits.heads);
  const kept: StoredList = { authority, head: signed, entries };
  turn.effects.push(store(`revocation/${authority}`, kept));
  learnHead(turn, head);
}

/** From the disk: what was known before the device stopped. */
export function restoreList({ node }: Turn, { authority, head: signed, entries }: StoredList) {
  const head = RevocationHead.decodeCanonical(signed.body);
  if (isFault(head) || (node.heads.get(authority)?.seq ?? -1n) > head.seq) return;
  remember(node.heads, authority, head, limits.heads);
  remember(node.revoked, authority, revokedKeys(entries), limits.heads);
}

/** The same of a head that was stored with its settler: of an empty list nothing else is on disk. */
export function restoreHead(turn: Turn, signed: Signed): void {
  const head = RevocationHead.decodeCanonical(signed.body);
  if (!isFault(head)) learnHead(turn, head);
}

/** What certificates are worth now; whoever could tell more is asked, for the next time. */
export function lookUp(turn: Turn, ...verified: readonly VerifiedCertificate[]): Standing {
  const { node, ctx } = turn;
  const found = standingOf(vouchedBy(...verified), trustOf(node), ctx.nowMs);
  if (found === 'unknown') {
    for (const one of verified) askNodesOf(turn, one);
  }
  return found;
}

/** Asks every settler's node of a chain whose authority's list is not at hand. */
function askNodesOf(turn: Turn, { leaf, issuers }: VerifiedCertificate): void {
  const { nowMs } = turn.ctx;
  for (const { peerKey, addresses, certAuthKey } of [leaf, ...issuers]) {
    if (peerKey === null || peerKey === turn.node.self) continue;
    const head = turn.node.heads.get(certAuthKey);
    const fresh = head !== undefined && nowMs < head.nextMs && hasList(turn, certAuthKey);
    if (!fresh) send(turn, peerKey, { kind: 'settlerInfoRequest' }, { addresses });
  }
}

// ----------------------------------------------------------------------------------- the settler's own

/** Is there room on the list for so many more? */
export function hasRoomFor({ node }: Turn, keys: number): boolean {
  return node.ownList.listed.length + keys <= limits.revoked;
}

/** Takes back every certificate for these keys, and tells everybody who is connected. */
export function takeBack(
  turn: Turn,
  keys: readonly { readonly key: PartyKey; readonly untilMs: number }[],
): void {
  const { node } = turn;
  const fresh = keys.map(({ key, untilMs }) => ({ entry: revocationEntry(key), untilMs }));
  const known = new Set(node.ownList.listed.map(({ entry }) => entry));
  const listed = [...node.ownList.listed, ...fresh.filter(({ entry }) => !known.has(entry))];
  keepOwnList(turn, { ...node.ownList, listed });
  if (node.settlerRole === null) return;
  node.settlerRole.madeAtMs = 0;
  for (const [peer, session] of node.sessions) {
    if (isOpen(session)) onListRequest(turn, peer, settlerRoot(node));
  }
}
