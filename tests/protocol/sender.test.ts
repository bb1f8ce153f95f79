import { describe, expect, test } from 'vitest';
import { statementsFrame } from '../../src/lib/protocol/job/settlement.ts';
import { backByHeight } from '../../src/lib/protocol/job/payment-chain.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  isChoosable,
  startJob,
  stepJob,
  type Job,
  type JobContext,
  type JobEvent,
} from '../../src/lib/protocol/roles/sender.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent, testTable, the } from './play.ts';
import { contactFrom, offer, terms } from './sender-parts.ts';

const { devices, height, nowMs } = cast;
const { heights, said, promiseId, networkHash, replyHash } = deal;

const events: Record<string, JobEvent> = {
  told: { on: 'told', peer: devices.m1.peer, routingFeeMsat: 100_000n },
  offer: { on: 'offer', offer },
  'another offer': { on: 'offer', offer: { ...offer, promiseId: cast.idOf('another') } },
  choose: { on: 'choose', promiseId },
  'choose what was never offered': { on: 'choose', promiseId: cast.idOf('nothing') },
  'choose too late': { on: 'choose', promiseId },
  cancel: { on: 'cancel' },
  confirm: { on: 'confirm' },
  dispute: { on: 'dispute', text: 'Nobody came.' },
  noContact: { on: 'noContact' },
  'receipts of the settler': {
    on: 'statements',
    frame: { ...said.senderDisputeReceipt, claimReceipt: said.claimReceipt.claimReceipt },
  },
  'forged receipt': {
    on: 'statements',
    frame: deal.statements(
      {
        claimReceipt: { promiseId, about: 'claim', statementHash: cast.idOf('claim'), height },
      },
      { claimReceipt: cast.mallory },
    ),
  },
  'the worker cancels': { on: 'statements', frame: said.replierCancel },
  say: { on: 'say', text: 'Here' },
  NetworkAccepted: { on: 'statements', frame: said.networkAccepted },
  'NetworkAccepted too late': { on: 'statements', frame: said.networkAccepted },
  Unlock: { on: 'statements', frame: said.unlock },
  'Unlock too late': { on: 'statements', frame: said.unlock },
  Abort: { on: 'statements', frame: said.abort },
  'Outcome paid': { on: 'statements', frame: said.paid },
  'Outcome refunded': { on: 'statements', frame: said.refunded },
  'no statement': { on: 'statements', frame: statementsFrame(promiseId, {}) },
  'forged Unlock': {
    on: 'statements',
    frame: deal.statements(
      { unlock: { promiseId, unlockingKey: deal.unlockingKey, height } },
      { unlock: cast.mallory },
    ),
  },
  'network settled': {
    on: 'paymentSettled',
    paymentHash: networkHash,
    preimage: deal.networkPreimage,
    feeMsat: 0n,
  },
  'network settled with no preimage': {
    on: 'paymentSettled',
    paymentHash: networkHash,
    preimage: new Uint8Array(0),
    feeMsat: 0n,
  },
  'gig settled with another preimage': {
    on: 'paymentSettled',
    paymentHash: replyHash,
    preimage: deal.networkPreimage,
    feeMsat: 0n,
  },
  'network failed': { on: 'paymentFailed', paymentHash: networkHash, reason: 'no route' },
  'gig settled': {
    on: 'paymentSettled',
    paymentHash: replyHash,
    preimage: deal.replyPreimage,
    feeMsat: 0n,
  },
  'gig failed': { on: 'paymentFailed', paymentHash: replyHash, reason: 'came back' },
  walletFailed: {
    on: 'walletFailed',
    command: 'payInvoice',
    paymentHash: networkHash,
    code: 'WALLET_UNREACHABLE',
    retryable: true,
  },
  contact: { on: 'contact', frame: contactFrom(1, 'I come'), from: devices.worker.peer },
  'contact of noise': {
    on: 'contact',
    frame: { ...contactFrom(1, 'x'), seq: 2n },
    from: devices.mallory.peer,
  },
  wake: { on: 'wake' },
  'wake when the window is over': { on: 'wake' },
  'wake after decide_by': { on: 'wake' },
  resume: { on: 'resume' },
};
const moments: Record<string, Partial<JobContext>> = {
  'choose too late': { height: heights.unlockBy },
  'NetworkAccepted too late': { height: heights.unlockBy + 1 },
  'Unlock too late': { height: heights.unlockBy + 1 },
  'wake after decide_by': { height: heights.decideBy + 1 },
  'wake when the window is over': { nowMs: cast.topic.dropoffBeforeMs },
};

function context(change: Partial<JobContext> = {}): JobContext {
  return {
    ...cast.context({ self: devices.customer.peer }),
    secret: cast.customer.secret,
    ...change,
  };
}
function step(job: Job, event: string, change: Partial<JobContext> = {}) {
  const moment = { ...moments[event], ...change };
  return play(job, (before) => stepJob(before, events[event]!, context(moment)));
}
const after = (job: Job, ...names: string[]) =>
  names.reduce((state, event) => step(state, event).state, job);

const [posted] = startJob(terms);
const offered = after(posted, 'told', 'offer');
const payingNetwork = after(offered, 'choose');
const payingReply = after(payingNetwork, 'NetworkAccepted');
const matched = after(payingReply, 'Unlock');
const confirmed = after(matched, 'confirm');
const states: Record<string, Job> = {
  Broadcasting: offered,
  PayingNetwork: payingNetwork,
  PayingReply: payingReply,
  Cancelling: after(payingReply, 'cancel'),
  Matched: matched,
  Confirmed: confirmed,
  Closing: after(confirmed, 'Outcome paid'),
  Ended: after(confirmed, 'Outcome paid', 'network settled', 'gig settled'),
  Withdrawn: after(offered, 'cancel'),
};

/** What a job repeats: the watch, its own word, the lines of the contact. */
const watch = (state: string, word = '', talk = '') =>
  `${state}: store, send watch${word && `, send statements ${word}`}${talk && `, ${talk}`}, wake`;
const again = (state: string, word = '', talk = '') =>
  watch(state, word, talk).replace(': store, ', ': ');
const hello = 'send contact';
const talking = {
  say: ': store, send contact, send contact',
  contact: ': store, send contact',
};
const inState = (state: string, row: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(row).map(([event, did]) => [event, state + did]));
const noise = { 'contact of noise': ': fault CONTACT_UNREADABLE' };
const forgery = {
  'forged Unlock': ': fault STATEMENT_SIGNATURE_INVALID',
  'forged receipt': ': fault STATEMENT_SIGNATURE_INVALID',
  'receipts of the settler': ': store',
  'the worker cancels': ': store',
};
const paidForKey = 'keyRequest+networkPreimage';
const money = { 'network settled': ': store', 'gig settled': ': store' };
const bothWays = { ...money, 'network failed': ': store', 'gig failed': ': store' };
const outcomes = {
  'Outcome paid': watch('Closing', '', hello),
  'Outcome refunded': watch('Closing', '', hello),
};

describe('a job', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Broadcasting: {
        'wake after decide_by': 'Broadcasting: wake',
        told: 'Broadcasting: store',
        'another offer': 'Broadcasting: store',
        choose: 'PayingNetwork: store, payInvoice, send watch, wake, send cancelBroadcast',
        cancel: 'Withdrawn: store, send cancelBroadcast',
        wake: 'Broadcasting: wake',
        'wake when the window is over': 'Withdrawn: store',
        resume: 'Broadcasting: wake',
      },
      PayingNetwork: {
        ...inState('PayingNetwork', forgery),
        'network settled': watch('PayingNetwork', paidForKey),
        cancel: watch('Cancelling', 'abortRequest'),
        NetworkAccepted:
          'PayingReply: store, payInvoice, send watch, send statements keyRequest, wake',
        'NetworkAccepted too late': watch('Cancelling', 'abortRequest'),
        Unlock: watch('Matched', '', hello).replace('store', 'store, payInvoice'),
        'Unlock too late': watch('Matched', '', hello),
        'wake after decide_by': again('PayingNetwork'),
        Abort: watch('Closing'),
        'Outcome paid': watch('Closing'),
        'Outcome refunded': watch('Closing'),
        'network failed': 'Ended: store',
        'gig settled': 'PayingNetwork: store',
        'gig failed': 'Closing: store',
        wake: again('PayingNetwork'),
        // Long after its patience is over: the payment is asked back.
        'wake when the window is over': watch('Cancelling', 'abortRequest'),
        resume: 'PayingNetwork: payInvoice, send watch, wake',
      },
      PayingReply: {
        ...inState('PayingReply', { ...forgery, 'gig settled': ': store' }),
        'network settled': watch('PayingReply', paidForKey),
        'Unlock too late': watch('Matched', '', hello),
        'wake after decide_by': again('PayingReply', 'keyRequest'),
        cancel: watch('Cancelling', 'abortRequest'),
        Unlock: watch('Matched', '', hello),
        Abort: watch('Closing'),
        'Outcome paid': watch('Closing'),
        'Outcome refunded': watch('Closing'),
        'network failed': watch('Cancelling', 'abortRequest'),
        'gig failed': watch('Cancelling', 'abortRequest'),
        wake: again('PayingReply', 'keyRequest'),
        'wake when the window is over': again('PayingReply', 'keyRequest'),
        resume: again('PayingReply', 'keyRequest').replace('send', 'payInvoice, payInvoice, send'),
      },
      Cancelling: {
        ...inState('Cancelling', { ...forgery, ...bothWays }),
        'network settled': watch('Cancelling', 'abortRequest'),
        'Unlock too late': watch('Matched', '', hello),
        'wake after decide_by': again('Cancelling', 'abortRequest'),
        cancel: watch('Cancelling', 'abortRequest'),
        Unlock: watch('Matched', '', hello),
        Abort: watch('Closing'),
        'Outcome paid': watch('Closing'),
        'Outcome refunded': watch('Closing'),
        wake: again('Cancelling', 'abortRequest'),
        'wake when the window is over': again('Cancelling', 'abortRequest'),
        resume: again('Cancelling', 'abortRequest').replace('send', 'payInvoice, payInvoice, send'),
      },
      Matched: {
        ...inState('Matched', { ...forgery, ...bothWays, ...talking, ...noise }),
        ...outcomes,
        confirm: watch('Confirmed', 'confirmation', hello),
        cancel: watch('Matched', 'senderCancel', hello),
        dispute: watch('Matched', 'senderDispute', hello),
        noContact: watch('Matched', 'noContact', hello),
        'wake after decide_by': again('Matched', '', hello),
        wake: again('Matched', '', hello),
        'wake when the window is over': again('Matched', '', hello),
        resume: again('Matched', '', hello).replace('send', 'payInvoice, payInvoice, send'),
      },
      Confirmed: {
        ...inState('Confirmed', { ...forgery, ...bothWays, ...talking, ...noise }),
        ...outcomes,
        wake: again('Confirmed', 'confirmation', hello),
        'wake after decide_by': again('Confirmed', 'confirmation', hello),
        'wake when the window is over': again('Confirmed', 'confirmation', hello),
        resume: again('Confirmed', 'confirmation', hello).replace(
          'send',
          'payInvoice, payInvoice, send',
        ),
      },
      Closing: {
        ...inState('Closing', { ...forgery, ...bothWays, ...talking, ...noise }),
        wake: again('Closing', '', hello),
        'wake after decide_by': again('Closing', '', hello),
        'wake when the window is over': again('Closing', '', hello),
        resume: again('Closing', '', hello).replace('send', 'payInvoice, payInvoice, send'),
      },
      Ended: inState('Ended', { ...talking, ...noise }),
      Withdrawn: {},
    },
    (job, event) => stepJob(job, events[event]!, context(moments[event])),
  );
});

describe('money', () => {
  test('the network is paid first, the gig only when the settler said NetworkAccepted [PAY-20]', () => {
    const first = the(step(offered, 'choose').effects, 'payInvoice');
    expect(first).toMatchObject({ paymentHash: networkHash, amountMsat: offer.networkMsat });
    const second = the(step(payingNetwork, 'NetworkAccepted').effects, 'payInvoice');
    expect(second).toMatchObject({ paymentHash: replyHash, amountMsat: deal.priceMsat });
  });

  test('says by which block what is held comes back', () => {
    const { money } = payingReply as Extract<Job, { state: 'PayingReply' }>;
    expect(money).toEqual({
      network: 'pending',
      reply: 'pending',
      networkBackBy: backByHeight(height, offer.networkFinalCltv, 0),
      replyBackBy: backByHeight(height, offer.replyFinalCltv, 0),
    });
  });

  test('the gig is not paid when NetworkAccepted and Abort come together', () => {
    const { networkAccepted } = said.networkAccepted;
    const frame = { ...said.abort, networkAccepted };
    const [job, effects] = stepJob(payingNetwork, { on: 'statements', frame }, context());
    expect(job.state).toBe('Closing');
    expect(effects.filter((effect) => effect.do === 'payInvoice')).toEqual([]);
  });

  test('a restart follows payments, and begins none that is late or no longer wanted', () => {
    const begun = (job: Job, change: Partial<JobContext> = {}) =>
      step(job, 'resume', change).effects.flatMap((effect) =>
        effect.do === 'payInvoice' ? [effect.mayBegin] : [],
      );
    expect(begun(payingNetwork)).toEqual([true]);
    expect(begun(payingReply)).toEqual([true, true]);
    expect(begun(payingReply, { height: heights.unlockBy + 1 })).toEqual([false, false]);
    for (const name of ['Cancelling', 'Matched', 'Confirmed', 'Closing']) {
      expect(begun(states[name]!), name).toEqual([false, false]);
    }
  });

  test('an offer is taken before its expiry and before unlock_by, or not at all', () => {
    expect(isChoosable(offer, context({ height: heights.unlockBy - 1 }))).toBe(true);
    expect(isChoosable(offer, context({ height: heights.unlockBy }))).toBe(false);
    expect(isChoosable(offer, context({ nowMs: offer.expiryMs - 1 }))).toBe(true);
    expect(isChoosable(offer, context({ nowMs: offer.expiryMs }))).toBe(false);
  });

  test('a job is over when nothing of it is in the air, whether the settler speaks or not', () => {
    const ends = (job: Job, ...names: string[]) => {
      const ended = after(job, ...names);
      return [ended.state, 'money' in ended && ended.money.reply];
    };
    expect(ends(payingNetwork, 'network failed')).toEqual(['Ended', 'planned']);
    expect(ends(payingReply, 'Abort', 'gig failed', 'network failed')).toEqual(['Ended', 'failed']);
    expect(ends(matched, 'gig settled', 'network settled')).toEqual(['Ended', 'settled']);
    expect(ends(matched, 'Outcome refunded', 'gig failed')).toEqual(['Closing', 'failed']);
    expect(ends(states['Cancelling']!, 'network failed', 'gig failed')).toEqual([
      'Ended',
      'failed',
    ]);
  });

  test('why it ended badly is the first reason there was', () => {
    const reason = (...names: string[]) => after(payingNetwork, ...names).reason;
    expect(reason('network failed')).toBe('no route');
    expect(reason('NetworkAccepted', 'gig failed', 'Abort', 'network failed')).toBe('came back');
    expect(reason('cancel', 'Abort', 'network failed')).toBe('cancelled');
    expect(reason('Abort', 'network failed')).toBe('aborted');
  });
});

describe('the contact', () => {
  test('is read when K is published, and not before [RPL-05]', () => {
    for (const job of [payingNetwork, payingReply, states['Cancelling']!]) {
      expect(job).toMatchObject({ contactText: null, channel: null });
      expect(after(job, 'Unlock')).toMatchObject({ contactText: 'Ola, white Skoda' });
    }
    const { to, frame } = sent(step(payingReply, 'Unlock').effects, 'contact');
    expect([to, frame]).toMatchObject([devices.worker.peer, { promiseId, seq: 0n }]);
  });

  test('recv Unlock -- a key that does not open -- LOCK_FRAUD', () => {
    const unlock = { promiseId, unlockingKey: cast.seedOf('other'), height };
    const frame = deal.statements({ unlock });
    const { state, did } = play(payingReply, (job) =>
      stepJob(job, { on: 'statements', frame }, context()),
    );
    expect(did).toBe(
      'Matched: store, fault LOCK_FRAUD, send watch, send statements noContact, wake',
    );
    expect(state).toMatchObject({ contactText: null, reason: 'LOCK_FRAUD' });
  });
});

test('a job keeps as many offers as the limits say, and none twice', () => {
  let job: Job = posted;
  for (let i = 0; i < limits.offersPerJob + 5; i++) {
    const another = { ...offer, promiseId: cast.idOf<typeof promiseId>(`offer ${i}`) };
    [job] = stepJob(job, { on: 'offer', offer: another }, context());
  }
  expect(job.offers).toHaveLength(limits.offersPerJob);
});

test('once cancelled, decided or withdrawn, a job is never posted or chosen for again', () => {
  for (const name of ['Cancelling', 'Closing', 'Ended', 'Withdrawn']) {
    for (const event of ['offer', 'choose', 'told']) {
      expect(step(states[name]!, event).did).toBe('-');
    }
  }
  expect(nowMs).toBeLessThan(cast.topic.dropoffBeforeMs);
});
