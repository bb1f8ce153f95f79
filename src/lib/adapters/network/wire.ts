/**
 * What two nodes say on one stream of `/gig-gossip/1`: frames of the core, and the few words that
 * keep one stream between them. All of it is
 *
 *   kind 1 ‖ length 3, big-endian ‖ body
 *
 *   Opener                                    Acceptor
 *     | hello ----------------------------------->|
 *     |<------------------------------- welcome   |   or it holds ours: both opened, see link.ts
 *     | ready ----------------------------------->|   now both tell `connected`
 *     |<----------- frame, beat, frame ---------->|
 *     | bye ------------------------------------->|   either side
 *
 *   A link that moves from a relayed connection to a direct one:
 *     | move, on the new stream ----------------->|
 *     |<------------------------------- moved     |
 *     | last, on the old ------------------------>|   each side's later frames come on the
 *     |<------------------ last, on the old       |   new one, read after the other's last
 */
import { Uint8ArrayList } from 'uint8arraylist';

/** libp2p's name for all of this; a change of anything here changes it. */
export const PROTOCOL = '/gig-gossip/1';

/** Bytes of one frame; the core's own bound. A larger one cuts the connection. */
export const MAX_FRAME_BYTES = 65_536;
/** Bytes of any other word: a bye's reason is the longest. */
const MAX_WORD_BYTES = 1_024;
const HEADER_BYTES = 4;

export const Kind = {
  frame: 0,
  hello: 1,
  welcome: 2,
  ready: 3,
  beat: 4,
  bye: 5,
  move: 6,
  moved: 7,
  last: 8,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

export interface Word {
  readonly kind: Kind;
  readonly body: Uint8Array;
}

/** Which run of a node, and which of that run's dials: what is said of a former one is void. */
export interface Attempt {
  /** 8 random bytes, as hex. */
  readonly run: string;
  /** Counts this run's dials, 32 bits. */
  readonly count: number;
}

export function encode(kind: Kind, body: Uint8Array = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length);
  bytes[0] = kind;
  bytes.set(body, HEADER_BYTES);
  return bytes;
}

export function encodeAttempt({ run, count }: Attempt): Uint8Array {
  const body = new Uint8Array(12);
  for (let at = 0; at < 8; at++) body[at] = parseInt(run.slice(2 * at, 2 * at + 2), 16);
  new DataView(body.buffer).setUint32(8, count);
  return body;
}

/** Throws if this is none. */
export function decodeAttempt(body: Uint8Array): Attempt {
  if (body.length !== 12) throw new Error(`${body.length} bytes instead of an attempt`);
  const run = [...body.subarray(0, 8)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return { run, count: new DataView(body.buffer, body.byteOffset).getUint32(8) };
}

/**
 * Puts words together from the pieces a stream brings them in; holds at most one word and one
 * piece.
 */
export function createDecoder(): (piece: Uint8Array | Uint8ArrayList) => Iterable<Word> {
  const unread = new Uint8ArrayList();
  return function* (piece) {
    unread.append(piece);
    while (unread.byteLength >= HEADER_BYTES) {
      const kind = unread.get(0);
      const length = unread.getUint32(0) & 0xff_ffff;
      if (!isKind(kind)) throw new Error(`a word of unknown kind ${kind}`);
      const most = kind === Kind.frame ? MAX_FRAME_BYTES : MAX_WORD_BYTES;
      if (length > most) throw new Error(`a frame of ${length} bytes is larger than ${most}`);
      if (unread.byteLength < HEADER_BYTES + length) return;
      // A copy of its own: posted to a worker, a view would take the whole piece along.
      const body = unread.slice(HEADER_BYTES, HEADER_BYTES + length);
      unread.consume(HEADER_BYTES + length);
      yield { kind, body };
    }
  };
}

function isKind(kind: number): kind is Kind {
  return kind <= Kind.last;
}
