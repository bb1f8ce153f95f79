/** Hellos, and words that take a request back: what is checked of them, for other implementations. */
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey } from '../../src/lib/protocol/ids.ts';
import {
  cancelBroadcast,
  verifyCancellation,
} from '../../src/lib/protocol/job/cancel-broadcast.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { onHello, openSession } from '../../src/lib/protocol/overlay/session.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { number } from './protobuf.ts';
import { hello } from './samples-route.ts';

const { network, nowMs, payloadId } = cast;

interface Own {
  readonly network: 'mainnet' | 'regtest';
  readonly nowMs: number;
  /** The peer's clock minus the reader's. */
  readonly clockOffsetMs?: number;
}

function hellos() {
  const own: Own = { network, nowMs };
  const skew = limits.clockSkewMs;
  const vector = (name: string, change: Partial<FrameOf<'hello'>>, json = own): Vector<Own> => ({
    name,
    hex: hexOf(encodeFrame({ ...hello, ...change })),
    json,
  });
  const good = (name: string, clockOffsetMs: number) =>
    vector(name, { clockMs: nowMs + clockOffsetMs }, { ...own, clockOffsetMs });
  const refused: [string, Partial<FrameOf<'hello'>>, string, Own?][] = [
    ['version 2', { version: 2 }, 'NETWORK_MISMATCH'],
    ['version 0', { version: 0 }, 'NETWORK_MISMATCH'],
    ['another network', {}, 'NETWORK_MISMATCH', { network: 'mainnet', nowMs }],
    ['a clock more than 30 s ahead', { clockMs: nowMs + skew + 1 }, 'CLOCK_SKEW'],
    ['a clock more than 30 s behind', { clockMs: nowMs - skew - 1 }, 'CLOCK_SKEW'],
    ['an onion key on no curve', { onionKey: cast.noPoint }, 'FRAME_MALFORMED'],
    ['another network and a bad clock', { network: 'mainnet', clockMs: 0 }, 'NETWORK_MISMATCH'],
    ['a bad clock and a bad key', { clockMs: 0, onionKey: cast.noPoint }, 'CLOCK_SKEW'],
  ];
  return {
    about:
      'Hellos (a Frame), and the network and clock of who gets them: src/lib/protocol/overlay/session.ts.',
    valid: [
      good('a hello', 0),
      good('a clock 30 s ahead', skew),
      good('a clock 30 s behind', -skew),
    ],
    invalid: refused.map(([name, change, code, json]): InvalidVector<Own> => ({
      ...vector(name, change, json),
      code,
    })),
  };
}

function greet(hex: string, { network: ours, nowMs: now }: Own) {
  const session = openSession(
    cast.devices.m1.peer,
    { direct: true, dialled: true },
    cast.context({ nowMs: now }),
  );
  const frame = decodeFrame(bytesOf(hex)) as FrameOf<'hello'>;
  return onHello(session, frame, { network: ours, nowMs: now });
}

describe('hellos', () => {
  const { valid, invalid } = keepVectors('hellos', hellos());

  test.each(valid)('$name', ({ hex, json }) => {
    const open = greet(hex, json);
    if (isFault(open)) throw new Error(open.detail);
    expect(open.hello.clockOffsetMs).toBe(json.clockOffsetMs);
  });

  test.each(invalid)('recv HelloFrame -- $name -- $code', ({ hex, json, code }) => {
    const open = greet(hex, json);
    expect(isFault(open) && open.code).toBe(code);
  });
});

interface Heard {
  readonly network: 'mainnet' | 'regtest';
  /** The key that signed the request. */
  readonly senderKey: string;
  readonly payloadId: string;
  /** The offer that was chosen, of which the frame tells a hash. */
  readonly offerId?: string;
}

function cancellations() {
  const heard: Heard = { network, senderKey: cast.customer.key, payloadId };
  const by = (who: cast.Party) => ({
    network,
    secret: who.secret,
    random: cast.dice('taking back'),
  });
  const vector = (
    name: string,
    cancellation: FrameOf<'cancelBroadcast'>,
    json: Partial<Heard> = {},
  ): Vector<Heard> => ({
    name,
    hex: hexOf(encodeFrame(cancellation)),
    json: { ...heard, ...json },
  });
  const withdrawn = cancelBroadcast(payloadId, null, by(cast.customer));
  const { offerId } = deal;
  const taken = cancelBroadcast(payloadId, offerId, by(cast.customer));
  const signed = withdrawn.cancellation;
  const body = concat(signed.body, number(99, 1));
  const code = 'CANCELLATION_SIGNATURE_INVALID';
  const invalid: InvalidVector<Heard>[] = [
    { ...vector('by somebody else', cancelBroadcast(payloadId, null, by(cast.mallory))), code },
    { ...vector('one bit off', { ...withdrawn, cancellation: cast.forged(signed) }), code },
    { ...vector('of another network', withdrawn, { network: 'mainnet' }), code },
    {
      ...vector('not canonical', { ...withdrawn, cancellation: { ...signed, body } }),
      code: 'FRAME_NOT_CANONICAL',
    },
  ];
  return {
    about:
      'Requests that are taken back (a Frame), and what is known of the request: ' +
      'src/lib/protocol/job/cancel-broadcast.ts.',
    valid: [vector('withdrawn', withdrawn), vector('taken', taken, { offerId })],
    invalid,
  };
}

describe('cancellations', () => {
  const { valid, invalid } = keepVectors('cancellations', cancellations());
  const verify = (hex: string, { network: on, senderKey }: Heard) => {
    const { cancellation } = decodeFrame(bytesOf(hex)) as FrameOf<'cancelBroadcast'>;
    return verifyCancellation(cancellation, { network: on, key: senderKey as PartyKey });
  };

  test.each(valid)('$name', ({ hex, json }) => {
    const found = verify(hex, json);
    if (isFault(found)) throw new Error(found.detail);
    expect(found.payloadId).toBe(json.payloadId);
    expect(found.chosen === null).toBe(json.offerId === undefined);
  });

  test.each(invalid)('recv CancelBroadcastFrame -- $name -- $code', ({ hex, json, code }) => {
    const found = verify(hex, json);
    expect(isFault(found) && found.code).toBe(code);
  });
});
