import { describe, expect, test } from 'vitest';
import {
  decodeFrame,
  encodeFrame,
  type Frame,
  type FrameOf,
} from '../../src/lib/protocol/frame.ts';
import type { PeerKey } from '../../src/lib/protocol/ids.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { stepNode } from '../../src/lib/protocol/node.ts';
import type { Effect } from '../../src/lib/protocol/machine.ts';
import { askId, frames } from './samples.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { nameOf } from './play.ts';
import { driveTo, type Lived, type Seat } from './town.ts';
import { Neighbour, someNode } from './neighbour.ts';

const offered = driveTo('offered');
const matched = driveTo('matched');

/** What a copy of a node does when a peer sends it something. */
function receive(to: Seat, from: PeerKey, sent: Frame | Uint8Array, atMs = cast.nowMs): Effect[] {
  const bytes = sent instanceof Uint8Array ? sent : encodeFrame(sent);
  const node = structuredClone(to.node);
  return stepNode(node, { on: 'received', peer: from, bytes }, atMs, cast.seedOf('a step'));
}

const faultsOf = (effects: readonly Effect[]) =>
  effects.flatMap((effect) =>
    effect.do === 'fault' ? [{ code: effect.code, peer: effect.peer }] : [],
  );

/** The frames a node got in its life, of one kind. */
function got<K extends Frame['kind']>(seat: Seat, kind: K): FrameOf<K>[] {
  return seat.life.flatMap(({ event }) => {
    const frame = event.on === 'received' ? decodeFrame(event.bytes) : null;
    return frame && 'kind' in frame && frame.kind === kind ? [frame as FrameOf<K>] : [];
  });
}

describe('a frame that earns a fault', () => {
  const { m1, m2, customer, worker, settler } = offered;
  const [asking, first] = [customer.node.self, m1.node.self];
  const ask = { ...frames['askForBroadcast'], askId } as FrameOf<'askForBroadcast'>;
  const reply = got(m1, 'reply')[0]!;
  const forwardOnion = reply.forwardOnion.with(-1, reply.forwardOnion.at(-1)! ^ 1);
  const inOtherOnion = { ...reply, forwardOnion };
  const hello = frames['hello'] as FrameOf<'hello'>;
  const rows: [string, Seat, PeerKey, Frame | Uint8Array, string][] = [
    ['noise', m1, asking, Uint8Array.of(1, 2, 3), 'FRAME_MALFORMED'],
    ['65,537 bytes [NET-03]', m1, asking, new Uint8Array(limits.frameBytes + 1), 'FRAME_TOO_LARGE'],
    ['a second hello', m1, asking, hello, 'FRAME_UNEXPECTED'],
    ['session work that is none', m1, asking, frames['sessionWork']!, 'POW_ABOVE_TARGET'],
    ['ask without work', m2, worker.node.self, ask, 'ASK_WITHOUT_WORK'],
    ['conditions for no ask [ASK-03]', m1, asking, frames['conditions']!, 'ASK_UNKNOWN'],
    ['decline of no ask', m1, asking, frames['decline']!, 'ASK_UNKNOWN'],
    ['broadcast for no ask [BRC-03]', m1, asking, frames['broadcast']!, 'ASK_UNKNOWN'],
    ['broadcast again [BRC-03, WRK-12]', m1, asking, got(m1, 'broadcast')[0]!, 'ASK_UNKNOWN'],
    ['reply for nobody', m1, asking, frames['reply']!, 'ONION_SLOT_UNKNOWN'],
    ['reply from elsewhere', m1, asking, reply, 'REPLY_NOT_BROADCAST_TO'],
    ['reply again, in another onion [RPL-08]', m1, m2.node.self, inOtherOnion, 'REPLY_REPEATED'],
    [
      'own reply from elsewhere',
      customer,
      worker.node.self,
      got(customer, 'reply')[0]!,
      'REPLY_NOT_BROADCAST_TO',
    ],
    ['settlerInfo of strangers', m1, asking, frames['settlerInfo']!, 'CERTIFICATE_ISSUER_UNKNOWN'],
    ['settlerInfo from another', m1, asking, got(m1, 'settlerInfo')[0]!, 'FRAME_UNEXPECTED'],
    [
      'application to another settler',
      settler,
      first,
      frames['certificateApplication']!,
      'CERTIFICATE_NOT_ENTITLED',
    ],
    ['forged application', settler, first, forgedApplication(), 'CERTIFICATE_SIGNATURE_INVALID'],
    ['sealed reply to no draft', settler, first, frames['sealedReply']!, 'STATEMENT_NOT_ENTITLED'],
    [
      'sealed reply of another',
      settler,
      first,
      got(settler, 'sealedReply')[0]!,
      'STATEMENT_NOT_ENTITLED',
    ],
    ['forged draft request', settler, first, forgedDraftRequest(), 'STATEMENT_SIGNATURE_INVALID'],
    ['contact without one', customer, first, frames['contact']!, 'FRAME_UNEXPECTED'],
  ];

  test.each(rows)('recv $0 -- $4', (...[, to, from, frame, code]) => {
    const connected = structuredClone(to.node);
    if (!connected.sessions.has(from)) greet(connected, from);
    const bytes = frame instanceof Uint8Array ? frame : encodeFrame(frame);
    const event = { on: 'received', peer: from, bytes } as const;
    const effects = stepNode(connected, event, cast.nowMs, cast.seedOf('a step'));
    expect(faultsOf(effects)).toEqual([{ code, peer: from }]);
    const rest = effects.filter((effect) => effect.do !== 'notify' && effect.do !== 'fault');
    expect(rest.map(nameOf)).toEqual(code === 'FRAME_TOO_LARGE' ? ['hangUp'] : []);
    expect(connected.peers.get(from)).toMatchObject({ lastFault: code });
  });

  function greet(node: Seat['node'], peer: PeerKey): void {
    const seed = cast.seedOf('greeting');
    stepNode(node, { on: 'connected', peer, direct: true, dialled: false }, cast.nowMs, seed);
    const bytes = encodeFrame(hello);
    stepNode(node, { on: 'received', peer, bytes }, cast.nowMs, seed);
  }

  function forgedApplication(): Frame {
    const frame = got(settler, 'certificateApplication')[0]!;
    return { ...frame, application: cast.forged(frame.application) };
  }

  function forgedDraftRequest(): Frame {
    const frame = got(settler, 'draftRequest')[0]!;
    return { ...frame, request: cast.forged(frame.request) };
  }

  test('recv anything before hello -- FRAME_UNEXPECTED', () => {
    const node = structuredClone(m1.node);
    const peer = cast.devices.mallory.peer;
    const seed = cast.seedOf('a step');
    stepNode(node, { on: 'connected', peer, direct: true, dialled: false }, cast.nowMs, seed);
    const bytes = encodeFrame(frames['watch']!);
    const effects = stepNode(node, { on: 'received', peer, bytes }, cast.nowMs, seed);
    expect(faultsOf(effects)).toEqual([{ code: 'FRAME_UNEXPECTED', peer }]);
  });

  test.each<[string, Partial<FrameOf<'hello'>>, string]>([
    ['another version', { version: 2 }, 'NETWORK_MISMATCH'],
    ['a clock far off', { clockMs: 0 }, 'CLOCK_SKEW'],
  ])('recv HelloFrame -- $0 -- $2, and the session is over', (...[, change, code]) => {
    const node = structuredClone(m1.node);
    const peer = cast.devices.mallory.peer;
    const seed = cast.seedOf('a step');
    stepNode(node, { on: 'connected', peer, direct: true, dialled: false }, cast.nowMs, seed);
    const bytes = encodeFrame({ ...hello, ...change });
    const effects = stepNode(node, { on: 'received', peer, bytes }, cast.nowMs, seed);
    expect(faultsOf(effects)).toEqual([{ code, peer }]);
    expect(effects).toContainEqual({ do: 'hangUp', peer });
  });

  test('recv more frames than the bucket holds -- RATE_EXCEEDED, and the session is over', () => {
    const node = structuredClone(m1.node);
    const bytes = encodeFrame(frames['watch']!);
    const event = { on: 'received', peer: asking, bytes } as const;
    let effects: Effect[] = [];
    for (let i = 0; i <= limits.bucketFrames && effects.length === 0; i++) {
      effects = stepNode(node, event, cast.nowMs, cast.seedOf('a step'));
    }
    expect(faultsOf(effects)).toEqual([{ code: 'RATE_EXCEEDED', peer: asking }]);
    expect(effects).toContainEqual({ do: 'hangUp', peer: asking });
  });

  test('recv from somebody without a session -- nothing at all', () => {
    expect(receive(m1, cast.devices.mallory.peer, hello)).toEqual([]);
  });
});

describe('asks and broadcasts', () => {
  const forgedRequest = cast.forged(cast.request);

  test('recv a forged request -- REQUEST_SIGNATURE_INVALID, and of another -- PAYLOAD_KNOWN_BAD [BRC-03]', () => {
    const node = someNode();
    const [one, two] = [new Neighbour(node, 'one'), new Neighbour(node, 'two')];
    one.work();
    two.work();
    const asked = [one.ask(forgedRequest), two.ask(forgedRequest)] as const;
    const first = one.broadcast(forgedRequest, asked[0]);
    expect(faultsOf(first)).toEqual([{ code: 'REQUEST_SIGNATURE_INVALID', peer: one.device.peer }]);
    const second = two.broadcast(forgedRequest, asked[1]);
    expect(faultsOf(second)).toEqual([{ code: 'PAYLOAD_KNOWN_BAD', peer: two.device.peer }]);
    expect(two.ask(forgedRequest).effects.map(nameOf)).toEqual(['send decline']);
  });

  test('an announcement marks nothing: who asked first and said no more blocks nobody', () => {
    const node = someNode();
    const [silent, honest] = [new Neighbour(node, 'silent'), new Neighbour(node, 'honest')];
    silent.work();
    honest.work();
    silent.ask(cast.request);
    const asked = honest.ask(cast.request);
    const carried = honest.broadcast(cast.request, asked);
    expect(faultsOf(carried)).toEqual([]);
    expect([...node.payloads.values()]).toEqual([1]);
  });

  test('a forged twin of a good payload blocks nothing either: it is another payload', () => {
    const node = someNode();
    const [cheat, honest] = [new Neighbour(node, 'cheat'), new Neighbour(node, 'honest')];
    cheat.work();
    honest.work();
    cheat.broadcast(forgedRequest, cheat.ask(forgedRequest));
    honest.broadcast(cast.request, honest.ask(cast.request));
    expect([...node.payloads.values()]).toEqual(['bad', 1]);
  });

  test("a payload that came by other ways meanwhile is nobody's fault", () => {
    const node = someNode({ multibroadcast: 1 });
    const [one, two] = [new Neighbour(node, 'one'), new Neighbour(node, 'two')];
    one.work();
    two.work();
    const asked = [one.ask(cast.request), two.ask(cast.request)] as const;
    one.broadcast(cast.request, asked[0]);
    expect(two.broadcast(cast.request, asked[1])).toEqual([]);
  });

  test('session work buys 32 asks, and the 33rd -- ASK_WITHOUT_WORK [NET-02, NET-06, WRK-19]', () => {
    const node = someNode();
    const asker = new Neighbour(node, 'asker');
    asker.work();
    const codes = Array.from({ length: limits.asksPerWork + 1 }, () =>
      faultsOf(asker.ask(cast.request).effects).map(({ code }) => code),
    );
    expect(codes.slice(0, -1).flat()).toEqual([]);
    expect(codes.at(-1)).toEqual(['ASK_WITHOUT_WORK']);
  });
});

test('the blame is on who sent it, not on who it is about', () => {
  const { settler, m1, worker } = matched;
  const { promiseId } = [...settler.node.settlements.values()][0]!.deal;
  const frame = { ...deal.said.confirmation, promiseId };
  const effects = receive(settler, m1.node.self, frame);
  expect(worker.node.self).not.toBe(m1.node.self);
  expect(faultsOf(effects)).toEqual([{ code: 'STATEMENT_SIGNATURE_INVALID', peer: m1.node.self }]);
});

describe('every step of a ride', () => {
  const lives = Object.entries(matched).flatMap(([name, seat]) =>
    'life' in seat ? seat.life.map((lived: Lived) => ({ name, ...lived })) : [],
  );

  test('asks to store before anything else', () => {
    for (const { effects } of lives) {
      const first = effects.findIndex((effect) => effect.do !== 'store');
      const rest = first < 0 ? [] : effects.slice(first);
      expect(rest.some((effect) => effect.do === 'store')).toBe(false);
    }
  });

  test('with money is a step with a store', () => {
    for (const { effects } of lives) {
      const money = effects.some((effect) => effect.do === 'payInvoice');
      if (money) expect(effects[0]!.do).toBe('store');
    }
  });

  test('earned nobody a fault', () => {
    expect(lives.flatMap(({ effects }) => faultsOf(effects))).toEqual([]);
  });
});

test('an application is answered again when it is sent again', () => {
  const { settler, worker } = offered;
  const again = got(settler, 'certificateApplication').at(-1)!;
  const sent = receive(settler, worker.node.self, again).map(nameOf);
  expect(sent).toEqual(['send certificateDecision']);
});
