import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paymentHashOf } from '../../src/lib/protocol/job/hodl-invoice.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import {
  startJob,
  stepJob,
  type Job,
  type JobContext,
  type JobEvent,
  type Offer,
} from '../../src/lib/protocol/roles/sender.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { nameOf, play } from './play.ts';
import { offer, terms } from './sender-parts.ts';

const { said, promiseId, networkHash, replyHash } = deal;

/** Another way of the same offer, and another worker's: whatever is paid for has hashes of its own. */
function other(name: string, change: Partial<Offer> = {}): Offer {
  return {
    ...offer,
    promiseId: cast.idOf(`promise ${name}`),
    networkPaymentHash: paymentHashOf(cast.seedOf(`network ${name}`)),
    terms: { ...offer.terms, replyPaymentHash: paymentHashOf(cast.seedOf(`gig ${name}`)) },
    ...change,
  };
}
const way = other('way');
const worker = other('worker', {
  terms: { ...other('worker').terms, offerId: cast.idOf('other worker', 16) },
});

function context(change: Partial<JobContext> = {}): JobContext {
  const { secret } = cast.customer;
  return { ...cast.context({ self: cast.devices.customer.peer }), secret, ...change };
}
function step(job: Job, event: JobEvent, change: Partial<JobContext> = {}) {
  return play(job, (before) => stepJob(before, event, context(change)));
}
const after = (job: Job, ...events: readonly JobEvent[]) =>
  events.reduce((state, event) => step(state, event).state, job);

const choose: JobEvent = { on: 'choose', promiseId };
const cancel: JobEvent = { on: 'cancel' };
const wake: JobEvent = { on: 'wake' };
const accepted: JobEvent = { on: 'statements', frame: said.networkAccepted };
const unlock: JobEvent = { on: 'statements', frame: said.unlock };
const abort = (reason: 'sender' | 'replier'): JobEvent => {
  const body = { promiseId, reason, height: cast.height } as const;
  return { on: 'statements', frame: deal.statements({ abort: body }) };
};
const failed = (paymentHash = networkHash): JobEvent => ({
  on: 'paymentFailed',
  paymentHash,
  reason: 'came back',
});
const refused: JobEvent = {
  on: 'paymentFailed',
  paymentHash: networkHash,
  reason: 'insufficient balance',
  nothingLeft: true,
};
const told: JobEvent = { on: 'told', peer: cast.devices.m1.peer, routingFeeMsat: 100_000n };

const offered = (...offers: readonly Offer[]) =>
  after(startJob(terms)[0], told, ...offers.map((made) => ({ on: 'offer', offer: made }) as const));
const paying = after(offered(offer, way, worker), choose);
const left = (job: Job) => job.offers.map((made) => made.promiseId);

describe('a choice that came to nothing leaves the other replies [RPL-11, BRC-06]', () => {
  test('where the wallet refused at once, nothing left and nobody need be asked', () => {
    const { state, did } = step(paying, refused);
    expect(did).toBe('Broadcasting: store, wake, wake');
    expect(left(state)).toEqual([way.promiseId, worker.promiseId]);
    expect(state.reason).toBe('insufficient balance');
  });

  test('what a wallet only calls failed waits for the settler’s Abort', () => {
    const asking = step(paying, failed());
    expect(asking.did).toBe('Cancelling: store, send watch, send statements abortRequest, wake');
    expect(step(asking.state, wake).did).toMatch('Cancelling: send watch, send statements');
    const open = step(asking.state, abort('sender'));
    expect(open.did).toBe('Broadcasting: store, wake, wake');
    expect(left(open.state)).toEqual([way.promiseId, worker.promiseId]);
  });

  test('what is in the air keeps it closed, whatever the settler says', () => {
    expect(after(paying, abort('sender')).state).toBe('Closing');
    const both = after(paying, accepted, abort('sender'), failed(replyHash));
    expect([both.state, 'money' in both && both.money.network]).toEqual(['Closing', 'pending']);
    expect(after(both, failed()).state).toBe('Broadcasting');
  });

  test('what was paid after all keeps it closed for ever', () => {
    const preimage = deal.networkPreimage;
    const paid: JobEvent = {
      ...{ on: 'paymentSettled', paymentHash: networkHash },
      ...{ preimage, feeMsat: 0n },
    };
    const job = after(paying, failed(), paid, abort('sender'));
    expect([job.state, 'money' in job && job.money.network]).toEqual(['Ended', 'settled']);
  });

  test('a gig that came back takes the other ways of its offer with it', () => {
    const job = after(paying, accepted, failed(replyHash), abort('sender'), failed());
    expect([job.state, left(job)]).toEqual(['Broadcasting', [worker.promiseId]]);
    expect(job.reason).toBe('came back');
  });

  test('so does a worker that withdrew', () => {
    const job = after(paying, abort('replier'), failed());
    expect([job.state, left(job)]).toEqual(['Broadcasting', [worker.promiseId]]);
  });

  test('the next choice begins anew', () => {
    const job = after(paying, refused, { on: 'choose', promiseId: worker.promiseId });
    expect(job).toMatchObject({
      state: 'PayingNetwork',
      reason: '',
      chosen: { promiseId: worker.promiseId },
      money: { network: 'pending', reply: 'planned' },
      told: paying.told,
    });
  });

  test('an Unlock that overtook the Abort is a contact, and no other reply', () => {
    expect(after(paying, accepted, unlock, failed(replyHash), failed()).state).toBe('Ended');
    expect(after(paying, failed(), unlock).state).toBe('Ended');
  });
});

describe('a job is not open again', () => {
  test('when its owner called it off', () => {
    expect(after(paying, cancel, abort('sender'), failed()).state).toBe('Ended');
    expect(after(paying, failed(), cancel).state).toBe('Ended');
    expect(after(paying, accepted, failed(replyHash), cancel, failed()).state).toBe('Ended');
  });

  test('when the other replies are too old, or its window is over', () => {
    const late = { nowMs: offer.expiryMs };
    const over = { nowMs: cast.topic.dropoffBeforeMs };
    const tight = { height: deal.heights.unlockBy };
    for (const change of [late, over, tight]) {
      expect(step(paying, refused, change).state.state).toBe('Ended');
      const waiting = after(paying, failed());
      expect(step(waiting, wake).state.state).toBe('Cancelling');
      expect(step(waiting, wake, change).state.state).toBe('Ended');
    }
  });

  test('when there is no other reply', () => {
    const alone = after(offered(offer), choose);
    expect(after(alone, refused).state).toBe('Ended');
    expect(after(alone, failed()).state).toBe('Ended');
  });
});

describe('the others are told that it is taken', () => {
  const tells = (job: Job, ...events: readonly JobEvent[]) => {
    const does = ({ did }: { readonly did: string }) => did.includes('send cancelBroadcast');
    return events.map((event) => {
      const played = step(job, event);
      job = played.state;
      return does(played);
    });
  };

  test('at once if there is no other reply', () => {
    expect(tells(offered(offer), choose, accepted, unlock)).toEqual([true, false, false]);
  });

  test('once the contact opens', () => {
    const job = offered(offer, worker);
    expect(tells(job, choose, accepted, unlock, failed())).toEqual([false, false, true, false]);
  });

  test('as soon as the last of the others is gone', () => {
    expect(tells(offered(offer, way), choose, accepted, unlock)).toEqual([false, true, false]);
  });

  test('when the owner calls it off', () => {
    expect(tells(paying, cancel, abort('sender'), failed())).toEqual([true, false, false]);
  });
});

describe('a network payment that nobody saw arrive', () => {
  const atMs = cast.nowMs + limits.networkPatienceMs;

  test('is asked back after a while [PAY-15]', () => {
    expect(step(paying, wake, { nowMs: atMs - 1 }).state.state).toBe('PayingNetwork');
    const { state, did } = step(paying, wake, { nowMs: atMs });
    expect(did).toBe('Cancelling: store, send watch, send statements abortRequest, wake');
    expect(state.reason).toBe('not-held');
    expect(step(state, accepted, { nowMs: atMs }).did).toBe('-');
    expect(after(state, abort('sender'), failed()).state).toBe('Broadcasting');
  });

  test('is not once the settler saw it, nor where it buys the key', () => {
    const held = after(paying, accepted);
    expect(step(held, wake, { nowMs: atMs }).state.state).toBe('PayingReply');
    const literal = other('literal', { terms: { ...offer.terms, unlock: 'preimage' } });
    const { promiseId } = literal;
    const job = after(offered(literal, worker), { on: 'choose', promiseId });
    expect(step(job, wake, { nowMs: atMs }).state.state).toBe('PayingNetwork');
  });

  test('is followed after a restart; that the wallet refuses it then proves nothing', () => {
    for (const job of [paying, after(paying, accepted)]) {
      const again = step(job, { on: 'resume' }).effects.filter(
        ({ do: what }) => what === 'payInvoice',
      );
      expect(again.length).toBeGreaterThan(0);
      expect(again.every((effect) => 'again' in effect)).toBe(true);
    }
  });
});

test('in any order of events no second reply is paid for while the first may be [PAY-07]', () => {
  const offers = [offer, way, worker];
  const chosenOf = (job: Job) => ('chosen' in job ? job.chosen : offer);
  const events: readonly ((job: Job) => JobEvent)[] = [
    (job) => ({ on: 'choose', promiseId: (job.offers[0] ?? offer).promiseId }),
    (job) => failed(chosenOf(job).networkPaymentHash),
    (job) => failed(chosenOf(job).terms.replyPaymentHash),
    (job) => ({ ...refused, paymentHash: chosenOf(job).networkPaymentHash }) as JobEvent,
    ...[accepted, unlock, abort('sender'), abort('replier'), cancel, wake].map(
      (event) => () => event,
    ),
    () => ({ on: 'resume' }),
  ];
  const order = fc.array(fc.integer({ min: 0, max: events.length - 1 }), { maxLength: 16 });
  fc.assert(
    fc.property(order, (indexes) => {
      let job: Job = offered(...offers);
      let cancellations = 0;
      const out = new Set<string>();
      const safe = new Set<string>();
      for (const index of indexes) {
        const event = events[index]!(job);
        const chosen = chosenOf(job);
        const [state, effects] = stepJob(job, event, context());
        if (effects.some((effect) => nameOf(effect) === 'send cancelBroadcast')) cancellations++;
        if (event.on === 'paymentFailed') out.delete(event.paymentHash);
        const isSignedOff = event.on === 'statements' && event.frame.abort !== null;
        const isRefused = event.on === 'paymentFailed' && event.nothingLeft === true;
        if ('chosen' in job && (isSignedOff || isRefused)) safe.add(chosen.promiseId);
        for (const effect of effects) {
          if (effect.do !== 'payInvoice' || !effect.mayBegin) continue;
          out.add(effect.paymentHash);
        }
        const isOpenAgain = state.state === 'Broadcasting' && job.state !== 'Broadcasting';
        if (isOpenAgain) {
          expect(out.size).toBe(0);
          expect(safe.has(chosen.promiseId)).toBe(true);
          expect(cancellations).toBe(0);
        }
        job = state;
      }
      expect(cancellations).toBeLessThanOrEqual(1);
    }),
    { numRuns: 60 },
  );
});
