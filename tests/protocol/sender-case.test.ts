import { describe, expect, test } from 'vitest';
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { openEvidence, readStatement } from '../../src/lib/protocol/job/settlement.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { startJob, stepJob, type Job, type JobEvent } from '../../src/lib/protocol/roles/sender.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import type { StatementsFrame } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent } from './play.ts';
import { offer, terms } from './sender-parts.ts';

const { devices } = cast;
const { heights, said, promiseId, networkHash, replyHash } = deal;

function context(height = cast.height) {
  const { secret } = cast.customer;
  return { ...cast.context({ self: devices.customer.peer }), secret, height };
}
function step(job: Job, event: JobEvent, height = cast.height) {
  return play(job, (before) => stepJob(before, event, context(height)));
}
const after = (job: Job, ...events: JobEvent[]) =>
  events.reduce((state, event) => step(state, event).state, job);
const heard = (frame: StatementsFrame): JobEvent => ({
  on: 'statements',
  frame: { kind: 'statements', ...frame },
});
const networkSettled: JobEvent = {
  on: 'paymentSettled',
  paymentHash: networkHash,
  preimage: deal.networkPreimage,
  feeMsat: 0n,
};
const gigFailed: JobEvent = { on: 'paymentFailed', paymentHash: replyHash, reason: 'came back' };
const choose: JobEvent = { on: 'choose', promiseId };
const wake: JobEvent = { on: 'wake' };

const posted = (taken = offer) => after(startJob(terms)[0], { on: 'offer', offer: taken });
const payingNetwork = after(posted(), choose);
const payingReply = after(payingNetwork, heard(said.networkAccepted));
const matched = after(payingReply, heard(said.unlock));

/** What is said to the settler, by name. */
function saidIn(effects: readonly Effect[]): string[] {
  const frames = effects.flatMap((effect) =>
    effect.do === 'send' && effect.frame.kind === 'statements' ? [effect.frame] : [],
  );
  return frames.flatMap(({ kind: _kind, promiseId: _id, ...frame }) =>
    Object.entries(frame).flatMap(([name, value]) => (value === null ? [] : [name])),
  );
}

describe('what the customer says after the contact is repeated until it had its effect', () => {
  test.each<[string, JobEvent, string, JobEvent | null]>([
    [
      'dispute',
      { on: 'dispute', text: 'Nobody came.' },
      'senderDispute',
      heard(said.senderDisputeReceipt),
    ],
    ['no contact', { on: 'noContact' }, 'noContact', heard(said.noContactReceipt)],
    ['cancel together', { on: 'cancel' }, 'senderCancel', null],
  ])('%s [STL-07]', (_what, event, name, receipt) => {
    const { state, effects } = step(matched, event);
    expect(saidIn(effects)).toEqual([name]);
    expect(saidIn(step(state, wake).effects)).toEqual([name]);
    expect(saidIn(step(state, { on: 'resume' }).effects)).toEqual([name]);
    expect(step(state, event).did).toBe('-');
    if (receipt) expect(saidIn(step(after(state, receipt), wake).effects)).toEqual([]);
    expect(saidIn(step(after(state, heard(said.refunded)), wake).effects)).toEqual([]);
  });

  test('its evidence opens for the settler alone, and is the same whenever it is said', () => {
    const { state, effects } = step(matched, { on: 'dispute', text: 'Nobody came.' });
    const bodies = [effects, step(state, wake).effects].map((list) => {
      const { frame } = sent(list, 'statements') as { frame: StatementsFrame };
      const { key } = cast.customer;
      const dispute = readStatement('senderDispute', frame, { key, network: cast.network });
      if (dispute === null || isFault(dispute)) throw new Error('no dispute');
      return dispute;
    });
    expect(bodies[1]).toEqual(bodies[0]);
    const { evidence } = bodies[0]!;
    expect(openEvidence(evidence, promiseId, cast.settler.secret)).toBe('Nobody came.');
    expect(openEvidence(evidence, promiseId, cast.worker.secret)).toBe('');
  });

  test('a confirmation takes the place of everything else', () => {
    const disputed = after(matched, { on: 'dispute', text: 'x' }, { on: 'cancel' });
    const { state, effects } = step(disputed, { on: 'confirm' });
    expect(saidIn(effects)).toEqual(['confirmation']);
    expect(step(state, { on: 'noContact' }).did).toBe('-');
  });
});

test("receipts and the worker's wish to call it off are kept as they were signed", () => {
  const job = after(matched, heard(said.claimReceipt), heard(said.replierCancel));
  expect(job).toMatchObject({
    receipts: { claim: { height: heights.earliestClaim, signed: said.claimReceipt.claimReceipt } },
    otherCancels: true,
  });
  expect(step(job, heard(said.claimReceipt)).did).toBe('-');
});

describe('unlock: preimage [PAY-05, PAY-06]', () => {
  const literal = { ...offer, terms: { ...offer.terms, unlock: 'preimage' as const } };
  /** K is the network's preimage here: what opens is what the payment revealed. */
  const paymentHash = paymentHashOf(deal.unlockingKey);
  const paying = after(posted({ ...literal, networkPaymentHash: paymentHash }), choose);
  const preimage = deal.unlockingKey;
  const revealed: JobEvent = { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n };

  test('NetworkAccepted locks nothing more: first the contact, then the gig', () => {
    expect(step(paying, heard(said.networkAccepted)).did).toBe('-');
    const { state, did } = step(paying, revealed);
    expect(did).toBe('Matched: store, payInvoice, send watch, send contact, wake');
    expect(state).toMatchObject({
      contactText: 'Ola, white Skoda',
      money: { network: 'settled', reply: 'pending' },
      networkPreimage: deal.unlockingKey,
    });
  });

  test('a restart begins the gig payment that was stored, while there is time', () => {
    const open = after(paying, revealed);
    const begun = (height?: number) =>
      step(open, { on: 'resume' }, height).effects.flatMap((effect) =>
        effect.do === 'payInvoice' ? [effect.mayBegin] : [],
      );
    expect(begun()).toEqual([true]);
    expect(begun(heights.unlockBy + 1)).toEqual([false]);
  });

  test("the settler's Unlock opens it as well, and the payment later changes only the money", () => {
    const open = after(paying, heard(said.unlock));
    expect(open.state).toBe('Matched');
    expect(step(open, revealed).did).toBe('Matched: store');
  });

  test('too late to lock the gig: the contact is paid for, and that is all', () => {
    const { state } = step(paying, revealed, heights.unlockBy + 1);
    expect(state).toMatchObject({ state: 'Ended', contactText: 'Ola, white Skoda' });
    expect(state).toMatchObject({ money: { reply: 'planned' } });
  });
});

describe('paid for without an acceptance: the preimage asks for K [STL-04]', () => {
  test.each([
    ['PayingNetwork', payingNetwork],
    ['PayingReply', payingReply],
  ])('%s', (_state, job) => {
    const { state, effects } = step(job, networkSettled);
    expect(saidIn(effects)).toEqual(['keyRequest', 'networkPreimage']);
    expect(saidIn(step(state, wake).effects)).toEqual(['keyRequest', 'networkPreimage']);
    expect(after(state, heard(said.unlock))).toMatchObject({ contactText: 'Ola, white Skoda' });
  });

  test('a settler that never answers leaves the job when nothing can come any more', () => {
    const paid = after(payingNetwork, networkSettled);
    expect(step(paid, wake, heights.decideBy).state.state).toBe('PayingNetwork');
    const left = step(paid, wake, heights.decideBy + 1);
    expect(left.state).toMatchObject({ state: 'Ended', reason: 'settler-silent' });
  });

  test('cancelled while nothing is in the air, a job is over', () => {
    const paid = after(payingNetwork, networkSettled);
    expect(after(paid, { on: 'cancel' })).toMatchObject({ state: 'Ended', reason: 'cancelled' });
    expect(after(payingReply, networkSettled, gigFailed).state).toBe('Ended');
  });
});
