/**
 * Everything between this node and a settler, whichever of the two it is, and the direct contact of the two parties.
 * Whitepaper: "Replying".
 */
import { fault } from '../faults.ts';
import type { Frame, FrameOf } from '../frame.ts';
import type { PeerKey, PromiseId } from '../ids.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { readStatement } from '../job/settlement.ts';
import { limits } from '../limits.ts';
import { isFault } from '../wire/codec.ts';
import { hearOutcome, showSeal } from './broken-deals.ts';
import { witness } from './evidence.ts';
import { type Turn } from './state.ts';
import { blame, publish, tellJob, tellLeg, tellOffer, tellSettlement } from './turn.ts';
import { onBatch, onDecision } from './certifying.ts';
import { onApplication, onBatchRequest } from './memberships.ts';
import { onInfo, onInfoRequest } from './settlers.ts';
import { onThankYouContact } from './thank-you-machines.ts';
import { onList, onListRequest } from './revoking.ts';
import { onDraftAnswer, onDraftRequest, onPromise, onSealedReply } from './promising.ts';

export function onSettlerFrame(turn: Turn, peer: PeerKey, frame: Frame): void {
  switch (frame.kind) {
    case 'settlerInfoRequest':
      return onInfoRequest(turn, peer);
    case 'settlerInfo':
      return onInfo(turn, peer, frame);
    case 'certificateApplication':
      return onApplication(turn, peer, frame.application);
    case 'certificateDecision':
      return onDecision(turn, peer, frame);
    case 'batchRequest':
      return onBatchRequest(turn, peer, frame.request);
    case 'batch':
      return onBatch(turn, peer, frame);
    case 'revocationListRequest':
      return onListRequest(turn, peer, frame.certAuthKey);
    case 'revocationList':
      return onList(turn, peer, frame);
    case 'draftRequest':
      return onDraftRequest(turn, peer, frame.request);
    case 'draft':
    case 'draftRefusal':
      return onDraftAnswer(turn, peer, frame);
    case 'sealedReply':
      return onSealedReply(turn, peer, frame);
    case 'promise':
      return onPromise(turn, peer, frame);
    case 'watch':
      return onWatch(turn, peer, frame.promiseId);
    case 'statements':
      return onStatements(turn, peer, frame);
    case 'contact':
      return onContact(turn, peer, frame);
    default:
      return blame(turn, peer, fault('FRAME_UNEXPECTED', frame.kind));
  }
}

// -------------------------------------------------------------------------------------- statements

function onWatch(turn: Turn, peer: PeerKey, promiseId: PromiseId): void {
  const { node } = turn;
  if (!node.settlements.has(promiseId)) return;
  const watchers = node.watchers.get(promiseId) ?? new Set<PeerKey>();
  if (watchers.size < limits.watchersPerPromise) watchers.add(peer);
  node.watchers.set(promiseId, watchers);
  publish(turn, promiseId, peer);
}

/** Parties tell the settler; the settler tells everybody who watches. */
function onStatements(turn: Turn, peer: PeerKey, frame: FrameOf<'statements'>): void {
  const { node } = turn;
  const { promiseId } = frame;
  if (node.settlements.has(promiseId)) {
    return tellSettlement(turn, promiseId, { on: 'statements', frame, from: peer });
  }
  let isSettler = false;
  for (const [payloadId, job] of node.jobs) {
    if (!('chosen' in job) || job.chosen.promiseId !== promiseId) continue;
    if (job.chosen.settlerPeer !== peer) continue;
    isSettler = true;
    tellJob(turn, payloadId, { on: 'statements', frame });
    showSeal(turn, payloadId, frame);
  }
  for (const [draftId, made] of node.offers) {
    if (!('draft' in made) || made.draft.promiseId !== promiseId) continue;
    if (made.offer.settlerPeer !== peer) continue;
    isSettler = true;
    tellOffer(turn, draftId, { on: 'statements', frame });
  }
  for (const [hash, { terms }] of node.legs) {
    const { settler } = terms;
    if (settler?.promiseId !== promiseId || settler.peer !== peer) continue;
    isSettler = true;
    const by = { key: settler.key, network: node.network };
    const abort = readStatement('abort', frame, by);
    if (isFault(abort)) return blame(turn, peer, abort);
    const outcome = readStatement('outcome', frame, by);
    if (isFault(outcome)) return blame(turn, peer, outcome);
    // Nobody is paid for the network: nothing keeps what is held any longer.
    const isOff = abort !== null || outcome?.network === 'refunded';
    const preimage = isPreimageOf(frame.networkPreimage, hash) ? frame.networkPreimage : null;
    tellLeg(turn, hash, { on: 'published', preimage, aborted: isOff });
  }
  if (!isSettler) return;
  witness(turn, frame);
  hearOutcome(turn, promiseId);
}

function onContact(turn: Turn, peer: PeerKey, frame: FrameOf<'contact'>): void {
  const { promiseId } = frame;
  for (const [payloadId, job] of turn.node.jobs) {
    if ('chosen' in job && job.chosen.promiseId === promiseId) {
      return tellJob(turn, payloadId, { on: 'contact', frame, from: peer });
    }
  }
  for (const [draftId, made] of turn.node.offers) {
    if ('draft' in made && made.draft.promiseId === promiseId) {
      return tellOffer(turn, draftId, { on: 'contact', frame, from: peer });
    }
  }
  if (onThankYouContact(turn, peer, frame) === 'taken') return;
  blame(turn, peer, fault('FRAME_UNEXPECTED', 'a contact frame without a contact'));
}
