import { describe, expect, test } from 'vitest';
import { bytesOf, hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash, openSealed } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { isPreimageOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { statementsFrame } from '../../src/lib/protocol/job/settlement.ts';
import {
  startOffer,
  stepOffer,
  type OfferContext,
  type OfferEvent,
  type OfferMade,
} from '../../src/lib/protocol/roles/replier.ts';
import { DraftRequest, ReplyPayload, Terms } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent, testTable, the } from './play.ts';
import { context, promiseFor, terms } from './replier-parts.ts';
import { read } from './samples.ts';
import { contactFrom } from './sender-parts.ts';

const { devices, height, nowMs } = cast;
const { heights, said, promiseId, replyHash: paymentHash, draft } = deal;

/** The least settle deadline at which the price is worth anything: decide_by and the replier's margin. */
const enough = heights.decideBy + limits.replierMarginBlocks;
const drafted = (change: Partial<FrameOf<'draft'>>): OfferEvent => ({
  on: 'draft',
  frame: { ...draft, ...change },
});
const termsOf = (change: Partial<Terms>) => ({
  terms: Terms.encode({ ...deal.honest.terms, ...change }),
});
const paid = (replyPreimage: Uint8Array | null): OfferEvent => ({
  on: 'statements',
  frame: { ...said.paid, replyPreimage },
});

const [drafting, begun] = startOffer(terms, context());
const [invoicing] = stepOffer(drafting, drafted({}), context());
const [sealed] = stepOffer(
  invoicing,
  { on: 'invoiceIssued', paymentHash, invoice: deal.replyInvoice },
  context(),
);
const sealedPayload = 'sealedPayload' in sealed ? sealed.sealedPayload : new Uint8Array();

const events: Record<string, OfferEvent> = {
  draft: drafted({}),
  'draft of another price': drafted(termsOf({ amountMsat: deal.priceMsat - 1n })),
  'draft too late to unlock': drafted({}),
  'draft of noise': drafted({ terms: Uint8Array.of(1) }),
  refused: { on: 'refused', reason: 'too many open promises' },
  promise: { on: 'promise', frame: promiseFor(sealedPayload) },
  'forged promise': { on: 'promise', frame: promiseFor(sealedPayload, {}, cast.mallory) },
  invoiceIssued: { on: 'invoiceIssued', paymentHash, invoice: deal.replyInvoice },
  invoiceAccepted: { on: 'invoiceAccepted', paymentHash, settleDeadline: enough },
  'invoiceAccepted a block short': {
    on: 'invoiceAccepted',
    paymentHash,
    settleDeadline: enough - 1,
  },
  'invoiceAccepted after unlock_by': { on: 'invoiceAccepted', paymentHash, settleDeadline: 9_999 },
  invoiceSettled: { on: 'invoiceSettled', paymentHash },
  invoiceCancelled: { on: 'invoiceCancelled', paymentHash },
  walletFailed: {
    on: 'walletFailed',
    command: 'issueInvoice',
    paymentHash,
    code: 'WALLET_REFUSED',
    retryable: false,
  },
  Unlock: { on: 'statements', frame: said.unlock },
  Abort: { on: 'statements', frame: said.abort },
  'forged Abort': {
    on: 'statements',
    frame: deal.statements(
      { abort: { promiseId, reason: 'sender', height } },
      { abort: cast.mallory },
    ),
  },
  'Outcome paid': paid(null),
  'Outcome paid, preimage': paid(deal.replyPreimage),
  'Outcome paid, another preimage': paid(deal.networkPreimage),
  'Outcome refunded': { on: 'statements', frame: said.refunded },
  'our report, heard': { on: 'statements', frame: said.settledReport },
  'no statement': { on: 'statements', frame: statementsFrame(promiseId, {}) },
  contact: {
    on: 'contact',
    frame: contactFrom(1, 'Hello', 'sender'),
    from: devices.customer.peer,
  },
  'contact of noise': {
    on: 'contact',
    frame: { ...contactFrom(1, 'x', 'sender'), seq: 2n },
    from: devices.mallory.peer,
  },
  say: { on: 'say', text: 'Here', done: false },
  withdraw: { on: 'withdraw' },
  calledOff: { on: 'calledOff', reason: 'called-off' },
  claim: { on: 'claim' },
  'claim in its window': { on: 'claim' },
  dispute: { on: 'dispute', text: 'I was there at nine.' },
  concede: { on: 'concede' },
  cancel: { on: 'cancel' },
  'receipts of the settler': {
    on: 'statements',
    frame: { ...said.claimReceipt, noContactReceipt: said.noContactReceipt.noContactReceipt },
  },
  'forged receipt': {
    on: 'statements',
    frame: deal.statements(
      { claimReceipt: { promiseId, about: 'claim', statementHash: cast.idOf('claim'), height } },
      { claimReceipt: cast.mallory },
    ),
  },
  'the customer cancels': { on: 'statements', frame: said.senderCancel },
  wake: { on: 'wake' },
  'late wake': { on: 'wake' },
  resume: { on: 'resume' },
};
const moments: Record<string, Partial<OfferContext>> = {
  'claim in its window': { height: heights.earliestClaim },
  'draft too late to unlock': { height: heights.unlockBy + 1 },
  'invoiceAccepted after unlock_by': { height: heights.unlockBy + 1 },
  'late wake': { nowMs: nowMs + limits.promiseMs },
};

function step(made: OfferMade, event: string, change: Partial<OfferContext> = {}) {
  const moment = { ...moments[event], ...change };
  return play(made, (before) => stepOffer(before, events[event]!, context(moment)));
}
const after = (made: OfferMade, ...names: string[]) =>
  names.reduce((state, event) => step(state, event).state, made);

const out = after(sealed, 'promise');
const held = after(out, 'invoiceAccepted', 'contact');
const matched = after(held, 'Unlock');
const settling = after(matched, 'Outcome paid, preimage');
const states: Record<string, OfferMade> = {
  Drafting: drafting,
  Invoicing: invoicing,
  Sealed: sealed,
  Sent: out,
  Held: held,
  Matched: matched,
  Settling: settling,
  Paid: after(settling, 'invoiceSettled'),
  Refunding: after(held, 'Abort'),
  Lost: after(held, 'Abort', 'invoiceCancelled'),
  Failed: after(drafting, 'refused'),
};

const refunds = 'Refunding: store, cancelInvoice, wake';
/** The settler is told, or its promise would stay open until it lapses. */
const takesBack = `${refunds}, send statements withdrawal`;
const givesUp = 'Failed: store, send statements withdrawal';
const settles = 'Settling: store, settleInvoice, wake';
const inState = (state: string, row: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(row).map(([event, did]) => [event, `${state}: ${did}`]));
const talk = {
  contact: 'store, send contact',
  'contact of noise': 'fault CONTACT_UNREADABLE',
  say: 'store, send contact',
};
const wakes = (did: string) => ({ wake: did, 'late wake': did });
const decided = {
  Abort: refunds,
  'Outcome paid, preimage': settles,
  'Outcome refunded': refunds,
};
const complains = {
  'forged Abort': 'fault STATEMENT_SIGNATURE_INVALID',
  'Outcome paid, another preimage': 'fault PREIMAGE_MISMATCH',
};
const accepted = 'send statements replyAccepted, send watch, wake';

describe('an offer', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Drafting: {
        draft: 'Invoicing: store, issueInvoice',
        'draft of another price': 'Failed: store, fault TERMS_MISMATCH',
        'draft too late to unlock': 'Failed: store, fault PROMISE_HEIGHTS_INVALID',
        'draft of noise': 'Failed: store, fault FRAME_MALFORMED',
        refused: 'Failed: store',
        withdraw: 'Failed: store',
        calledOff: 'Failed: store',
        'late wake': 'Failed: store',
      },
      Invoicing: {
        withdraw: givesUp,
        calledOff: givesUp,
        invoiceIssued: 'Sealed: store, send sealedReply, wake',
        walletFailed: givesUp,
        resume: 'Invoicing: issueInvoice',
      },
      Sealed: {
        promise: 'Sent: store, send reply, send watch, wake',
        'forged promise': `${refunds}, fault PROMISE_SIGNATURE_INVALID`,
        withdraw: takesBack,
        calledOff: takesBack,
        'late wake': takesBack,
        resume: 'Sealed: send sealedReply, wake',
      },
      Sent: {
        ...inState('Sent', { 'forged Abort': complains['forged Abort'] }),
        invoiceAccepted: `Held: store, ${accepted}`,
        'invoiceAccepted a block short': takesBack,
        'invoiceAccepted after unlock_by': takesBack,
        invoiceCancelled: 'Lost: store',
        Abort: refunds,
        withdraw: takesBack,
        calledOff: takesBack,
        wake: 'Sent: send watch, wake',
        'late wake': refunds,
        resume: 'Sent: followInvoice, send watch, wake',
      },
      Held: {
        ...inState('Held', { ...talk, ...complains, ...wakes(accepted) }),
        ...decided,
        Unlock: 'Matched: store, send watch, wake',
        invoiceCancelled: 'Lost: store',
        withdraw: 'Held: send statements withdrawal',
        resume: `Held: followInvoice, ${accepted}`,
      },
      Matched: {
        ...inState('Matched', { ...talk, ...complains, ...wakes('send watch, wake') }),
        ...decided,
        claim: 'Matched: store, send watch, wake',
        'claim in its window': 'Matched: store, send statements claim, send watch, wake',
        dispute: 'Matched: store, send statements replierDispute, send watch, wake',
        concede: 'Matched: store, send statements concession, send watch, wake',
        cancel: 'Matched: store, send statements replierCancel, send watch, wake',
        'receipts of the settler': 'Matched: store',
        'the customer cancels': 'Matched: store',
        'forged receipt': 'Matched: fault STATEMENT_SIGNATURE_INVALID',
        invoiceCancelled: 'Lost: store',
        resume: 'Matched: followInvoice, send watch, wake',
      },
      Settling: {
        ...inState('Settling', { ...talk, ...wakes('settleInvoice, wake') }),
        invoiceSettled: 'Paid: store, send statements settledReport, send watch, wake',
        resume: 'Settling: settleInvoice, wake',
      },
      Paid: {
        ...inState('Paid', {
          ...talk,
          ...wakes('send statements settledReport, send watch, wake'),
          resume: 'send statements settledReport, send watch, wake',
          'our report, heard': 'store',
        }),
      },
      Refunding: {
        ...inState('Refunding', wakes('cancelInvoice, wake')),
        invoiceCancelled: 'Lost: store',
        resume: 'Refunding: cancelInvoice, wake',
      },
      Lost: {},
      Failed: {},
    },
    (made, event) => stepOffer(made, events[event]!, context(moments[event])),
  );
});

describe('recv DraftFrame', () => {
  test.each<[string, OfferEvent, string]>([
    ['another offer', drafted(termsOf({ offerId: cast.idOf('x', 16) })), 'TERMS_MISMATCH'],
    ['key is the preimage', drafted(termsOf({ unlock: 'preimage' })), 'TERMS_MISMATCH'],
    ['another message', drafted(termsOf({ sealedMessageHash: cast.idOf('x') })), 'TERMS_MISMATCH'],
    ['locked otherwise', drafted({ lockedReplyMessage: Uint8Array.of(1) }), 'TERMS_MISMATCH'],
    ['no ruling', drafted({ heights: { ...heights, decideBy: 0 } }), 'PROMISE_HEIGHTS_INVALID'],
  ])('$0 -- $2', (...[, event, code]) => {
    const { did } = play(drafting, (made) => stepOffer(made, event, context()));
    expect(did).toBe(`Failed: store, fault ${code}`);
  });
});

describe('recv PromiseFrame', () => {
  const promised = (change: Parameters<typeof promiseFor>[1]): OfferEvent => ({
    on: 'promise',
    frame: promiseFor(sealedPayload, change),
  });
  test.each<[string, OfferEvent, string]>([
    ['another promise id', promised({ promiseId: cast.idOf('x') }), 'PROMISE_MISMATCH'],
    ['another payload', promised({ payloadId: cast.idOf('x') }), 'PROMISE_MISMATCH'],
    [
      'another sealed reply',
      promised({ encryptedPayloadHash: cast.idOf('x') }),
      'PROMISE_MISMATCH',
    ],
    ['the network paid too early', promised({ settleOn: 'contact' }), 'PROMISE_MISMATCH'],
    ['other terms', promised({ termsHash: cast.idOf('x') }), 'PROMISE_MISMATCH'],
    ['another network hash', promised({ networkPaymentHash: deal.otherHash }), 'PROMISE_MISMATCH'],
    [
      'a later ruling',
      promised({ heights: { ...heights, decideBy: heights.decideBy + 1 } }),
      'PROMISE_MISMATCH',
    ],
    ['expired', promised({ expiryMs: nowMs }), 'PROMISE_EXPIRED'],
    [
      'dearer than its invoice',
      promised({ settlerAmountMsat: 10_001n }),
      'INVOICE_AMOUNT_MISMATCH',
    ],
  ])('$0 -- $2', (...[, event, code]) => {
    const { did } = play(sealed, (made) => stepOffer(made, event, context()));
    expect(did).toBe(`${refunds}, fault ${code}`);
  });
});

describe('what leaves', () => {
  test('the draft request is signed, and asks for what the offer says [RPL-04, STL-12]', () => {
    const { to, frame } = sent(begun, 'draftRequest') as {
      to: string;
      frame: FrameOf<'draftRequest'>;
    };
    expect(to).toBe(terms.settlerPeer);
    expect(read(DraftRequest, frame.request.body)).toMatchObject({
      amountMsat: terms.priceMsat,
      senderKey: cast.customer.key,
      sealedReplyMessage: terms.sealedMessage,
    });
  });

  test('the invoice is for the price, on the hash of the terms', () => {
    expect(the(step(drafting, 'draft').effects, 'issueInvoice')).toMatchObject({
      paymentHash,
      amountMsat: deal.priceMsat,
      minFinalCltv: deal.replyFinalCltv,
    });
  });

  test('the reply payload opens for the customer alone, and echoes the request [RPL-05, RPL-07, STL-12]', () => {
    const open = (secret: Uint8Array) =>
      openSealed({
        purpose: 'reply',
        context: bytesOf(cast.payloadId),
        secret,
        sealed: sealedPayload,
      });
    expect(open(cast.mallory.secret)).toBeNull();
    const payload = read(ReplyPayload, open(cast.customer.secret)!);
    expect(payload.signedRequestPayload).toEqual(cast.request);
    const told = sent(step(invoicing, 'invoiceIssued').effects, 'sealedReply').frame;
    expect(told).toMatchObject({ encryptedPayloadHash: hexOf(hash(sealedPayload)) });
  });

  test('the reply goes to whoever broadcast to us, with the onion it peeled', () => {
    const { to, frame } = sent(step(sealed, 'promise').effects, 'reply');
    expect(to).toBe(terms.upstream);
    expect(frame).toMatchObject({ forwardOnion: terms.rest, networkInvoice: deal.networkInvoice });
  });

  test('a preimage leaves only for the wallet, only when the outcome pays, and only if it is one', () => {
    const leaves = (effects: readonly Effect[]) =>
      effects.some(
        (effect) => effect.do === 'settleInvoice' && isPreimageOf(effect.preimage, paymentHash),
      );
    for (const [name, made] of Object.entries(states)) {
      for (const event of Object.keys(events)) {
        const { did, effects } = step(made, event);
        if (!did.includes('settleInvoice')) continue;
        expect(leaves(effects)).toBe(true);
        const owed = event === 'Outcome paid, preimage' ? ['Held', 'Matched'] : ['Settling'];
        expect(owed).toContain(name);
      }
    }
  });
});

test('a report that was heard is not repeated', () => {
  const heard = after(states['Paid']!, 'our report, heard');
  expect(step(heard, 'wake').did).toBe('-');
  expect(step(heard, 'our report, heard').did).toBe('-');
});

test('a price that is locked is given back whenever the job is off', () => {
  for (const event of ['Abort', 'Outcome refunded']) {
    for (const made of [held, matched]) {
      expect(the(step(made, event).effects, 'cancelInvoice').paymentHash).toBe(paymentHash);
    }
  }
  expect(after(out, 'invoiceAccepted a block short')).toMatchObject({ reason: 'too-late' });
  expect(after(out, 'late wake')).toMatchObject({ state: 'Refunding', reason: 'lost', lost: true });
});
