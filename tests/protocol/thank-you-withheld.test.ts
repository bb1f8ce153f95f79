/** Thank-yous that are withheld, and thank-yous said by who then never calls. */
import { describe, expect, test } from 'vitest';
import { thanklessBits } from '../../src/lib/protocol/job/thank-you.ts';
import { targetForBits } from '../../src/lib/protocol/job/proof-of-work.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { received } from './paper.ts';
import {
  done,
  driveOn,
  driveTo,
  endsOf,
  kindOf,
  madeOf,
  post,
  seatsOf,
  unsettledRide,
} from './thank-you-ride.ts';
import type { Ride } from './town.ts';

describe('a thank you that is withheld [THX-08, WRK-16, ATK-27]', () => {
  /** The customer asks for its thank you, sees the payment come, and gives it back. */
  function withhold(made: Ride): void {
    made.town.onFrame = (_from, _to, bytes) => bytes;
    driveTo('replied', made);
    let isHeld = false;
    made.town.onBank = (seat, effect) => {
      if (seat === made.customer && effect.do === 'settleInvoice') {
        isHeld = true;
        return { do: 'cancelInvoice', paymentHash: effect.paymentHash };
      }
      return effect;
    };
    driveOn('met', made);
    expect(isHeld).toBe(true);
    made.town.onBank = (_seat, effect) => effect;
    // What a wallet calls failed is held on to until no HTLC of it can be left.
    made.town.mine(limits.maxFinalCltv);
  }
  const bitsFor = ({ m1, customer, town }: Ride) =>
    thanklessBits(m1.node.thankless.get(customer.node.self), town.nowMs);
  /** The job's window closes, and its neighbours reckon. */
  const over = ({ town }: Ride) => town.pass(2 * 3_600_000 + limits.thankYouMs);

  test('costs the worker nothing: its payment comes back all the way', () => {
    const made = unsettledRide();
    withhold(made);
    expect(endsOf(made)).toEqual({
      thank: ['Ended'],
      m1: ['cancelled'],
      m2: ['cancelled'],
      worker: ['Ended'],
    });
    expect(madeOf(made)).toMatchObject({ reason: 'unthanked' });
    for (const seat of seatsOf(made.town))
      expect(done(seat, 'settleInvoice')).toHaveLength(seat === made.customer ? 1 : 0);
  });

  test('twice the work next time, eight times after the third', () => {
    const made = unsettledRide();
    for (const times of [1, 2, 3]) {
      withhold(made);
      over(made);
      expect(bitsFor(made)).toBe(times);
    }
    post(made);
    const conditions = received(made.customer, 'conditions').at(-1)!;
    expect(conditions.workRequest.powTarget).toEqual(targetForBits(2 + 3));
  });

  test('is remembered over a restart, fades day by day, and a thank you makes up for it', () => {
    const made = unsettledRide();
    withhold(made);
    over(made);
    made.town.restart(made.m1);
    made.town.hear(made.m1, { on: 'height', height: made.customer.node.height });
    expect(bitsFor(made)).toBe(1);
    driveTo('met', made);
    over(made);
    expect(bitsFor(made)).toBe(0);
    withhold(made);
    over(made);
    made.town.pass(limits.thanklessFadeMs);
    expect(bitsFor(made)).toBe(0);
  });

  test('who said thank you, or was left alone by the worker, pays no more', () => {
    const thanked = driveTo('met');
    over(thanked);
    expect(bitsFor(thanked)).toBe(0);
    const unpaid = unsettledRide();
    unpaid.town.onFrame = (_from, to, bytes) =>
      to.name === 'worker' && kindOf(bytes) === 'thankYouHash' ? null : bytes;
    driveTo('met', unpaid);
    over(unpaid);
    const [leg] = [...unpaid.m1.node.legs.values()];
    unpaid.town.hear(unpaid.m1, {
      on: 'invoiceCancelled',
      paymentHash: leg!.terms.paymentHash,
    });
    expect(bitsFor(unpaid)).toBe(0);
  });

  test('a customer that never asked for one of the replies brought to it works harder too', () => {
    const made = driveTo('replied');
    over(made);
    expect(bitsFor(made)).toBe(1);
  });
});

describe('a thank you said, and no call', () => {
  test('is what the worker can lose: its reply price; the key of the next job tells it nothing [THX-03]', () => {
    const made = unsettledRide();
    made.town.onFrame = (_from, to, bytes) =>
      to === made.customer && kindOf(bytes) === 'contactKey' ? null : bytes;
    driveTo('met', made);
    made.town.pass(limits.contactKeyMs);
    expect(madeOf(made).state).toBe('Unmet');
    made.town.restart(made.worker);
    post(made);
    const heard = done(made.worker, 'notify').flatMap((effect) =>
      'notice' in effect && effect.notice.view === 'heard' ? [effect.notice.heard] : [],
    );
    const keys = heard.map(({ sender }) => sender.publicKey);
    expect(heard.at(-1)).toMatchObject({ acceptsThankYou: true });
    expect(keys.at(-1)).not.toBe(keys[0]);
  });
});
