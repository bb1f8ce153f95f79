/** What every part of a node does in its turn: say effects, send, blame, reject, mark views, step the machines it keeps. */
import type { Fault } from '../faults.ts';
import type { OfferId, PartyKey, PayloadId, PaymentHash, PeerKey, PromiseId } from '../ids.ts';
import { limits } from '../limits.ts';
import type { Effect, Step } from '../machine.ts';
import { legKey, stepLeg, type LegEvent } from '../roles/leg.ts';
import {
  offerKey,
  stepOffer,
  type OfferContext,
  type OfferEvent,
  type OfferMade,
} from '../roles/replier.ts';
import { stepJob, type Job, type JobContext, type JobEvent } from '../roles/sender.ts';
import {
  publishedFor,
  stepSettlement,
  type Settlement,
  type SettlementEvent,
} from '../roles/settler.ts';
import { statementsFrame } from '../job/settlement.ts';
import type { Command, RejectionCode } from '../commands.ts';
import { forgetLegs, forgetSettlements } from './forgetting.ts';
import { settlerContext } from './identity.ts';
import { release, send } from './outbox.ts';
import type { PeerRecord } from './peer-states.ts';
import { partySecret, remember, shadowBlocksOf, trustOf, type Turn } from './state.ts';
import { jobView, leadOf, nodeView, offerMadeView, peerView, settlerView } from './views.ts';
import { countOutcome } from './records.ts';
import { carriedView, settlementView } from './money-views.ts';

export function peerRecord(turn: Turn, peer: PeerKey): PeerRecord {
  const { peers } = turn.node;
  const known = peers.get(peer);
  if (known) return known;
  const fresh: PeerRecord = {
    peer,
    addresses: [],
    connected: false,
    direct: false,
    dialled: false,
    faults: 0,
    lastFault: null,
  };
  remember(peers, peer, fresh, limits.peers);
  return fresh;
}

/** Takes over what a machine asked for. A `send` goes out if the session is open, else it waits and the peer is dialled. */
export function perform(turn: Turn, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.do === 'send') send(turn, effect.to, effect.frame, effect);
    else if (effect.do === 'fault') blame(turn, effect.peer, effect);
    else turn.effects.push(effect);
  }
}

/** Something is wrong that this peer could not know: refused and told, and not counted against it. */
export function tellFault(turn: Turn, peer: PeerKey, { code, detail }: Fault): void {
  turn.effects.push({ do: 'fault', code, peer, detail });
}

/** A peer earned a fault: counted, told, and with some of them the session is over. */
export function blame(turn: Turn, peer: PeerKey, { code, detail }: Fault): void {
  const record = peerRecord(turn, peer);
  record.faults++;
  record.lastFault = code;
  turn.effects.push({ do: 'fault', code, peer, detail });
  markPeer(turn, peer);
  const ends = [
    'NETWORK_MISMATCH',
    'CLOCK_SKEW',
    'FRAME_TOO_LARGE',
    'RATE_EXCEEDED',
    'POW_MEMORY_HARD_ABOVE_TARGET',
    'CANCELLATION_SIGNATURE_INVALID',
  ];
  if (ends.includes(code)) turn.effects.push({ do: 'hangUp', peer });
}

export function reject(turn: Turn, command: Command['command'], code: RejectionCode, detail = '') {
  turn.effects.push({ do: 'notify', notice: { view: 'rejected', command, code, detail } });
}

// ------------------------------------------------------------------------------------------ views

export function markNode(turn: Turn): void {
  turn.views.set('node', () => ({ view: 'node', node: nodeView(turn.node) }));
}

export function markWallet(turn: Turn): void {
  turn.views.set('wallet', () => ({ view: 'wallet', wallet: turn.node.wallet }));
}

export function markPeer(turn: Turn, peer: PeerKey): void {
  turn.views.set(`peer/${peer}`, () => ({ view: 'peer', peer: peerView(peerRecord(turn, peer)) }));
}

export function markSettler(turn: Turn, root: PartyKey): void {
  turn.views.set(`settler/${root}`, () => {
    const settler = turn.node.settlers.get(root);
    if (settler === undefined) return null;
    return { view: 'settler', settler: settlerView(turn.node, settler) };
  });
}

export function markJob(turn: Turn, payloadId: PayloadId): void {
  turn.views.set(`job/${payloadId}`, () => {
    const job = turn.node.jobs.get(payloadId);
    return job === undefined ? null : { view: 'job', job: jobView(turn.node, job, turn.ctx.nowMs) };
  });
}

// --------------------------------------------------------------------------------------- machines

/** What a job's machine may use: its own certified key. */
export function jobContext(turn: Turn, job: Job): JobContext {
  return { ...turn.ctx, secret: partySecret(turn.node, job.job.certificate) };
}

export function offerContext(turn: Turn, made: OfferMade): OfferContext {
  const secret = partySecret(turn.node, made.offer.certificate);
  return { ...turn.ctx, secret, trust: trustOf(turn.node) };
}

export function keepJob(turn: Turn, [job, effects]: Step<Job>): void {
  turn.node.jobs.set(job.job.payloadId, job);
  perform(turn, effects);
  markJob(turn, job.job.payloadId);
}

export function tellJob(turn: Turn, payloadId: PayloadId, event: JobEvent): void {
  const job = turn.node.jobs.get(payloadId);
  if (job !== undefined) keepJob(turn, stepJob(job, event, jobContext(turn, job)));
}

export function keepOffer(turn: Turn, [made, effects]: Step<OfferMade>): void {
  const { offerId, draftId } = made.offer;
  const before = turn.node.offers.get(draftId);
  turn.node.offers.set(draftId, made);
  perform(turn, effects);
  markOffer(turn, offerId);
  if (before?.state === 'Sent' && made.state !== 'Sent') release(turn, offerKey(draftId));
  if (made.state !== 'Held' || before?.state === 'Held') return;
  // The price is held on this way: the offer is off on all others.
  for (const { offer } of turn.node.offers.values()) {
    if (offer.offerId !== offerId || offer.draftId === draftId) continue;
    tellOffer(turn, offer.draftId, { on: 'calledOff', reason: 'other-route' });
  }
}

/** Of the ways an offer went home, the one that came furthest is shown. */
export function markOffer(turn: Turn, offerId: OfferId): void {
  turn.views.set(`offer/${offerId}`, () => {
    const lead = leadOf(turn.node, offerId);
    return lead === null ? null : { view: 'offerMade', offer: offerMadeView(lead) };
  });
}

export function tellOffer(turn: Turn, draftId: string, event: OfferEvent): void {
  const made = turn.node.offers.get(draftId);
  if (made !== undefined) keepOffer(turn, stepOffer(made, event, offerContext(turn, made)));
}

export function tellLeg(turn: Turn, hash: PaymentHash, event: LegEvent): void {
  const leg = turn.node.legs.get(hash);
  if (leg === undefined) return;
  const [next, effects] = stepLeg(leg, event, turn.ctx);
  turn.node.legs.set(hash, next);
  perform(turn, effects);
  if (leg.state === 'Offered' && next.state !== 'Offered') release(turn, legKey(hash));
  if (leg.state !== 'Ended' && next.state === 'Ended') forgetLegs(turn);
  markLeg(turn, hash);
}

export function markLeg(turn: Turn, hash: PaymentHash): void {
  markNode(turn);
  turn.views.set(`leg/${hash}`, () => {
    const leg = turn.node.legs.get(hash);
    return leg === undefined
      ? null
      : { view: 'carried', carried: carriedView(leg, shadowBlocksOf(turn.node)) };
  });
}

export function tellSettlement(turn: Turn, promiseId: PromiseId, event: SettlementEvent): void {
  const { settlements } = turn.node;
  const before = settlements.get(promiseId);
  if (before === undefined) return;
  const ctx = settlerContext(turn, before.deal.epoch);
  if (ctx === null) return;
  const [after, effects] = stepSettlement(before, event, ctx);
  settlements.set(promiseId, after);
  perform(turn, effects);
  if (after === before) return;
  countOutcome(turn, before, after);
  markSettlement(turn, promiseId);
  publish(turn, promiseId);
  if (before.state !== 'Ended' && after.state === 'Ended') forgetSettlements(turn);
  const siblings = siblingsOf(turn, after.deal);
  const isHeld = after.state === 'NetworkHeld' || after.state === 'Unlocked';
  if (isHeld && before.state === 'Promised') {
    for (const { deal } of siblings) tellSettlement(turn, deal.promiseId, { on: 'lostToSibling' });
  }
  // Its invoice was still being made when another route won.
  const isLate = after.state === 'Drafted' && siblings.some(hasWon);
  if (isLate) tellSettlement(turn, promiseId, { on: 'lostToSibling' });
}

/** Settler: the other routes of a worker's offer. */
export function siblingsOf(
  turn: Turn,
  deal: Pick<Settlement['deal'], 'offerId' | 'replierKey'> & { readonly promiseId?: PromiseId },
): Settlement[] {
  return [...turn.node.settlements.values()].filter(
    (other) =>
      other.deal.promiseId !== deal.promiseId &&
      other.deal.offerId === deal.offerId &&
      other.deal.replierKey === deal.replierKey,
  );
}

/** Was this the route that was paid for? */
export function hasWon({ published }: Settlement): boolean {
  return published.networkAccepted !== undefined;
}

export function markSettlement(turn: Turn, promiseId: PromiseId): void {
  turn.views.set(`settlement/${promiseId}`, () => {
    const made = turn.node.settlements.get(promiseId);
    return made === undefined
      ? null
      : { view: 'settlement', settlement: settlementView(turn.node, made) };
  });
}

/** Tells every watcher of a promise, or one, what is published about it. */
export function publish(turn: Turn, promiseId: PromiseId, only: PeerKey | null = null): void {
  const made = turn.node.settlements.get(promiseId);
  if (made === undefined) return;
  const watchers = only === null ? (turn.node.watchers.get(promiseId) ?? []) : [only];
  for (const peer of watchers) {
    send(turn, peer, statementsFrame(promiseId, publishedFor(made, peer)));
  }
}
