/** What becomes of a frame whose peer is away, or whose connection dies under it: kept, for how long, and how much of it. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameOf,
} from '../../src/lib/protocol/frame.ts';
import type { PeerKey } from '../../src/lib/protocol/ids.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { createNode, stepNode, type Node } from '../../src/lib/protocol/node.ts';
import { cares, release, send } from '../../src/lib/protocol/node/outbox.ts';
import { beginTurn } from '../../src/lib/protocol/node/state.ts';
import { stepSettlement } from '../../src/lib/protocol/roles/settler.ts';
import { readStored, toStored } from '../../src/lib/protocol/stored.ts';
import * as cast from './cast.ts';
import { frames } from './samples.ts';
import { nowMs } from './cast.ts';
import { driveTo, Town, type Seat } from './town.ts';

const away = cast.device('away').peer;
const options = { secret: cast.seedOf('holder'), network: 'regtest' } as const;
const reply = frames['reply'] as FrameOf<'reply'>;
const untilMs = nowMs + limits.heldMs;
const owner = 'leg/one';

let node: Node;
beforeEach(() => {
  node = createNode(options);
  step({ on: 'start', entries: [] });
});

function step(event: Parameters<typeof stepNode>[1], atMs = nowMs): Effect[] {
  return stepNode(node, event, atMs, cast.seedOf(`step ${atMs}`));
}

/** What a send asks for. */
function say(frame: Frame, about: Parameters<typeof send>[3] = {}, to = away, atMs = nowMs) {
  const turn = beginTurn(node, atMs, cast.seedOf('say'));
  send(turn, to, frame, about);
  return turn.effects;
}

/** The peer comes, and what is said to it but for our hello. */
function comes(atMs: number, peer: PeerKey = away): Frame['kind'][] {
  step({ on: 'connected', peer, direct: true, dialled: false }, atMs);
  const hello = { ...(frames['hello'] as FrameOf<'hello'>), clockMs: atMs };
  const bytes = encodeFrame(hello);
  const sent = step({ on: 'received', peer, bytes }, atMs);
  return sent.flatMap((effect) => (effect.do === 'send' ? [effect.frame.kind] : []));
}

const leaves = (atMs: number) => step({ on: 'disconnected', peer: away }, atMs);
const stored = (effects: readonly Effect[]) =>
  effects.flatMap((effect) => (effect.do === 'store' ? [effect] : []));

describe('a frame for a peer that is away', () => {
  const kept = (care: string) => ['repeated', 'once'].includes(care);

  test.each(Object.entries(cares))(
    'of kind %s is kept as its care says: %s [REL-06]',
    (kind, care) => {
      say(Object.values(frames).find((frame) => frame.kind === kind)!);
      expect(node.outbox.has(away)).toBe(kept(care));
    },
  );

  test('waits for as long as it is worth something, a reply for its promise [REL-06]', () => {
    say(reply, { untilMs });
    say(frames['draft']!);
    expect(comes(nowMs + limits.outboxMs + 1)).toEqual(['reply']);
    node = createNode(options);
    step({ on: 'start', entries: [] });
    say(reply, { untilMs: untilMs + 1 });
    expect(comes(untilMs)).toEqual([]);
  });

  test('is called for, soon and then later and later, until nothing waits [REL-05]', () => {
    const first = say(reply, { untilMs });
    const pauses: number[] = [];
    let wake = first.find((effect) => effect.do === 'wake');
    let atMs = nowMs;
    while (wake !== undefined) {
      pauses.push(wake.atMs - atMs);
      atMs = wake.atMs;
      const effects = step({ on: 'wake', key: `call/${away}` }, atMs);
      wake = effects.find((effect) => effect.do === 'wake');
      expect(effects.some((effect) => effect.do === 'dial')).toBe(wake !== undefined);
    }
    expect(pauses[0]).toBe(limits.callFirstMs);
    expect(Math.max(...pauses)).toBe(limits.callPauseMs);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect(atMs).toBeGreaterThanOrEqual(untilMs);
  });

  test('is off the list and the disk once its owner has no more use for it', () => {
    const [entry] = stored(say(reply, { untilMs, owner }));
    const turn = beginTurn(node, nowMs, cast.seedOf('release'));
    release(turn, owner);
    expect(turn.effects).toEqual([{ do: 'store', key: entry!.key, value: null }]);
    expect(comes(nowMs + 1)).toEqual([]);
  });
});

describe('a reply that was sent', () => {
  beforeEach(() => {
    comes(nowMs);
    say(reply, { untilMs });
  });

  test('and may have been in flight as the connection died is sent again [REL-02, REL-06]', () => {
    leaves(nowMs + 1_000);
    expect(comes(nowMs + 600_000)).toEqual(['reply']);
    leaves(nowMs + 601_000);
    expect(comes(nowMs + 602_000)).toEqual(['reply']);
  });

  test('is not said for ever to who comes and goes and comes again [REL-06, NET-03]', () => {
    let times = 1;
    for (let i = 1; i < 40; i++) {
      leaves(nowMs + i);
      times += comes(nowMs + i).length;
    }
    expect(times).toBe(limits.outboxTries);
  });

  test('over a connection that lived on has arrived', () => {
    const bytes = encodeFrame(frames['settlerInfoRequest']!);
    step({ on: 'received', peer: away, bytes }, nowMs + limits.flightMs);
    leaves(nowMs + limits.flightMs + 1);
    expect(comes(nowMs + 600_000)).toEqual([]);
  });

  test('is on no disk while the peer is here, unless a machine counts on it; and from when it waits', () => {
    expect(node.outbox.get(away)![0]).toMatchObject({ stored: false });
    expect(stored(say(reply, { untilMs, owed: true }))).toHaveLength(1);
    node.outbox.clear();
    say(reply, { untilMs });
    expect(stored(leaves(nowMs + 1)).map(({ key }) => key.split('/')[0])).toEqual(['held']);
  });
});

describe('a node that starts again', () => {
  test('has what waited, calls its peer, and says it [REL-06]', () => {
    const entries = stored(say(reply, { untilMs }));
    node = createNode(options);
    const effects = step({ on: 'start', entries });
    expect(effects).toContainEqual({ do: 'dial', peer: away, addresses: [] });
    expect(comes(nowMs + 1_000)).toEqual(['reply']);
    const bytes = encodeFrame(frames['settlerInfoRequest']!);
    const landed = step({ on: 'received', peer: away, bytes }, nowMs + 1_000 + limits.flightMs);
    expect(stored(landed)).toEqual([{ do: 'store', key: entries[0]!.key, value: null }]);
  });

  test('forgets what is too late', () => {
    const entries = stored(say(reply, { untilMs }));
    node = createNode(options);
    const effects = step({ on: 'start', entries }, untilMs);
    expect(stored(effects)).toEqual([{ do: 'store', key: entries[0]!.key, value: null }]);
    expect(node.outbox.size).toBe(0);
  });

  test.each<[string, (bytes: Uint8Array) => Uint8Array]>([
    ['torn', (bytes) => bytes.subarray(0, 100)],
    ['altered', (bytes) => bytes.with(-1, bytes.at(-1)! ^ 1)],
  ])('forgets what is %s on its disk, and says none of it to anybody [NET-18]', (_how, spoil) => {
    const [entry] = stored(say(reply, { untilMs }));
    const held = readStored<{ frame: Uint8Array }>(entry!.value!);
    const value = toStored({ ...held, frame: spoil(held.frame) });
    node = createNode(options);
    const effects = step({ on: 'start', entries: [{ key: entry!.key, value }] });
    expect(stored(effects)).toEqual([{ do: 'store', key: entry!.key, value: null }]);
    expect(comes(nowMs + 1_000)).toEqual([]);
  });

  test('blames nobody for a reply to what it carried before', () => {
    const entries = [{ key: 'learns-relays', value: null }];
    const got = (again: boolean, atMs: number) => {
      node = createNode(options);
      step({ on: 'start', entries: again ? entries : [] });
      comes(atMs);
      const effects = step({ on: 'received', peer: away, bytes: encodeFrame(reply) }, atMs);
      return effects.flatMap((effect) => (effect.do === 'fault' ? [effect.code] : []));
    };
    expect(got(false, nowMs)).toEqual(['ONION_SLOT_UNKNOWN']);
    expect(got(true, nowMs)).toEqual([]);
    expect(got(true, nowMs + limits.heldMs)).toEqual(['ONION_SLOT_UNKNOWN']);
  });
});

describe('who asks and leaves', () => {
  const large = (i: number): Frame => {
    const bytes = new Uint8Array(20_000).fill(i);
    new DataView(bytes.buffer).setUint32(0, i);
    return { ...reply, encryptedReplyPayload: bytes };
  };
  const bytesFor = (peer: PeerKey) =>
    (node.outbox.get(peer) ?? []).reduce((sum, { bytes }) => sum + bytes, 0);

  test('costs so many frames and no more, the oldest go [REL-06, NET-03]', () => {
    for (let i = 0; i <= limits.outboxFrames; i++) say(large(i), { untilMs });
    const held = node.outbox.get(away)!;
    expect(held).toHaveLength(limits.outboxFrames);
    expect(held[0]!.frame).toEqual(large(1));
  });

  test('costs so many bytes in all, and who costs most loses first [REL-06, NET-03]', () => {
    const honest = cast.device('honest').peer;
    say(large(0), { untilMs }, honest);
    for (let peer = 0; peer < 8; peer++) {
      for (let i = 0; i < limits.outboxFrames; i++)
        say(large(i), { untilMs }, `${peer}` as PeerKey);
    }
    const all = [...node.outbox.keys()].reduce((sum, peer) => sum + bytesFor(peer), 0);
    expect(all).toBeLessThanOrEqual(limits.outboxBytes);
    expect(all).toBeGreaterThan(limits.outboxBytes - 25_000);
    expect(node.outbox.get(honest)).toHaveLength(1);
  });
});

describe('an exact copy is harmless', () => {
  const offered = driveTo('offered');
  const { m1, m2, settler, worker } = offered;
  const got = (seat: Seat, kind: Frame['kind']) =>
    seat.life.flatMap(({ event }) => {
      const frame = event.on === 'received' ? decodeFrame(event.bytes) : null;
      return frame && 'kind' in frame && frame.kind === kind ? [frame] : [];
    });
  const again = (seat: Seat, from: Seat, kind: Frame['kind']) => {
    const bytes = encodeFrame(got(seat, kind)[0]!);
    const event = { on: 'received', peer: from.node.self, bytes } as const;
    return stepNode(structuredClone(seat.node), event, nowMs, cast.seedOf('again'));
  };

  test.each<[string, Seat, Seat, Frame['kind']]>([
    ['of a reply, at who carried it', m1, m2, 'reply'],
    ['of a reply, at its sender', offered.customer, m1, 'reply'],
    ['of a draft request', settler, worker, 'draftRequest'],
    ['of a draft', worker, settler, 'draft'],
    ['of a promise', worker, settler, 'promise'],
  ])('%s [REL-06]', (_of, seat, from, kind) => {
    expect(again(seat, from, kind).filter((effect) => effect.do !== 'notify')).toEqual([]);
  });

  test('of a sealed reply: the same promise once more', () => {
    const [sent, ...rest] = again(settler, worker, 'sealedReply');
    const [first] = got(worker, 'promise') as FrameOf<'promise'>[];
    expect(rest.filter((effect) => effect.do !== 'notify')).toEqual([]);
    expect(sent).toMatchObject({ do: 'send', frame: { kind: 'promise', promise: first!.promise } });
  });

  test('of a draft request that is not answered with a sealed reply yet: the same draft once more', () => {
    const [made] = settler.node.settlements.values();
    if (made?.state !== 'Promised') throw new Error('no promise');
    const { promise: _none, ...drafted } = { ...made, state: 'Drafted' } as const;
    const ctx = { ...cast.context(), epoch: 0 } as never;
    const [, effects] = stepSettlement(drafted as never, { on: 'askedAgain' }, ctx);
    const [draft] = got(worker, 'draft');
    expect(effects).toEqual([{ do: 'send', to: worker.node.self, frame: draft }]);
  });
});

/**
 *             a
 *   customer <   > m - worker, and a settler
 *             b
 */
test('where the next hop is away a reply goes home another way, if its request came on one [REL-06, ONI-08]', () => {
  const town = new Town();
  const settler = town.seat('settler', { allowPeers: [], approveAutomatically: true });
  town.command(settler, { command: 'becomeSettler', name: 'Couriers Union' });
  const seats = ['customer', 'a', 'b', 'm', 'worker'].map((name) => town.seat(name));
  const [customer, a, b, m, worker] = seats as [Seat, Seat, Seat, Seat, Seat];
  const root = settler.life[2]!.effects.flatMap((effect) =>
    effect.do === 'notify' && effect.notice.view === 'node' ? [effect.notice.node.settlerRoot] : [],
  )[0]!;
  for (const seat of [customer, a, b, m, worker]) {
    const { self: peer } = settler.node;
    town.command(seat, { command: 'addSettler', root, peer, addresses: ['/memory/settler'] });
    const others = [customer, a, b, m, worker].map(({ node }) => node.self);
    town.command(seat, { command: 'setPolicy', policy: { allowPeers: others } });
  }
  for (const seat of town.seats.values()) town.bank(seat);
  const apply = { command: 'applyForCertificate', root, statement: 'It is me.' } as const;
  town.command(customer, { ...apply, name: 'customer' });
  town.command(worker, { ...apply, name: 'worker' });
  for (const middle of [a, b]) {
    town.connect(customer, middle);
    town.connect(middle, m);
  }
  town.connect(m, worker);
  const topic = {
    kind: 'taxi',
    pickupGeohash: 'u2yhvdp',
    dropoffGeohash: 'u2yj2b3q',
    pickupAfterMs: nowMs,
    dropoffBeforeMs: nowMs + 2 * 3_600_000,
    pickupBeforeMs: null,
  } as const;
  town.command(customer, { command: 'postJob', topic });
  town.pass(3_000);
  town.hear(m, { on: 'disconnected', peer: a.node.self });
  town.hear(a, { on: 'disconnected', peer: m.node.self });
  const payloadId = [...worker.node.heard.keys()][0]!;
  const wish = { priceMsat: 12_000_000n, contactText: 'Ola' } as const;
  town.onFrame = (from, to, bytes) => (from.node.sessions.has(to.node.self) ? bytes : null);
  const ways = [...m.node.passages.values()].map(({ originator }) => originator);
  expect(new Set(ways)).toEqual(new Set([a.node.self, b.node.self]));
  town.command(worker, { command: 'makeOffer', payloadId, ...wish });
  const { offers } = [...customer.node.jobs.values()][0]!;
  expect(offers.length).toBe(ways.length);
});
