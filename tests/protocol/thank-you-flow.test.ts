/** Whole rides without a settler over several nodes, by `stepNode` alone. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, test } from 'vitest';
import { limits } from '../../src/lib/protocol/limits.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { createMoneyGuard } from '../../src/lib/runtime/money-guard.ts';
import * as cast from './cast.ts';
import { received } from './paper.ts';
import {
  done,
  driveOn,
  driveTo,
  endsOf,
  faults,
  jobOf,
  kindOf,
  madeOf,
  payloadOf,
  post,
  priceMsat,
  rejections,
  seatsOf,
  stages,
  takenOf,
  unsettledRide,
} from './thank-you-ride.ts';
import type { Ride, Seat } from './town.ts';

const met = { thank: ['Met'], m1: ['settled'], m2: ['settled'], worker: ['Met'] };

describe('a ride without a settler', () => {
  const made = driveTo('met');
  made.town.pass(60_000);

  test('ends in a meeting, and the thank you paid everybody on the way [THX-01, THX-06, THX-07]', () => {
    expect(endsOf(made)).toEqual(met);
    expect(takenOf(made)).toMatchObject({ contactText: 'Ola, white Skoda', settled: true });
    expect(takenOf(made)).toMatchObject({ channel: { validated: true } });
    expect(madeOf(made)).toMatchObject({ channel: { validated: true } });
    expect(jobOf(made)).toMatchObject({ state: 'Withdrawn', reason: 'thanked' });
    expect(faults(made)).toEqual([]);
  });

  test('the worker pays, within its limit; each hop keeps its fee; the customer gains a sat [THX-02, THX-03]', () => {
    const paid = (seat: Seat) =>
      done(seat, 'payInvoice').map((effect) => ('amountMsat' in effect ? effect.amountMsat : 0n));
    const fee = 11_000n;
    expect(paid(made.customer)).toEqual([]);
    expect(paid(made.m1)).toEqual([limits.thankYouMsat]);
    expect(paid(made.m2)[0]! - paid(made.m1)[0]!).toBeGreaterThanOrEqual(fee);
    expect(paid(made.worker)[0]! - paid(made.m2)[0]!).toBeGreaterThanOrEqual(fee);
    expect(paid(made.worker)).toHaveLength(1);
  });

  test('the settler hears nothing of it and holds nothing', () => {
    expect(made.settler.node.settlements.size).toBe(0);
    expect(received(made.settler, 'draftRequest')).toEqual([]);
  });

  test('both talk, under the digest of their reply', () => {
    const { town, customer, worker } = made;
    const promiseId = takenOf(made).reply.digest as never;
    town.command(customer, { command: 'say', promiseId, text: 'At the corner.' });
    town.command(worker, { command: 'say', promiseId, text: 'Two minutes.' });
    const texts = (of: unknown) =>
      (of as { channel: { lines: { text: string; delivered: boolean }[] } }).channel.lines.map(
        ({ text, delivered }) => [text, delivered],
      );
    const said = [
      ['At the corner.', true],
      ['Two minutes.', true],
    ];
    expect([texts(takenOf(made)), texts(madeOf(made))]).toEqual([said, said]);
  });

  test('the other neighbours hear that the customer wants nobody any more', () => {
    expect(received(made.worker, 'cancelBroadcast')).toHaveLength(1);
    expect(made.worker.node.heard.size).toBe(0);
  });
});

describe('who may', () => {
  const openRide = driveTo('replied');

  test.each<[string, (made: Ride) => void, (made: Ride) => Seat, string]>([
    [
      'a customer whose rules want a settler posts with one',
      (made) => {
        made.town.command(made.customer, {
          command: 'setPolicy',
          policy: { withoutSettler: false },
        });
        post(made);
      },
      (made) => made.customer,
      'AGAINST_RULES',
    ],
    [
      'a worker whose rules want a settler replies with one',
      (made) => {
        made.town.command(made.worker, { command: 'setPolicy', policy: { withoutSettler: false } });
        driveTo('replied', made);
      },
      (made) => made.worker,
      'AGAINST_RULES',
    ],
    [
      'a job that wants a settler takes no other reply',
      (made) => {
        post(made, false);
        driveOn('replied', made);
      },
      (made) => made.worker,
      'SETTLER_WANTED',
    ],
    [
      'a customer whose wallet cannot hold has no invoice to be thanked with',
      (made) => {
        made.town.bank(made.customer, false);
        post(made);
      },
      (made) => made.customer,
      'WALLET_CANNOT_HOLD',
    ],
  ])('%s', (_name, drive, who, code) => {
    const made = unsettledRide();
    drive(made);
    expect(rejections(who(made))).toEqual([code]);
    expect(made.customer.node.thankYous.size).toBe(0);
  });

  test('a worker replies once to a job, with a settler or without', () => {
    driveOn('replied', openRide);
    const { town, worker } = openRide;
    const payloadId = payloadOf(openRide);
    const wish = { payloadId, priceMsat, contactText: 'Ola' };
    town.command(worker, { command: 'makeOffer', ...wish });
    expect(rejections(worker)).toEqual(['WRONG_TIME', 'WRONG_TIME']);
  });
});

describe('what is said twice, or not at all', () => {
  test('everything told twice by wallets and clocks costs nobody more', () => {
    const made = driveTo('met', unsettledRide(true));
    made.town.pass(60_000);
    expect(endsOf(made)).toEqual(met);
    expect(faults(made)).toEqual([]);
    const paid = seatsOf(made.town).flatMap((seat) => done(seat, 'payInvoice'));
    expect(new Set(paid.map((pay) => ('invoice' in pay ? pay.invoice : ''))).size).toBe(3);
  });

  const kinds = ['thankYouHash', 'contactKey', 'contact'] as const;
  test.each(kinds)('the first %s of everybody is lost: it is said again', (kind) => {
    const made = unsettledRide();
    const lost = new Set<string>();
    made.town.onFrame = (from, _to, bytes) => {
      if (kindOf(bytes) !== kind || lost.has(from.name)) return bytes;
      lost.add(from.name);
      return null;
    };
    driveTo('met', made);
    expect(endsOf(made)).not.toEqual(met);
    made.town.pass(10 * 60_000);
    expect(lost.size).toBeGreaterThan(0);
    expect(endsOf(made)).toEqual(met);
    expect(takenOf(made)).toMatchObject({ channel: { validated: true } });
  });

  test.each(['thankYouReply', ...kinds] as const)(
    'every %s twice: the second does nothing',
    (kind) => {
      const made = unsettledRide();
      const later: (() => void)[] = [];
      made.town.onFrame = (from, to, bytes) => {
        const event = { on: 'received', peer: from.node.self, bytes } as const;
        if (kindOf(bytes) === kind) later.push(() => made.town.hear(to, event));
        return bytes;
      };
      driveTo('met', made);
      for (const again of later.splice(0)) again();
      made.town.pass(60_000);
      expect(endsOf(made)).toEqual(met);
      const paid = seatsOf(made.town).flatMap((seat) => done(seat, 'payInvoice'));
      expect(paid).toHaveLength(3);
    },
  );

  test('a reply that is lost costs nobody anything', () => {
    const made = unsettledRide();
    made.town.onFrame = (_from, _to, bytes) => (kindOf(bytes) === 'thankYouReply' ? null : bytes);
    driveTo('replied', made);
    expect(made.customer.node.thankYous.size).toBe(0);
    made.town.pass(3 * 3_600_000);
    expect(madeOf(made).state).toBe('Ended');
  });
});

describe('every wait ends', () => {
  test('a reply that nobody takes lapses on both sides', () => {
    const made = driveTo('replied');
    made.town.pass(limits.promiseMs);
    expect([takenOf(made), madeOf(made)]).toMatchObject([
      { state: 'Ended', reason: 'lapsed' },
      { state: 'Ended', reason: 'lapsed' },
    ]);
  });

  test('a thank you that nobody pays for lapses, and the customer takes another', () => {
    const made = unsettledRide();
    made.town.onFrame = (_from, to, bytes) =>
      to.name === 'worker' && kindOf(bytes) === 'thankYouHash' ? null : bytes;
    driveTo('met', made);
    expect(takenOf(made).state).toBe('Asking');
    made.town.pass(limits.thankYouMs);
    expect(takenOf(made).state).toBe('Cancelling');
    const { town, customer } = made;
    const thank = takenOf(made);
    if (thank.state !== 'Cancelling') throw new Error(thank.state);
    const { paymentHash } = thank.thanks;
    town.hear(customer, { on: 'invoiceCancelled', paymentHash });
    expect(takenOf(made)).toMatchObject({ state: 'Ended', reason: 'lapsed' });
    town.pass(2 * 3_600_000);
    expect(madeOf(made).state).toBe('Ended');
  });

  test('by height too: nobody pays for it after fund_by', () => {
    const made = unsettledRide();
    made.town.onFrame = (_from, to, bytes) =>
      to.name === 'worker' && kindOf(bytes) === 'thankYouHash' ? null : bytes;
    driveTo('met', made);
    made.town.mine(limits.unlockBlocks + 1);
    expect(takenOf(made).state).toBe('Cancelling');
  });

  test('the job is over before anything was taken: so are its replies', () => {
    const made = driveTo('replied');
    made.town.command(made.customer, { command: 'cancelJob', payloadId: payloadOf(made) });
    expect(takenOf(made)).toMatchObject({ state: 'Ended', reason: 'stopped' });
    expect(madeOf(made)).toMatchObject({ state: 'Ended', reason: 'called-off' });
  });

  test('a worker that says no more after it was paid for: the customer waits for its key, not for ever', () => {
    const made = unsettledRide();
    made.town.onFrame = (_from, _to, bytes) => (kindOf(bytes) === 'contactKey' ? null : bytes);
    driveTo('met', made);
    expect(takenOf(made).state).toBe('Released');
    made.town.pass(limits.contactKeyMs);
    expect(takenOf(made)).toMatchObject({ state: 'Ended', reason: 'no-key' });
    expect(jobOf(made).state).toBe('Withdrawn');
  });
});

/** What a node must not forget of this. */
function remembered({ thankYous, unsettledOffers, legs, jobs, thankless }: Node) {
  return { thankYous, unsettledOffers, legs, jobs, thankless };
}
function expectSame(a: unknown, b: unknown): void {
  if (!isDeepStrictEqual(a, b)) expect(a).toStrictEqual(b);
}

describe.each([...stages])('a device that starts again when a ride is %s', (stage) => {
  const { town } = driveTo(stage);

  test.each(seatsOf(town))('$name remembers, and begins no payment', (seat) => {
    const node = createNode(seat.options);
    const entries = [...seat.disk].map(([key, value]) => ({ key, value }));
    const guard = createMoneyGuard();
    guard.restore(entries);
    guard.check(stepNode(node, { on: 'start', entries }, town.nowMs, cast.seedOf('restart')));
    expectSame(remembered(node), remembered(seat.node));
    const effects = stepNode(node, ready, town.nowMs, cast.seedOf('resume'));
    expectSame(remembered(node), remembered(seat.node));
    expect(effects.filter(({ do: what }) => what === 'payInvoice' || what === 'store')).toEqual([]);
  });
});
const ready = {
  on: 'walletReady',
  alias: '',
  network: 'regtest',
  canHold: true,
  shadowBlocks: 0,
  height: cast.height,
  balanceMsat: 0n,
} as const;

test('replay: the same events, times and seeds do the same', () => {
  for (const seat of seatsOf(driveTo('met').town)) {
    const node = createNode(seat.options);
    for (const { event, nowMs, seed, effects } of seat.life) {
      expectSame(stepNode(node, event, nowMs, seed), effects);
    }
    expectSame(node, seat.node);
  }
});
