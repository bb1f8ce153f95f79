import { expect, test } from 'vitest';
import type { Command, RejectionCode } from '../../src/lib/protocol/commands.ts';
import type { OfferId, PayloadId, PromiseId } from '../../src/lib/protocol/ids.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { driveTo, type Ride, type Seat, type Stage } from './town.ts';

type Who = 'customer' | 'worker' | 'settler';

/** One ride of every stage; a command that is refused changes nothing, so they may be shared. */
const rides = new Map<Stage, Ride>();
function rideAt(stage: Stage): Ride {
  const made = rides.get(stage) ?? driveTo(stage);
  rides.set(stage, made);
  return made;
}

function idsOf({ customer, worker }: Ride) {
  const [job] = customer.node.jobs.values();
  const [made] = worker.node.offers.values();
  const promiseId = made && 'draft' in made ? made.draft.promiseId : ('' as PromiseId);
  const offerId = made?.offer.offerId ?? ('' as OfferId);
  return { payloadId: job!.job.payloadId, offerId, promiseId };
}
type Ids = ReturnType<typeof idsOf>;

/** Why a node would not do it; null if it did. */
function refusal({ town }: Ride, seat: Seat, command: Command): RejectionCode | null {
  const before = [...seat.disk];
  town.command(seat, command);
  const { effects } = seat.life.findLast(({ event }) => event.on === 'command')!;
  for (const effect of effects) {
    if (effect.do !== 'notify' || effect.notice.view !== 'rejected') continue;
    expect(effect.notice.command).toBe(command.command);
    expect([...seat.disk]).toEqual(before);
    return effect.notice.code;
  }
  return null;
}

const nobody = {
  payloadId: 'ff'.repeat(32) as PayloadId,
  offerId: 'ff'.repeat(16) as OfferId,
  promiseId: 'ff'.repeat(32) as PromiseId,
};
const text = 'Nobody came.';
const long = 'x'.repeat(limits.evidenceBytes + 1);
const paid = { gig: 'paid', network: 'paid' } as const;
const say = (what: string) => (ids: Ids) => {
  return { command: 'dispute', promiseId: ids.promiseId, text: what } as const;
};

test.each<[RejectionCode, Who, Stage, string, (ids: Ids) => Command]>([
  [
    'UNKNOWN_OFFER',
    'worker',
    'offered',
    'done with no offer of ours',
    () => ({ command: 'announceDone', offerId: nobody.offerId }),
  ],
  [
    'WRONG_TIME',
    'worker',
    'offered',
    'done before the contact',
    ({ offerId }) => ({ command: 'announceDone', offerId }),
  ],
  [
    'UNKNOWN_OFFER',
    'worker',
    'offered',
    'to concede no offer of ours',
    () => ({ command: 'concede', offerId: nobody.offerId }),
  ],
  [
    'WRONG_TIME',
    'worker',
    'offered',
    'to concede before the contact',
    ({ offerId }) => ({ command: 'concede', offerId }),
  ],
  [
    'WRONG_TIME',
    'worker',
    'matched',
    'to concede what nobody complained of',
    ({ offerId }) => ({ command: 'concede', offerId }),
  ],
  [
    'UNKNOWN_JOB',
    'customer',
    'offered',
    'no contact in no job of ours',
    () => ({ command: 'reportNoContact', payloadId: nobody.payloadId }),
  ],
  [
    'WRONG_TIME',
    'customer',
    'offered',
    'no contact before one was bought',
    ({ payloadId }) => ({ command: 'reportNoContact', payloadId }),
  ],
  [
    'WRONG_TIME',
    'customer',
    'confirmed',
    'no contact of a job that is done',
    ({ payloadId }) => ({ command: 'reportNoContact', payloadId }),
  ],
  ['TEXT_EMPTY', 'customer', 'matched', 'a dispute about nothing', say('  ')],
  ['TEXT_TOO_LONG', 'customer', 'matched', 'a dispute too long to be sealed', say(long)],
  [
    'UNKNOWN_PROMISE',
    'customer',
    'matched',
    'a dispute about no promise',
    () => ({ command: 'dispute', promiseId: nobody.promiseId, text }),
  ],
  ['UNKNOWN_PROMISE', 'customer', 'offered', 'a dispute before the choice', say(text)],
  ['WRONG_TIME', 'customer', 'confirmed', 'a dispute after the end', say(text)],
  ['WRONG_TIME', 'worker', 'offered', 'a dispute before the contact', say(text)],
  ['WRONG_TIME', 'worker', 'confirmed', 'a dispute after the pay', say(text)],
  [
    'UNKNOWN_PROMISE',
    'worker',
    'matched',
    'to call off no promise',
    () => ({ command: 'cancelTogether', promiseId: nobody.promiseId }),
  ],
  [
    'WRONG_TIME',
    'customer',
    'confirmed',
    'to call off what is done',
    ({ promiseId }) => ({ command: 'cancelTogether', promiseId }),
  ],
  [
    'UNKNOWN_PROMISE',
    'settler',
    'matched',
    'to settle no promise',
    () => ({ command: 'settlePromise', promiseId: nobody.promiseId }),
  ],
  [
    'WRONG_TIME',
    'settler',
    'matched',
    'to settle what nobody confirmed',
    ({ promiseId }) => ({ command: 'settlePromise', promiseId }),
  ],
  [
    'UNKNOWN_PROMISE',
    'settler',
    'matched',
    'to rule on no promise',
    () => ({ command: 'rulePromise', promiseId: nobody.promiseId, ...paid }),
  ],
  [
    'WRONG_TIME',
    'settler',
    'matched',
    'to rule where nobody disputes',
    ({ promiseId }) => ({ command: 'rulePromise', promiseId, ...paid }),
  ],
  [
    'UNKNOWN_PROMISE',
    'settler',
    'matched',
    'to abort no promise',
    () => ({ command: 'abortPromise', promiseId: nobody.promiseId }),
  ],
  [
    'WRONG_TIME',
    'settler',
    'matched',
    'to abort after Unlock',
    ({ promiseId }) => ({ command: 'abortPromise', promiseId }),
  ],
])('%s to the %s, %s: %s [STL-07]', (code, who, stage, _name, command) => {
  const made = rideAt(stage);
  expect(refusal(made, made[who], command(idsOf(made)))).toBe(code);
});

test('TOO_LATE: after claim_by nobody says that it is done, or that nobody came [PAY-13]', () => {
  const made = driveTo('matched');
  const { customer, worker } = made;
  const { payloadId, offerId } = idsOf(made);
  const job = customer.node.jobs.get(payloadId)!;
  const claimBy = 'chosen' in job ? job.chosen.heights.claimBy : 0;
  // Their own wallets are ahead of the settler's, which still waits.
  for (const seat of [customer, worker]) {
    made.town.hear(seat, { on: 'height', height: claimBy + 1 });
  }
  const absent = { command: 'reportNoContact', payloadId } as const;
  expect(refusal(made, customer, absent)).toBe('TOO_LATE');
  expect(refusal(made, worker, { command: 'announceDone', offerId })).toBe('TOO_LATE');
});

test('WRONG_TIME: the gig paid and the network not is no ruling, and neither is a late one', () => {
  const made = driveTo('matched');
  const { town, customer, settler } = made;
  const { promiseId } = idsOf(made);
  town.command(customer, { command: 'dispute', promiseId, text });
  const rule = { command: 'rulePromise', promiseId } as const;
  const torn = { ...rule, gig: 'paid', network: 'refunded' } as const;
  expect(refusal(made, settler, torn)).toBe('WRONG_TIME');
  const { heights } = settler.node.settlements.get(promiseId)!.deal;
  town.hear(settler, { on: 'height', height: heights.decideBy });
  expect(refusal(made, settler, { ...rule, ...paid })).toBe('WRONG_TIME');
});
