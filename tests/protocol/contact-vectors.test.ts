/** Opening a contact with the settler's key, and the frames of the channel it leads to, as other implementations can check them. */
import { describe, expect, test } from 'vitest';
import { bytesOf, concat, hexOf, utf8 } from '../../src/lib/protocol/bytes.ts';
import { box, lock } from '../../src/lib/protocol/crypto.ts';
import { decodeFrame, encodeFrame, type FrameOf } from '../../src/lib/protocol/frame.ts';
import type { PartyKey, PayloadId, PromiseId } from '../../src/lib/protocol/ids.ts';
import { openChannel, receive } from '../../src/lib/protocol/job/contact.ts';
import { openContact } from '../../src/lib/protocol/job/reply.ts';
import { isFault } from '../../src/lib/protocol/wire/codec.ts';
import { ContactBody, Terms } from '../../src/lib/protocol/wire/messages.ts';
import { jsonOf, type Json } from '../vectors/json.ts';
import { keepVectors, type InvalidVector, type Vector } from '../vectors/vectors.ts';
import * as cast from './cast.ts';
import * as deal from './deal.ts';
import { number } from './protobuf.ts';
import { read } from './samples.ts';

/** A locked message, and all it takes to open it. */
interface Opening {
  readonly kind: 'message';
  readonly unlockingKey: string;
  readonly terms: string;
  readonly payloadId: string;
  readonly network: string;
  readonly secret: string;
  readonly replierKey: string;
  readonly message?: Json;
}
/** A ContactFrame (a Frame) as its reader gets it. */
interface Said {
  readonly kind: 'frame';
  readonly promiseId: string;
  readonly channelKey: string;
  /** Who wrote it. */
  readonly direction: 'sender' | 'replier';
  readonly body?: Json;
}

const opening = (reply: ReturnType<typeof deal.makeReply>, change: Partial<Opening> = {}) => ({
  hex: hexOf(reply.lockedMessage),
  json: {
    kind: 'message',
    unlockingKey: hexOf(deal.unlockingKey),
    terms: hexOf(reply.termsBytes),
    payloadId: cast.payloadId,
    network: cast.network,
    secret: hexOf(cast.customer.secret),
    replierKey: cast.worker.key,
    ...change,
  } as Opening,
});

const line = (text: string, more: Partial<ContactBody> = {}) =>
  ContactBody.encode({ text, done: false, ack: 0n, ...more });
function frame(seq: number, body: Uint8Array, direction: Said['direction'] = 'sender') {
  const boxed = box({ channelKey: deal.channelKey, direction, sequence: seq }, body);
  const { promiseId } = deal;
  return { kind: 'contact', promiseId, seq: BigInt(seq), box: boxed } as FrameOf<'contact'>;
}
const said = (sent: FrameOf<'contact'>, body?: Uint8Array): Omit<Vector<Said>, 'name'> => ({
  hex: hexOf(encodeFrame(sent)),
  json: {
    kind: 'frame',
    promiseId: deal.promiseId,
    channelKey: hexOf(deal.channelKey),
    direction: 'sender',
    ...(body && { body: jsonOf(read(ContactBody, body)) }),
  },
});

function buildVectors() {
  const { honest, makeReply } = deal;
  const cornered = line('I am at the corner.');
  const valid: Vector<Opening | Said>[] = [
    { name: 'the contact', ...opening(honest, { message: jsonOf(honest.message) }) },
    { name: "the sender's hello", ...said(frame(0, line('')), line('')) },
    { name: 'a line', ...said(frame(1, cornered), cornered) },
    { name: 'the same with its number far on', ...said(frame(2 ** 40 - 1, cornered), cornered) },
    {
      name: 'an ack of line 3',
      ...said(frame(2 ** 40 + 3, line('', { ack: 3n })), line('', { ack: 3n })),
    },
  ];
  const unsealed = makeReply({ sealed: utf8('something else entirely') });
  const swapped = makeReply({ terms: { sealedMessageHash: cast.idOf('what was sealed') } });
  const openings: [string, ReturnType<typeof opening>, string][] = [
    ['another key', opening(honest, { unlockingKey: hexOf(cast.seedOf('K2')) }), 'LOCK_FRAUD'],
    [
      'a lock that the key does not open',
      opening(makeReply({ lockedWith: cast.seedOf('K2') })),
      'LOCK_FRAUD',
    ],
    ['a lock that holds something else', opening(swapped), 'LOCK_FRAUD'],
    ['a seal that is none', opening(unsealed), 'REPLY_UNREADABLE'],
    ['a seal to another', opening(makeReply({ sealedTo: cast.mallory })), 'REPLY_UNREADABLE'],
    [
      'signed by another',
      opening(makeReply({ messageBy: cast.mallory })),
      'REPLY_SIGNATURE_INVALID',
    ],
    [
      'of another offer',
      opening(makeReply({ message: { offerId: cast.idOf('x', 16) } })),
      'REPLY_SIGNATURE_INVALID',
    ],
    [
      'to another payload',
      opening(makeReply({ message: { payloadId: cast.idOf('x') } })),
      'REPLY_SIGNATURE_INVALID',
    ],
  ];
  const frames: [string, Omit<Vector<Said>, 'name'>, string][] = [
    [
      'noise',
      said({ ...frame(1, line('a')), box: utf8('noise of some length') }),
      'CONTACT_UNREADABLE',
    ],
    ['another number than boxed', said({ ...frame(1, line('a')), seq: 2n }), 'CONTACT_UNREADABLE'],
    ["the reader's own, sent back", said(frame(1, line('a'), 'replier')), 'CONTACT_UNREADABLE'],
    ['a hello that says something', said(frame(0, line('hello'))), 'CONTACT_UNREADABLE'],
    ['a body of noise', said(frame(1, utf8('noise'))), 'FRAME_MALFORMED'],
    ['not canonical', said(frame(1, concat(line('a'), number(9, 1)))), 'FRAME_NOT_CANONICAL'],
  ];
  const invalid: InvalidVector<Opening | Said>[] = [...openings, ...frames].map(
    ([name, made, code]) => ({ name, ...made, code }),
  );
  const about =
    'Contacts: locked reply messages with what opens them, and frames of the channel between the two: ' +
    'src/lib/protocol/job/reply.ts, contact.ts. The reader of a frame is the replier.';
  return { about, valid, invalid };
}

/** What was found, or the fault. */
function found(hex: string, json: Opening | Said): unknown {
  if (json.kind === 'frame') {
    const channel = openChannel({
      promiseId: json.promiseId as PromiseId,
      side: 'replier',
      peer: null,
      addresses: [],
      key: bytesOf(json.channelKey),
    });
    const sent = decodeFrame(bytesOf(hex)) as FrameOf<'contact'>;
    return receive(channel, sent, cast.devices.customer.peer, cast.nowMs);
  }
  const offer = {
    terms: read(Terms, bytesOf(json.terms)),
    lockedMessage: bytesOf(hex),
    replierKey: json.replierKey as PartyKey,
  };
  return openContact(offer, bytesOf(json.unlockingKey), {
    secret: bytesOf(json.secret),
    payloadId: json.payloadId as PayloadId,
    network: json.network as 'regtest',
  });
}

describe('vectors [RPL-13, STL-03]', () => {
  const { valid, invalid } = keepVectors('contacts', buildVectors());

  test.each(valid)('$name', ({ hex, json }) => {
    const read = found(hex, json);
    expect(isFault(read) ? read.code : 'good').toBe('good');
    if (json.kind === 'message') expect(jsonOf(read)).toEqual(json.message);
  });

  test.each(invalid)('$name -- $code', ({ hex, json, code }) => {
    const read = found(hex, json);
    expect(isFault(read) && read.code).toBe(code);
  });
});

test('a lock of the right key around the right seal is what the terms name', () => {
  const { sealed, lockedMessage } = deal.honest;
  expect(hexOf(lock(deal.unlockingKey, sealed))).toBe(hexOf(lockedMessage));
});
