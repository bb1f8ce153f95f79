import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { peerKeyOf, randomStream, secretFrom, xOnlyOf } from '../../src/lib/protocol/crypto.ts';
import type { AskId, PayloadId, PeerKey } from '../../src/lib/protocol/ids.ts';
import {
  growOnion,
  onionBytes,
  onionHops,
  onionSlotBytes,
  peelOnion,
  startOnion,
  type ForwardHead,
  type OnionHead,
  type PeeledOnion,
} from '../../src/lib/protocol/job/onion-route.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import { peelElsewhere, slotSaying } from './onion-elsewhere.ts';

const payloadId = 'ab'.repeat(32) as PayloadId;
const otherPayload = 'ac'.repeat(32) as PayloadId;
const fill = (byte: number, length = 32) => new Uint8Array(length).fill(byte);

interface Hop {
  readonly secret: Uint8Array;
  readonly to: Uint8Array;
  /** What this hop writes of itself into the layer for the next. */
  readonly head: ForwardHead;
}

const hops: readonly Hop[] = Array.from({ length: onionHops + 2 }, (_, i) => {
  const secret = secretFrom(fill(i + 1));
  const peer = peerKeyOf(secretFrom(fill(i + 101)));
  const askId = i.toString(16).padStart(32, '0') as AskId;
  return { secret, to: xOnlyOf(secret), head: { kind: 'forward', peer, askId, expirySeconds: i } };
});
const [sender, first, second] = hops as [Hop, Hop, Hop];

/** The onion as the last of `count` hops receives it. */
function grown(count: number, random: (n: number) => Uint8Array): Uint8Array {
  let onion = startOnion({ to: sender.to, payloadId, random, expirySeconds: 99 });
  for (let i = 1; i <= count; i++) {
    onion = growOnion(onion, { to: hops[i]!.to, payloadId, random, head: hops[i - 1]!.head });
  }
  return onion;
}

function peeled(onion: Uint8Array, secret: Uint8Array, payload = payloadId): PeeledOnion {
  const layer = peelOnion(onion, { secret, payloadId: payload, random: randomStream(fill(9)) });
  if ('code' in layer) throw new Error(layer.detail);
  return layer;
}

function codeOf(onion: Uint8Array, secret: Uint8Array, payload = payloadId): string | null {
  const layer = peelOnion(onion, { secret, payloadId: payload, random: randomStream(fill(9)) });
  return 'code' in layer ? layer.code : null;
}

const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('growing and peeling', () => {
  test('peeling undoes growing, back to the end, for up to 7 hops [ONI-01]', () => {
    const property = fc.property(seeds, fc.integer({ min: 0, max: onionHops }), (seed, count) => {
      let onion = grown(count, randomStream(seed));
      for (let i = count; i >= 1; i--) {
        expect(onion.length).toBe(onionBytes);
        const layer = peeled(onion, hops[i]!.secret);
        expect(layer.head).toEqual(hops[i - 1]!.head);
        expect(layer.slot).toBe(hexOf(onion.subarray(0, onionSlotBytes)));
        onion = layer.rest;
      }
      expect(peeled(onion, sender.secret).head).toEqual({ kind: 'end', expirySeconds: 99 });
    });
    fc.assert(property, { numRuns: 10 });
  });

  test('an eighth hop loses the end [ONI-05]', () => {
    let onion = grown(onionHops + 1, randomStream(fill(1)));
    for (let i = onionHops + 1; i >= 1; i--) onion = peeled(onion, hops[i]!.secret).rest;
    expect(codeOf(onion, sender.secret)).toBe('ONION_UNREADABLE');
  });

  test('a rest is, but for its appended last slot, what was there before growing', () => {
    const random = randomStream(fill(2));
    const before = grown(2, random);
    const third = hops[3]!;
    const onion = growOnion(before, { to: third.to, payloadId, random, head: second.head });
    const kept = onionBytes - onionSlotBytes;
    const { rest } = peeled(onion, third.secret);
    expect(rest.subarray(0, kept)).toEqual(before.subarray(0, kept));
    expect(rest.subarray(kept)).toEqual(randomStream(fill(9))(onionSlotBytes));
  });

  test('the same randomness twice never gives one e to two onions', () => {
    const random = () => fill(3, onionBytes - onionSlotBytes);
    const start = (expirySeconds: number) =>
      startOnion({ to: sender.to, payloadId, expirySeconds, random: (n) => random().slice(0, n) });
    expect(start(1).subarray(0, 32)).not.toEqual(start(2).subarray(0, 32));
  });
});

describe('what a hop can and cannot see', () => {
  test('a peeled onion shows one neighbour only; the rest opens for nobody else [ONI-03]', () => {
    let onion = grown(5, randomStream(fill(4)));
    for (let i = 5; i >= 0; i--) {
      for (const [j, hop] of hops.entries()) {
        expect(codeOf(onion, hop.secret)).toBe(j === i ? null : 'ONION_UNREADABLE');
      }
      const { rest } = peeled(onion, hops[i]!.secret);
      const names = hops.map(({ head }) => bytesOf(head.peer));
      expect(names.some((name) => hexOf(rest).includes(hexOf(name)))).toBe(false);
      onion = rest;
    }
  });

  test('every onion is 832 bytes, whatever the distance [ONI-06]', () => {
    const lengths = [0, 1, 4, onionHops].map((count) => grown(count, randomStream(fill(5))).length);
    expect(new Set(lengths)).toEqual(new Set([832]));
  });

  test('a layer opens for its own payload alone, and says until when it serves [ONI-09]', () => {
    const onion = grown(2, randomStream(fill(7)));
    const by = { secret: hops[2]!.secret, random: randomStream(fill(8)) };
    expect(peelOnion(onion, { ...by, payloadId })).toMatchObject({ head: hops[1]!.head });
    expect(hops[1]!.head.expirySeconds).toBeGreaterThan(0);
    const other = hexOf(fill(9)) as typeof payloadId;
    expect(peelOnion(onion, { ...by, payloadId: other })).toMatchObject({
      code: 'ONION_UNREADABLE',
    });
  });

  test('wiping the tail does not change what the first slot says', () => {
    const onion = grown(3, randomStream(fill(6)));
    const wiped = onion.slice().fill(0, onionSlotBytes);
    const [whole, cut] = [peeled(onion, hops[3]!.secret), peeled(wiped, hops[3]!.secret)];
    expect(cut.head).toEqual(whole.head);
    expect(codeOf(cut.rest, second.secret)).toBe('ONION_UNREADABLE');
  });
});

describe('whatever a peer sends', () => {
  test('a flipped bit anywhere in the first slot is refused', () => {
    const onion = grown(1, randomStream(fill(7)));
    const bit = fc.integer({ min: 0, max: onionSlotBytes * 8 - 1 });
    const property = fc.property(bit, (at) => {
      const tampered = onion.slice();
      tampered[at >> 3]! ^= 1 << (at & 7);
      expect(codeOf(tampered, first.secret)).toBe('ONION_UNREADABLE');
    });
    fc.assert(property, { numRuns: 30 });
  });

  test('garbage of any length gives a fault and never throws', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 1_000 }),
      fc.uint8Array({ minLength: onionBytes, maxLength: onionBytes }),
    );
    const property = fc.property(bytes, (garbage) => {
      expect(codeOf(garbage, first.secret)).toBe('ONION_UNREADABLE');
      const onCurve = concat(second.to, garbage).slice(0, onionBytes);
      expect(codeOf(onCurve, first.secret)).toBe('ONION_UNREADABLE');
    });
    fc.assert(property, { numRuns: 30 });
  });

  test('our own mistakes throw: no onion, no key', () => {
    const random = randomStream(fill(8));
    const layer = { to: first.to, payloadId, random, head: sender.head };
    expect(() => growOnion(fill(1), layer)).toThrow('not an onion');
    expect(() => growOnion(grown(0, random), { ...layer, to: fill(0xff) })).toThrow('public key');
  });
});

interface Json {
  /** Onion secret of whoever peels. */
  readonly secret: string;
  readonly payloadId: string;
}
interface Peeled extends Json {
  readonly head: OnionHead;
  readonly slot: string;
  /** Without the 104 random bytes that are appended. */
  readonly rest: string;
}
interface Grown {
  readonly to: string;
  readonly payloadId: string;
  readonly head: OnionHead;
  /** The 32 random bytes of e. */
  readonly random: string;
  /** Onion before growing; of the end slot, the 728 bytes of fill. */
  readonly onion: string;
}

/** Random bytes of which the first 32 asked for are known; the fill comes before them. */
function startVector(): Vector<Grown> {
  const random = (n: number) => (n === 32 ? fill(0x11) : randomStream(fill(0x12))(n));
  const onion = startOnion({ to: sender.to, payloadId, random, expirySeconds: 1_700_000_000 });
  return {
    name: 'start: an end slot and random fill',
    hex: hexOf(onion),
    json: {
      to: hexOf(sender.to),
      payloadId,
      head: { kind: 'end', expirySeconds: 1_700_000_000 },
      random: hexOf(fill(0x11)),
      onion: hexOf(randomStream(fill(0x12))(onionBytes - onionSlotBytes)),
    },
  };
}

function growVector(name: string, before: string, hop: number): Vector<Grown> {
  const head = hops[hop - 1]!.head;
  const { to } = hops[hop]!;
  const random = () => fill(0x20 + hop);
  const onion = growOnion(bytesOf(before), { to, payloadId, random, head });
  const json = { to: hexOf(to), payloadId, head, random: hexOf(random()), onion: before };
  return { name, hex: hexOf(onion), json };
}

function peelVector(name: string, hex: string, { secret }: Hop): Vector<Peeled> {
  const { head, slot, rest } = peeled(bytesOf(hex), secret);
  const kept = hexOf(rest.subarray(0, onionBytes - onionSlotBytes));
  return { name, hex, json: { secret: hexOf(secret), payloadId, head, slot, rest: kept } };
}

/** Onions whose first slot is sealed correctly and says what no head may say. */
function nonsense(): [string, Uint8Array][] {
  const head = (change: (bytes: Uint8Array) => void) => {
    const { peer, askId } = sender.head;
    const expiryAndZero = fill(0, 6);
    const bytes = concat(Uint8Array.of(2), bytesOf(peer), bytesOf(askId), expiryAndZero);
    change(bytes);
    const ephemeral = secretFrom(fill(0x77));
    const keys = { to: first.to, payloadId, ephemeral, e: xOnlyOf(ephemeral) };
    return concat(slotSaying(bytes, keys), fill(0, onionBytes - onionSlotBytes));
  };
  return [
    ['head of kind 0', head((bytes) => void (bytes[0] = 0))],
    ['head of kind 3', head((bytes) => void (bytes[0] = 3))],
    ['head whose peer key begins with 4', head((bytes) => void (bytes[1] = 4))],
    ['head whose last byte is not zero', head((bytes) => void (bytes[55] = 1))],
    ['head whose last but one byte is not zero', head((bytes) => void (bytes[54] = 1))],
    ['head of an end that names a peer', head((bytes) => void (bytes[0] = 1))],
  ];
}

function buildVectors() {
  const start = startVector();
  const once = growVector('grow: the first hop', start.hex, 1);
  const twice = growVector('grow: the second hop', once.hex, 2);
  const valid = {
    grow: [start, once, twice],
    peel: [
      peelVector('peel: the second hop', twice.hex, second),
      peelVector('peel: the first hop', once.hex, first),
      peelVector('peel: the sender finds its end', start.hex, sender),
    ],
  };
  const changed = (at: number) => {
    const bytes = bytesOf(once.hex);
    bytes[at]! ^= 1;
    return hexOf(bytes);
  };
  const noPoint = `${'ff'.repeat(32)}${once.hex.slice(64)}`;
  const cases: [string, string, Partial<Json>][] = [
    ['onion of 831 bytes', once.hex.slice(2), {}],
    ['onion of 833 bytes', `${once.hex}00`, {}],
    ['e that is no point', noPoint, {}],
    ['head with a flipped bit', changed(40), {}],
    ['tag with a flipped bit', changed(100), {}],
    ['onion for another key', once.hex, { secret: hexOf(second.secret) }],
    ['onion of another payload', once.hex, { payloadId: otherPayload }],
    ...nonsense().map(([name, onion]): [string, string, object] => [name, hexOf(onion), {}]),
  ];
  const invalid: InvalidVector<Json>[] = cases.map(([name, hex, json]) => ({
    name,
    hex,
    json: { secret: hexOf(first.secret), payloadId, ...json },
    code: 'ONION_UNREADABLE',
  }));
  const about =
    'Onions: src/lib/protocol/job/onion-route.ts. To grow: e is the x of the secret that ' +
    'ephemeralSecret(random, head 56, what goes inside 728, to, payload id) in crypto.ts gives.';
  return { about, valid, invalid };
}

describe('vectors', () => {
  const { valid, invalid } = keepVectors('onion', buildVectors());

  test.each(valid.peel)('$name', ({ hex, json }) => {
    const layer = peeled(bytesOf(hex), bytesOf(json.secret), json.payloadId as PayloadId);
    expect(layer.head).toEqual(json.head);
    expect(layer.slot).toBe(json.slot);
    expect(hexOf(layer.rest).startsWith(json.rest)).toBe(true);
  });

  test.each(valid.peel)('$name, read by another implementation', ({ hex, json }) => {
    const secret = bytesOf(json.secret);
    const onion = peelElsewhere(bytesOf(hex), { ...json, secret, to: xOnlyOf(secret) });
    expect(hexOf(onion.rest)).toBe(json.rest);
    const peer = json.head.kind === 'end' ? ('00'.repeat(33) as PeerKey) : json.head.peer;
    expect(hexOf(onion.head.subarray(1, 34))).toBe(peer);
  });

  test.each(invalid)('$name -- $code', ({ hex, json, code }) => {
    const payload = json.payloadId as PayloadId;
    expect(codeOf(bytesOf(hex), bytesOf(json.secret), payload)).toBe(code);
  });
});
