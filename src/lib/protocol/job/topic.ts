/**
 * A topic is a job proposal: what a worker needs to decide, and nothing that identifies the customer. Whitepaper: "Topic".
 *
 * Kinds of job are a registry: each has a message (`wire/topic-messages.ts`), a rule for what it may say, its places, the
 * time after which nobody carries it, and the time its job ends. No kind has free text: cells, numbers, and words of closed
 * lists. What is in no registry is declined when it is asked for, and never carried.
 *
 *   kind        where                   open until               job ends                            held    network paid on
 *   taxi        two cells of 7-8        pick-up, else drop-off   drop-off   within 2 days            50 h    service
 *   delivery    two cells of 7-8        drop-off                 drop-off   within 2 days            50 h    service
 *   freelance   none, or one cell of 4  stated, at most 6 days   deadline   within 8 weeks           3 days  contact
 *   stay        one cell of 5-6         stated, at most 6 days   check-out  begins within 180 days   3 days  contact
 *   microTask   none, or one cell of 4  stated, at most 6 days   deadline   within 2 weeks           3 days  contact
 *
 * Money cannot be held longer than a chain of timelocks leaves (architecture, decision 4). Work that takes longer is posted in
 * parts, the milestones of decision 3: the first is gossiped, every next one is a topic of its own that its customer asks only
 * the worker of the first, with a promise, payments and outcome of its own. A stay, or a part of one, that ends later is booked
 * with the payment; its parts are equal shares of its nights.
 *
 * Differs from the paper: both geohashes of a ride must have 7 or 8 characters (the paper says "might want to restrict" for
 * 8), and a ride may say by when it must begin, as in Sweet-Gossip.
 */
import { fault, type Fault } from '../faults.ts';
import type { PayloadId } from '../ids.ts';
import { limits } from '../limits.ts';
import type { SettlementPromise } from '../wire/reply-messages.ts';
import { topicKinds, type Topic, type TopicKind, type TopicOf } from '../wire/topic-messages.ts';
import { geohashCoarsest, geohashFinest, verifyGeohash } from './geohash.ts';

/** What an ask tells of a topic before its body travels. */
export const coarseAreaLength = 4;

/** Why a topic may not be posted or carried. */
export type TopicProblem =
  | 'GEOHASH_MALFORMED'
  | 'GEOHASH_TOO_COARSE'
  | 'GEOHASH_TOO_EXACT'
  | 'WINDOW_IN_THE_PAST'
  | 'WINDOW_BACKWARDS'
  | 'WINDOW_TOO_LONG'
  | 'VALUE_OUT_OF_RANGE';

export type SettleOn = SettlementPromise['settleOn'];

/** A job that may be paid in parts. */
export type PartedTopic = WorkTopic | TopicOf<'stay'>;

type WorkTopic = TopicOf<'freelance'> | TopicOf<'microTask'>;

interface Kind<T> {
  problem(topic: T, nowMs: number): TopicProblem | null;
  /** Its cells, where it begins first; none if it is done from anywhere. */
  places(topic: T): readonly string[];
  /** From then on nobody carries it or offers for it. */
  expiryMs(topic: T): number;
  /** When the job itself, or this part of it, is over. */
  endMs(topic: T, nowMs: number): number;
  /** Longest its payment is held, blocks from the start of the job. */
  readonly mostBlocks: number;
  /** When the network may be paid: for bringing the two together only where the job is long. */
  readonly settleOn: SettleOn;
}

const route: Kind<TopicOf<'taxi'> | TopicOf<'delivery'>> = {
  problem({ pickupGeohash, dropoffGeohash, pickupAfterMs, dropoffBeforeMs }, nowMs) {
    return (
      windowProblem(pickupAfterMs, dropoffBeforeMs, nowMs) ??
      cellProblem(pickupGeohash, geohashCoarsest, geohashFinest) ??
      cellProblem(dropoffGeohash, geohashCoarsest, geohashFinest)
    );
  },
  places: ({ pickupGeohash, dropoffGeohash }) => [pickupGeohash, dropoffGeohash],
  expiryMs: ({ dropoffBeforeMs }) => dropoffBeforeMs,
  endMs: ({ dropoffBeforeMs }) => dropoffBeforeMs,
  mostBlocks: limits.routeBlocks,
  settleOn: 'service',
};

const taxi: Kind<TopicOf<'taxi'>> = {
  ...route,
  problem(topic, nowMs) {
    const { pickupAfterMs, pickupBeforeMs, dropoffBeforeMs } = topic;
    if (pickupBeforeMs !== null) {
      const late = windowProblem(pickupAfterMs, pickupBeforeMs, nowMs);
      if (late) return late;
      if (pickupBeforeMs > dropoffBeforeMs) return 'WINDOW_BACKWARDS';
    }
    return route.problem(topic, nowMs);
  },
  expiryMs: ({ pickupBeforeMs, dropoffBeforeMs }) => pickupBeforeMs ?? dropoffBeforeMs,
};

const freelance: Kind<TopicOf<'freelance'>> = {
  problem(topic, nowMs) {
    const { deadlineMs, openUntilMs, skills, area, remote } = topic;
    return (
      partProblem(topic) ??
      openProblem(openUntilMs, deadlineMs, nowMs) ??
      aheadProblem(deadlineMs, nowMs, limits.freelanceAheadMs) ??
      (new Set(skills).size === skills.length ? null : 'VALUE_OUT_OF_RANGE') ??
      areaProblem(area, remote)
    );
  },
  places: ({ area }) => (area === '' ? [] : [area]),
  expiryMs: ({ openUntilMs }) => openUntilMs,
  endMs: partEndMs,
  mostBlocks: limits.maxJobBlocks,
  settleOn: 'contact',
};

const stay: Kind<TopicOf<'stay'>> = {
  problem(topic, nowMs) {
    const { area, checkInDay, checkOutDay, guests, beds, openUntilMs, parts } = topic;
    if (![checkInDay, checkOutDay].every(Number.isSafeInteger)) return 'WINDOW_BACKWARDS';
    if (checkOutDay <= checkInDay) return 'WINDOW_BACKWARDS';
    if (checkOutDay - checkInDay > limits.stayNights) return 'WINDOW_TOO_LONG';
    if (parts > checkOutDay - checkInDay) return 'VALUE_OUT_OF_RANGE';
    // Later parts are paid while it lasts, the last of them a day late if need be.
    const isFirst = topic.firstPart === null;
    const latestMs = isFirst ? dayEndMs(checkInDay) : dayEndMs(checkOutDay) + limits.partLateMs;
    return (
      partProblem(topic) ??
      openProblem(openUntilMs, latestMs, nowMs) ??
      aheadProblem(checkInDay * limits.dayMs, nowMs, limits.stayAheadMs) ??
      countProblem(guests, limits.stayPeople) ??
      countProblem(beds, limits.stayPeople) ??
      cellProblem(area, 5, 6)
    );
  },
  places: ({ area }) => [area],
  expiryMs: ({ openUntilMs }) => openUntilMs,
  endMs({ checkInDay, checkOutDay, parts, part }) {
    return dayEndMs(checkInDay + Math.ceil(((checkOutDay - checkInDay) * part) / parts));
  },
  mostBlocks: limits.maxJobBlocks,
  settleOn: 'contact',
};

const microTask: Kind<TopicOf<'microTask'>> = {
  problem(topic, nowMs) {
    const { deadlineMs, openUntilMs, unitCount, unitMinutes, area, remote } = topic;
    return (
      partProblem(topic) ??
      openProblem(openUntilMs, deadlineMs, nowMs) ??
      aheadProblem(deadlineMs, nowMs, limits.microTaskAheadMs) ??
      countProblem(unitCount, limits.microTaskUnits) ??
      countProblem(unitMinutes, limits.microTaskMinutes) ??
      areaProblem(area, remote)
    );
  },
  places: ({ area }) => (area === '' ? [] : [area]),
  expiryMs: ({ openUntilMs }) => openUntilMs,
  endMs: partEndMs,
  mostBlocks: limits.maxJobBlocks,
  settleOn: 'contact',
};

const kinds: { readonly [K in TopicKind]: Kind<TopicOf<K>> } = {
  taxi,
  delivery: route,
  freelance,
  stay,
  microTask,
};

function kindOf(topic: Topic): Kind<Topic> {
  return kinds[topic.kind];
}

/** The kind an ask names, or null: this node cannot judge it and declines. */
export function kindOfNumber(topicKind: number): TopicKind | null {
  return topicKinds[topicKind - 1] ?? null;
}

export function numberOfKind(kind: TopicKind): number {
  return topicKinds.indexOf(kind) + 1;
}

/** The first four characters of where the job begins; empty if it is done from anywhere. */
export function coarseArea(topic: Topic): string {
  return (placesOf(topic)[0] ?? '').slice(0, coarseAreaLength);
}

export function placesOf(topic: Topic): readonly string[] {
  return kindOf(topic).places(topic);
}

/** ms since the epoch from which on nobody carries this topic or offers for it. */
export function expiryOf(topic: Topic): number {
  return kindOf(topic).expiryMs(topic);
}

/** Null if this topic may be posted or carried now. */
export function topicProblem(topic: Topic, nowMs: number): TopicProblem | null {
  return kindOf(topic).problem(topic, nowMs);
}

/** As `topicProblem`, in a peer's words: TOPIC_EXPIRED, TOPIC_INVALID or GEOHASH_*. */
export function verifyTopic(topic: Topic, nowMs: number): Fault | null {
  const problem = topicProblem(topic, nowMs);
  switch (problem) {
    case null:
      return null;
    case 'GEOHASH_MALFORMED':
    case 'GEOHASH_TOO_COARSE':
    case 'GEOHASH_TOO_EXACT':
      return fault(problem, `${topic.kind}: ${placesOf(topic).join(' ')}`);
    case 'WINDOW_IN_THE_PAST':
      return fault('TOPIC_EXPIRED', `${topic.kind}: over for ${nowMs - expiryOf(topic)} ms`);
    default:
      return fault('TOPIC_INVALID', `${topic.kind}: ${problem}`);
  }
}

/** How long money is to be held for a job. */
export interface JobPlan {
  /** Blocks until the worker must have claimed, within what a chain of timelocks leaves. */
  readonly blocks: number;
  /** False if the job ends later than that: it is to be split into parts, or the payment books a stay. */
  readonly whole: boolean;
}

/** Blocks until the job or this part of it ends, at ten minutes each, and an hour more; at most what its kind may be held. */
export function planOf(topic: Topic, nowMs: number): JobPlan {
  const { endMs, mostBlocks } = kindOf(topic);
  const wanted = Math.ceil((endMs(topic, nowMs) - nowMs) / 600_000) + 6;
  const blocks = Math.min(Math.max(wanted, limits.minJobBlocks), mostBlocks);
  return { blocks, whole: wanted <= mostBlocks + 6 };
}

/** When the network is paid for a job of this kind, unless its worker asks for more patience. */
export function settleOnOf(topic: Topic): SettleOn {
  return kindOf(topic).settleOn;
}

/** A short job's network is paid with the service; a long one's may be paid either way. */
export function maySettleOn(topic: Topic, settleOn: SettleOn): boolean {
  return settleOn === 'service' || kindOf(topic).settleOn === settleOn;
}

// -------------------------------------------------------------------------------------- milestones

/** The topic, if it is of a kind that may be paid in parts. */
export function partedTopic(topic: Topic): PartedTopic | null {
  return 'parts' in topic ? topic : null;
}

/** The first part's payload id, if this is a later part: only the first part's worker is asked. */
export function firstPartOf(topic: Topic): PayloadId | null {
  return partedTopic(topic)?.firstPart ?? null;
}

/** The part after this one, to be asked now, due no later than its money can be held; null after the last. */
export function nextPart(
  topic: PartedTopic,
  payloadId: PayloadId,
  nowMs: number,
): PartedTopic | null {
  if (topic.part >= topic.parts) return null;
  const next = {
    part: topic.part + 1,
    firstPart: topic.firstPart ?? payloadId,
    openUntilMs: nowMs + limits.partOpenMs,
  };
  if (topic.kind === 'stay') return { ...topic, ...next };
  const isLate = topic.deadlineMs <= nowMs + limits.partOpenMs;
  const latestMs = nowMs + (topic.parts - topic.part) * limits.maxJobBlocks * 600_000;
  const deadlineMs = isLate ? nowMs + limits.partLateMs : Math.min(topic.deadlineMs, latestMs);
  return { ...topic, ...next, deadlineMs };
}

/** Parts are of equal length: what is left until the deadline, shared among the parts that are left. */
function partEndMs({ deadlineMs, parts, part }: WorkTopic, nowMs: number): number {
  return nowMs + Math.max(0, deadlineMs - nowMs) / (parts - part + 1);
}

function partProblem({ parts, part, firstPart }: PartedTopic): TopicProblem | null {
  const isOne = Number.isInteger(part) && part >= 1 && part <= parts;
  const isFirst = part === 1;
  if (!isOne || isFirst !== (firstPart === null)) return 'VALUE_OUT_OF_RANGE';
  return countProblem(parts, limits.parts);
}

function dayEndMs(day: number): number {
  return (day + 1) * limits.dayMs;
}

/** A window that is not over, runs forward, and begins and ends within a day. */
function windowProblem(afterMs: number, beforeMs: number, nowMs: number): TopicProblem | null {
  if (![afterMs, beforeMs].every(Number.isSafeInteger)) return 'WINDOW_BACKWARDS';
  if (beforeMs <= nowMs) return 'WINDOW_IN_THE_PAST';
  if (beforeMs <= afterMs) return 'WINDOW_BACKWARDS';
  if (beforeMs - afterMs > limits.topicWindowMs) return 'WINDOW_TOO_LONG';
  return aheadProblem(afterMs, nowMs, limits.topicWindowMs);
}

/** Offers are taken until a time that has not passed, is not far, and is not after `latestMs`. */
function openProblem(openUntilMs: number, latestMs: number, nowMs: number): TopicProblem | null {
  if (![openUntilMs, latestMs].every(Number.isSafeInteger)) return 'WINDOW_BACKWARDS';
  if (openUntilMs <= nowMs) return 'WINDOW_IN_THE_PAST';
  if (openUntilMs > latestMs) return 'WINDOW_BACKWARDS';
  return aheadProblem(openUntilMs, nowMs, limits.topicOpenMs);
}

function aheadProblem(atMs: number, nowMs: number, mostMs: number): TopicProblem | null {
  return atMs - nowMs > mostMs ? 'WINDOW_TOO_LONG' : null;
}

function countProblem(count: number, most: number): TopicProblem | null {
  return Number.isInteger(count) && count >= 1 && count <= most ? null : 'VALUE_OUT_OF_RANGE';
}

function cellProblem(geohash: string, coarsest: number, finest: number): TopicProblem | null {
  return (verifyGeohash(geohash, coarsest, finest)?.code as TopicProblem | undefined) ?? null;
}

function areaProblem(area: string, remote: boolean): TopicProblem | null {
  return remote && area === '' ? null : cellProblem(area, coarseAreaLength, coarseAreaLength);
}
