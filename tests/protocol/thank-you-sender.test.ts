import { describe, expect, test } from 'vitest';
import { box } from '../../src/lib/protocol/crypto.ts';
import { channelIdOf, openSenderContact } from '../../src/lib/protocol/job/thank-you.ts';
import { isPreimageOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  isForgettable,
  isThanking,
  startThankYou,
  stepThankYou,
  type ThankYou,
  type ThankYouContext,
  type ThankYouEvent,
} from '../../src/lib/protocol/roles/thank-you-sender.ts';
import { ContactBody, ThankYouHash } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { play, sent, testTable, the } from './play.ts';
import { read } from './samples.ts';
import * as thanks from './thanks.ts';

const { customer, devices, height } = cast;

function context(change: Partial<ThankYouContext> = {}): ThankYouContext {
  const { peer: self, addresses } = devices.customer;
  return { ...cast.context({ self, addresses }), secret: customer.secret, ...change };
}

const [received, begun] = startThankYou(thanks.taken);
const [issuing] = stepThankYou(received, { on: 'thank' }, context());
if (issuing.state !== 'Issuing') throw new Error(issuing.state);
const { paymentHash, secret: preimage, fundBy, validTillMs } = issuing.thanks;
const invoice = thanks.invoice({ paymentHash });

const line = (seq: number, text: string): Extract<ThankYouEvent, { on: 'contact' }> => {
  const body = ContactBody.encode({ text, done: false, ack: 0n });
  const where = { channelKey: thanks.channelKey, direction: 'replier', sequence: seq };
  const promiseId = channelIdOf(thanks.digest);
  const frame = { kind: 'contact', promiseId, seq: BigInt(seq), box: box(where, body) } as const;
  return { on: 'contact', frame, from: devices.worker.peer };
};
const contactKey = (frame = thanks.keyFrame()): ThankYouEvent => ({
  on: 'contactKey',
  frame,
  from: devices.worker.peer,
});
const events: Record<string, ThankYouEvent> = {
  thank: { on: 'thank' },
  'thank too late': { on: 'thank' },
  stop: { on: 'stop' },
  invoiceIssued: { on: 'invoiceIssued', paymentHash, invoice },
  invoiceAccepted: { on: 'invoiceAccepted', paymentHash, settleDeadline: height + 48 },
  'invoiceAccepted at its deadline': {
    on: 'invoiceAccepted',
    paymentHash,
    settleDeadline: height,
  },
  invoiceSettled: { on: 'invoiceSettled', paymentHash },
  invoiceCancelled: { on: 'invoiceCancelled', paymentHash },
  paymentSettled: { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n },
  paymentFailed: { on: 'paymentFailed', paymentHash, reason: 'none of ours' },
  walletFailed: {
    on: 'walletFailed',
    command: 'issueInvoice',
    paymentHash,
    code: 'WALLET_REFUSED',
    retryable: false,
  },
  contactKey: contactKey(),
  'another contactKey': contactKey(thanks.keyFrame(cast.seedOf('other'))),
  contact: line(1, 'Hello'),
  'contact of noise': { ...line(1, 'x'), frame: { ...line(1, 'x').frame, seq: 2n } },
  say: { on: 'say', text: 'Here' },
  wake: { on: 'wake' },
  'wake, not paid in time': { on: 'wake' },
  'wake, blocks over': { on: 'wake' },
  'late wake': { on: 'wake' },
  resume: { on: 'resume' },
};
const moments: Record<string, Partial<ThankYouContext>> = {
  'thank too late': { nowMs: thanks.expiryMs },
  'wake, not paid in time': { nowMs: validTillMs },
  'wake, blocks over': { height: fundBy + 1 },
  'late wake': { nowMs: cast.nowMs + limits.contactKeyMs },
};

function step(thank: ThankYou, event: string, change: Partial<ThankYouContext> = {}) {
  const moment = { ...moments[event], ...change };
  return play(thank, (before) => stepThankYou(before, events[event]!, context(moment)));
}
const after = (thank: ThankYou, ...names: string[]): ThankYou =>
  names.reduce((state, event) => step(state, event).state, thank);

const asking = after(issuing, 'invoiceIssued');
const releasing = after(asking, 'invoiceAccepted');
const met = after(releasing, 'invoiceSettled', 'contactKey');
const states: Record<string, ThankYou> = {
  Received: received,
  Issuing: issuing,
  Asking: asking,
  Releasing: releasing,
  Released: after(releasing, 'invoiceSettled'),
  Met: met,
  'Met before our own settled': after(releasing, 'contactKey'),
  Cancelling: after(asking, 'stop'),
  'Ended, nothing said': after(asking, 'stop', 'invoiceCancelled'),
  'Ended, no key came': after(releasing, 'invoiceSettled', 'stop'),
};

const ends = 'Ended: store';
const cancels = 'Cancelling: store, cancelInvoice, wake';
const again = 'send thankYouHash, wake';
const opens = 'Met: store, send contact, wake';
const wrong = 'fault CONTACT_KEY_WRONG';

describe('a thank you of the sender', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Received: {
        thank: 'Issuing: store, issueInvoice, wake',
        stop: ends,
        'late wake': ends,
        resume: 'Received: wake',
      },
      Issuing: {
        invoiceIssued: `Asking: store, ${again}`,
        walletFailed: ends,
        stop: ends,
        'wake, not paid in time': ends,
        'wake, blocks over': ends,
        'late wake': ends,
        resume: 'Issuing: issueInvoice, wake',
      },
      Asking: {
        invoiceAccepted: 'Releasing: store, settleInvoice, wake',
        'invoiceAccepted at its deadline': cancels,
        invoiceCancelled: ends,
        stop: cancels,
        wake: `Asking: ${again}`,
        'wake, not paid in time': cancels,
        'wake, blocks over': cancels,
        'late wake': cancels,
        resume: `Asking: followInvoice, ${again}`,
      },
      Releasing: {
        invoiceSettled: 'Released: store, wake',
        invoiceCancelled: ends,
        contactKey: 'Met: store, settleInvoice, wake, send contact, wake',
        'another contactKey': `Releasing: ${wrong}`,
        ...everyWake('Releasing: settleInvoice, wake'),
        resume: 'Releasing: settleInvoice, wake',
      },
      Released: {
        contactKey: opens,
        'another contactKey': `Released: ${wrong}`,
        stop: ends,
        'late wake': ends,
        resume: 'Released: wake',
      },
      Met: {
        contactKey: 'Met: send contact',
        'another contactKey': 'Met: send contact',
        contact: 'Met: store, send contact',
        'contact of noise': 'Met: fault CONTACT_UNREADABLE',
        say: 'Met: store, send contact, send contact, wake',
        ...everyWake('Met: send contact, wake'),
        resume: 'Met: send contact, wake',
      },
      'Met before our own settled': {
        invoiceSettled: 'Met: store',
        invoiceCancelled: 'Met: store',
        contactKey: 'Met: send contact',
        'another contactKey': 'Met: send contact',
        contact: 'Met: store, send contact',
        'contact of noise': 'Met: fault CONTACT_UNREADABLE',
        say: 'Met: store, send contact, send contact, wake',
        ...everyWake('Met: settleInvoice, wake, send contact, wake'),
        resume: 'Met: settleInvoice, wake, send contact, wake',
      },
      Cancelling: {
        invoiceCancelled: ends,
        ...everyWake('Cancelling: cancelInvoice, wake'),
        resume: 'Cancelling: cancelInvoice, wake',
      },
      'Ended, nothing said': {},
      'Ended, no key came': { contactKey: opens, 'another contactKey': `Ended: ${wrong}` },
    },
    (before, event) => stepThankYou(before, events[event]!, context(moments[event])),
  );

  test('is kept from the first, until it is no longer worth anything', () => {
    expect(begun.map((effect) => effect.do)).toEqual(['store', 'wake']);
    expect(the(begun, 'wake').atMs).toBe(thanks.expiryMs);
  });

  test('makes a fresh secret for every reply, and hides where it is behind it [THX-01]', () => {
    const other = stepThankYou(
      received,
      { on: 'thank' },
      context({ random: cast.dice('again') }),
    )[0];
    expect('thanks' in other && other.thanks?.paymentHash).not.toBe(paymentHash);
    expect(isPreimageOf(preimage, paymentHash)).toBe(true);
    const said = read(ThankYouHash, issuing.thanks.signed.body);
    expect(said).toMatchObject({ paymentHash, replyDigest: thanks.digest, fundBy, validTillMs });
    const by = { secret: cast.worker.secret, digest: thanks.digest };
    const opened = openSenderContact(said.sealedContact, { ...by, thankYouSecret: preimage });
    expect(opened?.peerKey).toBe(devices.customer.peer);
    const guess = { ...by, thankYouSecret: cast.seedOf('a guess') };
    expect(openSenderContact(said.sealedContact, guess)).toBeNull();
  });

  test('the secret leaves it only once its own invoice is Accepted [THX-04, THX-06]', () => {
    for (const [name, state] of Object.entries(states)) {
      if (['Received', 'Issuing', 'Cancelling', 'Ended, nothing said'].includes(name)) {
        for (const event of Object.keys(events)) {
          expect(step(state, event).did).not.toContain('settleInvoice');
        }
      }
    }
    const { effects } = step(asking, 'invoiceAccepted');
    expect(the(effects, 'settleInvoice')).toMatchObject({ paymentHash, preimage });
    expect(Object.keys(events).filter((name) => step(asking, name).did.includes('settle'))).toEqual(
      ['invoiceAccepted'],
    );
  });

  test('asks the peer that brought the reply, for the least a payment can be', () => {
    const { effects } = step(issuing, 'invoiceIssued');
    const { to, frame } = sent(effects, 'thankYouHash');
    expect(to).toBe(thanks.taken.firstHop);
    expect(frame).toMatchObject({ thankYouInvoice: invoice });
    const [, issue] = stepThankYou(received, { on: 'thank' }, context());
    expect(the(issue, 'issueInvoice').amountMsat).toBe(limits.thankYouMsat);
  });

  test('never pays anything, whatever happens', () => {
    for (const state of Object.values(states)) {
      for (const event of Object.keys(events)) {
        expect(step(state, event).did).not.toContain('payInvoice');
      }
    }
  });

  test('calls the worker where the message says, and says which message it opened [RPL-13]', () => {
    const { effects } = step(after(releasing, 'invoiceSettled'), 'contactKey');
    expect(sent(effects, 'contact').to).toBe(devices.worker.peer);
    expect(met).toMatchObject({ channel: { opening: thanks.unsettled.messageDigest } });
  });

  test('knows while its thank you may still be said, and when it may be forgotten', () => {
    const named = (holds: (state: ThankYou) => boolean) =>
      Object.keys(states).filter((name) => holds(states[name]!));
    expect(named(isThanking)).toEqual(['Issuing', 'Asking', 'Releasing']);
    const ended = ['Ended, nothing said', 'Ended, no key came'];
    expect(named((state) => isForgettable(state, context()))).toEqual(ended);
    const late = context({ nowMs: thanks.expiryMs });
    expect(named((state) => isForgettable(state, late))).toEqual(['Met', ...ended]);
  });

  test('a meeting at which everything was heard asks for no more wakes', () => {
    const heard = after(met, 'contact');
    expect(step(heard, 'wake').did).toBe('-');
    expect(step(heard, 'resume').did).toBe('-');
  });
});

/** Every kind of wake does the same. */
function everyWake(did: string) {
  const names = ['wake', 'wake, not paid in time', 'wake, blocks over', 'late wake'];
  return Object.fromEntries(names.map((name) => [name, did]));
}
