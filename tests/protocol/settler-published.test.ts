import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { hash, unlock } from '../../src/lib/protocol/crypto.ts';
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import { isPreimageOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { readStatement, statementsFrame } from '../../src/lib/protocol/job/settlement.ts';
import {
  publishedFor,
  stepSettlement,
  type Settlement,
} from '../../src/lib/protocol/roles/settler.ts';
import { SettlementPromise } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play, sent, the } from './play.ts';
import { draftRequest, read } from './samples.ts';
import {
  accepted,
  after,
  begun,
  context,
  drafted,
  events,
  heights,
  held,
  invoicing,
  promiseId,
  promised,
  replier,
  replierEnough,
  secrets,
  settling,
  states,
  step,
  terms,
  unlocked,
} from './settler-parts.ts';

const { devices, network } = cast;
const { networkPaymentHash: paymentHash } = secrets;

describe('the draft', () => {
  test('has three secrets, and the terms say what each of them hashes to [STL-01, STL-02]', () => {
    const { unlockingKey, networkPreimage, replyPreimage, lockedMessage } = secrets;
    expect(new Set([unlockingKey, networkPreimage, replyPreimage].map(hexOf)).size).toBe(3);
    expect(hexOf(hash(unlockingKey))).toBe(terms.unlockingKeyHash);
    expect(isPreimageOf(networkPreimage, paymentHash)).toBe(true);
    expect(isPreimageOf(replyPreimage, terms.replyPaymentHash)).toBe(true);
    expect(unlock(unlockingKey, lockedMessage)).toEqual(draftRequest.sealedReplyMessage);
    expect(terms).toMatchObject({ amountMsat: deal.priceMsat, unlock: 'both-accepted' });
  });

  test('tells the replier everything but the secrets [STL-05]', () => {
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

  test('the promise is signed, and says what was drafted [STL-01, RPL-03]', () => {
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

  test('NetworkAccepted, then Unlock with K, then the outcome [PAY-12, PAY-20]', () => {
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
  ] as const)('Abort says why: %s [PAY-15]', (event, from, reason) => {
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

  test("the network's preimage is published when its invoice is settled [STL-11, PAY-09]", () => {
    expect(settling.published.networkPreimage).toBeUndefined();
    expect(states['Ended']!.published.networkPreimage).toEqual(secrets.networkPreimage);
  });

  test('an owner who decides by hand has the confirmation kept, and paid after claim_by', () => {
    const policy = { ...defaultPolicy, settleAutomatically: false };
    const { state, did } = step(unlocked, 'Confirmation', { policy });
    expect(did).toBe('Unlocked: store');
    expect(say(after(state, 'settle'), 'outcome')).toMatchObject({ reason: 'confirmed' });
    const claimed = step(state, 'height after claim_by');
    expect(claimed.did).toBe('Settling: store, settleInvoice, wake');
    expect(say(claimed.state, 'outcome')).toMatchObject({ gig: 'paid' });
  });

  test("a replier's deadline too near decide_by aborts", () => {
    const near = after(held, 'KeyRequest');
    const event = accepted(replierEnough - 1);
    expect(play(near, (made) => stepSettlement(made, event, context())).did).toBe(
      'Aborting: store, cancelInvoice, wake',
    );
  });

  test('whatever happens in whatever order: never Unlock and Abort, never two outcomes [PAY-15]', () => {
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
        const back = 'outcome' in state && state.outcome.network === 'refunded';
        if (did.includes('cancelInvoice') && !back) expect(published.unlock).toBeUndefined();
        if (published.replyPreimage) expect(published.settledReport).toBeDefined();
        made = state;
      }
    });
    fc.assert(property, { numRuns: 30 });
  });
});
