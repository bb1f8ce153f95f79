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
import { defaultPolicy, type Policy } from '../../src/lib/protocol/policy.ts';
import {
  isAlive,
  startAsk,
  stepAsk,
  type Ask,
  type AskEvent,
  type AskTerms,
} from '../../src/lib/protocol/roles/originator.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { BroadcastPayload, type PaymentRequest } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as favour from './favour.ts';
import { nameOf, play, sent, testTable, the } from './play.ts';
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
  wouldPay: false,
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
  mayPayMsat: 0n,
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
  'wake when nobody waits for a payment': { on: 'wake' },
  paid: { on: 'paid', preimage: favour.preimage, onionKey },
  'paid when the window is over': { on: 'paid', preimage: favour.preimage, onionKey },
  notPaid: { on: 'notPaid', onionKey },
  'notPaid, late': { on: 'notPaid', onionKey },
};
const moments: Record<string, number> = {
  'mined after 5 s': 5_000,
  'mined after 6 s': 5_001,
  'mined after the time is up': limits.askValidForMs,
  'late wake': limits.askValidForMs,
  'conditions when the window is over': terms.expiryMs - nowMs,
  'mined when the window is over': terms.expiryMs - nowMs,
  'wake when nobody waits for a payment': 2 * limits.askValidForMs,
  'paid when the window is over': terms.expiryMs - nowMs,
  'notPaid, late': limits.askValidForMs,
};

function stepAt(ask: Ask, event: string) {
  return stepAsk(ask, events[event]!, context({ nowMs: nowMs + (moments[event] ?? 0) }));
}
const after = (ask: Ask, event: string) => play(ask, (before) => stepAt(before, event)).state;

const [awaiting, begun] = startAsk(terms, context());
const mining = after(awaiting, 'conditions');

/** An ask whose owner would pay up to 10 sat, and conditions of 2^24 hashes, or 5 sat. */
const [willing] = startAsk({ ...terms, wouldPay: true }, context());
const priced = (change: {
  readonly frame?: Partial<FrameOf<'conditions'>>;
  readonly mayPayMsat?: bigint;
}): AskEvent => ({
  on: 'conditions',
  frame: { ...(frames['conditions: or paid'] as FrameOf<'conditions'>), ...change.frame },
  onionKey,
  mayPayMsat: change.mayPayMsat ?? 10_000n,
});
const [awaitingPayment, payEffects] = stepAsk(willing, priced({}), context());
const states: Record<string, Ask> = {
  AwaitingConditions: awaiting,
  Mining: mining,
  AwaitingPayment: awaitingPayment,
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
        'wake when nobody waits for a payment': 'Lapsed: nothing',
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
        'wake when nobody waits for a payment': 'Lapsed: cancelMining',
      },
      AwaitingPayment: {
        paid: 'Broadcast: send broadcast',
        'paid when the window is over': 'Lapsed: nothing',
        notPaid: 'Mining: mine, wake',
        'notPaid, late': 'Lapsed: nothing',
        gone: 'Lapsed: nothing',
        over: 'Lapsed: nothing',
        'wake when nobody waits for a payment': 'Lapsed: nothing',
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
  const { broadcastPayload, proof } = frame as FrameOf<'broadcast'>;
  const workRequest = { ...conditions.workRequest, powScheme: 'sha256' } as const;
  const work = { request: workRequest, askId, asker: devices.customer.peer };
  const payloadHash = hash(broadcastPayload);
  expect(inner).toEqual(workInner({ ...work, payloadHash, receiver: devices.m1.peer }));
  expect(proof).toEqual({ kind: 'proofOfWork', powScheme: 'sha256', powTarget: target, nonce });
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
    conditions: {
      workRequest,
      payment: null,
      timestampToleranceMs: conditions.timestampToleranceMs,
    },
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
  const among = (ctx: Context, own: number, carried: number): Context => {
    return { ...ctx, mining: { own, carried } };
  };
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
    ['one of two on a slow device', 'Mining', 150_000, 20, among(atRate(20_480), 1, 0)],
    ['one of three, which takes longer', 'Declined', 150_000, 20, among(atRate(20_480), 2, 0)],
    ["its owner's among what is carried", 'Mining', 150_000, 20, among(atRate(20_480), 0, 7)],
    ['longer than conditions hold', 'Declined', 30_000, 20, atRate(20_480)],
    ['anything, where nothing works', 'Declined', 600_000, 0, atRate(0)],
  ] as const)('%s: %s', (_name, state, validForMs, bits, ctx) => {
    const event = asked({ validForMs }, { powTarget: targetForBits(bits) });
    const [ask, effects] = stepAsk(awaiting, event, ctx);
    expect(ask.state).toBe(state);
    expect(effects.some((effect) => effect.do === 'mine')).toBe(state === 'Mining');
    if (ask.state === 'Declined') expect(ask.reason).toBe('too-dear');
  });

  test("what is carried waits for what is the owner's", () => {
    const carried: Ask = { ...awaiting, ask: { ...terms, own: false } } as Ask;
    const event = asked({ validForMs: 150_000 }, { powTarget: targetForBits(20) });
    for (const [own, state] of [
      [0, 'Mining'],
      [1, 'Declined'],
    ] as const) {
      expect(stepAsk(carried, event, among(atRate(20_480), own, 0))[0].state).toBe(state);
    }
  });

  test('how long it takes is known before it starts', () => {
    const [ask] = stepAsk(awaiting, asked({}), atRate(20_480));
    expect(ask).toMatchObject({ state: 'Mining', hashes: 0, hashesPerSecond: 20_480 });
  });
});

test('only an ask that waits, mines or pays is alive', () => {
  const alive = Object.keys(states).filter((name) => isAlive(states[name]!));
  expect(alive).toEqual(['AwaitingConditions', 'Mining', 'AwaitingPayment']);
});

describe('work or sats [WRK-03, WRK-20]', () => {
  const chosen = (event: AskEvent, change: Partial<Context> = {}) => {
    const [ask, effects] = stepAsk(willing, event, context(change));
    return [ask.state, 'reason' in ask ? ask.reason : '', effects.map(nameOf).join(', ')].join(' ');
  };
  const policy = (change: Partial<Policy>) => ({ policy: { ...defaultPolicy, ...change } });
  const request = (change: Partial<PaymentRequest>) => ({
    frame: { paymentRequest: { ...favour.request, ...change } },
  });
  const expiredFor = (ms: number) => {
    const timestampMs = nowMs - limits.favourInvoiceSeconds * 1_000 - ms;
    return request({ invoice: favour.invoice({ timestampMs }) });
  };
  const pays = 'AwaitingPayment  wake';
  const works = 'Mining  mine, wake';
  const bits = (n: number) => ({
    frame: { workRequest: { ...conditions.workRequest, powTarget: targetForBits(n) } },
  });

  test.each<[string, AskEvent, Partial<Context>, string]>([
    ['4 s of work, or 5 sat of at most 10', priced({}), {}, pays],
    ['nothing is to be paid', priced({ frame: { paymentRequest: null } }), {}, works],
    ['5 sat of at most 5', priced({ mayPayMsat: 5_000n }), {}, pays],
    ['5 sat of at most 4.999', priced({ mayPayMsat: 4_999n }), {}, works],
    ['the work takes 4 s, and the owner has 5', priced({}), policy({ payAboveMs: 5_000 }), works],
    ['a fast device', priced({}), { hashRates: { ...referenceRates, sha256: 2 ** 24 } }, works],
    [
      'a device where nothing works',
      priced({}),
      { hashRates: { ...referenceRates, sha256: 0 } },
      pays,
    ],
    ['more work than the owner does for anybody', priced(bits(29)), {}, pays],
    [
      'too much work, and too dear',
      priced({ ...bits(29), mayPayMsat: 0n }),
      {},
      'Declined too-dear ',
    ],
    ['less than a sat', priced(request({ priceMsat: 999n })), {}, works],
    ['less than 5 s left', priced({ frame: { validForMs: 4_999 } }), {}, works],
    [
      'an invoice for more than the price',
      priced(request({ invoice: favour.invoice({ amountMsat: 5_001n }) })),
      {},
      'Declined invoice fault INVOICE_AMOUNT_MISMATCH',
    ],
    [
      'an invoice on another hash',
      priced(request({ paymentHash: cast.idOf('other') })),
      {},
      'Declined invoice fault INVOICE_HASH_MISMATCH',
    ],
    ['an invoice that a slow clock may still pay', priced(expiredFor(29_000)), {}, pays],
    ['an invoice that nobody can pay any more', priced(expiredFor(30_000)), {}, works],
    [
      'an invoice that has expired, and too much work',
      priced({ frame: { ...bits(29).frame, ...expiredFor(30_000).frame } }),
      {},
      'Declined too-dear ',
    ],
  ])('%s', (_name, event, change, expected) => {
    expect(chosen(event, change)).toBe(expected);
  });

  test('who did not say that it would pay is not made to', () => {
    expect(stepAsk(awaiting, priced({}), context())[0].state).toBe('Mining');
  });

  test('a payment may take until half a minute after the conditions', () => {
    expect(the(payEffects, 'wake').atMs).toBe(nowMs + 2 * limits.askValidForMs);
  });

  test('the preimage takes the place of the nonce, over a payload of now [WRK-18]', () => {
    const at = { nowMs: nowMs + 20_000 };
    const paid = { on: 'paid', preimage: favour.preimage, onionKey } as const;
    const [ask, effects] = stepAsk(awaitingPayment, paid, context(at));
    const frame = sent(effects, 'broadcast').frame as FrameOf<'broadcast'>;
    expect(frame.proof).toEqual({ kind: 'proofOfPayment', preimage: favour.preimage });
    expect(read(BroadcastPayload, frame.broadcastPayload).timestampMs).toBe(at.nowMs);
    expect(ask).toMatchObject({ state: 'Broadcast', paidMsat: favour.priceMsat });
  });

  test('what was not paid for is worked for, but not beyond what the owner allows', () => {
    const [dear] = stepAsk(willing, priced(bits(29)), context());
    const [ask] = stepAsk(dear, { on: 'notPaid', onionKey }, context());
    expect(ask).toMatchObject({ state: 'Declined', reason: 'too-dear' });
  });
});
