import { describe, expect, test } from 'vitest';
import { openEvidence, readStatement } from '../../src/lib/protocol/job/settlement.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  startOffer,
  stepOffer,
  type OfferEvent,
  type OfferMade,
} from '../../src/lib/protocol/roles/replier.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { DraftRequest, Terms, type StatementsFrame } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent } from './play.ts';
import { context, promiseFor, terms } from './replier-parts.ts';
import { read } from './samples.ts';

const { heights, said, promiseId, replyHash: paymentHash, draft } = deal;

function step(made: OfferMade, event: OfferEvent, height = cast.height) {
  return play(made, (before) => stepOffer(before, event, context({ height })));
}
const after = (made: OfferMade, ...events: OfferEvent[]) =>
  events.reduce((state, event) => step(state, event).state, made);
const heard = (frame: StatementsFrame): OfferEvent => ({
  on: 'statements',
  frame: { kind: 'statements', ...frame },
});
const wake: OfferEvent = { on: 'wake' };

const sealed = after(
  startOffer(terms, context())[0],
  { on: 'draft', frame: draft },
  { on: 'invoiceIssued', paymentHash, invoice: deal.replyInvoice },
);
const sealedPayload = 'sealedPayload' in sealed ? sealed.sealedPayload : new Uint8Array();
const settleDeadline = heights.decideBy + limits.replierMarginBlocks;
const matched = after(
  sealed,
  { on: 'promise', frame: promiseFor(sealedPayload) },
  { on: 'invoiceAccepted', paymentHash, settleDeadline },
  heard(said.unlock),
);

function saidIn(effects: readonly Effect[]): string[] {
  const frames = effects.flatMap((effect) =>
    effect.do === 'send' && effect.frame.kind === 'statements' ? [effect.frame] : [],
  );
  return frames.flatMap(({ kind: _kind, promiseId: _id, ...frame }) =>
    Object.entries(frame).flatMap(([name, value]) => (value === null ? [] : [name])),
  );
}

describe('what the worker says after the contact is repeated until it had its effect', () => {
  test.each<[string, OfferEvent, string, OfferEvent | null]>([
    ['claim', { on: 'claim' }, 'claim', heard(said.claimReceipt)],
    [
      'dispute',
      { on: 'dispute', text: 'I was there.' },
      'replierDispute',
      heard(said.replierDisputeReceipt),
    ],
    ['concede', { on: 'concede' }, 'concession', null],
    ['cancel together', { on: 'cancel' }, 'replierCancel', null],
  ])('%s [STL-07]', (_what, event, name, receipt) => {
    const height = heights.earliestClaim;
    const { state, effects } = step(matched, event, height);
    expect(saidIn(effects)).toEqual([name]);
    expect(saidIn(step(state, wake, height).effects)).toEqual([name]);
    expect(saidIn(step(state, { on: 'resume' }, height).effects)).toEqual([name]);
    expect(step(state, event, height).did).toBe('-');
    if (receipt) expect(saidIn(step(after(state, receipt), wake, height).effects)).toEqual([]);
  });

  test('a claim made early waits for its window, and is said until the settler has it', () => {
    const done = after(matched, { on: 'claim' });
    const at = (height: number) => saidIn(step(done, wake, height).effects);
    expect(at(heights.earliestClaim - 1)).toEqual([]);
    expect(at(heights.earliestClaim)).toEqual(['claim']);
    expect(at(heights.claimBy)).toEqual(['claim']);
    expect(at(heights.claimBy + 1)).toEqual(['claim']);
  });

  test('its evidence opens for the settler alone', () => {
    const { effects } = step(matched, { on: 'dispute', text: 'I was there.' });
    const { frame } = sent(effects, 'statements') as { frame: StatementsFrame };
    const by = { key: cast.worker.key, network: cast.network };
    const dispute = readStatement('replierDispute', frame, by);
    if (dispute === null || isFault(dispute)) throw new Error('no dispute');
    expect(openEvidence(dispute.evidence, promiseId, cast.settler.secret)).toBe('I was there.');
    expect(openEvidence(dispute.evidence, promiseId, cast.customer.secret)).toBe('');
  });
});

test("receipts and the customer's wish to call it off are kept as they were signed", () => {
  const made = after(matched, heard(said.noContactReceipt), heard(said.senderCancel));
  const { noContactReceipt: signed } = said.noContactReceipt;
  expect(made).toMatchObject({
    receipts: { noContact: { height: heights.earliestClaim, signed } },
    otherCancels: true,
  });
  expect(step(made, heard(said.noContactReceipt)).did).toBe('-');
});

describe('what opens the contact is what was asked for', () => {
  const literal = { ...terms, unlock: 'preimage', settleOn: 'contact' } as const;
  const drafting = startOffer(literal, context());
  const answered = (unlock: Terms['unlock']): OfferEvent => ({
    on: 'draft',
    frame: { ...draft, terms: Terms.encode({ ...deal.honest.terms, unlock }) },
  });

  test('the draft request says both wishes', () => {
    const { frame } = sent(drafting[1], 'draftRequest');
    if (frame.kind !== 'draftRequest') throw new Error(frame.kind);
    const asked = read(DraftRequest, frame.request.body);
    expect(asked).toMatchObject({ unlock: 'preimage', settleOn: 'contact' });
  });

  test('asked for the preimage, given the preimage', () => {
    expect(step(drafting[0], answered('preimage')).state.state).toBe('Invoicing');
    const other = step(drafting[0], answered('both-accepted'));
    expect(other.did).toBe('Failed: store, fault TERMS_MISMATCH');
  });
});
