/**
 * Deals of ours that somebody broke without a word that contradicts another: a seal that holds no contact, and a settler that
 * owes a ruling and says nothing. Whitepaper: "Payment settler".
 */
import type { PayloadId, PromiseId } from '../ids.ts';
import { sealFraud } from '../job/fraud-proof.ts';
import { needsRuling, readStatement, type Receipts } from '../job/settlement.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import type { Heights, StatementsFrame } from '../wire/messages.ts';
import { forgetSilence, noteSilence, sealProofOf, tryProof } from './frauds.ts';
import { partySecret, rootOf, type Turn } from './state.ts';
import { send } from './outbox.ts';

const badSeals = ['REPLY_UNREADABLE', 'REPLY_SIGNATURE_INVALID'];

/** A worker's seal that opened to no contact: shown to the world, and to the settler until it decided. */
export function showSeal(turn: Turn, payloadId: PayloadId, frame: StatementsFrame): void {
  const { node, ctx } = turn;
  const job = node.jobs.get(payloadId);
  if (job?.state !== 'Matched' || job.channel !== null || !badSeals.includes(job.reason)) return;
  const { papers, lockedMessage, promiseId, settlerKey: key } = job.chosen;
  if (sealProofOf(turn, promiseId) === null) {
    const said = readStatement('unlock', frame, { key, network: node.network });
    if (said === null || isFault(said)) return;
    const { replierCertificate, statement } = papers;
    const secret = partySecret(node, job.job.certificate);
    const random = ctx.random(32);
    const own = { unlockingKey: said.unlockingKey, replierCertificate, statement, secret, random };
    const made = sealFraud({ ...papers, lockedMessage }, own);
    if (made !== null) tryProof(turn, made);
  }
  const proof = sealProofOf(turn, promiseId);
  if (proof !== null)
    send(turn, job.chosen.settlerPeer, proof, { addresses: job.chosen.settlerAddresses });
}

/** A block came: which settlers of ours should have ruled by now? */
export function noteSilences(turn: Turn): void {
  const { node } = turn;
  for (const job of node.jobs.values()) {
    if (job.state !== 'Matched') continue;
    const { promiseId, heights, settlerKey: key, settlerRoot: root, settler } = job.chosen;
    if (!isOverdue(turn, heights, job.receipts)) continue;
    noteSilence(turn, { key, root, name: settler.certAuthName }, promiseId);
  }
  for (const made of node.offers.values()) {
    if (made.state !== 'Matched') continue;
    const { promiseId, heights } = made.draft;
    const { certificate, settlerKey: key, settlerName: name } = made.offer;
    const root = rootOf(node, certificate);
    if (root === null || !isOverdue(turn, heights, made.receipts)) continue;
    noteSilence(turn, { key, root, name }, promiseId);
  }
}

/** With time for an answer that is on its way. */
function isOverdue({ ctx }: Turn, { decideBy }: Heights, receipts: Receipts): boolean {
  const file = {
    claimedAt: receipts.claim?.height ?? null,
    noContactAt: receipts.noContact?.height ?? null,
    isDisputed: receipts.senderDispute !== undefined || receipts.replierDispute !== undefined,
  };
  return needsRuling(file) && ctx.height > decideBy + limits.silentBlocks;
}

/** The settler spoke: an outcome ends the silence, whatever it says. */
export function hearOutcome(turn: Turn, promiseId: PromiseId): void {
  if (turn.node.evidence.get(promiseId)?.said.outcome !== undefined) forgetSilence(turn, promiseId);
}
