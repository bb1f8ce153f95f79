import { describe, expect, test } from 'vitest';
import {
  bounds,
  checkAhead,
  checkCount,
  checkNights,
  checkParts,
  checkPlace,
  checkText,
  checkWalletAddress,
  checkWindow,
  fewestParts,
  priceFrom,
  satsFrom,
} from '../../src/lib/app/checks.ts';
import { limits } from '../../src/lib/protocol/limits.ts';

const hour = 3_600_000;
const now = 1_800_000_000_000;

test('bounds are those of the core', () => {
  expect(bounds).toEqual({
    windowMs: limits.topicWindowMs,
    freelanceAheadMs: limits.freelanceAheadMs,
    microTaskAheadMs: limits.microTaskAheadMs,
    stayAheadMs: limits.stayAheadMs,
    stayNights: limits.stayNights,
    stayPeople: limits.stayPeople,
    microTaskUnits: limits.microTaskUnits,
    microTaskMinutes: limits.microTaskMinutes,
    topicSkills: limits.topicSkills,
    parts: limits.parts,
    holdBlocks: limits.maxJobBlocks,
    minPriceMsat: limits.minPriceMsat,
    maxPriceMsat: limits.maxPriceMsat,
    contactTextBytes: limits.contactTextBytes,
    chatTextBytes: limits.chatTextBytes,
    statementBytes: limits.statementBytes,
    reasonBytes: limits.reasonBytes,
  });
});

test.each([
  ['u2yhvw5', null],
  ['u2yhvw5k', null],
  ['u2yhvw', 'GEOHASH_TOO_COARSE'],
  ['u2yhvw5kk', 'GEOHASH_TOO_EXACT'],
  ['u2yhvwa', 'GEOHASH_MALFORMED'],
  ['', 'GEOHASH_MALFORMED'],
])('place %s: %s', (geohash, code) => {
  expect(checkPlace(geohash)).toBe(code);
});

test.each([
  ['a good window', 0, 2 * hour, null],
  ['one that began a while ago', -hour, hour, null],
  ['one that is over', -3 * hour, -hour, 'WINDOW_IN_THE_PAST'],
  ['one that ends before it begins', 2 * hour, hour, 'WINDOW_BACKWARDS'],
  ['one of two days', 0, 48 * hour, 'WINDOW_TOO_LONG'],
  ['one that begins in two days', 48 * hour, 49 * hour, 'WINDOW_TOO_LONG'],
  ['an empty field', Number.NaN, hour, 'WINDOW_BACKWARDS'],
])('%s', (_name, after, before, code) => {
  expect(checkWindow(now + after, now + before, now)).toBe(code);
});

test.each([
  ['tomorrow', 24 * hour, null],
  ['an hour ago', -hour, 'WINDOW_IN_THE_PAST'],
  ['in a year', 365 * 24 * hour, 'WINDOW_TOO_LONG'],
  ['never', Number.NaN, 'WINDOW_BACKWARDS'],
])('a deadline %s: %s', (_name, after, code) => {
  expect(checkAhead(now + after, now, bounds.freelanceAheadMs)).toBe(code);
});

test.each([
  ['two nights from tomorrow', 1, 3, null],
  ['one night from today', 0, 1, null],
  ['a stay that began yesterday', -1, 3, 'WINDOW_IN_THE_PAST'],
  ['no night', 1, 1, 'WINDOW_BACKWARDS'],
  ['91 nights', 1, 92, 'WINDOW_TOO_LONG'],
  ['next year', 365, 366, 'WINDOW_TOO_LONG'],
  ['no date', Number.NaN, 3, 'WINDOW_BACKWARDS'],
])('%s', (_name, from, to, code) => {
  const today = Math.floor(now / (24 * hour));
  expect(checkNights(today + from, today + to, now)).toBe(code);
});

test('an area may be shorter than a place, and must be as long as asked', () => {
  expect(checkPlace('u2yh', 4, 4)).toBeNull();
  expect(checkPlace('u2y', 4, 4)).toBe('GEOHASH_TOO_COARSE');
  expect(checkPlace('u2yhv', 4, 4)).toBe('GEOHASH_TOO_EXACT');
});

test.each([
  [1, null],
  [16, null],
  [17, 'VALUE_OUT_OF_RANGE'],
  [0, 'VALUE_OUT_OF_RANGE'],
  [1.5, 'VALUE_OUT_OF_RANGE'],
  [null, 'VALUE_OUT_OF_RANGE'],
])('%s of at most 16: %s', (count, code) => {
  expect(checkCount(count, 16)).toBe(code);
});

describe('prices', () => {
  test.each([
    ['12400', 12_400_000n],
    ['12,400', 12_400_000n],
    [' 12 400 sats ', 12_400_000n],
    ['1 sat', 1_000n],
    ['0', 'AMOUNT_TOO_SMALL'],
    ['-5', 'AMOUNT_TOO_SMALL'],
    ['', 'AMOUNT_TOO_SMALL'],
    ['12.5', 'AMOUNT_TOO_SMALL'],
    ['1e9', 'AMOUNT_TOO_SMALL'],
    ['10000001', 'AMOUNT_TOO_LARGE'],
    ['999999999999999999999', 'AMOUNT_TOO_LARGE'],
  ])('%s', (text, price) => {
    expect(priceFrom(text)).toBe(price);
  });

  test('a fee may be nothing', () => {
    expect(satsFrom('0')).toBe(0n);
    expect(satsFrom('none')).toBeNull();
  });
});

test('texts are counted in bytes', () => {
  expect(checkText('  ', 10)).toBe('TEXT_EMPTY');
  expect(checkText('ąąąąąą', 10)).toBe('TEXT_TOO_LONG');
  expect(checkText('short', 10)).toBeNull();
});

test('a wallet address is told from anything else people paste', () => {
  const [key, secret] = ['ab'.repeat(32), 'cd'.repeat(32)];
  const whole = `nostr+walletconnect://${key}?relay=wss%3A%2F%2Frelay.example&secret=${secret}`;
  expect(checkWalletAddress(whole)).toBeNull();
  expect(checkWalletAddress(` ${whole}\n`)).toBeNull();
  for (const bad of [
    '',
    'lnbc1',
    whole.slice(0, -1),
    whole.replace('relay', 'rely'),
    `x${whole}`,
  ]) {
    expect(checkWalletAddress(bad)).toBe('WALLET_ADDRESS_MALFORMED');
  }
});

test.each([
  [1, 1, null],
  [3 * 24, 1, null],
  [3 * 24 + 1, 1, 'HOLD_TOO_LONG'],
  [3 * 24 + 1, 2, null],
  [56 * 24, 18, 'HOLD_TOO_LONG'],
  [56 * 24, 19, null],
  [1, 0, 'VALUE_OUT_OF_RANGE'],
  [1, 25, 'VALUE_OUT_OF_RANGE'],
] as const)('work due in %i h in %i parts: %s [TOP-01, PAY-08]', (hours, parts, code) => {
  const deadlineMs = now + hours * 3_600_000;
  expect(checkParts(parts, deadlineMs, now)).toBe(code);
  if (code === null) expect(fewestParts(deadlineMs, now)).toBeLessThanOrEqual(parts);
});
