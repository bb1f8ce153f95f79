import { describe, expect, test } from 'vitest';
import {
  blockTime,
  byteLength,
  distance,
  duration,
  moment,
  satNumber,
  sats,
  shortKey,
  span,
} from '../../src/lib/app/format.ts';

/** No-break spaces as plain ones, so that expectations can be read. */
const plain = (text: string) => text.replaceAll('\u00a0', ' ');
const at = (time: string) => new Date(`2027-03-10T${time}:00`).getTime();
const minute = 60_000;
const day = 24 * 60 * minute;

describe('amounts', () => {
  test('msat become sats with separators', () => {
    expect(plain(sats(12_400_000n))).toBe('12,400 sats');
    expect(plain(sats(1_000n))).toBe('1 sat');
    expect(plain(sats(0n))).toBe('0 sats');
    expect(satNumber(2_100_000_000_000_000_000n)).toBe('2,100,000,000,000,000');
  });

  test('what is below a sat is shown, not rounded away', () => {
    expect(satNumber(1_500n)).toBe('1.5');
    expect(satNumber(12_400_001n)).toBe('12,400.001');
    expect(satNumber(-1_000n)).toBe('\u22121');
  });
});

describe('times', () => {
  test('today is a time, this week has a day, beyond has a date', () => {
    expect(moment(at('14:30'), at('09:00'))).toBe('14:30');
    expect(plain(moment(at('14:30') + day, at('09:00')))).toBe('Thu 14:30');
    expect(plain(moment(at('14:30') + 20 * day, at('09:00')))).toMatch(/30.*14:30/);
  });

  test('a window says its day once', () => {
    expect(plain(span(at('14:30'), at('16:30'), at('09:00')))).toBe('14:30 – 16:30');
    expect(plain(span(at('14:30') + day, at('16:30') + day, at('09:00')))).toBe(
      'Thu 14:30 – 16:30',
    );
  });

  test('waiting is one number', () => {
    expect(plain(duration(2_300))).toBe('2 s');
    expect(plain(duration(0))).toBe('1 s');
    expect(plain(duration(5 * minute))).toBe('5 min');
    expect(plain(duration(5 * 60 * minute))).toBe('5 h');
    expect(plain(duration(3 * day))).toBe('3 d');
  });

  test('a block is told with its time where ten minutes mean something', () => {
    const block = { height: 843_210, nowHeight: 843_207, nowMs: at('14:02') };
    expect(plain(blockTime({ ...block, network: 'mainnet' }))).toBe('block 843,210, about 14:30');
    expect(plain(blockTime({ ...block, network: 'regtest' }))).toBe('block 843,210');
    expect(plain(blockTime({ ...block, nowHeight: 0, network: 'mainnet' }))).toBe('block 843,210');
  });
});

test('distances are as exact as they are useful', () => {
  expect(plain(distance(153))).toBe('150 m');
  expect(plain(distance(2_449))).toBe('2.4 km');
  expect(plain(distance(54_321))).toBe('54 km');
});

test('keys are cut to what the eye compares', () => {
  expect(shortKey('0123456789abcdef')).toBe('012345…cdef');
  expect(shortKey('0123')).toBe('0123');
});

test('limits count bytes, not letters', () => {
  expect(byteLength('zażółć')).toBe(10);
});
