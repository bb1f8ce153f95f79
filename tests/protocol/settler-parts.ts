/** A settlement's test parts: its context, every event that can happen to it, and a sample of every state. */
import type { FrameOf } from '../../src/lib/protocol/frame.ts';
import {
  sealEvidence,
  statementsFrame,
  type StatementKind,
} from '../../src/lib/protocol/job/settlement.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Context } from '../../src/lib/protocol/machine.ts';
import {
  startSettlement,
  stepSettlement,
  type Settlement,
  type SettlementEvent,
  type SettlerContext,
} from '../../src/lib/protocol/roles/settler.ts';
import { Terms } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { play } from './play.ts';
import { draftRequest, read } from './samples.ts';

const { devices, nowMs } = cast;
export const replier = { peer: devices.worker.peer, key: cast.worker.key };

export function context(change: Partial<SettlerContext> = {}): SettlerContext {
  const own = {
    secret: cast.settler.secret,
    epoch: 1,
    chain: cast.settlerChain,
    head: cast.revocationHead(),
  };
  return { ...cast.context({ self: devices.settler.peer }), ...own, ...change };
}

export const [invoicing, begun] = startSettlement(draftRequest, replier, context());
export const { deal: secrets } = invoicing;
export const { promiseId, heights, networkPaymentHash: paymentHash } = secrets;
export const terms = read(Terms, secrets.terms);

/** The least settle deadlines at which this settlement may go on. */
export const enough = heights.decideBy + limits.settlerMarginBlocks;
export const replierEnough = heights.decideBy + limits.replierMarginBlocks;

/** A party's word on this settlement's promise, which has an id of its own. */
export function word(kind: StatementKind, by: cast.Party, more: object = {}): SettlementEvent {
  const signed = deal.statements({ [kind]: { promiseId, ...more } }, { [kind]: by });
  return { on: 'statements', frame: { ...signed, promiseId }, from: devices.mallory.peer };
}
export const accepted = (settleDeadline: number) =>
  word('replyAccepted', cast.worker, { settleDeadline });
const invoiceAccepted = (settleDeadline: number): SettlementEvent => ({
  on: 'invoiceAccepted',
  paymentHash,
  settleDeadline,
});
export const both: SettlementEvent = {
  on: 'statements',
  frame: {
    ...(accepted(replierEnough) as { frame: FrameOf<'statements'> }).frame,
    keyRequest: (word('keyRequest', cast.customer) as { frame: FrameOf<'statements'> }).frame
      .keyRequest,
  },
  from: devices.mallory.peer,
};

/** A side of the story, sealed to the settler. */
function told(text: string): Uint8Array {
  return sealEvidence(text, { settlerKey: cast.settler.key, promiseId }, cast.dice(text));
}

export const events: Record<string, SettlementEvent> = {
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
  Claim: word('claim', cast.worker),
  'Claim before its window': word('claim', cast.worker),
  'Claim after claim_by': word('claim', cast.worker),
  'forged Claim': word('claim', cast.customer),
  'sender disputes': word('senderDispute', cast.customer, { evidence: told('Nobody came.') }),
  'forged sender disputes': word('senderDispute', cast.worker, { evidence: told('Nobody came.') }),
  'replier disputes': word('replierDispute', cast.worker, {
    evidence: told('I was there at nine.'),
  }),
  NoContact: word('noContact', cast.customer),
  'NoContact after claim_by': word('noContact', cast.customer),
  'forged NoContact': word('noContact', cast.worker),
  Concession: word('concession', cast.worker),
  'forged Concession': word('concession', cast.customer),
  'sender cancels': word('senderCancel', cast.customer),
  'replier cancels': word('replierCancel', cast.worker),
  'rule paid': { on: 'rule', gig: 'paid', network: 'paid' },
  'rule refunded, network paid': { on: 'rule', gig: 'refunded', network: 'paid' },
  'rule refunded': { on: 'rule', gig: 'refunded', network: 'refunded' },
  'rule nonsense': { on: 'rule', gig: 'paid', network: 'refunded' },
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
  'height after the dispute blocks': { on: 'height' },
  'height a block before': { on: 'height' },
  wake: { on: 'wake' },
  'wake after expiry': { on: 'wake' },
  resume: { on: 'resume' },
  'resume after unlock_by': { on: 'resume' },
};
const inWindow = { height: heights.earliestClaim };
const tooLate = { height: heights.unlockBy + 1 };
export const moments: Record<string, Partial<Context>> = {
  'invoiceAccepted after unlock_by': tooLate,
  'both, after unlock_by': tooLate,
  'height after unlock_by': tooLate,
  'height after claim_by': { height: heights.claimBy + 1 },
  'height at decide_by': { height: heights.decideBy },
  Claim: inWindow,
  'Claim before its window': { height: heights.earliestClaim - 1 },
  'Claim after claim_by': { height: heights.claimBy + 1 },
  NoContact: inWindow,
  'NoContact after claim_by': { height: heights.claimBy + 1 },
  'sender disputes': inWindow,
  'replier disputes': inWindow,
  Concession: inWindow,
  'height after the dispute blocks': { height: heights.earliestClaim + limits.disputeBlocks },
  'height a block before': { height: heights.earliestClaim + limits.disputeBlocks - 1 },
  'rule paid': { height: heights.decideBy - 1 },
  'wake after expiry': { nowMs: nowMs + limits.promiseMs },
  'resume after unlock_by': tooLate,
};

export function step(made: Settlement, event: string, change: Partial<SettlerContext> = {}) {
  const moment = { ...moments[event], ...change };
  return play(made, (before) => stepSettlement(before, events[event]!, context(moment)));
}
export const after = (made: Settlement, ...names: string[]) =>
  names.reduce((state, event) => step(state, event).state, made);

export const drafted = after(invoicing, 'invoiceIssued');
export const promised = after(drafted, 'sealed');
export const held = after(promised, 'invoiceAccepted');
export const unlocked = after(held, 'ReplyAccepted', 'KeyRequest');
export const settling = after(unlocked, 'Confirmation');
export const states: Record<string, Settlement> = {
  Invoicing: invoicing,
  Drafted: drafted,
  Promised: promised,
  NetworkHeld: held,
  Unlocked: unlocked,
  'Unlocked, claimed': after(unlocked, 'Claim'),
  'Unlocked, no contact': after(unlocked, 'NoContact'),
  'Unlocked, disputed': after(unlocked, 'Claim', 'sender disputes'),
  Refunded: after(unlocked, 'height after claim_by'),
  Settling: settling,
  Returning: after(unlocked, 'sender cancels', 'replier cancels'),
  Aborting: after(held, 'abort'),
  Ended: after(settling, 'invoiceSettled'),
};
