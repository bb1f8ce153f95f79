import { describe, expect, test } from 'vitest';
import { encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { OfferId } from '../../src/lib/protocol/ids.ts';
import { cancelBroadcast } from '../../src/lib/protocol/job/cancel-broadcast.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { partySecret } from '../../src/lib/protocol/node/state.ts';
import * as cast from './cast.ts';
import { Neighbour, someNode } from './neighbour.ts';
import { nameOf, sent } from './play.ts';
import { frames } from './samples.ts';
import { driveOn, driveTo, type Ride, type Seat } from './town.ts';

const { payloadId, request } = cast;
const by = (who: { readonly secret: Uint8Array }) => ({
  network: cast.network,
  secret: who.secret,
  random: cast.dice('cancellation'),
});
const withdrawn = cancelBroadcast(payloadId, null, by(cast.customer));

const endOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.do === 'notify' && effect.notice.view === 'heardGone' ? [effect.notice.reason] : [],
  );

/** A node that heard the customer's request from a neighbour. */
function heard() {
  const node = someNode();
  const from = new Neighbour(node, 'from');
  from.work();
  from.broadcast(request, from.ask(request));
  expect([...node.heard.keys()]).toEqual([payloadId]);
  return { node, from };
}

describe('recv CancelBroadcastFrame [BRC-12]', () => {
  test('of the customer -- the heard job is gone, and says why', () => {
    const { node, from } = heard();
    expect(endOf(from.say(withdrawn))).toEqual(['withdrawn']);
    expect([...node.heard.keys()]).toEqual([]);
  });

  test('a second time -- nothing at all', () => {
    const { from } = heard();
    from.say(withdrawn);
    expect(from.say(withdrawn)).toEqual([]);
  });

  test.each<[string, FrameOf<'cancelBroadcast'>]>([
    ['signed by another', cancelBroadcast(payloadId, null, by(cast.mallory))],
    [
      'with a forged signature',
      { ...withdrawn, cancellation: cast.forged(withdrawn.cancellation) },
    ],
  ])('%s -- CANCELLATION_SIGNATURE_INVALID, and the session is over', (_name, frame) => {
    const { node, from } = heard();
    const effects = from.say(frame).filter((effect) => effect.do !== 'notify');
    expect(effects.map(nameOf)).toEqual(['fault CANCELLATION_SIGNATURE_INVALID', 'hangUp']);
    expect([...node.heard.keys()]).toEqual([payloadId]);
    expect(node.cancelled.size).toBe(0);
  });

  test('of a request nobody told us -- nothing, and nothing is kept', () => {
    const node = someNode();
    const stranger = new Neighbour(node, 'stranger');
    expect(stranger.say(withdrawn)).toEqual([]);
    expect(node.cancelled.size).toBe(0);
  });

  test('who asks for it afterwards is declined and told', () => {
    const { node, from } = heard();
    const late = new Neighbour(node, 'late');
    late.work();
    from.say(withdrawn);
    const { effects } = late.ask(request);
    expect(effects.map(nameOf)).toEqual(['send cancelBroadcast', 'send decline']);
    expect(effects).toContainEqual({ do: 'send', to: late.device.peer, frame: withdrawn });
  });

  test('a broadcast that crossed it on its way is not carried, and nobody is to blame', () => {
    const { node, from } = heard();
    node.payloads.delete(payloadId);
    const other = new Neighbour(node, 'other');
    other.work();
    const asked = other.ask(request);
    node.payloads.set(payloadId, 1);
    from.say(withdrawn);
    expect(other.broadcast(request, asked).map(nameOf)).toEqual(['send cancelBroadcast']);
  });
});

const cancelledBy = (seat: Seat) =>
  seat.life.flatMap(({ effects }) =>
    effects.filter((effect) => effect.do === 'send' && effect.frame.kind === 'cancelBroadcast'),
  );
const jobOf = ({ customer }: Ride) => [...customer.node.jobs.keys()][0]!;
const offersOf = (seat: Seat) => [...seat.node.offers.values()];
const faults = ({ town }: Ride) =>
  [...town.seats.values()].flatMap(({ life }) =>
    life.flatMap(({ effects }) => effects.filter((effect) => effect.do === 'fault')),
  );

describe('a customer that cancels before choosing', () => {
  const made = driveTo('offered');
  made.town.command(made.customer, { command: 'cancelJob', payloadId: jobOf(made) });
  const { customer, m1, m2, worker } = made;

  test('tells whom it told, and each of them tells on, once', () => {
    expect([customer, m1, m2, worker].map((seat) => cancelledBy(seat).length)).toEqual([
      1, 1, 1, 0,
    ]);
  });

  test('nobody hears the job any more, and the offer ends called off', () => {
    for (const seat of [m1, m2, worker]) expect(seat.node.heard.size).toBe(0);
    expect(offersOf(worker)).toMatchObject([{ state: 'Refunding', reason: 'called-off' }]);
  });

  test('the settler keeps no promise open for it', () => {
    const states = [...made.settler.node.settlements.values()].map(({ state }) => state);
    expect(states).toEqual(['Aborting']);
  });

  test('nobody is to blame', () => {
    expect(faults(made)).toEqual([]);
  });
});

describe('a customer that chose', () => {
  const made = driveTo('matched');
  const { m1, m2, worker } = made;

  test('lets everybody know that the job is taken', () => {
    for (const seat of [m1, m2, worker]) {
      expect(seat.node.heard.size).toBe(0);
      expect(seat.life.flatMap(({ effects }) => endOf(effects))).toEqual(['taken']);
    }
  });

  test('the chosen worker goes on', () => {
    expect(offersOf(worker)).toMatchObject([{ state: 'Matched' }]);
  });
});

test('a worker whose offer was not the chosen one has lost, before any money moved', () => {
  const made = driveTo('offered');
  const { town, customer, m1, worker } = made;
  const { certificate, payloadId: about } = [...customer.node.jobs.values()][0]!.job;
  const chosen = cast.idOf<OfferId>('somebody else', 16);
  const secret = partySecret(customer.node, certificate);
  const bytes = encodeFrame(cancelBroadcast(about, chosen, by({ secret })));
  town.hear(m1, { on: 'received', peer: customer.node.self, bytes });
  expect(offersOf(worker)).toMatchObject([{ state: 'Refunding', reason: 'lost', lost: true }]);
  expect(faults(made)).toEqual([]);
});

describe('who was away', () => {
  const away = (made: Ride) => {
    const { town, customer, m1, m2 } = made;
    town.hear(m1, { on: 'disconnected', peer: m2.node.self });
    town.hear(m2, { on: 'disconnected', peer: m1.node.self });
    town.command(customer, { command: 'cancelJob', payloadId: jobOf(made) });
  };

  test('is told when it is back', () => {
    const made = driveTo('offered');
    away(made);
    const { town, m1, m2 } = made;
    expect(m2.node.heard.size).toBe(1);
    town.pass(300_000);
    town.connect(m1, m2);
    expect(m2.node.heard.size).toBe(0);
  });

  test('is told by a customer that started again meanwhile', () => {
    const made = driveTo('offered');
    const { town, customer, m1 } = made;
    town.onFrame = (_from, _to, bytes) => {
      const isCancel = bytes.length === encodeFrame(withdrawn).length;
      return isCancel ? null : bytes;
    };
    town.command(customer, { command: 'cancelJob', payloadId: jobOf(made) });
    expect(m1.node.heard.size).toBe(1);
    town.onFrame = (_from, _to, bytes) => bytes;
    town.restart(customer);
    expect(m1.node.heard.size).toBe(0);
  });

  test('is told nothing once the window is over, and nothing is kept', () => {
    const made = driveTo('posted');
    away(made);
    const { town, m1, m2 } = made;
    town.pass(3 * 3_600_000);
    town.connect(m1, m2);
    expect(cancelledBy(m1)).toHaveLength(0);
    expect(m1.node.cancelled.size).toBe(0);
  });
});

test('a reply that crosses the cancellation is dropped, and nobody is to blame', () => {
  const made = driveTo('posted');
  const { town, customer, m1, worker } = made;
  const replies: [Seat, Seat, Uint8Array][] = [];
  town.onFrame = (from, to, bytes) => {
    if (to !== m1 || bytes.length < 4_000) return bytes;
    replies.push([from, to, bytes]);
    return null;
  };
  driveOn('offered', made);
  town.onFrame = (_from, _to, bytes) => bytes;
  expect(replies).toHaveLength(1);
  town.command(customer, { command: 'cancelJob', payloadId: jobOf(made) });
  const [from, to, bytes] = replies[0]!;
  town.hear(to, { on: 'received', peer: from.node.self, bytes });
  expect(faults(made)).toEqual([]);
  expect(m1.node.legs.size).toBe(0);
  expect(offersOf(worker)).toMatchObject([{ reason: 'called-off' }]);
});

describe('asks that are under way end: nobody works for a job that is not wanted', () => {
  test('before the ask: it is never made', () => {
    const node = someNode();
    const [from, next] = [new Neighbour(node, 'from'), new Neighbour(node, 'next')];
    from.work();
    const carried = from.broadcast(request, from.ask(request));
    expect(carried.map(nameOf)).toContain('mine');
    from.say(withdrawn);
    expect(next.mined(carried).map(nameOf)).toEqual(['send sessionWork']);
  });

  test('after it: its work is stopped', () => {
    const node = someNode();
    const [from, next] = [new Neighbour(node, 'from'), new Neighbour(node, 'next')];
    from.work();
    const asked = next.mined(from.broadcast(request, from.ask(request)));
    const { askId } = sent(asked, 'askForBroadcast').frame as FrameOf<'askForBroadcast'>;
    next.say({ ...(frames['conditions'] as FrameOf<'conditions'>), askId });
    expect(from.say(withdrawn).map(nameOf)).toContain('cancelMining');
  });
});
