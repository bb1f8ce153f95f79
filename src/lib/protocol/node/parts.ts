/**
 * Work that is paid in parts, the milestones of long jobs. Whitepaper: "Topic"; it has one payment a job. Ours: a part is a job
 * of its own. The first is gossiped like any other; when it is paid the customer asks its worker, and nobody else, for the next:
 * a topic that names the first part's payload id, over the connection their contact opened. The worker's node answers with the
 * price of the part before, which its owner is shown and may take back; then it answers no more for that part by itself, and from there on everything is as ever: a promise, two payments, a confirmation or a dispute, one
 * outcome. So no exit of a part can touch another's money, and after every part both sides are free to leave.
 *
 *   Customer                                Worker
 *     | part 1: topic by gossip ............>|   an offer, a promise, held, done, paid
 *     | part 2: Ask, Broadcast ------------->|   is the peer of part 1's contact; passed on to nobody
 *     |<------------------------- Reply -----|   the same price; straight back
 *     | part 2: held, done, paid             |   ... until the last part
 */
import { fault } from '../faults.ts';
import type { PayloadId, PeerKey } from '../ids.ts';
import { firstPartOf, nextPart, partedTopic } from '../job/topic.ts';
import type { OfferMade } from '../roles/replier.ts';
import type { Job } from '../roles/sender.ts';
import { isExpecting } from '../roles/sender-states.ts';
import { keepHeard } from './heard.ts';
import type { Heard, Node, Turn } from './state.ts';
import { blame } from './turn.ts';
import { makeOffer, postTopic, type Answer } from './wishes.ts';

/** The customer asks the worker of a part that is paid for the next one. */
export function postNextPart(turn: Turn, payloadId: PayloadId): Answer {
  const { node, ctx } = turn;
  const job = node.jobs.get(payloadId);
  if (job === undefined) return 'UNKNOWN_JOB';
  const topic = partedTopic(job.job.topic);
  const next = topic && nextPart(topic, payloadId, ctx.nowMs);
  const isPaid = 'money' in job && job.money.reply === 'settled';
  const worker = 'channel' in job ? job.channel : null;
  if (next === null || !isPaid || worker === null || worker.peer === null) return 'WRONG_TIME';
  const isAsked = [...node.jobs.values()].some(
    (other) => isSamePart(other, next.firstPart, next.part) && isExpecting(other),
  );
  if (isAsked) return 'WRONG_TIME';
  const wish = { topic: next, acceptsThankYou: false };
  return postTopic(turn, wish, { peer: worker.peer, addresses: worker.addresses });
}

function isSamePart(job: Job, firstPart: PayloadId | null, part: number): boolean {
  const topic = partedTopic(job.job.topic);
  return topic !== null && topic.firstPart === firstPart && topic.part === part;
}

// -------------------------------------------------------------------------------------- the worker

/** Somebody this node worked for, or works for: it may ask for the next part, whatever the owner carries for others. */
export function isCustomerOf(node: Node, peer: PeerKey): boolean {
  return [...node.offers.values()].some(
    (made) => customerOf(made) === peer && partedTopic(made.offer.topic) !== null,
  );
}

function customerOf(made: OfferMade): PeerKey | null {
  const hired = made.state === 'Matched' || made.state === 'Settling' || made.state === 'Paid';
  return hired ? made.channel.peer : null;
}

/** A later part: ours, if the customer of the part before asks for it; it is answered at once and passed on to nobody. */
export function hearPart(turn: Turn, heard: Heard): void {
  const { node } = turn;
  const before = partBefore(node, heard);
  if (before === undefined) {
    return blame(turn, heard.from, fault('TOPIC_INVALID', 'a part of no job of ours'));
  }
  keepHeard(turn, heard);
  // Whoever took the answer to a part back wants another price, or no more of it: the owner is shown it, and answers or not.
  if (isDeclined(node, heard)) return;
  const { priceMsat, contactText, unlock, settleOn } = before.offer;
  const { payloadId } = heard;
  // What cannot be answered now, the owner is shown and may answer later.
  makeOffer(turn, {
    command: 'makeOffer',
    ...{ payloadId, priceMsat, contactText, unlock, settleOn },
  });
}

/** Did the owner take back what it was made to offer for this part? */
function isDeclined(node: Node, { broadcast }: Heard): boolean {
  const topic = partedTopic(broadcast.payload.topic);
  return [...node.offers.values()].some((made) => {
    const taken = 'reason' in made && ['withdrawn', 'replier'].includes(made.reason);
    const of = partedTopic(made.offer.topic);
    return taken && of?.firstPart === topic?.firstPart && of?.part === topic?.part;
  });
}

function partBefore(node: Node, { broadcast, from }: Heard): OfferMade | undefined {
  const topic = partedTopic(broadcast.payload.topic);
  if (topic === null) return undefined;
  return [...node.offers.values()].find((made) => {
    const done = partedTopic(made.offer.topic);
    if (done === null || customerOf(made) !== from) return false;
    const first = firstPartOf(done) ?? made.offer.payloadId;
    const isNext = done.kind === topic.kind && done.part + 1 === topic.part;
    return isNext && first === topic.firstPart && done.parts === topic.parts;
  });
}
