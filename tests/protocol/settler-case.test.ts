import { describe, expect, test } from 'vitest';
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import {
  readReceipts,
  readStatement,
  statementsFrame,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { defaultPolicy } from '../../src/lib/protocol/policy.ts';
import {
  publishedFor,
  startSettlement,
  stepSettlement,
  type Settlement,
  type SettlementEvent,
} from '../../src/lib/protocol/roles/settler.ts';
import type { DraftRequest } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play } from './play.ts';
import { draftRequest } from './samples.ts';
import {
  after,
  context,
  events,
  heights,
  held,
  promiseId,
  replier,
  secrets,
  states,
  step,
  unlocked,
  word,
} from './settler-parts.ts';

const { network } = cast;
const by = { key: cast.settler.key, network };
const { earliestClaim, claimBy, decideBy } = heights;

function outcomeOf(made: Settlement) {
  const outcome = readStatement('outcome', statementsFrame(promiseId, made.published), by);
  if (outcome === null) return null;
  const {
    gig,
    network: money,
    reason,
  } = outcome as { gig: string; network: string; reason: string };
  return `${gig}, ${money}: ${reason}`;
}

describe('the outcome [STL-07, PAY-13, PAY-14]', () => {
  test.each<[string, string, ...string[]]>([
    ['the customer confirms', 'paid, paid: confirmed', 'Confirmation'],
    [
      'a claim that nobody disputes',
      'paid, paid: claimed',
      'Claim',
      'height after the dispute blocks',
    ],
    ['nobody says anything', 'refunded, paid: nobody-claimed', 'height after claim_by'],
    ['both call it off', 'refunded, refunded: cancelled', 'sender cancels', 'replier cancels'],
    ['in the other order', 'refunded, refunded: cancelled', 'replier cancels', 'sender cancels'],
    [
      'nobody came, and the worker says so',
      'refunded, refunded: conceded',
      'NoContact',
      'Concession',
    ],
    [
      'nobody came, and nobody answers',
      'refunded, refunded: no-contact',
      'NoContact',
      'height after the dispute blocks',
    ],
    [
      'a complaint that the worker concedes',
      'refunded, paid: conceded',
      'Claim',
      'sender disputes',
      'Concession',
    ],
    ['ruled for the worker', 'paid, paid: ruled', 'Claim', 'sender disputes', 'rule paid'],
    [
      'ruled for the customer',
      'refunded, paid: ruled',
      'Claim',
      'sender disputes',
      'rule refunded, network paid',
    ],
    [
      'a contested no contact, ruled for the customer',
      'refunded, refunded: ruled',
      'NoContact',
      'replier disputes',
      'rule refunded',
    ],
    [
      'a claim against a no contact, ruled for the worker',
      'paid, paid: ruled',
      'NoContact',
      'Claim',
      'rule paid',
    ],
    [
      'a dispute that nobody rules on',
      'refunded, paid: no-ruling',
      'Claim',
      'sender disputes',
      'height at decide_by',
    ],
    [
      'the customer confirms what it disputed',
      'paid, paid: confirmed',
      'sender disputes',
      'Confirmation',
    ],
    [
      'both call off what was disputed',
      'refunded, refunded: cancelled',
      'sender disputes',
      'sender cancels',
      'replier cancels',
    ],
  ])('%s: %s', (_story, outcome, ...names) => {
    const before = after(unlocked, ...names.slice(0, -1));
    expect(outcomeOf(before)).toBeNull();
    expect(outcomeOf(after(before, names.at(-1)!))).toBe(outcome);
  });

  test.each([
    ['a claim before its window', 'Claim before its window'],
    ['a claim after claim_by', 'Claim after claim_by'],
    ['a no contact after claim_by', 'NoContact after claim_by'],
    ['a concession of what nobody complained of', 'Concession'],
    ['a ruling where nothing is disputed', 'rule paid'],
    ['one side calling it off', 'settle'],
    ['silence while the settler was away', 'resume'],
  ])('is not decided by %s', (_what, name) => {
    expect(outcomeOf(after(unlocked, name))).toBeNull();
    expect(after(unlocked, name).published).toEqual(unlocked.published);
  });

  test('silence decides at the block, not before it', () => {
    const claimed = after(unlocked, 'Claim');
    const due = earliestClaim + limits.disputeBlocks;
    expect(step(claimed, 'height', { height: due - 1 }).did).toBe('-');
    expect(outcomeOf(step(claimed, 'height', { height: due }).state)).not.toBeNull();
    expect(step(unlocked, 'height', { height: claimBy }).did).toBe('-');
    expect(outcomeOf(step(unlocked, 'height', { height: claimBy + 1 }).state)).not.toBeNull();
    const disputed = after(claimed, 'sender disputes');
    expect(step(disputed, 'height', { height: decideBy - 1 }).did).toBe('-');
    expect(step(disputed, 'rule paid', { height: decideBy }).did).toBe('-');
  });

  test('a dispute stops the clock of a claim, and of a no contact', () => {
    for (const name of ['Claim', 'NoContact']) {
      const disputed = after(unlocked, name, 'replier disputes');
      expect(step(disputed, 'height', { height: decideBy - 1 }).did).toBe('-');
    }
  });

  test('an owner who decides by hand keeps a claim waiting no longer than its dispute blocks', () => {
    const policy = { ...defaultPolicy, settleAutomatically: false };
    const claimed = after(unlocked, 'Claim');
    const height = earliestClaim + limits.disputeBlocks;
    expect(outcomeOf(step(claimed, 'height', { policy, height }).state)).toBe(
      'paid, paid: claimed',
    );
  });

  test('the replier is told its preimage when it is paid by silence or by ruling, and else never', () => {
    const preimage = (...names: string[]) =>
      publishedFor(after(unlocked, ...names), replier.peer).replyPreimage;
    expect(preimage('Claim', 'height after the dispute blocks')).toEqual(secrets.replyPreimage);
    expect(preimage('NoContact', 'Claim', 'rule paid')).toEqual(secrets.replyPreimage);
    expect(preimage('Claim', 'sender disputes', 'rule refunded')).toBeUndefined();
    expect(preimage('NoContact', 'height after the dispute blocks')).toBeUndefined();
  });

  test('what went back to the customer is never paid, however late the wallet is', () => {
    const returned = after(states['Returning']!, 'invoiceCancelled');
    expect(returned).toMatchObject({ state: 'Ended', end: 'refunded', reason: 'cancelled' });
    expect(returned.published.networkPreimage).toBeUndefined();
    expect(publishedFor(returned, replier.peer).replyPreimage).toBeUndefined();
  });
});

describe('receipts [STL-07]', () => {
  test.each([
    ['Claim', 'claim'],
    ['sender disputes', 'senderDispute'],
    ['replier disputes', 'replierDispute'],
    ['NoContact', 'noContact'],
  ] as const)('%s is receipted at the height at which it was heard', (name, about) => {
    const made = after(unlocked, name);
    const receipts = readReceipts(statementsFrame(promiseId, made.published), {}, by);
    expect(receipts).toMatchObject({ [about]: { height: earliestClaim } });
  });

  test('a statement said again gets no second receipt', () => {
    for (const name of ['Claim', 'sender disputes', 'NoContact', 'sender cancels']) {
      expect(step(after(unlocked, name), name).did, name).toBe('-');
    }
  });

  test('what the parties wrote is on file, readable, and published to nobody', () => {
    const made = after(unlocked, 'sender disputes', 'replier disputes');
    expect(made.file).toMatchObject({
      senderEvidence: 'Nobody came.',
      replierEvidence: 'I was there at nine.',
    });
    expect(made.published.senderDispute).toBeUndefined();
    expect(made.published.replierDispute).toBeUndefined();
  });
});

/** A settlement on other conditions, up to the moment at which its own invoice is held. */
function heldOn(change: Partial<DraftRequest>, policy = defaultPolicy): Settlement {
  const ctx = context({ policy });
  const [made] = startSettlement({ ...draftRequest, ...change }, replier, ctx);
  const { networkPaymentHash: paymentHash } = made.deal;
  const told: SettlementEvent[] = [
    { on: 'invoiceIssued', paymentHash, invoice: deal.networkInvoice },
    events['sealed']!,
    { on: 'invoiceAccepted', paymentHash, settleDeadline: decideBy + limits.settlerMarginBlocks },
  ];
  return told.reduce((state, event) => stepSettlement(state, event, ctx)[0], made);
}

describe('settle_on: contact [PAY-14]', () => {
  const contact = step(heldOn({ settleOn: 'contact' }), 'ReplyAccepted and KeyRequest').state;
  const due = cast.height + limits.disputeBlocks;
  const atDue = (made: Settlement) => step(made, 'height', { height: due });

  test('pays the network 18 blocks after Unlock, and keeps the gig open', () => {
    expect(limits.disputeBlocks).toBe(18);
    expect(step(contact, 'height', { height: due - 1 }).did).toBe('-');
    const paying = atDue(contact);
    expect(paying.did).toBe('Unlocked: store, settleInvoice, wake');
    expect(step(paying.state, 'wake').did).toBe('Unlocked: settleInvoice, wake');
    expect(step(paying.state, 'resume').did).toBe('Unlocked: settleInvoice, wake');
    const paid = after(paying.state, 'invoiceSettled');
    expect(paid.published.networkPreimage).toEqual(contact.deal.networkPreimage);
    expect(outcomeOf(paid)).toBeNull();
    expect(step(paid, 'wake').did).toBe('-');
    expect(outcomeOf(after(paid, 'Confirmation'))).toBe('paid, paid: confirmed');
    expect(after(paid, 'Confirmation')).toMatchObject({ state: 'Ended', end: 'settled' });
  });

  test('not while a no contact is open; answered by nobody, it goes back', () => {
    const open = step(contact, 'NoContact', { height: cast.height + 1 }).state;
    expect(atDue(open).did).toBe('-');
    expect(outcomeOf(step(open, 'height', { height: due + 1 }).state)).toBe(
      'refunded, refunded: no-contact',
    );
  });

  test('what the network was paid stays paid when the gig goes back', () => {
    const paid = after(atDue(contact).state, 'invoiceSettled');
    const off = after(paid, 'sender cancels', 'replier cancels');
    expect(outcomeOf(off)).toBe('refunded, paid: cancelled');
    expect(off).toMatchObject({ state: 'Ended', end: 'refunded' });
    const early = after(atDue(contact).state, 'sender cancels', 'replier cancels');
    expect(early.state).toBe('Settling');
    expect(outcomeOf(step(paid, 'height', { height: claimBy + 1 }).state)).toBe(
      'refunded, paid: nobody-claimed',
    );
  });

  test.each([
    ['asked', 'contact', 'contact'],
    ['asked', 'service', 'service'],
    ['service', 'contact', 'service'],
    ['service', 'service', 'service'],
  ] as const)('a policy of %s, asked for %s: %s', (settleOn, asked, becomes) => {
    const made = heldOn({ settleOn: asked }, { ...defaultPolicy, settleOn });
    expect(made.deal.settleOn).toBe(becomes);
  });
});

describe('unlock: preimage [PAY-05, PAY-06]', () => {
  const made = heldOn({ unlock: 'preimage' });

  test("K is the network's preimage, said and settled at once, whoever else is late", () => {
    const { unlockingKey, networkPreimage, networkPaymentHash } = made.deal;
    expect(unlockingKey).toEqual(networkPreimage);
    expect(paymentHashOf(unlockingKey)).toBe(networkPaymentHash);
    expect(made).toMatchObject({ state: 'Unlocked', network: 'settling' });
    expect(Object.keys(made.published)).toEqual(['networkAccepted', 'unlock']);
    expect(step(made, 'resume').did).toBe('Unlocked: settleInvoice, wake');
  });

  test('the gig goes on from there', () => {
    const paid = after(made, 'invoiceSettled');
    expect(outcomeOf(after(paid, 'Confirmation'))).toBe('paid, paid: confirmed');
    const claimed = after(paid, 'Claim', 'height after the dispute blocks');
    expect(outcomeOf(claimed)).toBe('paid, paid: claimed');
  });
});

describe("a key request with the network's preimage [STL-04]", () => {
  const shown = (networkPreimage: Uint8Array): SettlementEvent => {
    const asked = word('keyRequest', cast.customer) as Extract<
      SettlementEvent,
      { on: 'statements' }
    >;
    return { ...asked, frame: { ...asked.frame, networkPreimage } };
  };
  const tell = (event: SettlementEvent, change: Parameters<typeof context>[0] = {}) =>
    play(held, (before) => stepSettlement(before, event, context(change)));

  test('is answered with K, whether or not the gig is locked', () => {
    const { state } = tell(shown(secrets.networkPreimage));
    expect(state.state).toBe('Unlocked');
    expect(state.published.unlock).toBeDefined();
  });

  test('with another preimage, or after unlock_by, it is an ordinary one', () => {
    expect(tell(shown(secrets.replyPreimage)).did).toBe('NetworkHeld: store');
    const late = { height: heights.unlockBy + 1 };
    expect(tell(shown(secrets.networkPreimage), late).state.state).toBe('NetworkHeld');
  });
});

test('every word of a party on file is read with its own key', () => {
  const foreign: [StatementKind, cast.Party][] = [
    ['confirmation', cast.worker],
    ['claim', cast.customer],
    ['senderDispute', cast.worker],
    ['replierDispute', cast.customer],
    ['noContact', cast.worker],
    ['concession', cast.customer],
    ['senderCancel', cast.worker],
    ['replierCancel', cast.customer],
  ];
  for (const [kind, party] of foreign) {
    const event = word(
      kind,
      party,
      kind.endsWith('Dispute') ? { evidence: new Uint8Array(80) } : {},
    );
    const { did } = play(unlocked, (made) => stepSettlement(made, event, context()));
    expect(did, kind).toBe('Unlocked: fault STATEMENT_SIGNATURE_INVALID');
  }
});

describe('a settler that was away as claim_by passed', () => {
  const back = step(unlocked, 'resume', { height: claimBy + 2 }).state;
  const latest = decideBy - limits.disputeBlocks;

  test('listens for some blocks before it takes nothing for silence [STL-07, PAY-13]', () => {
    expect(back.file.backAt).toBe(claimBy + 2);
    expect(step(back, 'height', { height: claimBy + 4 }).did).toBe('-');
    const over = step(back, 'height', { height: claimBy + 5 }).state;
    expect(outcomeOf(over)).toBe('refunded, paid: nobody-claimed');
  });

  test.each([
    ['Claim', 'paid, paid: claimed'],
    ['NoContact', 'refunded, refunded: no-contact'],
  ])('takes a %s that was said in time, with the whole time to object', (name, outcome) => {
    const heard = step(back, name, { height: claimBy + 3 }).state;
    const due = claimBy + 3 + limits.disputeBlocks;
    expect(step(heard, 'height', { height: due - 1 }).did).toBe('-');
    expect(outcomeOf(step(heard, 'height', { height: due }).state)).toBe(outcome);
    expect(outcomeOf(step(heard, 'sender disputes', { height: due - 1 }).state)).toBeNull();
  });

  test('takes it as late as the time to object fits before decide_by, and no later', () => {
    const away = step(unlocked, 'resume', { height: latest }).state;
    const heard = step(away, 'Claim', { height: latest }).state;
    expect(heard.file.claimedAt).toBe(latest);
    expect(outcomeOf(step(heard, 'height', { height: decideBy }).state)).toBe(
      'paid, paid: claimed',
    );
    expect(step(away, 'Claim', { height: latest + 1 }).state.file.claimedAt).toBeNull();
  });

  test('starts again while it listens: it does not listen for longer', () => {
    const again = step(back, 'resume', { height: claimBy + 4 }).state;
    expect(again.file.backAt).toBe(claimBy + 2);
  });
});
