import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import { decodeFrame, encodeFrame } from '../../src/lib/protocol/frame.ts';
import { limits } from '../../src/lib/protocol/limits.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { jsonOf, type Json } from '../vectors/json.ts';
import { keepVectors, type Vector } from '../vectors/vectors.ts';
import { fieldsOf, number, part, varint, withField, withoutField } from './protobuf.ts';
import { frames, kindOf, ride } from './samples.ts';
import { frameKinds, mostWritten, schema } from './schema.ts';

/** Bytes that are no frame. `times` is how often `hex` is repeated; once if it is not said. */
interface Refused {
  readonly name: string;
  readonly hex: string;
  readonly times?: number;
  readonly code: string;
}

const malformed = (name: string, bytes: Uint8Array): Refused => ({
  name,
  hex: hexOf(bytes),
  code: 'FRAME_MALFORMED',
});

/** A frame whose message says something else. */
function changed(kind: string, change: (message: Uint8Array) => Uint8Array): Uint8Array {
  return withField(encodeFrame(frames[kind]!), frameKinds.get(kindOf(kind))!.number, change);
}

const longer = (bytes: Uint8Array) => concat(bytes, Uint8Array.of(0));
const text = (length: number) => () => utf8('x'.repeat(length));

/** Of every kind: what the schema's comments say about the lengths of its own fields, broken by one byte. */
function wrongLengths(): Refused[] {
  return Object.keys(frames).flatMap((name) => {
    const kind = frameKinds.get(kindOf(name))!;
    const sent = fieldsOf(fieldsOf(encodeFrame(frames[name]!))[0]!.value);
    return schema.get(kind.type)!.flatMap((field) => {
      const { exactBytes, atMostBytes } = field;
      if (!sent.some((found) => found.number === field.number)) return [];
      const grow = exactBytes !== null ? longer : atMostBytes !== null && text(atMostBytes + 1);
      if (!grow || (atMostBytes ?? 0) > mostWritten) return [];
      const bytes = changed(name, (message) => withField(message, field.number, grow));
      return malformed(
        `${name}: ${field.name} of ${(exactBytes ?? atMostBytes)! + 1} bytes`,
        bytes,
      );
    });
  });
}

/** Of every kind: without its first part, without any, and cut off. An integer that is left out is 0. */
function missingParts(): Refused[] {
  return [...frameKinds].flatMap(([kind, { type, number: tag }]) => {
    const sample = Object.keys(frames).find((name) => kindOf(name) === kind)!;
    const bytes = encodeFrame(frames[sample]!);
    const cut = malformed(`${kind}: cut off`, bytes.subarray(0, bytes.length - 1));
    const first = schema.get(type)!.find((field) => field.type !== 'uint32');
    if (first === undefined) return [cut];
    const without = changed(sample, (message) => withoutField(message, first.number));
    return [
      cut,
      malformed(`${kind}: no ${first.name}`, without),
      malformed(`${kind}: empty`, part(tag, new Uint8Array())),
    ];
  });
}

/** Messages inside messages, lists, and words of closed sets. */
function deeper(): Refused[] {
  const inside = (kind: string, field: number, change: (bytes: Uint8Array) => Uint8Array) =>
    changed(kind, (message) => withField(message, field, change));
  const chain = (inner: Uint8Array) => part(1, inner);
  const certificates = fieldsOf(encodeFrame(frames['settlerInfo']!));
  const one = fieldsOf(fieldsOf(certificates[0]!.value)[0]!.value)[0]!.value;
  const work = (field: number) =>
    inside('conditions', 3, (request) => withField(request, field, longer));
  const proof = (field: number) => inside('broadcast', 3, (done) => withField(done, field, longer));
  const word = (kind: string, field: number, value: number) =>
    changed(kind, (message) => concat(withoutField(message, field), number(field, value)));
  return [
    malformed('hello: network 0', word('hello', 2, 0)),
    malformed('hello: network 4', word('hello', 2, 4)),
    malformed(
      'hello: clock beyond 2^53 ms',
      changed('hello', (hello) => concat(withoutField(hello, 5), number(5, 2n ** 53n))),
    ),
    malformed(
      'askForBroadcast: coarse_area of 5 characters',
      inside('askForBroadcast', 4, text(5)),
    ),
    malformed('decline: reason 6', word('decline', 2, 6)),
    malformed(
      'conditions: work_request without a challenge',
      inside('conditions', 3, (request) => withoutField(request, 3)),
    ),
    malformed(
      'conditions: no work_request',
      changed('conditions', (message) => withoutField(message, 3)),
    ),
    malformed(
      'conditions: pow_scheme of 17 bytes',
      inside('conditions', 3, (request) => withField(request, 1, text(17))),
    ),
    malformed('conditions: pow_target of 33 bytes', work(2)),
    malformed('conditions: challenge of 17 bytes', work(3)),
    malformed(
      'broadcast: no proof_of_work',
      changed('broadcast', (message) => withoutField(message, 3)),
    ),
    malformed(
      'broadcast: empty broadcast_payload',
      inside('broadcast', 2, () => new Uint8Array()),
    ),
    malformed('broadcast: pow_target of 33 bytes', proof(2)),
    malformed('broadcast: nonce of 9 bytes', proof(3)),
    malformed(
      'reply: network_invoice of 2,001 bytes',
      inside('reply', 4, text(limits.invoiceBytes + 1)),
    ),
    malformed(
      'reply: no settler_head',
      changed('reply', (message) => withoutField(message, 5)),
    ),
    malformed(
      'settlerInfo: a chain of 5 certificates',
      inside('settlerInfo', 1, () => concat(...[1, 2, 3, 4, 5].map(() => chain(one)))),
    ),
    malformed(
      'settlerInfo: a signature of 65 bytes',
      inside('settlerInfo', 1, (list) =>
        withField(list, 1, (signed) => withField(signed, 2, longer)),
      ),
    ),
    malformed(
      'settlerInfo: a signed body of no bytes',
      inside('settlerInfo', 1, (list) => withField(list, 1, (signed) => withoutField(signed, 1))),
    ),
    malformed(
      'draft: no heights',
      changed('draft', (message) => withoutField(message, 8)),
    ),
    malformed('draft: terms of 513 bytes', inside('draft', 5, text(513))),
    malformed(
      'contact: a box of no bytes',
      changed('contact', (message) => withoutField(message, 3)),
    ),
    malformed('contact: a box of 2,065 bytes', inside('contact', 3, text(2_065))),
  ];
}

function outside(): Refused[] {
  const watch = encodeFrame(frames['watch']!);
  return [
    malformed('no bytes at all', new Uint8Array()),
    malformed('kind 20, which nobody knows', part(20, watch)),
    malformed('a kind that is an integer', number(17, 1)),
    malformed('a field numbered 0', concat(watch, part(0, watch))),
    malformed('a group that nobody ends', concat(watch, Uint8Array.of(0xa3, 0x06))),
    malformed('an end of a group that nobody began', concat(watch, Uint8Array.of(0xa4, 0x06))),
    malformed('a wire type 6', concat(watch, Uint8Array.of(0xa6, 0x06))),
    malformed('a length beyond the end', concat(watch, varint(162), varint(2 ** 31))),
    malformed(
      'a varint of 11 bytes',
      changed('askForBroadcast', (message) =>
        concat(withoutField(message, 3), varint(24), varint(1, 10)),
      ),
    ),
    malformed(
      'text that is no UTF-8',
      changed('reply', (message) => withField(message, 4, () => Uint8Array.of(0xff, 0xfe))),
    ),
    { name: '65,537 bytes', hex: '00', times: limits.frameBytes + 1, code: 'FRAME_TOO_LARGE' },
  ];
}

function buildVectors() {
  const about =
    'Frames as they travel: src/lib/protocol/wire/gig-gossip.proto. json is the value with bytes ' +
    'as hex and 64-bit integers as text; `kind` is the field of Frame. Ids are hex in either. The ' +
    'valid ones are of one ride: what was said to whom, and who can read it, is in `ride`.';
  const valid: Vector<Json>[] = Object.entries(frames).map(([name, frame]) => ({
    name,
    hex: hexOf(encodeFrame(frame)),
    json: jsonOf(frame),
  }));
  const invalid = [...outside(), ...missingParts(), ...wrongLengths(), ...deeper()];
  return { about, ride, valid, invalid };
}

const { valid, invalid } = keepVectors('frames', buildVectors());

describe('valid', () => {
  test('there is a vector of every kind the schema has', () => {
    expect(new Set(valid.map(({ name }) => kindOf(name)))).toEqual(new Set(frameKinds.keys()));
  });

  test.each(valid)('$name', ({ name, hex, json }) => {
    const frame = decodeFrame(bytesOf(hex));
    if (isFault(frame)) throw new Error(frame.detail);
    expect(jsonOf(frame)).toEqual(json);
    expect(hexOf(encodeFrame(frame))).toBe(hex);
    expect(frame).toEqual(frames[name]);
  });

  test('what a later version adds is passed over', () => {
    const watch = frames['watch']!;
    expect(decodeFrame(concat(encodeFrame(watch), part(900, utf8('later'))))).toEqual(watch);
    const more = changed('watch', (message) => concat(message, number(9, 1)));
    expect(decodeFrame(more)).toEqual(watch);
  });
});

describe('invalid', () => {
  test.each(invalid)('$name -- $code', ({ hex, times = 1, code }) => {
    const frame = decodeFrame(bytesOf(hex.repeat(times)));
    expect(isFault(frame) && frame.code).toBe(code);
  });

  test('a group of 30,000 groups is refused like any other nonsense', () => {
    const frame = decodeFrame(bytesOf('a306'.repeat(30_000)));
    expect(isFault(frame) && frame.code).toBe('FRAME_MALFORMED');
  });
});
