import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hexOf } from '../../src/lib/protocol/bytes.ts';
import { peerKeyOf, randomStream, secretFrom, xOnlyOf } from '../../src/lib/protocol/crypto.ts';
import { decodeFrame } from '../../src/lib/protocol/frame.ts';
import type { AskId, PayloadId } from '../../src/lib/protocol/ids.ts';
import {
  growOnion,
  onionHops,
  onionSlotBytes,
  peelOnion,
  startOnion,
} from '../../src/lib/protocol/job/onion-route.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from './cast.ts';
import { Town } from './town.ts';

const payloadId = 'ab'.repeat(32) as PayloadId;
const fill = (byte: number) => new Uint8Array(32).fill(byte);
const firstSlot = (onion: Uint8Array) => hexOf(onion.subarray(0, onionSlotBytes));

/** What each hop of a route keeps: the slot it is known by, and the rest a reply goes on with. */
function keptBy(count: number, seed: Uint8Array) {
  const random = randomStream(seed);
  const secrets = Array.from({ length: count + 1 }, (_, i) => secretFrom(fill(i + 1)));
  const keyOf = (i: number) => xOnlyOf(secrets[i]!);
  let onion = startOnion({ to: keyOf(0), payloadId, random, expirySeconds: 99 });
  const start = firstSlot(onion);
  const kept = Array.from({ length: count }, (_, i) => {
    const peer = peerKeyOf(secretFrom(fill(i + 101)));
    const askId = i.toString(16).padStart(32, '0') as AskId;
    const head = { kind: 'forward', peer, askId, expirySeconds: 99 } as const;
    onion = growOnion(onion, { to: keyOf(i + 1), payloadId, random, head });
    const peeled = peelOnion(onion, { secret: secrets[i + 1]!, payloadId, random });
    if (isFault(peeled)) throw new Error(peeled.detail);
    return { slot: firstSlot(onion), rest: peeled.rest };
  });
  return { start, kept };
}

describe('how far a topic and its reply go [GOS-23, ONI-05, BRC-07]', () => {
  test('a reply comes home over any number of hops: each sends on what it kept itself', () => {
    const seeds = fc.uint8Array({ minLength: 32, maxLength: 32 });
    const counts = fc.integer({ min: 1, max: 3 * onionHops });
    const property = fc.property(seeds, counts, (seed, count) => {
      const { start, kept } = keptBy(count, seed);
      // What the worker sends, and then every hop: its own rest, whatever tail it was given.
      for (let i = count - 1; i > 0; i--) {
        expect(firstSlot(kept[i]!.rest)).toBe(kept[i - 1]!.slot);
      }
      expect(firstSlot(kept[0]!.rest)).toBe(start);
    });
    fc.assert(property, { numRuns: 20 });
  });

  test.each([1, 2])(
    'what ends a flood: no node sends a topic on more than %i times, in circles either',
    (multibroadcast) => {
      const town = new Town();
      const settler = town.seat('settler', { allowPeers: [], approveAutomatically: true });
      town.command(settler, { command: 'becomeSettler', name: 'Couriers Union' });
      const seats = ['customer', 'a', 'b', 'c'].map((name) => town.seat(name, { multibroadcast }));
      const customer = seats[0]!;
      const notices = settler.life.flatMap(({ effects }) =>
        effects.flatMap((effect) => (effect.do === 'notify' ? [effect.notice] : [])),
      );
      const known = notices.find((notice) => notice.view === 'node' && notice.node.settlerRoot);
      const root = known?.view === 'node' ? known.node.settlerRoot : null;
      const { self: peer } = settler.node;
      const add = { command: 'addSettler', root: root!, peer, addresses: ['/memory/settler'] };
      for (const seat of seats) town.command(seat, { ...add, command: 'addSettler' });
      for (const seat of town.seats.values()) town.bank(seat);
      const statement = 'It is me.';
      const apply = { command: 'applyForCertificate', root: root!, name: 'customer' } as const;
      town.command(customer, { ...apply, statement });
      for (const [i, seat] of seats.entries()) {
        for (const other of seats.slice(i + 1)) town.connect(seat, other);
      }
      const broadcasts = new Map<string, number>();
      town.onFrame = (from, _to, bytes) => {
        const frame = decodeFrame(bytes);
        if (!isFault(frame) && frame.kind === 'broadcast') {
          broadcasts.set(from.name, (broadcasts.get(from.name) ?? 0) + 1);
        }
        return bytes;
      };
      const window = { pickupAfterMs: cast.nowMs, dropoffBeforeMs: cast.nowMs + 7_200_000 };
      const cells = { pickupGeohash: 'u2yhvdp', dropoffGeohash: 'u2yj2b3q' };
      const topic = { kind: 'taxi', ...cells, ...window, pickupBeforeMs: null } as const;
      town.command(customer, { command: 'postJob', topic });
      town.pass(10_000);
      const sent = [...broadcasts.values()].reduce((sum, times) => sum + times, 0);
      expect(sent).toBeGreaterThanOrEqual(3);
      for (const { node } of seats.slice(1)) {
        const [times] = node.payloads.values();
        expect(times).toBeLessThanOrEqual(multibroadcast);
        expect(times).toBeGreaterThanOrEqual(1);
      }
      for (const name of ['a', 'b', 'c']) {
        expect(broadcasts.get(name) ?? 0).toBeLessThanOrEqual(2 * multibroadcast);
      }
      town.pass(60_000);
      expect([...broadcasts.values()].reduce((sum, times) => sum + times, 0)).toBe(sent);
    },
    60_000,
  );
});
