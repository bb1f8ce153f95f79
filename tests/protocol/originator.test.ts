import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { referenceRates } from '../../src/lib/protocol/job/difficulty.ts';
import { mineSlice, targetForBits, workInner } from '../../src/lib/protocol/job/proof-of-work.ts';
import { peelOnion } from '../../src/lib/protocol/job/onion-route.ts';
import { verifyBroadcast } from '../../src/lib/protocol/job/broadcast.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context } from '../../src/lib/protocol/machine.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import {
  isAlive,
  startAsk,
  stepAsk,
  type Ask,
  type AskEvent,
  type AskTerms,
} from '../../src/lib/protocol/roles/originator.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { BroadcastPayload } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { play, sent, testTable, the } from './play.ts';
import { askId, frames, read, senderOnion } from './samples.ts';

const { devices, nowMs, payloadId, request } = cast;
const { onionKey } = devices.m1;

const terms: AskTerms = {
  askId,
  payloadId,
  peer: devices.m1.peer,
  request,
  onion: senderOnion,
  expiryMs: cast.topic.dropoffBeforeMs,
  own: true,
};
const context = (change: Partial<Context> = {}) =>
  cast.context({ self: devices.customer.peer, ...change });

const conditions = frames['conditions'] as FrameOf<'conditions'>;
const asked = (
  frame: Partial<FrameOf<'conditions'>>,
  work: Partial<FrameOf<'conditions'>['workRequest']> = {},
): AskEvent => ({
  on: 'conditions',
  frame: { ...conditions, workRequest: { ...conditions.workRequest, ...work }, ...frame },
  onionKey,
});
const nonce = cast.seedOf('nonce').subarray(0, 8);

const events: Record<string, AskEvent> = {
  conditions: asked({}),
  'conditions of another scheme': asked({}, { powScheme: 'scrypt' }),
  'conditions beyond reason': asked({}, { powTarget: targetForBits(28) }),
  decline: { on: 'decline', frame: frames['decline'] as FrameOf<'decline'> },
  mined: { on: 'mined', nonce, onionKey },
  'mined after 5 s': { on: 'mined', nonce, onionKey },
  'mined after 6 s': { on: 'mined', nonce, onionKey },
  'mined after the time is up': { on: 'mined', nonce, onionKey },
  miningProgress: { on: 'miningProgress', hashes: 5, hashesPerSecond: 10 },
  miningFailed: { on: 'miningFailed', reason: 'no worker' },
  gone: { on: 'gone' },
  over: { on: 'over' },
  'conditions when the window is over': asked({}),
  'mined when the window is over': { on: 'mined', nonce, onionKey },
  wake: { on: 'wake' },
  'late wake': { on: 'wake' },
};
const moments: Record<string, number> = {
  'mined after 5 s': 5_000,
  'mined after 6 s': 5_001,
  'mined after the time is up': limits.askValidForMs,
  'late wake': limits.askValidForMs,
  'conditions when the window is over': terms.expiryMs - nowMs,
  'mined when the window is over': terms.expiryMs - nowMs,
};

function stepAt(ask: Ask, event: string) {
  return stepAsk(ask, events[event]!, context({ nowMs: nowMs + (moments[event] ?? 0) }));
}
const after = (ask: Ask, event: string) => play(ask, (before) => stepAt(before, event)).state;

const [awaiting, begun] = startAsk(terms, context());
const mining = after(awaiting, 'conditions');
const states: Record<string, Ask> = {
  AwaitingConditions: awaiting,
  Mining: mining,
  Broadcast: after(mining, 'mined'),
  Declined: after(awaiting, 'decline'),
  Lapsed: after(mining, 'gone'),
};

describe('an ask', () => {
  testTable(
    states,
    Object.keys(events),
    {
      AwaitingConditions: {
        conditions: 'Mining: mine, wake',
        'conditions of another scheme': 'Declined: nothing',
        'conditions beyond reason': 'Declined: nothing',
        decline: 'Declined: nothing',
        gone: 'Lapsed: nothing',
        over: 'Lapsed: nothing',
        'conditions when the window is over': 'Lapsed: nothing',
        'late wake': 'Lapsed: nothing',
      },
      Mining: {
        mined: 'Broadcast: send broadcast',
        'mined after 5 s': 'Broadcast: send broadcast',
        'mined after 6 s': 'Mining: mine, wake',
        'mined after the time is up': 'Lapsed: nothing',
        miningProgress: 'Mining: nothing',
        miningFailed: 'Lapsed: nothing',
        gone: 'Lapsed: cancelMining',
        over: 'Lapsed: cancelMining',
        'mined when the window is over': 'Lapsed: nothing',
        'late wake': 'Lapsed: cancelMining',
      },
      Broadcast: {},
      Declined: {},
      Lapsed: {},
    },
    stepAt,
  );
});

test('begins with the digest of the request, and waits a while for conditions [ASK-10]', () => {
  expect(sent(begun, 'askForBroadcast')).toMatchObject({ to: terms.peer, frame: { payloadId } });
  const { atMs } = the(begun, 'wake');
  expect(atMs).toBe(nowMs + limits.conditionsMs);
  expect(stepAsk(awaiting, { on: 'wake' }, context({ nowMs: atMs - 1 }))[0]).toBe(awaiting);
  const [lapsed] = stepAsk(awaiting, { on: 'wake' }, context({ nowMs: atMs }));
  expect(lapsed).toMatchObject({ state: 'Lapsed', reason: 'silent' });
});

test('the work asked for is over the very payload that is sent [WRK-08, WRK-09]', () => {
  const { effects } = play(awaiting, (ask) => stepAt(ask, 'conditions'));
  const { inner, target, validTillMs } = the(effects, 'mine');
  expect(validTillMs).toBe(nowMs + conditions.validForMs);
  const { frame } = sent(play(mining, (ask) => stepAt(ask, 'mined')).effects, 'broadcast');
  const { broadcastPayload, proofOfWork } = frame as FrameOf<'broadcast'>;
  const workRequest = { ...conditions.workRequest, powScheme: 'sha256' } as const;
  const work = { request: workRequest, askId, asker: devices.customer.peer };
  const payloadHash = hash(broadcastPayload);
  expect(inner).toEqual(workInner({ ...work, payloadHash, receiver: devices.m1.peer }));
  expect(proofOfWork).toEqual({ powScheme: 'sha256', powTarget: target, nonce });
});

test('the onion is grown by a layer that leads back here, for the peer that is asked [ONI-02]', () => {
  const { payload } = mining as Extract<Ask, { state: 'Mining' }>;
  const { backwardOnion } = read(BroadcastPayload, payload);
  const by = { secret: devices.m1.onionSecret, payloadId, random: cast.dice('peel') };
  expect(peelOnion(backwardOnion, by)).toMatchObject({
    head: { kind: 'forward', peer: devices.customer.peer, askId },
  });
});

test('a payload that grew stale while mining is made anew, with another e and another puzzle', () => {
  const { effects, state } = play(mining, (ask) => stepAt(ask, 'mined after 6 s'));
  expect(state).toMatchObject({ state: 'Mining', timestampMs: nowMs + 5_001 });
  const first = the(play(awaiting, (ask) => stepAt(ask, 'conditions')).effects, 'mine');
  expect(the(effects, 'mine').inner).not.toEqual(first.inner);
  expect(the(effects, 'mine').validTillMs).toBe(first.validTillMs);
});

test('whatever a middleman says, it gets no more than ten minutes of work', () => {
  const generous = asked({ validForMs: 2 ** 32 - 1 });
  const [, effects] = stepAsk(awaiting, generous, context());
  expect(the(effects, 'mine').validTillMs).toBe(nowMs + limits.longestAskMs);
  const [none] = stepAsk(awaiting, asked({ validForMs: 0 }), context());
  expect(none).toMatchObject({ state: 'Declined', reason: 'too-dear' });
});

test('work that is done makes a broadcast that the middleman carries', () => {
  const { effects } = play(awaiting, (ask) => stepAt(ask, 'conditions'));
  const { inner, target } = the(effects, 'mine');
  const found = mineSlice(inner, target, { high: 0, low: 0 }, 2 ** 18)!;
  const [, send] = stepAsk(mining, { on: 'mined', nonce: found, onionKey }, context());
  const frame = sent(send, 'broadcast').frame as FrameOf<'broadcast'>;
  const workRequest = { ...conditions.workRequest, powScheme: 'sha256' } as const;
  const verified = verifyBroadcast(frame, {
    askId,
    payloadId,
    conditions: { workRequest, timestampToleranceMs: conditions.timestampToleranceMs },
    asker: devices.customer.peer,
    self: devices.m1.peer,
    onionSecret: devices.m1.onionSecret,
    clockOffsetMs: 0,
    trust: cast.trust,
    network: cast.network,
    nowMs,
    random: cast.dice('verify'),
  });
  if (isFault(verified)) throw new Error(verified.code);
  expect(hexOf(verified.backwardOnion)).not.toBe(hexOf(senderOnion));
});

describe('work is done if this device can afford it [WRK-20]', () => {
  const atRate = (sha256: number) => context({ hashRates: { ...referenceRates, sha256 } });
  const ownersMs = (maxWorkMs: number) => ({ policy: { ...defaultPolicy, maxWorkMs } });

  test.each([
    ['a minute of a phone', 'Mining', 600_000, 27, context()],
    ['more than a minute of a phone', 'Declined', 600_000, 28, context()],
    ['the same of a fast machine', 'Mining', 600_000, 28, atRate(20_000_000)],
    ['a quarter of a second of a phone', 'Mining', 150_000, 20, context()],
    ['the same, 200 times slower', 'Mining', 150_000, 20, atRate(20_480)],
    [
      'the same, where its owner has less patience',
      'Declined',
      150_000,
      20,
      {
        ...atRate(20_480),
        ...ownersMs(50_000),
      },
    ],
    ['longer than conditions hold', 'Declined', 30_000, 20, atRate(20_480)],
    ['anything, where nothing works', 'Declined', 600_000, 0, atRate(0)],
  ] as const)('%s: %s', (_name, state, validForMs, bits, ctx) => {
    const event = asked({ validForMs }, { powTarget: targetForBits(bits) });
    const [ask, effects] = stepAsk(awaiting, event, ctx);
    expect(ask.state).toBe(state);
    expect(effects.some((effect) => effect.do === 'mine')).toBe(state === 'Mining');
    if (ask.state === 'Declined') expect(ask.reason).toBe('too-dear');
  });

  test('how long it takes is known before it starts', () => {
    const [ask] = stepAsk(awaiting, asked({}), atRate(20_480));
    expect(ask).toMatchObject({ state: 'Mining', hashes: 0, hashesPerSecond: 20_480 });
  });
});

test('only an ask that waits or mines is alive', () => {
  const alive = Object.keys(states).filter((name) => isAlive(states[name]!));
  expect(alive).toEqual(['AwaitingConditions', 'Mining']);
});
