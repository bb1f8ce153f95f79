/**
 * What the node would refuse, found before it is asked, with the node's own codes. The node decides all the same; this only
 * answers sooner and at the right field. `bounds` restates `limits.ts`, whose module would bring the core into the page; a
 * test keeps the two equal.
 */
import { cellOf, coarsest, finest } from './geohash.ts';
import { byteLength } from './format.ts';
import type { RejectionCode } from './types.ts';

const dayMs = 24 * 3_600_000;

export const bounds = {
  windowMs: dayMs,
  freelanceAheadMs: 56 * dayMs,
  microTaskAheadMs: 14 * dayMs,
  stayAheadMs: 180 * dayMs,
  stayNights: 90,
  stayPeople: 16,
  microTaskUnits: 10_000,
  microTaskMinutes: 240,
  topicSkills: 5,
  parts: 24,
  holdBlocks: 432,
  minPriceMsat: 1_000n,
  maxPriceMsat: 10_000_000_000n,
  contactTextBytes: 500,
  chatTextBytes: 2_000,
  statementBytes: 1_000,
  reasonBytes: 300,
} as const;

export function checkPlace(
  geohash: string,
  shortest = coarsest,
  longest = finest,
): RejectionCode | null {
  if (cellOf(geohash) === null) return 'GEOHASH_MALFORMED';
  if (geohash.length < shortest) return 'GEOHASH_TOO_COARSE';
  return geohash.length > longest ? 'GEOHASH_TOO_EXACT' : null;
}

/** A deadline, and how far ahead it may be. */
export function checkAhead(atMs: number, nowMs: number, mostMs: number): RejectionCode | null {
  if (Number.isNaN(atMs)) return 'WINDOW_BACKWARDS';
  if (atMs <= nowMs) return 'WINDOW_IN_THE_PAST';
  return atMs - nowMs > mostMs ? 'WINDOW_TOO_LONG' : null;
}

/** Check-in and check-out, as days since the epoch. */
export function checkNights(fromDay: number, toDay: number, nowMs: number): RejectionCode | null {
  if (Number.isNaN(fromDay) || Number.isNaN(toDay)) return 'WINDOW_BACKWARDS';
  if ((fromDay + 1) * dayMs <= nowMs) return 'WINDOW_IN_THE_PAST';
  if (toDay <= fromDay) return 'WINDOW_BACKWARDS';
  if (toDay - fromDay > bounds.stayNights) return 'WINDOW_TOO_LONG';
  return fromDay * dayMs - nowMs > bounds.stayAheadMs ? 'WINDOW_TOO_LONG' : null;
}

export function checkCount(count: number | null, most: number): RejectionCode | null {
  const sound = count !== null && Number.isInteger(count) && count >= 1 && count <= most;
  return sound ? null : 'VALUE_OUT_OF_RANGE';
}

/** Fewest parts of a job with this deadline, so that the payment of each can be held: blocks take ten minutes. */
export function fewestParts(deadlineMs: number, nowMs: number): number {
  const blocks = Math.ceil((deadlineMs - nowMs) / 600_000);
  return Math.max(1, Math.ceil(blocks / bounds.holdBlocks) || 1);
}

export function checkParts(
  parts: number | null,
  deadlineMs: number,
  nowMs: number,
): RejectionCode | null {
  const wrong = checkCount(parts, bounds.parts);
  if (wrong !== null || parts === null) return wrong;
  return parts < fewestParts(deadlineMs, nowMs) ? 'HOLD_TOO_LONG' : null;
}

export function checkWindow(
  afterMs: number,
  beforeMs: number,
  nowMs: number,
): RejectionCode | null {
  if (Number.isNaN(afterMs) || Number.isNaN(beforeMs)) return 'WINDOW_BACKWARDS';
  if (beforeMs <= nowMs) return 'WINDOW_IN_THE_PAST';
  if (beforeMs <= afterMs) return 'WINDOW_BACKWARDS';
  if (beforeMs - afterMs > bounds.windowMs) return 'WINDOW_TOO_LONG';
  return afterMs - nowMs > bounds.windowMs ? 'WINDOW_TOO_LONG' : null;
}

export function checkText(text: string, mostBytes: number): RejectionCode | null {
  if (text.trim() === '') return 'TEXT_EMPTY';
  return byteLength(text) > mostBytes ? 'TEXT_TOO_LONG' : null;
}

export function checkWalletAddress(text: string): RejectionCode | null {
  const wallet = /^nostr\+walletconnect:(\/\/)?[0-9a-f]{64}\?/i.test(text.trim());
  return wallet && /[?&]relay=/.test(text) && /[?&]secret=[0-9a-f]{64}/i.test(text)
    ? null
    : 'WALLET_ADDRESS_MALFORMED';
}

/** "12,400" -> 12400000n. Spaces, commas and a trailing "sats" are forgiven; what else is no price earns the node's code. */
export function priceFrom(text: string): bigint | RejectionCode {
  const msat = satsFrom(text);
  if (msat === null || msat < bounds.minPriceMsat) return 'AMOUNT_TOO_SMALL';
  return msat > bounds.maxPriceMsat ? 'AMOUNT_TOO_LARGE' : msat;
}

/** A whole number of sats, zero included, as msat; null if it is none. */
export function satsFrom(text: string): bigint | null {
  const bare = text.replace(/sats?\s*$/i, '').replace(/[\s,_'\u2009\u202f]/g, '');
  return /^\d{1,30}$/.test(bare) ? BigInt(bare) * 1000n : null;
}
