/**
 * What settlers signed about the promises this node has a part in, kept and compared with what they sign later, so that no lie
 * of theirs goes unnoticed. Whitepaper: "Payment settler". One `Evidence` per promise id, on disk: it outlives the machine that
 * saw it, and a lie is often told in two halves.
 *
 *   the lock     K does not hold what was promised         -> LockFraud      (who knows the terms: sender, replier)
 *   the words    two statements that do not go together    -> Equivocation
 *   the money    a refund signed, and the preimage known   -> Equivocation
 *   the promise  two of them on one network payment hash   -> Equivocation
 *   the ruling   a dispute on file in time, and no ruling  -> MissingRuling
 */
import { equal } from '../bytes.ts';
import type { PartyKey, PaymentHash, PromiseId } from '../ids.ts';
import {
  equivocation,
  lockFraud,
  missingRuling,
  twoLists,
  type FraudFrame,
} from '../job/fraud-proof.ts';
import { isPreimageOf } from '../job/hodl-invoice.ts';
import { readStatement } from '../job/settlement.ts';
import { limits } from '../limits.ts';
import type { Offer } from '../roles/sender.ts';
import { store } from '../stored.ts';
import { isFault } from '../wire/codec.ts';
import {
  Outcome,
  RevocationHead,
  Terms,
  Unlock,
  type CertificateChain,
  SettlementPromise,
  type Signed,
  type StatementsFrame,
} from '../wire/messages.ts';
import { kept, type Evidence, type Kept } from './fraud-states.ts';
import { tryProof } from './frauds.ts';
import { remember, type Turn } from './state.ts';

/** A promise this node has a part in from now on. */
export function keepEvidence(
  turn: Turn,
  promise: SettlementPromise,
  settlerKey: PartyKey,
  of: Pick<Evidence, 'promise' | 'bought'>,
): void {
  const { promiseId, networkPaymentHash } = promise;
  if (turn.node.evidence.has(promiseId)) return;
  const said = { said: {}, networkPreimage: null, replyPreimage: null };
  save(turn, { promiseId, settlerKey, networkPaymentHash, ...of, ...said });
}

/** The offer that is being bought. */
export function holdTo(turn: Turn, { papers, lockedMessage, settlerKey }: Offer): void {
  const { promise, terms, salt } = papers;
  const body = SettlementPromise.decode(promise.body);
  if (isFault(body)) return;
  keepEvidence(turn, body, settlerKey, {
    promise,
    bought: { promise, terms, salt, lockedMessage },
  });
}

function save(turn: Turn, evidence: Evidence): void {
  const { node, effects } = turn;
  const { promiseId } = evidence;
  if (!node.evidence.has(promiseId) && node.evidence.size >= limits.evidence) {
    const [oldest] = node.evidence.keys();
    node.evidence.delete(oldest!);
    effects.push(store(`evidence/${oldest!}`, null));
  }
  node.evidence.set(promiseId, evidence);
  effects.push(store(`evidence/${promiseId}`, evidence));
}

/** A promise met on its way, in memory only: two on one hash are a lie, whoever they were for. */
export function comparePromise(turn: Turn, hashed: PaymentHash, promise: Signed): void {
  const { promisesMet } = turn.node;
  const known = promisesMet.get(hashed);
  if (known === undefined) return remember(promisesMet, hashed, promise, limits.evidence);
  if (equal(known.body, promise.body)) return;
  tryProof(turn, equivocation(known, { otherPromise: promise }));
}

/** A settler's revocation head that was verified: it is what later ones are held against. */
export function meetHead(turn: Turn, head: Signed): void {
  const { headsMet } = turn.node;
  const body = RevocationHead.decode(head.body);
  if (isFault(body)) return;
  const before = readHead(headsMet.get(body.certAuthKey));
  if (before !== null && before.seq >= body.seq) return;
  remember(headsMet, body.certAuthKey, head, limits.heads);
}

/** A head that did not pass: two lists under one number are a lie, whoever brought it. */
export function compareHead(turn: Turn, settlerCertificate: CertificateChain, head: Signed): void {
  const body = readHead(head);
  const known = body && turn.node.headsMet.get(body.certAuthKey);
  const before = readHead(known ?? undefined);
  if (!known || before?.seq !== body.seq || before.listRoot === body.listRoot) return;
  tryProof(turn, twoLists(settlerCertificate, known, head));
}

function readHead(head: Signed | undefined): RevocationHead | null {
  const body = head && RevocationHead.decode(head.body);
  return body === undefined || isFault(body) ? null : body;
}

/** What the settler of a promise of ours published about it. */
export function witness(turn: Turn, frame: StatementsFrame): void {
  const { promiseId, networkPreimage, replyPreimage } = frame;
  const known = turn.node.evidence.get(promiseId);
  if (known === undefined) return;
  const by = { key: known.settlerKey, network: turn.node.network };
  const news: Partial<Record<Kept, Signed>> = {};
  for (const kind of kept) {
    const signed = frame[kind];
    const before = known.said[kind];
    if (signed === null || (before !== undefined && equal(before.body, signed.body))) continue;
    const body = readStatement(kind, frame, by);
    if (body !== null && !isFault(body)) news[kind] = signed;
  }
  if (Object.keys(news).length > 0) {
    // The first word of a kind stays: it is what a later one is held against.
    save(turn, { ...known, said: { ...news, ...known.said } });
    for (const proof of contradictions(known, news)) tryProof(turn, proof);
  }
  if (networkPreimage) witnessPreimage(turn, promiseId, networkPreimage);
  if (replyPreimage) witnessPreimage(turn, promiseId, replyPreimage);
}

/** A preimage that a payment of ours, or a publication, made known: of the network's payment or the gig's. */
export function witnessPreimage(turn: Turn, promiseId: PromiseId, preimage: Uint8Array): void {
  const known = turn.node.evidence.get(promiseId);
  if (known === undefined) return;
  const field = isPreimageOf(preimage, known.networkPaymentHash)
    ? 'networkPreimage'
    : 'replyPreimage';
  if (known[field] !== null) return;
  const replyHash = replyHashOf(known);
  const isReply = replyHash !== null && isPreimageOf(preimage, replyHash);
  if (field === 'replyPreimage' && !isReply) return;
  const evidence = { ...known, [field]: preimage };
  save(turn, evidence);
  for (const proof of contradictions(evidence, {})) tryProof(turn, proof);
}

/** A payment of ours settled: does its settler say that it goes back? */
export function onPreimage(turn: Turn, hash: PaymentHash, preimage: Uint8Array): void {
  for (const evidence of turn.node.evidence.values()) {
    const isOf = evidence.networkPaymentHash === hash || replyHashOf(evidence) === hash;
    if (isOf) witnessPreimage(turn, evidence.promiseId, preimage);
  }
}

function replyHashOf({ bought }: Evidence): PaymentHash | null {
  const terms = bought && Terms.decode(bought.terms);
  return terms === null || isFault(terms) ? null : terms.replyPaymentHash;
}

/** Whatever might be a proof, made of what was known and what is new. */
function contradictions(known: Evidence, news: Evidence['said']): FraudFrame[] {
  const { promise, bought, networkPreimage, replyPreimage } = known;
  const said = { ...news, ...known.said };
  const proofs: FraudFrame[] = [];
  const { unlock = null, abort = null, outcome = null } = said;
  const key = news.unlock && Unlock.decode(news.unlock.body);
  if (news.unlock && bought && key && !isFault(key)) {
    proofs.push(lockFraud(bought, key.unlockingKey, news.unlock));
  }
  if (unlock && abort) proofs.push(equivocation(promise, { unlock, abort }));
  if (outcome && news.outcome && outcome !== news.outcome) {
    proofs.push(equivocation(promise, { outcome, otherOutcome: news.outcome }));
  }
  const refund = { abort, outcome };
  if ((abort || outcome) && networkPreimage) {
    proofs.push(equivocation(promise, { ...refund, networkPreimage }));
  }
  if ((abort || outcome) && replyPreimage && bought) {
    const { terms, salt } = bought;
    proofs.push(equivocation(promise, { ...refund, replyPreimage, terms, salt }));
  }
  if (outcome) proofs.push(...missingRulings(promise, said, outcome));
  return proofs;
}

/** An outcome that owns that nobody ruled, with each receipt that called for a ruling. */
function missingRulings(promise: Signed, said: Evidence['said'], outcome: Signed): FraudFrame[] {
  const body = Outcome.decode(outcome.body);
  if (isFault(body) || body.reason !== 'no-ruling') return [];
  const { senderDisputeReceipt, replierDisputeReceipt, claimReceipt, noContactReceipt } = said;
  const calls = [[senderDisputeReceipt], [replierDisputeReceipt], [claimReceipt, noContactReceipt]];
  return calls.flatMap((call) => {
    const receipts = call.filter((receipt) => receipt !== undefined);
    return receipts.length === call.length ? [missingRuling(promise, receipts, outcome)] : [];
  });
}
