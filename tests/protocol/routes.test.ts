import { describe, expect, test } from 'vitest';
import { readInvoice } from '../../src/lib/protocol/job/bolt11.ts';
import type { PaymentHash } from '../../src/lib/protocol/ids.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import type { Node } from '../../src/lib/protocol/node/state.ts';
import { leadOf } from '../../src/lib/protocol/node/views.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { nowMs } from './cast.ts';
import { Town, type Seat } from './town.ts';

/**
 * A diamond: the worker hears the customer over a cheap and over a dear neighbour.
 *
 *             cheap
 *   customer <      > worker, and a settler
 *             dear
 */
function diamond(doubled = false) {
  const town = new Town();
  town.doubled = doubled;
  const settler = town.seat('settler', { allowPeers: [], approveAutomatically: true });
  town.command(settler, { command: 'becomeSettler', name: 'Couriers Union' });
  const customer = town.seat('customer');
  const cheap = town.seat('cheap', { feeMsat: 15_000n });
  const dear = town.seat('dear', { feeMsat: 60_000n });
  const worker = town.seat('worker');
  const root = settler.life[2]!.effects.flatMap((effect) =>
    effect.do === 'notify' && effect.notice.view === 'node' ? [effect.notice.node.settlerRoot] : [],
  )[0]!;
  const near: [Seat, Seat[]][] = [
    [customer, [cheap, dear]],
    [cheap, [customer, worker]],
    [dear, [customer, worker]],
    [worker, [cheap, dear]],
  ];
  for (const [seat, others] of near) {
    const allowPeers = others.map(({ node }) => node.self);
    town.command(seat, { command: 'setPolicy', policy: { allowPeers } });
    const { self: peer } = settler.node;
    town.command(seat, { command: 'addSettler', root, peer, addresses: ['/memory/settler'] });
  }
  for (const seat of town.seats.values()) town.bank(seat);
  const apply = { command: 'applyForCertificate', root, statement: 'It is me.' } as const;
  town.command(customer, { ...apply, name: 'customer' });
  town.command(worker, { ...apply, name: 'worker' });
  const meet = (middle: Seat) => {
    town.connect(customer, middle);
    town.connect(middle, worker);
  };
  meet(cheap);
  return { town, settler, customer, cheap, dear, worker, meet };
}

type Diamond = ReturnType<typeof diamond>;

function post({ town, customer }: Diamond): void {
  const window = { pickupAfterMs: nowMs, dropoffBeforeMs: nowMs + 2 * 3_600_000 };
  const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
  const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;
  town.command(customer, { command: 'postJob', topic });
}

function offer({ town, worker }: Diamond): void {
  const payloadId = [...worker.node.heard.keys()][0]!;
  const wish = { priceMsat: 12_000_000n, contactText: 'Ola, white Skoda' };
  town.command(worker, { command: 'makeOffer', payloadId, ...wish });
}

/** Both ways are asked, and answered. */
function offered(doubled = false): Diamond {
  const all = diamond(doubled);
  all.meet(all.dear);
  post(all);
  all.town.pass(2_000);
  offer(all);
  return all;
}

/** Answered while there was one way; the other opens afterwards. */
function early(): Diamond {
  const all = diamond();
  post(all);
  offer(all);
  return all;
}

const jobOf = ({ customer }: Diamond) => [...customer.node.jobs.values()][0]!;
const waysOf = ({ worker }: Diamond) => [...worker.node.offers.values()];
const offerIdOf = (all: Diamond) => waysOf(all)[0]!.offer.offerId;
const cheapest = (all: Diamond) =>
  [...jobOf(all).offers].sort((a, b) => Number(a.networkMsat - b.networkMsat));

function choose(all: Diamond, promiseId = cheapest(all)[0]!.promiseId): void {
  const { payloadId } = jobOf(all).job;
  all.town.command(all.customer, { command: 'chooseReply', payloadId, promiseId });
}

function effectsOf<Do extends Effect['do']>(seat: Seat, what: Do): Extract<Effect, { do: Do }>[] {
  const all = seat.life.flatMap(({ effects }) => [...effects]);
  return all.filter((effect): effect is Extract<Effect, { do: Do }> => effect.do === what);
}

/** What a seat's wallet won or lost, msat: every hash once, however often the wallet says so. */
function balance(seat: Seat): bigint {
  const come = new Set<PaymentHash>();
  const issued = new Map(effectsOf(seat, 'issueInvoice').map((e) => [e.paymentHash, e.amountMsat]));
  const paid = new Map(
    effectsOf(seat, 'payInvoice').map(({ paymentHash, invoice }) => {
      const fields = readInvoice(invoice);
      return [paymentHash, isFault(fields) ? 0n : fields.amountMsat];
    }),
  );
  let total = 0n;
  for (const { event } of seat.life) {
    if (event.on !== 'invoiceSettled' || come.has(event.paymentHash)) continue;
    come.add(event.paymentHash);
    total += issued.get(event.paymentHash)!;
  }
  const gone = new Set<PaymentHash>();
  for (const { event } of seat.life) {
    if (event.on !== 'paymentSettled' || gone.has(event.paymentHash)) continue;
    gone.add(event.paymentHash);
    total -= paid.get(event.paymentHash)!;
  }
  return total;
}

describe('a reply per route [RPL-11, RPL-09, BRC-11]', () => {
  test('every way the ask came gets a reply, with hashes and a promise of its own', () => {
    const all = offered();
    const { offers } = jobOf(all);
    expect(waysOf(all).map(({ state }) => state)).toEqual(['Sent', 'Sent']);
    expect(new Set(offers.map(({ terms }) => terms.offerId))).toEqual(new Set([offerIdOf(all)]));
    for (const field of ['promiseId', 'networkPaymentHash', 'replyInvoice'] as const) {
      expect(new Set(offers.map((reply) => reply[field])).size, field).toBe(2);
    }
    const fees = cheapest(all).map(({ networkMsat }) => networkMsat);
    expect(fees[1]! - fees[0]!).toBe(45_000n);
  });

  test('the worker sees one offer, not one for every way', () => {
    const all = offered();
    const seen = effectsOf(all.worker, 'notify').flatMap(({ notice }) =>
      notice.view === 'offerMade' ? [notice.offer.offerId] : [],
    );
    expect(new Set(seen).size).toBe(1);
  });

  test('an ask that comes another way after the answer is answered on that way too', () => {
    const all = early();
    expect(jobOf(all).offers).toHaveLength(1);
    all.meet(all.dear);
    all.town.pass(2_000);
    expect(waysOf(all).map(({ state }) => state)).toEqual(['Sent', 'Sent']);
    expect(jobOf(all).offers).toHaveLength(2);
  });

  test('but not once the price is held on one', () => {
    const all = early();
    choose(all);
    all.meet(all.dear);
    all.town.pass(2_000);
    expect(waysOf(all)).toHaveLength(1);
  });

  test.each([false, true])(
    'the one that is chosen is paid, and no other (twice: %s)',
    (doubled) => {
      const all = offered(doubled);
      const { town, customer, cheap, dear, worker, settler } = all;
      choose(all);
      expect(leadOf(worker.node, offerIdOf(all))?.state).toBe('Matched');
      const [lost] = waysOf(all).filter(({ state }) => state !== 'Matched');
      expect(['Refunding', 'Lost']).toContain(lost!.state);
      town.command(customer, { command: 'confirmJob', payloadId: jobOf(all).job.payloadId });
      town.pass(12_000);
      expect(leadOf(worker.node, offerIdOf(all))?.state).toBe('Paid');
      const paid = new Set(effectsOf(customer, 'payInvoice').map(({ paymentHash }) => paymentHash));
      expect(paid.size).toBe(2);
      const settled = new Set(effectsOf(worker, 'settleInvoice').map((e) => e.paymentHash));
      expect(settled.size).toBe(1);
      const networkMsat = cheapest(all)[0]!.networkMsat;
      expect(balance(worker)).toBe(12_000_000n);
      expect(balance(customer)).toBe(-12_000_000n - networkMsat);
      expect(balance(settler)).toBe(10_000n);
      expect(balance(cheap)).toBe(networkMsat - 10_000n);
      expect(balance(dear)).toBe(0n);
    },
  );

  test('a customer that pays two ways gets one: the settler lets one route of an offer win', () => {
    const all = offered();
    const { town, customer, settler } = all;
    const other = cheapest(all)[1]!;
    choose(all);
    // Whatever a modified customer node does: it pays the other way's network invoice as well.
    const { networkPaymentHash: paymentHash, promiseId } = other;
    const settleDeadline = 10_000_000;
    town.hear(settler, { on: 'invoiceAccepted', paymentHash, settleDeadline });
    expect(settler.node.settlements.get(promiseId)!.state).toMatch(/Aborting|Ended/);
    expect(effectsOf(settler, 'cancelInvoice').map((e) => e.paymentHash)).toContain(paymentHash);
    expect(effectsOf(customer, 'payInvoice').map((e) => e.paymentHash)).not.toContain(paymentHash);
  });

  test('no draft for an offer that won on another route', () => {
    const all = offered();
    const { town, worker, settler } = all;
    const before = settler.node.settlements.size;
    choose(all);
    const sent = worker.life.flatMap(({ effects }) => [...effects]);
    const ask = sent.find((e) => e.do === 'send' && e.frame.kind === 'draftRequest');
    const answers: string[] = [];
    town.onFrame = (_from, _to, bytes) => {
      const frame = decodeFrame(bytes);
      if (!isFault(frame) && frame.kind === 'draftRefusal') answers.push(frame.reason);
      return bytes;
    };
    const frame = (ask as { frame: Frame }).frame;
    town.hear(settler, { on: 'received', peer: worker.node.self, bytes: encodeFrame(frame) });
    expect(answers).toEqual(['other-route']);
    expect(settler.node.settlements.size).toBe(before);
  });

  test('the worker who takes the offer back takes it back everywhere', () => {
    const all = offered();
    all.town.command(all.worker, { command: 'withdrawOffer', offerId: offerIdOf(all) });
    expect(waysOf(all).map(({ state }) => state)).not.toContain('Sent');
    choose(all);
    all.town.pass(12_000);
    expect(balance(all.worker)).toBe(0n);
    expect(balance(all.customer)).toBe(0n);
  });

  test('a worker that starts again has all its ways, and is paid once', () => {
    const all = offered();
    const { town, worker, customer } = all;
    const ids = () => waysOf(all).map(({ offer }) => offer.draftId);
    const before = ids();
    expect(before).toHaveLength(2);
    town.restart(worker);
    // Its neighbours do not know what it heard and ask anew: the same offer may have more ways than before.
    expect(ids()).toEqual(expect.arrayContaining(before));
    expect(new Set(waysOf(all).map(({ offer }) => offer.offerId)).size).toBe(1);
    choose(all);
    town.pass(10_000);
    town.restart(worker);
    town.command(customer, { command: 'confirmJob', payloadId: jobOf(all).job.payloadId });
    town.pass(12_000);
    expect(waysOf(all).filter(({ state }) => state === 'Paid')).toHaveLength(1);
    expect(balance(worker)).toBe(12_000_000n);
  });
});

test('of ways that are over the one where money was held is shown, though another still gives back', () => {
  const offer = { offerId: 'offer' };
  const was = { state: 'Lost', offer, channel: {}, reason: 'refunded' };
  const other = { state: 'Refunding', offer, channel: null, reason: 'other-route' };
  for (const offers of [
    [was, other],
    [other, was],
  ]) {
    const node = { offers: new Map(offers.map((made, i) => [`${i}`, made])) } as unknown as Node;
    expect(leadOf(node, offer.offerId as never)).toBe(was);
  }
});
