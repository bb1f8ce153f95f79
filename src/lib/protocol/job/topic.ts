/**
 * A topic is a job proposal: what a worker needs to decide, and nothing that identifies the customer.
 * Whitepaper: "Topic".
 *
 * Differs from the paper: both geohashes must have 7 or 8 characters (the paper says "might want to restrict" for 8), and a
 * window may be at most a day long.
 */
import { fault, type Fault } from '../faults.ts';
import { limits } from '../limits.ts';
import type { TaxiTopic } from '../wire/messages.ts';
import { verifyGeohash } from './geohash.ts';

/** What an ask tells of a topic before its body travels. */
export const coarseAreaLength = 4;

export function coarseArea(topic: TaxiTopic): string {
  return topic.pickupGeohash.slice(0, coarseAreaLength);
}

/** Null if a node may carry this topic now, else TOPIC_EXPIRED, TOPIC_INVALID or GEOHASH_*. */
export function verifyTopic(topic: TaxiTopic, nowMs: number): Fault | null {
  if (topic.dropoffBeforeMs <= nowMs) {
    return fault('TOPIC_EXPIRED', `ended ${nowMs - topic.dropoffBeforeMs} ms ago`);
  }
  if (topic.dropoffBeforeMs <= topic.pickupAfterMs) {
    return fault('TOPIC_INVALID', 'the window ends before it begins');
  }
  if (topic.dropoffBeforeMs - topic.pickupAfterMs > limits.topicWindowMs) {
    return fault('TOPIC_INVALID', 'the window is longer than a day');
  }
  if (topic.pickupAfterMs - nowMs > limits.topicWindowMs) {
    return fault('TOPIC_INVALID', 'the window begins more than a day from now');
  }
  return verifyGeohash(topic.pickupGeohash) ?? verifyGeohash(topic.dropoffGeohash);
}
