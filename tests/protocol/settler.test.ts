import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash, unlock } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context } from '../../src/lib/protocol/machine.ts';
import { defaultPolicy } from '../../src/lib/protocol/node/state.ts';
import { isPreimageOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import {
  readStatement,
  statementsFrame,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import {
  publishedFor,
  startSettlement,
  stepSettlement,
  type Settlement,
  type SettlementEvent,
  type SettlerContext,
} from '../../src/lib/protocol/roles/settler.ts';
import { SettlementPromise, Terms } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent, testTable, the } from './play.ts';
import { draftRequest, read } from './samples.ts';

const { devices, nowMs, network } = cast;
const replier = { peer: devices.worker.peer, key: cast.worker.key };

function context(change: Partial<SettlerContext> = {}): SettlerContext {
  const own = {
    secret: cast.settler.secret,
    epoch: 1,
    chain: cast.settlerChain,
    head: cast.revocationHead(),
  };
  return { ...cast.context({ self: devices.settler.peer }), ...own, ...change };
}

const [invoicing, begun] = startSettlement(draftRequest, replier, context());
const { deal: secrets } = invoicing;
const { promiseId, heights, networkPaymentHash: paymentHash } = secrets;
const terms = read(Terms, secrets.terms);

/** The least settle deadlines at which this settlement may go on. */
const enough = heights.decideBy + limits.settlerMarginBlocks;
const replierEnough = heights.decideBy + limits.replierMarginBlocks;

/** A party's word on this settlement's promise, which has an id of its own. */
function word(kind: StatementKind, by: cast.Party, more: object = {}): SettlementEvent {
  const signed = deal.statements({ [kind]: { promiseId, ...more } }, { [kind]: by });
  return { on: 'statements', frame: { ...signed, promiseId }, from: devices.mallory.peer };
}
const accepted = (settleDeadline: number) => word('replyAccepted', cast.worker, { settleDeadline });
const invoiceAccepted = (settleDeadline: number): SettlementEvent => ({
  on: 'invoiceAccepted',
  paymentHash,
  settleDeadline,
});
const both: SettlementEvent = {
  on: 'statements',
  frame: {
    ...(accepted(replierEnough) as { frame: FrameOf<'statements'> }).frame,
    keyRequest: (word('keyRequest', cast.customer) as { frame: FrameOf<'statements'> }).frame
      .keyRequest,
  },
  from: devices.mallory.peer,
};

const events: Record<string, SettlementEvent> = {
  invoiceIssued: { on: 'invoiceIssued', paymentHash, invoice: deal.networkInvoice },
  invoiceAccepted: invoiceAccepted(enough),
  'invoiceAccepted a block short': invoiceAccepted(enough - 1),
  'invoiceAccepted after unlock_by': invoiceAccepted(enough),
  invoiceSettled: { on: 'invoiceSettled', paymentHash },
  invoiceCancelled: { on: 'invoiceCancelled', paymentHash },
  walletFailed: {
    on: 'walletFailed',
    command: 'issueInvoice',
    paymentHash,
    code: 'WALLET_CANNOT_HOLD',
    retryable: false,
  },
  sealed: {
    on: 'sealed',
    frame: { kind: 'sealedReply', promiseId, encryptedPayloadHash: cast.idOf('sealed') },
  },
  ReplyAccepted: accepted(replierEnough),
  KeyRequest: word('keyRequest', cast.customer),
  'ReplyAccepted and KeyRequest': both,
  'both, after unlock_by': both,
  'forged KeyRequest': word('keyRequest', cast.mallory),
  'forged ReplyAccepted': word('replyAccepted', cast.mallory, { settleDeadline: 9_999 }),
  AbortRequest: word('abortRequest', cast.customer),
  'forged AbortRequest': word('abortRequest', cast.worker),
  Withdrawal: word('withdrawal', cast.worker),
  'forged Withdrawal': word('withdrawal', cast.customer),
  Confirmation: word('confirmation', cast.customer),
  'forged Confirmation': word('confirmation', cast.worker),
  SettledReport: word('settledReport', cast.worker),
  'forged SettledReport': word('settledReport', cast.mallory),
  'no statement': {
    on: 'statements',
    frame: statementsFrame(promiseId, {}),
    from: devices.mallory.peer,
  },
  lostToSibling: { on: 'lostToSibling' },
  settle: { on: 'settle' },
  abort: { on: 'abort' },
  height: { on: 'height' },
  'height after unlock_by': { on: 'height' },
  'height after claim_by': { on: 'height' },
  'height at decide_by': { on: 'height' },
  wake: { on: 'wake' },
  'wake after expiry': { on: 'wake' },
  resume: { on: 'resume' },
  'resume after unlock_by': { on: 'resume' },
};
const tooLate = { height: heights.unlockBy + 1 };
const moments: Record<string, Partial<Context>> = {
  'invoiceAccepted after unlock_by': tooLate,
  'both, after unlock_by': tooLate,
  'height after unlock_by': tooLate,
  'height after claim_by': { height: heights.claimBy + 1 },
  'height at decide_by': { height: heights.decideBy },
  'wake after expiry': { nowMs: nowMs + limits.promiseMs },
  'resume after unlock_by': tooLate,
};

function step(made: Settlement, event: string, change: Partial<SettlerContext> = {}) {
  const moment = { ...moments[event], ...change };
  return play(made, (before) => stepSettlement(before, events[event]!, context(moment)));
}
const after = (made: Settlement, ...names: string[]) =>
  names.reduce((state, event) => step(state, event).state, made);

const drafted = after(invoicing, 'invoiceIssued');
const promised = after(drafted, 'sealed');
const held = after(promised, 'invoiceAccepted');
const unlocked = after(held, 'ReplyAccepted', 'KeyRequest');
const settling = after(unlocked, 'Confirmation');
const states: Record<string, Settlement> = {
  Invoicing: invoicing,
  Drafted: drafted,
  Promised: promised,
  NetworkHeld: held,
  Unlocked: unlocked,
  Refunded: after(unlocked, 'height after claim_by'),
  Settling: settling,
  Aborting: after(held, 'abort'),
  Ended: after(settling, 'invoiceSettled'),
};

const aborts = 'Aborting: store, cancelInvoice, wake';
const settles = 'Settling: store, settleInvoice, wake';
const late = {
  'height after unlock_by': aborts,
  'height after claim_by': aborts,
  'height at decide_by': aborts,
};
const asked = { AbortRequest: aborts, Withdrawal: aborts, abort: aborts };
const forged = (state: string, ...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [`forged ${name}`, `${state}: fault STATEMENT_SIGNATURE_INVALID`]),
  );
const unpaid = { ...asked, ...late, lostToSibling: aborts, 'wake after expiry': aborts };

describe('a settlement', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Invoicing: {
        invoiceIssued: 'Drafted: store, send draft, wake',
        walletFailed: 'Ended: store',
        resume: 'Invoicing: issueInvoice',
        'resume after unlock_by': 'Invoicing: issueInvoice',
      },
      Drafted: {
        ...unpaid,
        ...forged('Drafted', 'AbortRequest', 'Withdrawal'),
        sealed: 'Promised: store, send promise',
        invoiceCancelled: 'Ended: store',
        resume: 'Drafted: followInvoice, wake',
        'resume after unlock_by': 'Drafted: followInvoice, wake',
      },
      Promised: {
        ...unpaid,
        ...forged('Promised', 'AbortRequest', 'Withdrawal'),
        sealed: 'Promised: send promise',
        invoiceAccepted: 'NetworkHeld: store',
        'invoiceAccepted a block short': aborts,
        'invoiceAccepted after unlock_by': aborts,
        invoiceCancelled: 'Ended: store',
        resume: 'Promised: followInvoice, wake',
        'resume after unlock_by': 'Promised: followInvoice, wake',
      },
      NetworkHeld: {
        ...asked,
        ...late,
        ...forged('NetworkHeld', 'AbortRequest', 'Withdrawal', 'KeyRequest', 'ReplyAccepted'),
        ReplyAccepted: 'NetworkHeld: store',
        KeyRequest: 'NetworkHeld: store',
        'ReplyAccepted and KeyRequest': 'Unlocked: store',
        'both, after unlock_by': aborts,
        invoiceCancelled: aborts,
        resume: 'NetworkHeld: followInvoice',
        'resume after unlock_by': aborts,
      },
      Unlocked: {
        ...forged('Unlocked', 'Confirmation'),
        Confirmation: settles,
        settle: settles,
        'height after claim_by': 'Refunded: store',
        'height at decide_by': settles,
        resume: 'Unlocked: followInvoice',
        'resume after unlock_by': 'Unlocked: followInvoice',
      },
      Refunded: {
        settle: settles,
        'height at decide_by': settles,
      },
      Settling: {
        ...forged('Settling', 'SettledReport'),
        invoiceSettled: 'Ended: store',
        SettledReport: 'Settling: store',
        wake: 'Settling: settleInvoice, wake',
        'wake after expiry': 'Settling: settleInvoice, wake',
        resume: 'Settling: settleInvoice, wake',
        'resume after unlock_by': 'Settling: settleInvoice, wake',
      },
      Aborting: {
        invoiceCancelled: 'Ended: store',
        wake: 'Aborting: cancelInvoice, wake',
        'wake after expiry': 'Aborting: cancelInvoice, wake',
        resume: 'Aborting: cancelInvoice, wake',
        'resume after unlock_by': 'Aborting: cancelInvoice, wake',
      },
      Ended: { ...forged('Ended', 'SettledReport'), SettledReport: 'Ended: store' },
    },
    (made, event) => stepSettlement(made, events[event]!, context(moments[event])),
  );
});

describe('the draft', () => {
  test('has three secrets, and the terms say what each of them hashes to', () => {
    const { unlockingKey, networkPreimage, replyPreimage, lockedMessage } = secrets;
    expect(new Set([unlockingKey, networkPreimage, replyPreimage].map(hexOf)).size).toBe(3);
    expect(hexOf(hash(unlockingKey))).toBe(terms.unlockingKeyHash);
    expect(isPreimageOf(networkPreimage, paymentHash)).toBe(true);
    expect(isPreimageOf(replyPreimage, terms.replyPaymentHash)).toBe(true);
    expect(unlock(unlockingKey, lockedMessage)).toEqual(draftRequest.sealedReplyMessage);
    expect(terms).toMatchObject({ amountMsat: deal.priceMsat, unlock: 'both-accepted' });
  });

  test('tells the replier everything but the secrets', () => {
    expect(the(begun, 'issueInvoice')).toMatchObject({ paymentHash, amountMsat: deal.feeMsat });
    const { to, frame } = sent(step(invoicing, 'invoiceIssued').effects, 'draft');
    expect(to).toBe(replier.peer);
    const text = JSON.stringify(frame, (_name, value: unknown) =>
      value instanceof Uint8Array ? hexOf(value) : value,
    );
    for (const secret of [secrets.unlockingKey, secrets.networkPreimage, secrets.replyPreimage]) {
      expect(text).not.toContain(hexOf(secret));
    }
  });

  test('the promise is signed, and says what was drafted', () => {
    const { frame } = sent(step(drafted, 'sealed').effects, 'promise') as {
      frame: FrameOf<'promise'>;
    };
    expect(read(SettlementPromise, frame.promise.body)).toMatchObject({
      promiseId,
      networkPaymentHash: paymentHash,
      encryptedPayloadHash: cast.idOf('sealed'),
      heights,
      settleOn: 'service',
      defaultOutcome: 'refunded',
    });
  });
});

describe('what is published', () => {
  /** The body of a statement that the settler signed. */
  const say = (made: Settlement, kind: 'unlock' | 'abort' | 'outcome' | 'networkAccepted') =>
    readStatement(kind, statementsFrame(promiseId, made.published), {
      key: cast.settler.key,
      network,
    });

  test('NetworkAccepted, then Unlock with K, then the outcome', () => {
    expect(say(promised, 'networkAccepted')).toBeNull();
    expect(say(held, 'networkAccepted')).toMatchObject({ promiseId, height: cast.height });
    expect(say(held, 'unlock')).toBeNull();
    const { unlockingKey } = secrets;
    expect(say(unlocked, 'unlock')).toMatchObject({ promiseId, unlockingKey });
    expect(say(settling, 'outcome')).toMatchObject({
      gig: 'paid',
      network: 'paid',
      reason: 'confirmed',
    });
  });

  test.each([
    ['abort', held, 'settler'],
    ['AbortRequest', held, 'sender'],
    ['Withdrawal', held, 'replier'],
    ['height after unlock_by', held, 'too-late'],
    ['lostToSibling', promised, 'other-route'],
    ['wake after expiry', drafted, 'too-late'],
  ] as const)('Abort says why: %s', (event, from, reason) => {
    const made = after(from, event);
    expect(say(made, 'abort')).toMatchObject({ reason });
    expect(made).toMatchObject({ reason });
  });

  test('nobody claimed: the gig goes back, the network is paid at decide_by and not before', () => {
    const refunded = states['Refunded']!;
    const outcome = { gig: 'refunded', network: 'paid', reason: 'nobody-claimed' };
    expect(say(refunded, 'outcome')).toMatchObject(outcome);
    const before = { height: heights.decideBy - 1 };
    expect(step(refunded, 'height', before).did).toBe('-');
    const settled = after(refunded, 'height at decide_by', 'invoiceSettled');
    expect(settled).toMatchObject({ state: 'Ended', end: 'refunded' });
    expect(settled.published.outcome).toEqual(refunded.published.outcome);
    expect(publishedFor(settled, replier.peer).replyPreimage).toBeUndefined();
  });

  test('the replier alone is told its preimage, until it reports that it has its money', () => {
    const preimage = (made: Settlement, peer = replier.peer) =>
      publishedFor(made, peer).replyPreimage;
    expect(preimage(unlocked)).toBeUndefined();
    expect(preimage(settling)).toEqual(secrets.replyPreimage);
    expect(preimage(settling, devices.customer.peer)).toBeUndefined();
    const reported = after(settling, 'SettledReport');
    expect(preimage(reported, devices.customer.peer)).toEqual(secrets.replyPreimage);
  });

  test("the network's preimage is published when its invoice is settled", () => {
    expect(settling.published.networkPreimage).toBeUndefined();
    expect(states['Ended']!.published.networkPreimage).toEqual(secrets.networkPreimage);
  });

  test('an owner who decides by hand has the confirmation kept, and paid after claim_by', () => {
    const policy = { ...defaultPolicy, settleAutomatically: false };
    const { state, did } = step(unlocked, 'Confirmation', { policy });
    expect(did).toBe('Unlocked: store');
    expect(say(after(state, 'settle'), 'outcome')).toMatchObject({ reason: 'confirmed' });
    const claimed = step(state, 'height after claim_by');
    expect(claimed.did).toBe(settles);
    expect(say(claimed.state, 'outcome')).toMatchObject({ gig: 'paid' });
  });

  test("a replier's deadline too near decide_by aborts", () => {
    const near = after(held, 'KeyRequest');
    const event = accepted(replierEnough - 1);
    expect(play(near, (made) => stepSettlement(made, event, context())).did).toBe(aborts);
  });

  test('whatever happens in whatever order: never Unlock and Abort, never two outcomes', () => {
    const walk = fc.tuple(
      fc.constantFrom(...Object.keys(states)),
      fc.array(fc.constantFrom(...Object.keys(events)), { maxLength: 10 }),
    );
    const property = fc.property(walk, ([from, names]) => {
      let made = states[from]!;
      for (const name of names) {
        const { state, did } = step(made, name);
        const { published } = state;
        for (const [kind, statement] of Object.entries(made.published)) {
          expect(published[kind as 'unlock']).toBe(statement);
        }
        expect(published.unlock && published.abort).toBeFalsy();
        if (did.includes('settleInvoice')) expect(published.outcome).toBeDefined();
        if (did.includes('cancelInvoice')) expect(published.unlock).toBeUndefined();
        if (published.replyPreimage) expect(published.settledReport).toBeDefined();
        made = state;
      }
    });
    fc.assert(property, { numRuns: 30 });
  });
});
