import { describe, expect, test } from 'vitest';
import type { AppLink } from '../../src/lib/app/app-link.ts';
import {
  bestRoutes,
  journeyOfJob,
  journeyOfOffer,
  sumsByWhereabouts,
  whereabouts,
} from '../../src/lib/app/journey.ts';
import { NodeModel } from '../../src/lib/app/node-model.svelte.ts';
import type {
  Command,
  Notice,
  OfferMadeView,
  PeerView,
  SettlerView,
} from '../../src/lib/app/types.ts';
import { id, job, membership, offer, offerMade, payment, settlement } from './fixtures.ts';

function attached() {
  const sent: Command[] = [];
  let tell: (notice: Notice) => void = () => {};
  const link: AppLink = {
    send: (command) => void sent.push(command),
    listen: (listener) => (tell = listener),
  };
  const model = new NodeModel(() => 5);
  model.attach(link);
  return { model, sent, tell: (notice: Notice) => tell(notice) };
}

const peer = (start: string, connected: boolean): PeerView => ({
  peer: id(start, 33),
  connected,
  direct: true,
  dialled: true,
  faults: 0,
  lastFault: null,
});

describe('model', () => {
  test('a notice replaces the view of its id', () => {
    const { model, tell } = attached();
    tell({ view: 'job', job: job() });
    tell({ view: 'job', job: job({ stage: 'offers' }) });
    tell({ view: 'job', job: job({ payloadId: id('20') }) });
    expect([...model.jobs.values()].map(({ stage }) => stage)).toEqual(['offers', 'asking']);
  });

  test('what is gone leaves', () => {
    const { model, tell } = attached();
    const settler: SettlerView = {
      root: id('bb'),
      peer: id('02', 33),
      name: 'Couriers',
      known: true,
      distrusted: false,
      frauds: [],
      feeMsat: 0n,
      memberships: [membership({ name: 'customer', notValidAfterMs: 100 })],
    };
    tell({ view: 'settler', settler });
    expect(model.vouched('customer', 50)).not.toBeNull();
    expect(model.vouched('customer', 100)).toBeNull();
    expect(model.vouched('worker', 50)).toBeNull();
    for (const change of [{ left: 0 }, { state: 'revoked' }, { state: 'open' }] as const) {
      const memberships = [membership({ name: 'customer', ...change })];
      tell({ view: 'settler', settler: { ...settler, memberships } });
      expect(model.vouched('customer', 50)).toBeNull();
    }
    tell({ view: 'settlerRemoved', root: settler.root });
    expect(model.settlers.size).toBe(0);
  });

  test('counts neighbours that are there', () => {
    const { model, tell } = attached();
    tell({ view: 'peer', peer: peer('02aa', true) });
    tell({ view: 'peer', peer: peer('02bb', false) });
    expect(model.connectedPeers.map((one) => one.peer)).toEqual([id('02aa', 33)]);
  });

  test('a refusal stays until the next try of the same kind', () => {
    const { model, sent, tell } = attached();
    tell({ view: 'rejected', command: 'postJob', code: 'NO_PEERS', detail: 'none' });
    expect(model.rejections.get('postJob')).toEqual({ code: 'NO_PEERS', detail: 'none' });
    model.send({ command: 'cancelJob', payloadId: id('10') });
    expect(model.rejections.has('postJob')).toBe(true);
    model.send({ command: 'postJob', topic: job().topic });
    expect(model.rejections.has('postJob')).toBe(false);
    expect(sent.map(({ command }) => command)).toEqual(['cancelJob', 'postJob']);
  });

  test('what is asked before the node runs is asked when it does', () => {
    const model = new NodeModel(() => 0);
    model.send({ command: 'disconnectWallet' });
    const sent: Command[] = [];
    model.attach({ send: (command) => void sent.push(command), listen: () => {} });
    expect(sent).toEqual([{ command: 'disconnectWallet' }]);
  });

  test('faults are kept, newest first, and bounded', () => {
    const { model, tell } = attached();
    for (let n = 0; n < 60; n++) {
      tell({ view: 'fault', code: 'FRAME_MALFORMED', peer: id('02', 33), detail: `${n}` });
    }
    expect(model.faults).toHaveLength(50);
    expect(model.faults[0]).toMatchObject({ detail: '59', atMs: 5 });
  });

  test('sums what is held, in every role', () => {
    const { model, tell } = attached();
    tell({
      view: 'job',
      job: job({ payments: [payment({ state: 'accepted' }), payment({ state: 'settled' })] }),
    });
    tell({
      view: 'settlement',
      settlement: settlement({
        payments: [payment({ state: 'pending', amountMsat: 1n, purpose: 'network' })],
      }),
    });
    expect(model.heldMsat).toBe(12_000_001n);
  });

  test('an offer of ours is found by its job, unless it ended', () => {
    const { model, tell } = attached();
    tell({ view: 'offerMade', offer: offerMade({ stage: 'withdrawn' }) });
    expect(model.offerFor(id('10'))).toBeNull();
    tell({ view: 'offerMade', offer: offerMade({ offerId: id('0e', 16), stage: 'sent' }) });
    expect(model.offerFor(id('10'))?.stage).toBe('sent');
  });
});

describe('journey', () => {
  const ask = {
    peer: id<PeerView['peer']>('02', 33),
    expectedHashes: 4096,
    hashes: 0,
    hashesPerSecond: 0,
    paysMsat: 0n,
    reason: '',
  };

  test('a ride goes through seven steps', () => {
    const rides = [
      job({ asks: [{ ...ask, state: 'working' }] }),
      job({ asks: [{ ...ask, state: 'broadcast' }] }),
      job({ stage: 'offers', offers: [offer()] }),
      job({ stage: 'locking' }),
      job({ stage: 'matched' }),
      job({ stage: 'matched', workerSaysDone: true }),
      job({ stage: 'settled' }),
    ];
    expect(rides.map((ride) => journeyOfJob(ride).step)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(journeyOfJob(job({ stage: 'refunded' })).ending).toBe('bad');
    expect(journeyOfJob(job({ stage: 'settled' })).ending).toBe('good');
  });

  test('both sides are on the same step with the same word', () => {
    const pairs: [ReturnType<typeof job>, OfferMadeView['stage'], boolean][] = [
      [job({ stage: 'offers', offers: [offer()] }), 'sent', false],
      [job({ stage: 'locking' }), 'held', false],
      [job({ stage: 'matched' }), 'matched', false],
      [job({ stage: 'matched', workerSaysDone: true }), 'matched', true],
      [job({ stage: 'confirmed' }), 'confirmed', true],
      [job({ stage: 'settled' }), 'paid', true],
    ];
    for (const [ride, stage, saidDone] of pairs) {
      const [customer, worker] = [
        journeyOfJob(ride),
        journeyOfOffer(offerMade({ stage, saidDone })),
      ];
      expect([worker.step, worker.title]).toEqual([customer.step, customer.title]);
      expect(worker.now).not.toBe('');
    }
  });

  test('one offer on two routes is shown once, by its cheaper one [RPL-11, BRC-07]', () => {
    const dear = offer({ promiseId: id('01'), networkFeeMsat: 900_000n });
    const cheap = offer({ promiseId: id('02'), networkFeeMsat: 400_000n });
    const other = offer({ promiseId: id('03'), offerId: id('0e', 16), priceMsat: 9_000_000n });
    expect(bestRoutes([dear, cheap, other]).map(({ promiseId }) => promiseId)).toEqual([
      id('03'),
      id('02'),
    ]);
  });

  test('every payment state has a place for sats', () => {
    const states = ['planned', 'issued', 'pending', 'accepted', 'settled', 'cancelled'] as const;
    expect(states.map((state) => whereabouts(payment({ state })))).toEqual([
      'wallet',
      'wallet',
      'leaving',
      'held',
      'paid',
      'returned',
    ]);
    expect(states.map((state) => whereabouts(payment({ state, direction: 'in' })))).toEqual([
      'expected',
      'expected',
      'expected',
      'held',
      'received',
      'notReceived',
    ]);
    expect(
      sumsByWhereabouts([
        payment(),
        payment({ state: 'accepted' }),
        payment({ state: 'accepted' }),
      ]),
    ).toEqual([['held', 24_000_000n]]);
  });
});
