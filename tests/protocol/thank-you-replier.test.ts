import { describe, expect, test } from 'vitest';
import { box } from '../../src/lib/protocol/crypto.ts';
import {
  channelIdOf,
  openThankYouContact,
  verifyThankYouHash,
} from '../../src/lib/protocol/job/thank-you.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  isUnsettledLive,
  startUnsettled,
  stepUnsettled,
  type UnsettledContext,
  type UnsettledEvent,
  type UnsettledOffer,
} from '../../src/lib/protocol/roles/thank-you-replier.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { ContactBody } from '../../src/lib/protocol/wire/messages.ts';
import * as cast from './cast.ts';
import { play, sent, testTable, the } from './play.ts';
import * as thanks from './thanks.ts';

const { devices, height, nowMs, worker } = cast;
const { paymentHash, secret: preimage, digest } = thanks;

function context(change: Partial<UnsettledContext> = {}): UnsettledContext {
  const { peer: self, addresses } = devices.worker;
  return { ...cast.context({ self, addresses }), secret: worker.secret, ...change };
}

/** A thank you that passed every check, as the node hands it on. */
function asked(change = {}, invoice = thanks.invoice({ amountMsat: 23_000n })): UnsettledEvent {
  const frame = thanks.hashFrame(change, invoice);
  const verified = verifyThankYouHash(frame, {
    digest,
    payloadId: thanks.payloadId,
    senderKey: cast.customer.key,
    network: cast.network,
    nowMs,
    height,
    maxAmountMsat: limits.maxPriceMsat,
  });
  if (isFault(verified)) throw new Error(verified.code);
  return { on: 'thankYou', verified, frame };
}

const line = (
  seq: number,
  text: string,
  direction = 'sender',
): Extract<UnsettledEvent, { on: 'contact' }> => {
  const body = ContactBody.encode({ text, done: false, ack: 0n });
  const where = { channelKey: thanks.channelKey, direction, sequence: seq };
  const promiseId = channelIdOf(digest);
  const frame = { kind: 'contact', promiseId, seq: BigInt(seq), box: box(where, body) } as const;
  return { on: 'contact', frame, from: devices.customer.peer };
};
const { messageDigest } = thanks.unsettled;
const tooDear = thanks.invoice({ amountMsat: thanks.limitMsat + 1n });

const events: Record<string, UnsettledEvent> = {
  thankYou: asked(),
  'thankYou too dear': asked({}, tooDear),
  'thankYou too late': asked(),
  withdraw: { on: 'withdraw' },
  calledOff: { on: 'calledOff' },
  paymentSettled: { on: 'paymentSettled', paymentHash, preimage, feeMsat: 0n },
  'paymentSettled with another preimage': {
    on: 'paymentSettled',
    paymentHash,
    preimage: cast.flipped(preimage),
    feeMsat: 0n,
  },
  paymentFailed: { on: 'paymentFailed', paymentHash, reason: 'came back' },
  walletFailed: {
    on: 'walletFailed',
    command: 'payInvoice',
    paymentHash,
    code: 'WALLET_REFUSED',
    retryable: false,
  },
  invoiceSettled: { on: 'invoiceSettled', paymentHash },
  Validate: line(0, messageDigest),
  'Validate of another message': line(0, cast.idOf('another message')),
  contact: line(1, 'Hello'),
  'contact of noise': { ...line(1, 'x'), frame: { ...line(1, 'x').frame, seq: 2n } },
  say: { on: 'say', text: 'Here' },
  wake: { on: 'wake' },
  'late wake': { on: 'wake' },
  resume: { on: 'resume' },
  'resume, not paid in time': { on: 'resume' },
};
const moments: Record<string, Partial<UnsettledContext>> = {
  'thankYou too late': { nowMs: thanks.expiryMs },
  'late wake': { nowMs: nowMs + limits.contactKeyMs },
  'resume, not paid in time': { nowMs: thanks.thankYou.validTillMs },
};

function step(made: UnsettledOffer, event: string, change: Partial<UnsettledContext> = {}) {
  const moment = { ...moments[event], ...change };
  return play(made, (before) => stepUnsettled(before, events[event]!, context(moment)));
}
const after = (made: UnsettledOffer, ...names: string[]): UnsettledOffer =>
  names.reduce((state, event) => step(state, event).state, made);

const [begun, replied] = startUnsettled(thanks.unsettled, thanks.honest.frame);
const paying = after(begun, 'thankYou');
const opening = after(paying, 'paymentSettled');
const states: Record<string, UnsettledOffer> = {
  Sent: begun,
  Paying: paying,
  Opening: opening,
  Met: after(opening, 'Validate'),
  Unmet: after(opening, 'late wake'),
  Ended: after(begun, 'withdraw'),
  'Ended, and the payment came back': after(paying, 'paymentFailed'),
};

const ends = 'Ended: store';
const opens = 'send contactKey, wake';
const acks = 'Met: store, send contact';
const noise = 'fault CONTACT_UNREADABLE';

describe('a reply of the replier without a settler', () => {
  testTable(
    states,
    Object.keys(events),
    {
      Sent: {
        thankYou: 'Paying: store, payInvoice, wake',
        'thankYou too dear': ends,
        'thankYou too late': ends,
        withdraw: ends,
        calledOff: ends,
        'late wake': ends,
        resume: 'Sent: wake',
        'resume, not paid in time': 'Sent: wake',
      },
      Paying: {
        paymentSettled: `Opening: store, ${opens}`,
        paymentFailed: ends,
        wake: 'Paying: payInvoice, wake',
        'late wake': 'Paying: payInvoice, wake',
        resume: 'Paying: payInvoice, wake',
        'resume, not paid in time': 'Paying: payInvoice, wake',
      },
      Opening: {
        Validate: acks,
        'Validate of another message': `Opening: ${noise}`,
        contact: acks,
        'contact of noise': `Opening: ${noise}`,
        wake: `Opening: ${opens}`,
        'late wake': 'Unmet: store',
        resume: `Opening: ${opens}`,
        'resume, not paid in time': `Opening: ${opens}`,
      },
      Met: {
        Validate: acks,
        'Validate of another message': `Met: ${noise}`,
        contact: acks,
        'contact of noise': `Met: ${noise}`,
        say: 'Met: store, send contact, wake',
      },
      Unmet: {
        Validate: acks,
        'Validate of another message': `Unmet: ${noise}`,
        contact: acks,
        'contact of noise': `Unmet: ${noise}`,
      },
      Ended: {},
      // A wallet that was shut down in mid-payment may call it failed and find out later.
      'Ended, and the payment came back': { paymentSettled: `Opening: store, ${opens}` },
    },
    (before, event) => stepUnsettled(before, events[event]!, context(moments[event])),
  );

  test('goes back the way the job came, and waits until its time is over [RPL-12]', () => {
    expect(sent(replied, 'thankYouReply').to).toBe(thanks.unsettled.upstream);
    expect(the(replied, 'wake').atMs).toBe(thanks.expiryMs);
  });

  test('never costs more than its own limit [THX-03]', () => {
    const most = asked({}, thanks.invoice({ amountMsat: thanks.limitMsat }));
    const [state, effects] = stepUnsettled(begun, most, context());
    expect(state.state).toBe('Paying');
    expect(the(effects, 'payInvoice').amountMsat).toBe(thanks.limitMsat);
    expect(step(begun, 'thankYou too dear').state).toMatchObject({ reason: 'too-dear' });
  });

  test('is paid for once, whatever is asked again', () => {
    const others = [
      asked(
        { paymentHash: cast.idOf('another hash') },
        thanks.invoice({ paymentHash: cast.idOf('another hash') }),
      ),
      asked(),
    ];
    for (const [name, state] of Object.entries(states)) {
      if (name === 'Sent') continue;
      for (const event of others) {
        expect(stepUnsettled(state, event, context())).toEqual([state, []]);
      }
    }
  });

  test('after a restart it goes on paying, and begins nothing late', () => {
    const mayBegin = (event: string, change = {}) =>
      the(step(paying, event, change).effects, 'payInvoice').mayBegin;
    expect(mayBegin('resume')).toBe(true);
    expect(mayBegin('resume, not paid in time')).toBe(false);
    expect(mayBegin('resume', { height: thanks.thankYou.fundBy + 1 })).toBe(false);
    expect(mayBegin('late wake')).toBe(false);
  });

  test('the contact key goes to the sender, once its payment settled, and opens the contact [THX-06]', () => {
    for (const [name, state] of Object.entries(states)) {
      const did = Object.keys(events).map((event) => step(state, event).did);
      const brings = did.some((what) => what.includes('send contactKey'));
      const paid = ['Paying', 'Opening', 'Ended, and the payment came back'];
      expect(brings).toBe(paid.includes(name));
    }
    const { to, frame, addresses } = sent(step(paying, 'paymentSettled').effects, 'contactKey');
    expect([to, addresses]).toEqual([devices.customer.peer, devices.customer.addresses]);
    if (frame.kind !== 'contactKey') throw new Error(frame.kind);
    const { lockedMessage, message, statement } = thanks.honest;
    const reply = { digest, statement, lockedMessage, replierKey: worker.key };
    const own = { secret: cast.customer.secret, network: cast.network };
    expect(openThankYouContact(reply, frame.sealedContactKey, own)).toEqual(message);
  });

  test('a sender that hid where it is was thanked for and not met', () => {
    const hidden = asked({ sealedContact: cast.dice('noise')(200) });
    const [payingBlind] = stepUnsettled(begun, hidden, context());
    const { state, did } = step(payingBlind, 'paymentSettled');
    expect(did).toBe('Unmet: store');
    expect(state).toMatchObject({ sender: null });
  });

  test('knows while something may come of it', () => {
    const live = Object.entries(states).filter(([, state]) => isUnsettledLive(state));
    expect(live.map(([name]) => name)).toEqual(['Sent', 'Paying', 'Opening']);
  });
});
