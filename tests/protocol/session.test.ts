import { describe, expect, test } from 'vitest';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { mineSlice, targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  helloOf,
  isOpen,
  onHello,
  onOwnWork,
  onPeerWork,
  openSession,
  takeToken,
  workForPeer,
  type OpenSession,
  type Session,
} from '../../src/lib/protocol/overlay/session.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';

const { devices, nowMs, network } = cast;
const path = { direct: true, dialled: false };
const own = { network, nowMs };

/** The customer's and the middleman's ends of one connection, before anybody said anything. */
const ends = {
  customer: openSession(devices.m1.peer, path, cast.context({ self: devices.customer.peer })),
  m1: openSession(devices.customer.peer, path, cast.context({ random: cast.dice('m1') })),
};
const hello = helloOf(
  ends.customer,
  devices.customer.onionKey,
  cast.context({ self: devices.customer.peer }),
);
const codeOf = (found: unknown) => (isFault(found) ? found.code : found);

function opened(session: Session, frame: FrameOf<'hello'>): OpenSession {
  const open = onHello(session, frame, own);
  if (isFault(open)) throw new Error(open.detail);
  return open;
}

describe('recv HelloFrame', () => {
  test('tells the onion key, the challenge and how far the clock is off', () => {
    expect(isOpen(ends.m1)).toBe(false);
    const open = opened(ends.m1, { ...hello, clockMs: nowMs + 1_500 });
    expect(isOpen(open)).toBe(true);
    expect(open.hello).toEqual({
      onionKey: devices.customer.onionKey,
      challenge: ends.customer.ourChallenge,
      clockOffsetMs: 1_500,
      credit: 0,
      working: false,
    });
  });

  test.each([30_000, -30_000])('a clock %i ms off', (off) => {
    expect(codeOf(onHello(ends.m1, { ...hello, clockMs: nowMs + off }, own))).toHaveProperty(
      'hello',
    );
  });

  test.each<[string, Partial<FrameOf<'hello'>>, string]>([
    ['version 2', { version: 2 }, 'NETWORK_MISMATCH'],
    ['version 0', { version: 0 }, 'NETWORK_MISMATCH'],
    ['on mainnet', { network: 'mainnet' }, 'NETWORK_MISMATCH'],
    ['a clock 30,001 ms ahead', { clockMs: nowMs + 30_001 }, 'CLOCK_SKEW'],
    ['a clock 30,001 ms behind', { clockMs: nowMs - 30_001 }, 'CLOCK_SKEW'],
    ['an onion key on no curve', { onionKey: cast.noPoint }, 'FRAME_MALFORMED'],
  ])('$0 -- $2', (...[, change, code]) => {
    expect(codeOf(onHello(ends.m1, { ...hello, ...change }, own))).toBe(code);
  });

  test('a second one -- FRAME_UNEXPECTED', () => {
    expect(codeOf(onHello(opened(ends.m1, hello), hello, own))).toBe('FRAME_UNEXPECTED');
  });
});

const self = ({ peer }: cast.Device) => ({ self: peer, network: cast.network });

describe('recv SessionWorkFrame', () => {
  const asking = opened(ends.customer, helloOf(ends.m1, devices.m1.onionKey, cast.context()));
  const { inner, target } = workForPeer(asking, self(devices.customer));
  const nonce = mineSlice(inner, target, { high: 0, low: 0 }, 2 ** 18)!;
  const asked = opened(ends.m1, hello);
  const paid = onPeerWork(asked, nonce, self(devices.m1)) as Session;

  test('work over our challenge buys 32 asks', () => {
    expect(paid).toMatchObject({ allowance: limits.asksPerWork });
  });

  test('on a network in earnest it takes 256 times the work [WRK-19]', () => {
    const earnest = { self: devices.customer.peer, network: 'mainnet' } as const;
    expect(workForPeer(asking, earnest).target).toEqual(targetForBits(20));
    expect(target).toEqual(targetForBits(12));
    const to = { ...self(devices.m1), network: 'mainnet' } as const;
    expect(codeOf(onPeerWork(asked, nonce, to))).toBe('POW_ABOVE_TARGET');
  });

  test('the challenge moves on, and both sides know to what', () => {
    const credited = onOwnWork(asking, nonce);
    expect(credited.hello).toMatchObject({ credit: limits.asksPerWork, working: false });
    expect(credited.hello.challenge).toEqual(paid.ourChallenge);
    expect(paid.ourChallenge).not.toEqual(asked.ourChallenge);
    expect(paid.ourChallenge).toHaveLength(16);
  });

  test.each<[string, Session, Uint8Array, cast.Device]>([
    ['another nonce', asked, cast.flipped(nonce), devices.m1],
    ['the same work again', paid, nonce, devices.m1],
    ['work for another peer', asked, nonce, devices.m2],
    ['work by another peer', { ...asked, peer: devices.m2.peer }, nonce, devices.m1],
  ])('%s -- POW_ABOVE_TARGET', (_name, session, tried, to) => {
    expect(codeOf(onPeerWork(session, tried, self(to)))).toBe('POW_ABOVE_TARGET');
  });
});

describe('tokens', () => {
  /** Takes tokens at one moment until there are none; how many there were. */
  function drain(session: Session, atMs: number): [left: Session, count: number] {
    let left = session;
    for (let count = 0; ; count++) {
      const paid = takeToken(left, atMs);
      if (isFault(paid)) return [left, count];
      left = paid;
    }
  }

  test('a burst, then as many a second as the bucket allows -- RATE_EXCEEDED', () => {
    const [empty, burst] = drain(ends.m1, nowMs);
    expect(burst).toBe(limits.bucketFrames);
    expect(codeOf(takeToken(empty, nowMs + 9))).toBe('RATE_EXCEEDED');
    expect(codeOf(takeToken(empty, nowMs + 10))).not.toBe('RATE_EXCEEDED');
    expect(drain(empty, nowMs + 1_000)[1]).toBe(limits.bucketFramesPerSecond);
  });

  test('the bucket never holds more than its burst, and a clock set back gives nothing', () => {
    const [empty] = drain(ends.m1, nowMs);
    expect(drain(empty, nowMs + 86_400_000)[1]).toBe(limits.bucketFrames);
    expect(codeOf(takeToken(empty, nowMs - 86_400_000))).toBe('RATE_EXCEEDED');
  });
});
