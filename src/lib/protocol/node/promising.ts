/** Drafts and promises between a replier and its settler, whichever of the two this node is. Whitepaper: "Replying". */
import { fault } from '../faults.ts';
import type { FrameOf } from '../frame.ts';
import type { PartyKey, PeerKey } from '../ids.ts';
import { verifyChain } from '../job/certificate.ts';
import { openSigned } from '../job/signed.ts';
import { limits } from '../limits.ts';
import type { State } from '../roles/replier-states.ts';
import { startSettlement, type Settlement } from '../roles/settler.ts';
import { isFault } from '../wire/codec.ts';
import { DraftRequest, SettlementPromise, type Signed } from '../wire/messages.ts';
import { comparePromise, keepEvidence } from './evidence.ts';
import { hasLied } from './fraud-states.ts';
import { settlerContext } from './identity.ts';
import { isRevoked } from './memberships.ts';
import { memberKeyOf } from './records.ts';
import { lookUp } from './revoking.ts';
import { trustOf, type Node, type Turn } from './state.ts';
import { send } from './outbox.ts';
import {
  blame,
  hasWon,
  markSettlement,
  perform,
  siblingsOf,
  tellOffer,
  tellSettlement,
} from './turn.ts';

export function onDraftRequest(turn: Turn, peer: PeerKey, signed: Signed): void {
  const { node, ctx } = turn;
  const settler = settlerContext(turn, null);
  if (settler === null) return;
  const request = DraftRequest.decodeCanonical(signed.body);
  if (isFault(request)) return blame(turn, peer, request);
  const { draftId } = request;
  const refuse = (reason: string) => send(turn, peer, { kind: 'draftRefusal', draftId, reason });
  const replier = verifyChain(request.replierCertificate, 'worker', trustOf(node), ctx.nowMs);
  if (isFault(replier)) return refuse(replier.code);
  const member = memberKeyOf(node, replier.leaf.publicKey);
  // Every job has a key of its own; the settler knows whose they are.
  const lied = (key: PartyKey) => memberKeyOf(node, key) === member;
  if (hasLied(node.frauds, lied)) return refuse('a lie of yours is proven');
  if (lookUp(turn, replier) === 'unknown') return refuse('NO_FRESH_HEAD');
  if ([replier.leaf.publicKey, request.senderKey].some((party) => isRevoked(node, party))) {
    return refuse('CERTIFICATE_REVOKED');
  }
  const key = replier.leaf.publicKey;
  const code = 'STATEMENT_SIGNATURE_INVALID';
  const opened = openSigned(DraftRequest, signed, {
    type: 'draft-request',
    network: node.network,
    key,
    code,
  });
  if (isFault(opened)) return blame(turn, peer, opened);
  const known = openDrafts(node).find(({ deal }) => deal.draftId === draftId);
  // Its connection died meanwhile, or ours: the same answer once more.
  if (known?.deal.replierPeer === peer && known.deal.replierKey === key) {
    return tellSettlement(turn, known.deal.promiseId, { on: 'askedAgain' });
  }
  const refusal = draftRefusal(turn, peer, request, key);
  if (refusal !== null) return refuse(refusal);
  const [made, effects] = startSettlement(request, { peer, key }, settler);
  node.settlements.set(made.deal.promiseId, made);
  perform(turn, effects);
  markSettlement(turn, made.deal.promiseId);
}

function draftRefusal(
  turn: Turn,
  peer: PeerKey,
  request: DraftRequest,
  replierKey: PartyKey,
): string | null {
  const { node, ctx } = turn;
  if (!ctx.canHold || ctx.height === 0) return 'the settler has no wallet that can hold payments';
  const { amountMsat } = request;
  if (amountMsat < limits.minPriceMsat || amountMsat > limits.maxPriceMsat) return 'amount';
  const { offerId } = request;
  if (siblingsOf(turn, { offerId, replierKey }).some(hasWon)) return 'other-route';
  const open = openDrafts(node);
  const ofPeer = open.filter(({ deal }) => deal.replierPeer === peer).length;
  const crowded = ofPeer >= limits.openDraftsPerPeer || open.length >= limits.openDrafts;
  if (crowded) return 'too many open promises';
  return open.some(({ deal }) => deal.draftId === request.draftId) ? 'asked already' : null;
}

/** What nobody has paid for yet. */
function openDrafts({ settlements }: Node): Settlement[] {
  return [...settlements.values()].filter(({ state }) =>
    ['Invoicing', 'Drafted', 'Promised'].includes(state),
  );
}

export function onDraftAnswer(
  turn: Turn,
  peer: PeerKey,
  frame: FrameOf<'draft'> | FrameOf<'draftRefusal'>,
): void {
  for (const [draftId, { offer }] of turn.node.offers) {
    if (offer.draftId !== frame.draftId || offer.settlerPeer !== peer) continue;
    if (frame.kind === 'draft') return tellOffer(turn, draftId, { on: 'draft', frame });
    return tellOffer(turn, draftId, { on: 'refused', reason: frame.reason });
  }
}

export function onSealedReply(turn: Turn, peer: PeerKey, frame: FrameOf<'sealedReply'>): void {
  const made = turn.node.settlements.get(frame.promiseId);
  if (made === undefined || made.deal.replierPeer !== peer) {
    return blame(turn, peer, fault('STATEMENT_NOT_ENTITLED', 'no draft of yours'));
  }
  tellSettlement(turn, frame.promiseId, { on: 'sealed', frame });
}

export function onPromise(turn: Turn, peer: PeerKey, frame: FrameOf<'promise'>): void {
  const promise = SettlementPromise.decodeCanonical(frame.promise.body);
  if (isFault(promise)) return blame(turn, peer, promise);
  for (const [draftId, made] of turn.node.offers) {
    if (made.state !== 'Sealed' || made.offer.settlerPeer !== peer) continue;
    if (made.draft.promiseId !== promise.promiseId) continue;
    tellOffer(turn, draftId, { on: 'promise', frame });
    if (turn.node.offers.get(draftId)?.state === 'Sent') keepOwnPromise(turn, made, promise, frame);
  }
}

/** It was verified, and the reply is on its way: from now on its settler is held to it. */
function keepOwnPromise(
  turn: Turn,
  { offer, draft }: State<'Sealed'>,
  body: SettlementPromise,
  { promise }: FrameOf<'promise'>,
): void {
  const { terms, salt, lockedReplyMessage: lockedMessage } = draft;
  const bought = { promise, terms, salt, lockedMessage };
  keepEvidence(turn, body, offer.settlerKey, { promise, bought });
  comparePromise(turn, body.networkPaymentHash, promise);
}
