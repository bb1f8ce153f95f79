/**
 * What a node does about a lie that is proven: it keeps the proof, makes no new promise with that settler, warns its owner, and
 * tells its neighbours, who do the same. Whitepaper: "Payment settler" (settlers are chosen, and can be left).
 *
 *   neighbour                     we                                    neighbours
 *      |--- a proof ------------->| met before? verified? known? -> stored
 *      |                          |------------------------------------------->|  once each, new sessions too
 *
 * Nothing is believed or passed on before it is verified. Proofs about settlers whose root we do not trust mean nothing to us:
 * they are dropped, and nobody is blamed.
 */
import { bytesOf, hexOf } from '../bytes.ts';
import { hash } from '../crypto.ts';
import { decodeFrame, encodeFrame } from '../frame.ts';
import type { Fault } from '../faults.ts';
import type { PartyKey, PeerKey, PromiseId } from '../ids.ts';
import {
  fraudId,
  fraudText,
  isFraudFrame,
  verifyFraud,
  type Fraud,
  type FraudFrame,
} from '../job/fraud-proof.ts';
import { limits } from '../limits.ts';
import { isOpen } from '../overlay/session.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import type { KnownFraud } from './fraud-states.ts';
import { isAllowed, remember, rootOf, trustOf, type Turn } from './state.ts';
import { send } from './outbox.ts';
import { blame, markJob, tellOffer, tellSettlement, markSettler } from './turn.ts';

/** Somebody says that somebody lied. */
export function onFraudFrame(turn: Turn, peer: PeerKey, frame: FraudFrame): void {
  const { node } = turn;
  const met = hexOf(hash(encodeFrame(frame)));
  if (node.fraudsMet.has(met)) return;
  const found = verify(turn, frame);
  if (isFault(found)) {
    const isNoLie = !['CERTIFICATE_ISSUER_UNKNOWN', 'CERTIFICATE_NOT_VALID_NOW'].includes(
      found.code,
    );
    return isNoLie ? blame(turn, peer, found) : undefined;
  }
  remember(node.fraudsMet, met, true, limits.fraudsMet);
  accept(turn, frame, found, peer);
}

/** A proof of our own making. False if it proves nothing. */
export function tryProof(turn: Turn, frame: FraudFrame): boolean {
  const found = verify(turn, frame);
  if (isFault(found)) return false;
  accept(turn, frame, found, null);
  return true;
}

/** The settler owed a ruling and says nothing: we know it, and nobody has to believe us. */
export function noteSilence(
  turn: Turn,
  settler: { readonly key: PartyKey; readonly root: PartyKey; readonly name: string },
  promiseId: PromiseId,
): void {
  const id = `silent-${promiseId}`;
  if (turn.node.frauds.has(id)) return;
  const fraud = { kind: 'silent', role: 'settler', ...settler, promiseId } as const;
  const atMs = turn.ctx.nowMs;
  keep(turn, { id, fraud, proof: null, atMs, own: true, forgiven: false });
}

/** It spoke after all. */
export function forgetSilence(turn: Turn, promiseId: PromiseId): void {
  const id = `silent-${promiseId}`;
  const known = turn.node.frauds.get(id);
  if (known !== undefined) forget(turn, known);
}

/** The proof that a deal's worker sealed rubbish, as it was kept. */
export function sealProofOf({ node }: Turn, promiseId: PromiseId): FraudFrame | null {
  for (const { fraud, proof } of node.frauds.values()) {
    if (fraud.kind === 'seal' && fraud.promiseId === promiseId) return readProof(proof);
  }
  return null;
}

function readProof(proof: string | null): FraudFrame | null {
  const frame = proof === null ? null : decodeFrame(bytesOf(proof));
  return frame !== null && !isFault(frame) && isFraudFrame(frame) ? frame : null;
}

function verify(turn: Turn, frame: FraudFrame): Fraud | Fault {
  const { network, roots } = trustOf(turn.node);
  return verifyFraud(frame, { network, roots, nowMs: turn.ctx.nowMs });
}

function accept(turn: Turn, frame: FraudFrame, fraud: Fraud, from: PeerKey | null): void {
  const { node, ctx } = turn;
  const id = fraudId(fraud);
  const known = node.frauds.has(id);
  if (!known) {
    if (isEnough(turn, fraud)) return;
    const proof = fraudText(frame);
    keep(turn, { id, fraud, proof, atMs: ctx.nowMs, own: from === null, forgiven: false });
    react(turn, fraud);
  }
  if (from !== null) toldOf(turn, id).add(from);
  if (known) return;
  let told = 0;
  for (const [peer, session] of node.sessions) {
    if (!isOpen(session) || told >= limits.contacts) continue;
    if (tellProof(turn, id, frame, peer)) told++;
  }
}

/** A few proofs say as much about a settler as a thousand would. */
function isEnough({ node }: Turn, { role, root }: Fraud): boolean {
  if (role === 'replier') return false;
  const known = [...node.frauds.values()].filter(
    ({ fraud, forgiven }) => fraud.role === 'settler' && fraud.root === root && !forgiven,
  );
  return known.length >= limits.fraudsPerSettler;
}

function keep(turn: Turn, known: KnownFraud): void {
  const { node, effects } = turn;
  node.frauds.set(known.id, known);
  effects.push(store(`fraud/${known.id}`, known));
  markFraud(turn, known.fraud);
  if (node.frauds.size <= limits.frauds) return;
  // Whoever lied as a worker is forgotten before a settler is: more of the former can be made.
  const all = [...node.frauds.values()];
  const oldest = all.find(({ fraud }) => fraud.role === 'replier') ?? all[0];
  if (oldest !== undefined) forget(turn, oldest);
}

function forget(turn: Turn, { id, fraud }: KnownFraud): void {
  turn.node.frauds.delete(id);
  turn.node.fraudsTold.delete(id);
  turn.effects.push(store(`fraud/${id}`, null));
  markFraud(turn, fraud);
}

/** The owner trusts a settler again, knowing what it did. False if there is nothing to forgive. */
export function forgive(turn: Turn, root: PartyKey): boolean {
  let any = false;
  for (const known of [...turn.node.frauds.values()]) {
    if (known.fraud.role !== 'settler' || known.fraud.root !== root || known.forgiven) continue;
    any = true;
    keep(turn, { ...known, forgiven: true });
  }
  return any;
}

/** Screens that show the settler, and offers it stands behind. */
export function markFraud(turn: Turn, { root }: Pick<Fraud, 'root'>): void {
  const { node } = turn;
  if (node.settlers.has(root)) markSettler(turn, root);
  for (const [payloadId, job] of node.jobs) {
    const isAffected = job.offers.some(({ settlerRoot }) => settlerRoot === root);
    if (isAffected) markJob(turn, payloadId);
  }
}

// ------------------------------------------------------------------------------------------ telling

function toldOf({ node }: Turn, id: string): Set<PeerKey> {
  const told = node.fraudsTold.get(id) ?? new Set<PeerKey>();
  node.fraudsTold.set(id, told);
  return told;
}

function tellProof(turn: Turn, id: string, frame: FraudFrame, peer: PeerKey): boolean {
  const told = toldOf(turn, id);
  if (told.has(peer) || !isAllowed(turn, peer)) return false;
  if (told.size >= limits.peers) told.clear();
  told.add(peer);
  send(turn, peer, frame);
  return true;
}

/** A session opened: the newest proofs its peer has not been told by us. */
export function tellFrauds(turn: Turn, peer: PeerKey): void {
  const proofs = [...turn.node.frauds.values()].filter(({ proof }) => proof !== null);
  for (const { id, proof } of proofs.slice(-limits.fraudsPerSession)) {
    const frame = readProof(proof);
    if (frame !== null) tellProof(turn, id, frame, peer);
  }
}

// ---------------------------------------------------------------------------------------- reactions

/** Deals of ours that must not go on: nothing of them is owed any more, or nothing of them is begun. */
function react(turn: Turn, fraud: Fraud): void {
  const { node } = turn;
  if (fraud.role === 'replier' && fraud.promiseId !== null) {
    tellSettlement(turn, fraud.promiseId, { on: 'sealProven' });
  }
  for (const [draftId, made] of node.offers) {
    const isAbout = 'draft' in made && made.draft.promiseId === fraud.promiseId;
    const noContact = fraud.kind === 'lock' || fraud.kind === 'seal';
    if (isAbout && noContact) tellOffer(turn, draftId, { on: 'exposed' });
    const root = rootOf(node, made.offer.certificate);
    if (fraud.role === 'settler' && root === fraud.root) {
      tellOffer(turn, draftId, { on: 'calledOff', reason: 'settler-lied' });
    }
  }
}
