/**
 * Every decoder of the core, told what a hostile peer would say: none throws, every answer is a fault of shape or a value that
 * is what it was when it is encoded again, and no value is much larger than its bytes.
 */
import { isDeepStrictEqual } from 'node:util';
import { equal, hexOf } from '../../src/lib/protocol/bytes.ts';
import { openBox, openSealed } from '../../src/lib/protocol/crypto.ts';
import { decodeFrame, encodeFrame, type Frame } from '../../src/lib/protocol/frame.ts';
import { readInvoice } from '../../src/lib/protocol/job/bolt11.ts';
import { isGeohash, verifyGeohash } from '../../src/lib/protocol/job/geohash.ts';
import { onionBytes, peelOnion } from '../../src/lib/protocol/job/onion-route.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import * as cast from '../protocol/cast.ts';
import * as deal from '../protocol/deal.ts';
import { bodies, frames, senderOnion } from '../protocol/samples.ts';
import type { Dice } from './dice.ts';
import { sizeOf } from './measure.ts';
import { hostile } from './mutate.ts';

interface Target {
  readonly name: string;
  /** Of a thousand decodes, about. */
  readonly weight: number;
  readonly originals: readonly Uint8Array[];
  /** What the bytes mean, or a fault. */
  decode(bytes: Uint8Array): unknown;
  /** Throws if what was decoded is not sound. */
  check?(found: unknown, bytes: Uint8Array): void;
}

const shapes = ['FRAME_MALFORMED', 'FRAME_NOT_CANONICAL', 'FRAME_TOO_LARGE', 'INVOICE_MALFORMED'];

function insist(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(what);
}

const frame: Target = {
  name: 'frame',
  weight: 400,
  originals: Object.values(frames).map(encodeFrame),
  decode: decodeFrame,
  check(found) {
    const again = decodeFrame(encodeFrame(found as Frame));
    insist(isDeepStrictEqual(again, found), 'a frame is not what it was');
  },
};

const written = Object.entries(bodies).map(([name, { codec, body }]) => ({
  name,
  codec,
  bytes: codec.encode(body),
}));

const everyBody = written.map(({ bytes }) => bytes);

const bodyTargets = written.map(({ name, codec, bytes }): Target => ({
  name,
  weight: 500 / written.length,
  originals: [...Array<Uint8Array>(4 * written.length).fill(bytes), ...everyBody],
  decode: codec.decodeCanonical,
  check(found, given) {
    insist(equal(codec.encode(found as object), given), `${name} is not canonical`);
  },
}));

const text = new TextDecoder('latin1');
const asBytes = (words: readonly string[]) => words.map((word) => Buffer.from(word, 'latin1'));

const others: readonly Target[] = [
  {
    name: 'invoice',
    weight: 60,
    originals: asBytes([deal.networkInvoice, deal.onwardInvoice, deal.replyInvoice]),
    decode: (bytes) => readInvoice(text.decode(bytes)),
  },
  {
    name: 'geohash',
    weight: 36,
    originals: asBytes(['u2yhvdp', 'u2yj2b3q', 'u2yh']),
    decode(bytes) {
      const geohash = text.decode(bytes);
      const fault = verifyGeohash(geohash, 4, 8);
      insist(fault !== null || isGeohash(geohash), 'a geohash that is none');
      return null;
    },
  },
  {
    name: 'box',
    weight: 2,
    originals: [deal.honest.sealed],
    decode: (bytes) =>
      openBox({ channelKey: deal.channelKey, direction: 'sender', sequence: 1 }, bytes),
  },
  {
    name: 'seal',
    weight: 1,
    originals: [deal.evidence.sender, deal.honest.sealed],
    decode(sealed) {
      const { secret } = cast.settler;
      return openSealed({ purpose: 'evidence', secret, context: cast.seedOf('promise'), sealed });
    },
  },
  {
    name: 'onion',
    weight: 1,
    originals: [senderOnion],
    decode(bytes) {
      const onion = new Uint8Array(onionBytes);
      onion.set(bytes.subarray(0, onionBytes));
      const { onionSecret: secret } = cast.devices.customer;
      return peelOnion(onion, { secret, payloadId: cast.payloadId, random: cast.dice('peel') });
    },
  },
];

export const targets: readonly Target[] = [frame, ...bodyTargets, ...others];

/** Values that decode are looked at closely, one in so many. */
const closely = 4;

export interface Decoded {
  decodes: number;
  accepted: number;
  bytes: number;
  readonly by: Record<string, { decodes: number; accepted: number }>;
}

export function newDecoded(): Decoded {
  const by = targets.map(({ name }) => [name, { decodes: 0, accepted: 0 }] as const);
  return { decodes: 0, accepted: 0, bytes: 0, by: Object.fromEntries(by) };
}

/** One decode more. Throws, with the bytes to repeat it, if the decoder does or what it answers is not sound. */
export function decodeOnce(dice: Dice, decoded: Decoded): void {
  const target = draw(dice);
  const bytes = hostile(dice, target.originals);
  try {
    const found = target.decode(bytes);
    decoded.decodes++;
    decoded.bytes += bytes.length;
    const count = decoded.by[target.name]!;
    count.decodes++;
    if (isFault(found)) {
      if (target.check) insist(shapes.includes(found.code), `fault ${found.code}`);
      return;
    }
    decoded.accepted++;
    count.accepted++;
    if (!target.check || !dice.one(closely)) return;
    insist(sizeOf(found) <= 4_096 + 64 * bytes.length, 'a value that is far too large');
    target.check(found, bytes);
  } catch (error) {
    const hex = hexOf(bytes);
    throw new Error(`${target.name} of ${hex}: ${(error as Error).message}`, { cause: error });
  }
}

const total = targets.reduce((sum, { weight }) => sum + weight, 0);

function draw(dice: Dice): Target {
  let at = dice.below(total);
  return targets.find(({ weight }) => (at -= weight) < 0) ?? frame;
}
