import { describe } from 'vitest';
import { stepSettlement } from '../../src/lib/protocol/roles/settler.ts';
import { testTable } from './play.ts';
import { context, events, moments, states } from './settler-parts.ts';

const aborts = 'Aborting: store, cancelInvoice, wake';
const settles = 'Settling: store, settleInvoice, wake';
const returns = 'Returning: store, cancelInvoice, wake';
const late = {
  'height after the dispute blocks': aborts,
  'height a block before': aborts,
  'height after unlock_by': aborts,
  'height after claim_by': aborts,
  'height at decide_by': aborts,
};
const asked = { AbortRequest: aborts, Withdrawal: aborts, abort: aborts };
const forged = (state: string, ...names: string[]) =>
  Object.fromEntries(
    names.map((name) => [`forged ${name}`, `${state}: fault STATEMENT_SIGNATURE_INVALID`]),
  );
/** What is the same in every open case. */
const words = {
  ...forged('Unlocked', 'Confirmation', 'Claim', 'NoContact', 'Concession', 'sender disputes'),
  Confirmation: settles,
  'replier disputes': 'Unlocked: store',
  'sender cancels': 'Unlocked: store',
  'replier cancels': 'Unlocked: store',
  invoiceSettled: 'Unlocked: store',
  resume: 'Unlocked: followInvoice',
  'resume after unlock_by': 'Unlocked: followInvoice',
};
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
        ...words,
        Claim: 'Unlocked: store',
        NoContact: 'Unlocked: store',
        'sender disputes': 'Unlocked: store',
        'height after the dispute blocks': 'Refunded: store',
        'height after claim_by': 'Refunded: store',
        'height at decide_by': settles,
      },
      'Unlocked, claimed': {
        ...words,
        NoContact: 'Unlocked: store',
        'sender disputes': 'Unlocked: store',
        'height after the dispute blocks': settles,
        'height after claim_by': settles,
        'height at decide_by': settles,
      },
      'Unlocked, no contact': {
        ...words,
        Claim: 'Unlocked: store',
        'sender disputes': 'Unlocked: store',
        Concession: returns,
        'height after the dispute blocks': returns,
        'height after claim_by': returns,
        'height at decide_by': returns,
      },
      'Unlocked, disputed': {
        ...words,
        NoContact: 'Unlocked: store',
        Concession: settles,
        'rule paid': settles,
        'rule refunded, network paid': settles,
        'rule refunded': returns,
        'height at decide_by': settles,
      },
      Refunded: {
        resume: 'Refunded: followInvoice',
        'resume after unlock_by': 'Refunded: followInvoice',
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
      Returning: {
        invoiceCancelled: 'Ended: store',
        wake: 'Returning: cancelInvoice, wake',
        'wake after expiry': 'Returning: cancelInvoice, wake',
        resume: 'Returning: cancelInvoice, wake',
        'resume after unlock_by': 'Returning: cancelInvoice, wake',
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
